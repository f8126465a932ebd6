"""What is different between two readings: columns, rows, distributions, and what that means for checks and gates."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from app.core.data import Histogram


class ColumnChangeKind(StrEnum):
    """What happened to a column from *before* to *after*."""

    ADDED = "added"
    REMOVED = "removed"
    TYPE = "type"
    USE = "use"


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two that are compared."""

    dataset: str
    version: int
    version_id: str
    reading: int
    reading_id: str
    rows: int

    @property
    def label(self) -> str:
        """``churn@2``."""
        return f"{self.dataset}@{self.version}"


@dataclass(frozen=True, slots=True)
class ColumnChange:
    """``before`` and ``after``: the value of a ``ColumnType`` or ``Use``; empty where there is no column."""

    name: str
    kind: ColumnChangeKind
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class RowExample:
    """A row that only one side has. ``row``: from 1; ``cells``: under ``RowDifferences.shown``, None for missing."""

    row: int
    cells: tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class CellExample:
    """A changed cell: the row's key and its number on either side, from 1; None for a missing value."""

    key: tuple[str, ...]
    row_before: int
    row_after: int
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class ChangedColumn:
    """How many cells of a column differ in rows of the same key, with at most 20 examples."""

    name: str
    cells: int
    examples: tuple[CellExample, ...]


@dataclass(frozen=True, slots=True)
class RowDifferences:
    """Rows told apart by ``key``; without one every row stands for itself and can only be added or removed.

    ``same + changed + added`` are all rows after, ``same + changed + removed`` all rows before. Only the columns that
    both sides have are compared. ``note``: why there is no key, in words.
    """

    key: tuple[str, ...]
    same: int
    added: int
    removed: int
    changed: int = 0
    columns: tuple[ChangedColumn, ...] = ()
    shown: tuple[str, ...] = ()
    added_examples: tuple[RowExample, ...] = ()
    removed_examples: tuple[RowExample, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class ValueShare:
    """A value and how many rows have it."""

    value: str
    rows: int


@dataclass(frozen=True, slots=True)
class Shift:
    """How far the values of a column moved. ``distance``: 0 (as before) to 1 (nothing in common), the two-sample
    Kolmogorov-Smirnov distance of numbers and dates, the total variation of everything else; None where values are
    there only once. ``beyond_noise``: more than two samples of the same source would differ in 999 of 1,000 cases.

    ``present_*``: rows with a value; ``missing_*``: the share without one; means of numbers only. ``histogram_*`` have
    the same edges or labels.
    """

    column: str
    distance: float | None
    beyond_noise: bool
    present_before: int
    present_after: int
    missing_before: float
    missing_after: float
    mean_before: float | None = None
    mean_after: float | None = None
    appeared: tuple[ValueShare, ...] = ()
    vanished: tuple[ValueShare, ...] = ()
    histogram_before: Histogram | None = None
    histogram_after: Histogram | None = None
    sampled: bool = False

    @property
    def size(self) -> float:
        """The larger of the distance and the change of the missing share; what shifts are sorted by."""
        return max(self.distance or 0.0, abs(self.missing_after - self.missing_before))


NOTABLE = 0.1
"""A shift of this size (one row in ten stands elsewhere) is named in the summary."""


@dataclass(frozen=True, slots=True)
class CheckFlip:
    """A finding that only one side has. ``appears``: it is new after."""

    code: str
    column: str | None
    message: str
    appears: bool
    blocks_training: bool


@dataclass(frozen=True, slots=True)
class GateFlip:
    """A gate that one side passes and the other does not."""

    name: str
    title: str
    passes_before: bool
    passes_after: bool
    message: str


@dataclass(frozen=True, slots=True)
class ModelEffect:
    """What the other version means for a model that was approved on the first. ``fits``: it can read those rows."""

    model: str
    fits: bool
    message: str


@dataclass(frozen=True, slots=True)
class Differences:
    """Everything that differs from ``before`` to ``after``. ``same_content``: the same rows in whatever order."""

    before: Side
    after: Side
    same_content: bool
    columns: tuple[ColumnChange, ...]
    rows: RowDifferences
    shifts: tuple[Shift, ...]
    checks: tuple[CheckFlip, ...]
    gates: tuple[GateFlip, ...]
    models: tuple[ModelEffect, ...]

    @property
    def notable(self) -> tuple[Shift, ...]:
        """The shifts that are large and no accident, the largest first."""
        return tuple(s for s in self.shifts if s.beyond_noise and s.size >= NOTABLE)
