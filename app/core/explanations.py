"""What is asked of a served model: where it is weak, what a column does to its answers, why it answered so."""

from __future__ import annotations

from dataclasses import dataclass

from app.core.runs import Score


@dataclass(frozen=True, slots=True)
class Slice:
    """A group of hold-out rows. ``loss``: its mean loss, None of too few rows for an interval; ``elsewhere``: that of
    all other rows; ``worse_by``: the difference, positive is worse; ``harm``: how much lower the loss of all rows
    would be if this group were like the others.

    ``found``: by the tree; its figures are of the half of the rows that the tree did not see. ``small``: too few rows
    to judge. ``stands``: worse than chance explains, all groups considered.
    """

    column: str
    title: str
    rows: int
    loss: Score | None
    elsewhere: float
    worse_by: Score | None
    harm: float
    small: bool
    found: bool
    stands: bool


@dataclass(frozen=True, slots=True)
class WeakSpots:
    """``measure``: the mean loss of a row that is compared, ``log_loss`` or ``mae``; ``overall``: of all ``rows``.
    ``slices``: those that stand first, then by harm. ``small_rows``: fewer are not judged."""

    measure: str
    overall: float
    rows: int
    small_rows: int
    slices: tuple[Slice, ...]


@dataclass(frozen=True, slots=True)
class Contribution:
    """How far one input moved the answer away from the base. ``value``: the input's, in words."""

    column: str
    value: str
    amount: float


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A training row that is like the one asked about. ``row``: its number in the data, from 1; ``distance``: 0 the
    same, 1 as far as can be; ``values``: its inputs in words, in the order of the model's inputs."""

    row: int
    distance: float
    actual: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WordEffect:
    """How much higher the answer is with a word of a text than without it, wherever it stands there."""

    column: str
    word: str
    amount: float


@dataclass(frozen=True, slots=True)
class Reasons:
    """Why one row is answered so: ``base`` + all contributions = ``output``. ``of``: the class whose probability the
    figures are, empty for a value. ``contributions``: the largest first. ``neighbours``: the nearest first. ``words``:
    of text columns, the strongest first; they need not add up."""

    of: str
    base: float
    output: float
    background_rows: int
    contributions: tuple[Contribution, ...]
    neighbours: tuple[Neighbour, ...]
    words: tuple[WordEffect, ...] = ()


@dataclass(frozen=True, slots=True)
class Example:
    """A row of the data to begin from. ``inputs``: a JSON object, as a request holds them; ``row``: its number."""

    row: int
    inputs: str


@dataclass(frozen=True, slots=True)
class Dependence:
    """What happens to the answers when one column is set to each value of ``at`` in every row.

    ``mean``: over all rows asked (partial dependence); ``lines``: some single rows (individual conditional
    expectation), each as long as ``at``. ``labels``: the values in words where they are not numbers. ``spread``: the
    column's own values at the tenths, to see where there are rows at all. ``of``: as in ``Reasons``.
    """

    column: str
    of: str
    at: tuple[float, ...]
    labels: tuple[str, ...]
    mean: tuple[float, ...]
    lines: tuple[tuple[float, ...], ...]
    spread: tuple[float, ...] = ()
