"""Is everybody answered alike? How often each group is chosen, and how often wrongly."""

from __future__ import annotations

from dataclasses import dataclass

from app.core.runs import Score, Task

SELECTION, TRUE_POSITIVE, FALSE_POSITIVE = "selection_rate", "true_positive_rate", "false_positive_rate"
ERROR_RATE, MEAN_ERROR, MEAN_ABSOLUTE = "error_rate", "mean_error", "mean_absolute_error"

MEASURES = {
    Task.BINARY: (SELECTION, TRUE_POSITIVE, FALSE_POSITIVE),
    Task.MULTICLASS: (ERROR_RATE,),
    Task.REGRESSION: (MEAN_ERROR, MEAN_ABSOLUTE),
    Task.ANOMALY: (SELECTION,),
}
"""What is compared between groups. Of several classes none is the chosen one, so only mistakes are counted."""

MEASURE_WORDS = {
    SELECTION: "Selection rate",
    TRUE_POSITIVE: "True positive rate",
    FALSE_POSITIVE: "False positive rate",
    ERROR_RATE: "Error rate",
    MEAN_ERROR: "Mean error",
    MEAN_ABSOLUTE: "Mean absolute error",
}

MEASURE_HELP = {
    SELECTION: "The share of the group's rows that is answered positive.",
    TRUE_POSITIVE: "Of the group's rows that are positive, the share answered so.",
    FALSE_POSITIVE: "Of the group's rows that are not positive, the share answered positive all the same.",
    ERROR_RATE: "The share of the group's rows that is answered wrongly.",
    MEAN_ERROR: "Answer less truth, on average: above zero the group is guessed too high.",
    MEAN_ABSOLUTE: "How far the answers are off, on average.",
}

SMALL_ROWS = 30
"""A figure of fewer rows is shown, but not compared."""


@dataclass(frozen=True, slots=True)
class GroupFigure:
    """One measure in one group. ``rows``: that the figure is of (of a true positive rate: the positive ones).
    ``difference``, ``ratio``: to the reference, the largest group; None of the reference itself and of small ones."""

    measure: str
    rows: int
    value: Score | None
    difference: Score | None = None
    ratio: Score | None = None
    small: bool = False


@dataclass(frozen=True, slots=True)
class FairGroup:
    """Rows of the hold-out that have something in common. ``reference``: the others are compared with this one."""

    title: str
    rows: int
    reference: bool
    figures: tuple[GroupFigure, ...]


@dataclass(frozen=True, slots=True)
class Gap:
    """The largest difference of a measure between two groups that are large enough, in the whole bootstrap: its
    interval counts that any two groups may differ most. ``high``, ``low``: the groups' titles."""

    measure: str
    difference: Score
    high: str
    low: str


@dataclass(frozen=True, slots=True)
class FairColumn:
    """``personal``: marked as personal data, then or now; ``gaps``: none of a measure with fewer than two groups."""

    column: str
    personal: bool
    groups: tuple[FairGroup, ...]
    gaps: tuple[Gap, ...]

    def gap(self, measure: str) -> Gap | None:
        """The largest difference of a measure."""
        return next((gap for gap in self.gaps if gap.measure == measure), None)


@dataclass(frozen=True, slots=True)
class Fairness:
    """``of``: the class that counts as positive, empty without one. ``columns``: the personal ones first."""

    measures: tuple[str, ...]
    of: str
    rows: int
    small_rows: int
    columns: tuple[FairColumn, ...]


def gap_words(gap: Gap) -> str:
    """``Selection rate differs by 0.21 [0.14, 0.29]: highest where plan is basic, lowest where plan is pro.``"""
    d = gap.difference
    return (
        f"{MEASURE_WORDS[gap.measure]} differs by {d.value:.3g} [{d.low:.3g}, {d.high:.3g}]: "
        f"highest where {gap.high}, lowest where {gap.low}."
    )
