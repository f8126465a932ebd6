"""What a child needs to calibrate a recipe; light to import."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CalibrateOrder:
    """``family`` and ``params`` (a JSON object): of the recipe whose probabilities are mapped; ``name``: the new
    candidate's."""

    name: str
    family: str
    params: str
