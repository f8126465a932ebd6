"""What really happened: labels that come late, joined with predictions."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class JoinedBy(StrEnum):
    """How a delivered row was told to be a prediction's. ``INPUT``: a column that was sent with the request."""

    PREDICTION = "prediction id"
    CALLER = "caller's id"
    INPUT = "input"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Contradiction:
    """An id that a file gives different labels; none of them is taken."""

    key: str
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UnknownLabel:
    """A label that is no class of the models: the number of the first row that has it (1 below the header), and that
    row's id."""

    label: str
    row: int
    key: str

    def __str__(self) -> str:
        """In quotes, as it may differ from a class by a blank alone."""
        return f'"{self.label}" in row {self.row:,}'


@dataclass(frozen=True, slots=True)
class LabelCounts:
    """What became of a file's rows; ``joined`` to ``unlabelled`` add up to ``rows``.

    ``joined``: rows whose label a prediction got; ``unmatched``: of no collected prediction; ``duplicate``: said the
    same before, in this file or an earlier one; ``contradictory``: the same id with different labels in this file, none
    of which is taken; ``unlabelled``: without a label. Of the joined, ``late``: came after a monitor report had looked
    at their predictions; ``changed``: another label than an earlier file had; ``several``: name more than one
    prediction, all of which got the label. ``predictions``: how many got one. ``contradictions``: the first of them.
    Of all rows, ``unknown``: with a label that is no class of the models, kept, but for no figure and no training;
    ``unknown_labels``: the first of them.
    ``by_bundle``: digests of the bundles that made those predictions, with how many each; None of a delivery that was
    recorded before this was counted.
    """

    rows: int
    joined: int
    unmatched: int
    duplicate: int
    contradictory: int
    unlabelled: int
    late: int = 0
    changed: int = 0
    several: int = 0
    predictions: int = 0
    contradictions: tuple[Contradiction, ...] = ()
    by_bundle: tuple[tuple[str, int], ...] | None = None
    unknown: int = 0
    unknown_labels: tuple[UnknownLabel, ...] = ()


@dataclass(frozen=True, slots=True)
class Delivery:
    """A file of labels. ``sha256``: its bytes; ``number``: later deliveries hold before earlier ones."""

    id: str
    number: int
    name: str
    sha256: str
    joined_by: JoinedBy
    counts: LabelCounts
    actor: str
    created_at: str
