"""From forms and figures to what a person sees: each column's type and use, with the reason. Child side, but pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from app.core.data import Column, ColumnProfile, ColumnType, Finding, Use
from app.data.findings import warn
from app.data.formats.raw import Kind
from app.data.types.cells import Cells
from app.data.types.expect import OPEN_QUESTION
from app.data.types.measure import Look, lost_digits, lost_zeros, unsettled

EXACT_FLOAT32 = 1 << 24
"""Above it neighbouring whole numbers become one float32, which is what every exported graph computes with."""

LEAST_ROWS_FOR_ID = 20
ID_SHARE = 0.9
MOST_CATEGORIES = 1_000
CATEGORY_SHARE = 0.5
WORDS_OF_TEXT = 3.0

_ID_NAME = re.compile(
    r"(^|_)(id|ids|uuid|guid|key|nr|no|num|number|index|idx|rowid|row|code|serial|unnamed_\d+|level_\d+)(_|$)"
)


@dataclass(frozen=True, slots=True)
class Seen:
    """Everything known about a column when its type is settled. ``words``: average number of words in a cell of
    text; ``stored``: DuckDB's type in the typed table; ``extra``: only some rows have this cell, and too many."""

    name: str
    kind: Kind
    stored: str
    cells: Cells | None
    look: Look | None
    profile: ColumnProfile
    words: float
    rows: int
    extra: bool = False

    @property
    def present(self) -> int:
        """How many rows have a value."""
        return self.rows - self.profile.missing

    @property
    def mostly_unique(self) -> bool:
        """Whether (nearly) every value is there only once, in a table where that is no accident."""
        return self.present >= LEAST_ROWS_FOR_ID and self.profile.distinct >= ID_SHARE * self.present


def column_of(seen: Seen, chosen: ColumnType | None) -> tuple[Column, tuple[Finding, ...]]:
    """The column with its type and use, and what is to be said about it."""
    if seen.extra:
        return Column(seen.name, _typed(seen)[0].type, Use.IGNORED, "only rows with too many cells have it"), ()
    if not seen.present:
        found = warn("COLUMN_ALL_MISSING", f"{seen.name} has no values; it is not used.", column=seen.name)
        return Column(seen.name, chosen or ColumnType.CATEGORY, Use.IGNORED, "it has no values"), (found,)
    column, findings = _typed(seen) if chosen is None else (Column(seen.name, chosen, Use.INPUT), ())
    if seen.profile.distinct == 1 and column.use is Use.INPUT:
        found = warn(
            "COLUMN_CONSTANT", f"{seen.name} has the same value in every row; it is not used.", column=seen.name
        )
        return replace(column, use=Use.IGNORED, why="it has the same value in every row"), (*findings, found)
    return column, findings


def _typed(seen: Seen) -> tuple[Column, tuple[Finding, ...]]:
    if seen.kind is Kind.NESTED:
        return Column(seen.name, ColumnType.TEXT, Use.IGNORED, "its cells hold lists or groups of values"), ()
    if seen.stored == "BIGINT":
        return _whole(seen)
    if seen.stored == "DOUBLE":
        return Column(seen.name, ColumnType.NUMBER, Use.INPUT), ()
    if seen.stored == "BOOLEAN":
        return Column(seen.name, ColumnType.BOOLEAN, Use.INPUT), ()
    if seen.stored == "TIMESTAMP":
        return Column(seen.name, ColumnType.DATETIME, Use.INPUT), ()
    return _text(seen)


def _whole(seen: Seen) -> tuple[Column, tuple[Finding, ...]]:
    plain = Column(seen.name, ColumnType.INTEGER, Use.INPUT)
    low, high = int(seen.profile.minimum or 0), int(seen.profile.maximum or 0)
    if seen.mostly_unique and (_counts(seen, low, high) or _id_name(seen.name)):
        return _identifier(seen, ColumnType.INTEGER, "nearly every row has its own value")
    if max(-low, high) <= EXACT_FLOAT32:
        return plain, ()
    if seen.profile.distinct <= min(50, CATEGORY_SHARE * seen.present):
        message = (
            f"{seen.name} holds whole numbers above 16,777,216, which models cannot tell apart: used as a category."
        )
        return replace(plain, type=ColumnType.CATEGORY, why="large whole numbers, few different ones"), (
            warn("INT_OVERFLOW", message, "Every digit is kept.", seen.name),
        )
    return _identifier(
        seen, ColumnType.INTEGER, "it holds whole numbers above 16,777,216, which models cannot tell apart"
    )


def _counts(seen: Seen, low: int, high: int) -> bool:
    """Whether the values number the rows: each once, without large gaps."""
    return seen.profile.distinct == seen.present and high - low < 1.1 * seen.present


def _id_name(name: str) -> bool:
    plain = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
    return bool(_ID_NAME.search(re.sub(r"[^a-z0-9]+", "_", plain).strip("_")))


def _identifier(seen: Seen, type_: ColumnType, why: str) -> tuple[Column, tuple[Finding, ...]]:
    message = f"{seen.name} looks like an identifier ({why}); it is not used for training."
    found = warn("COLUMN_ID_LIKE", message, "Set its use to input if it is a quantity.", seen.name)
    return Column(seen.name, type_, Use.IDENTIFIER, why), (found,)


def _text(seen: Seen) -> tuple[Column, tuple[Finding, ...]]:
    asked = seen.kind is Kind.CELL and seen.look is not None and not (seen.cells and seen.cells.chosen)
    if asked and seen.look and unsettled(seen.look):
        return Column(seen.name, _text_type(seen), Use.IGNORED, OPEN_QUESTION), ()
    wordy = seen.words >= WORDS_OF_TEXT
    named = _id_name(seen.name) and seen.profile.distinct > CATEGORY_SHARE * seen.present
    rarely_twice = seen.profile.distinct > max(MOST_CATEGORIES, CATEGORY_SHARE * seen.present)
    if ((seen.mostly_unique or rarely_twice) and not wordy) or named:
        return _identifier(seen, ColumnType.TEXT, "nearly every row has its own value")
    digits = asked and seen.look is not None and (lost_zeros(seen.look) or lost_digits(seen.look))
    return Column(seen.name, _text_type(seen), Use.INPUT, "as a number it would lose digits" if digits else ""), ()


def _text_type(seen: Seen) -> ColumnType:
    few = seen.profile.distinct <= min(MOST_CATEGORIES, max(LEAST_ROWS_FOR_ID, CATEGORY_SHARE * seen.present))
    if seen.words >= WORDS_OF_TEXT and seen.profile.distinct > min(50, 0.2 * seen.present):
        return ColumnType.TEXT
    return ColumnType.CATEGORY if few else ColumnType.TEXT
