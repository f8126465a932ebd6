"""What the child that looks at a window is given: paths and figures, never the registry."""

from __future__ import annotations

from dataclasses import dataclass

from app.core.monitoring import Performance
from app.core.runs import Recipe
from app.monitoring.asked import Asked

NULLS = "nulls"
"""The folder of simulated bands."""


@dataclass(frozen=True, slots=True)
class WatchOrder:
    """``logs``: paths of collected segments, oldest first; ``bundles``: as ``sha256:...``; ``labels_path``: lines of
    ``[prediction id, label]``; ``nulls_path``: bands simulated before; ``performance``: what it was approved with."""

    recipe: Recipe
    metric: str
    table_path: str
    predictions_path: str
    logs: tuple[str, ...]
    bundles: tuple[str, ...]
    asked: Asked
    labels_path: str
    nulls_path: str
    importance: tuple[tuple[str, float], ...]
    performance: Performance
