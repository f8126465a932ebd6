"""What the child that looks at a window is given: paths and figures, never the registry."""

from __future__ import annotations

from dataclasses import dataclass

from app.core.monitoring import Every, Performance, WindowScore
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


@dataclass(frozen=True, slots=True)
class CutOrder:
    """A look at window after window. ``rows``: of a window by count."""

    look: WatchOrder
    every: Every
    rows: int


@dataclass(frozen=True, slots=True)
class Windows:
    """What a cutting child hands back: oldest first."""

    windows: tuple[WindowScore, ...]
