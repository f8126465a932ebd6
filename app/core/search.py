"""The search: what it tried before it fitted the best few as candidates."""

from __future__ import annotations

from dataclasses import dataclass

from app.core.runs import Score

BLEND = "blend"
"""The family that averages several of the others."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One setting of one family, scored on training rows alone and not exported.

    ``number``: from 1, in the order of the start. ``settings``: the resolved ones, a JSON object as text. ``score``:
    over the folds, None if there is none, then ``note`` says why. ``rows``: fitted on in each of ``folds`` folds.
    ``seconds``: it took; ``at``: seconds from the start of the run to its end.
    """

    number: int
    name: str
    family: str
    settings: str
    score: Score | None
    seconds: float
    rows: int
    folds: int
    at: float
    note: str = ""
