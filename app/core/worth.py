"""Is a retrain worth it? What more rows gained so far, and what refitting would have gained in the past."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from app.core.runs import Score


class Advice(StrEnum):
    """What the figures say."""

    YES = "yes"
    NOT_YET = "not yet"


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """The champion's recipe fitted on so many rows: the metric on the hold-out, and its spread over the repeats."""

    rows: int
    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class PastWindow:
    """Rows of the past in the order of time. ``gain``: how much better a model refitted just before would have been
    than the one that was not; positive is better. Times are ISO 8601 in UTC, or numbers."""

    first_at: str
    last_at: str
    rows: int
    gain: Score


@dataclass(frozen=True, slots=True)
class Measured:
    """``doubling``: what the last doubling of the rows gained, paired on the hold-out; None if the time did not
    suffice. ``windows``: of ``labelled`` predictions, or of the data's own time. ``notes``: what was left out, why."""

    fitted_rows: int
    labelled: int
    curve: tuple[CurvePoint, ...]
    doubling: Score | None
    windows: tuple[PastWindow, ...]
    past_gain: Score | None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Worth:
    """``line``: the advice in a sentence, with its number or the reason; ``gain``: that number. ``fresh``: rows that
    came since the champion was trained."""

    model: str
    metric: str
    advice: Advice
    line: str
    gain: Score | None
    fresh: int
    measured: Measured


@dataclass(frozen=True, slots=True)
class KeptWorth:
    """An answer that was recorded, when and who asked."""

    worth: Worth
    at: str
    actor: str
