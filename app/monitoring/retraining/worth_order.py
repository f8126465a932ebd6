"""What the child that weighs a retrain is given: paths and figures, never the registry."""

from __future__ import annotations

from dataclasses import dataclass

from app.core.runs import Recipe


@dataclass(frozen=True, slots=True)
class WorthOrder:
    """``logs``, ``bundles`` (as ``sha256:...``), ``labels_path``: labelled predictions of the model; ``seconds``: for
    everything."""

    recipe: Recipe
    metric: str
    table_path: str
    logs: tuple[str, ...]
    bundles: tuple[str, ...]
    labels_path: str
    seconds: float
