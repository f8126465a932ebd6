"""What the child that sets a challenger beside the champion is given: paths and recipes, never the registry."""

from __future__ import annotations

from dataclasses import dataclass

from app.core.runs import Recipe


@dataclass(frozen=True, slots=True)
class Contestant:
    """A model with what it was fitted on. ``label``: as people call it; ``threshold``: on the score of the positive
    class, None: the likeliest class is answered."""

    label: str
    onnx_path: str
    recipe: Recipe
    table_path: str
    threshold: float | None = None


@dataclass(frozen=True, slots=True)
class ContestOrder:
    """``columns``: names of inputs, those that matter most first; their values stand beside the listed rows."""

    champion: Contestant
    challenger: Contestant
    metric: str
    columns: tuple[str, ...]
