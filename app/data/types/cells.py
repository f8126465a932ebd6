"""How the text of a cell becomes a typed value: the forms, and the SQL that reads them exactly or not at all.

A cell fits a form only if nothing is lost: ``007`` is no whole number, ``1_000`` and ``0x1F`` (which
DuckDB would read) are no numbers, and a whole number of more than 15 digits stays text.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from app.core.data import ColumnType
from app.data.engine import text

EXACT_DIGITS = 15
"""Whole numbers of so many digits survive a double; more may not."""

MISSING_WORDS = ("", "na", "n/a", "#n/a", "nan", "null", "none", "nil", "<na>", "-", "?", ".")
"""Lower case. In columns of numbers, dates and yes/no they stand for a missing value; in text they are kept."""

INTEGER_PATTERN = r"[+-]?(0|[1-9][0-9]*)"
NUMBER_PATTERN = r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?"
COMMA_PATTERN = r"[+-]?([0-9]+|[0-9]{1,3}(\.[0-9]{3})+),[0-9]+"
GROUPED_PATTERN = r"[+-]?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?"
_CLOCK = r"[0-9]{1,2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?( ?(Z|[+-][0-9]{2}(:?[0-9]{2})?))?"
ISO_PATTERN = rf"[0-9]{{4}}-[0-9]{{1,2}}-[0-9]{{1,2}}([T ]{_CLOCK})?"
INFINITIES = ("inf", "+inf", "-inf", "infinity", "+infinity", "-infinity")
TRUE_WORDS = ("true", "yes", "y", "t", "1", "1.0")
FALSE_WORDS = ("false", "no", "n", "f", "0", "0.0")


class Form(StrEnum):
    """How a column's cells are written. ``LOOSE_INTEGER``: with a plus sign or spaces around."""

    EMPTY = "empty"
    INTEGER = "integer"
    LOOSE_INTEGER = "loose integer"
    NUMBER = "number"
    COMMA_NUMBER = "comma number"
    GROUPED_NUMBER = "grouped number"
    BOOLEAN = "boolean"
    MOMENT = "moment"
    TEXT = "text"


STORED = {
    Form.EMPTY: "VARCHAR",
    Form.INTEGER: "BIGINT",
    Form.LOOSE_INTEGER: "BIGINT",
    Form.NUMBER: "DOUBLE",
    Form.COMMA_NUMBER: "DOUBLE",
    Form.GROUPED_NUMBER: "DOUBLE",
    Form.BOOLEAN: "BOOLEAN",
    Form.MOMENT: "TIMESTAMP",
    Form.TEXT: "VARCHAR",
}
"""The type of a form's column in the typed Parquet table."""

FORM_OF = {
    ColumnType.NUMBER: Form.NUMBER,
    ColumnType.INTEGER: Form.LOOSE_INTEGER,
    ColumnType.BOOLEAN: Form.BOOLEAN,
    ColumnType.CATEGORY: Form.TEXT,
    ColumnType.TEXT: Form.TEXT,
    ColumnType.DATETIME: Form.MOMENT,
}
"""The form that a person's choice of a type asks for."""


@dataclass(frozen=True, slots=True)
class Cells:
    """The form of a column. ``patterns``: strptime patterns of dates, empty for ISO 8601. ``missing``: exact cells
    that stand for a missing value. ``chosen``: by a person; ``lenient``: then what does not fit becomes missing."""

    form: Form
    patterns: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    chosen: bool = False
    lenient: bool = False


def bare(column: str) -> str:
    """A cell without the white space around it."""
    return f"trim({column}, ' \t\u00a0')"


def is_missing_word(column: str) -> str:
    """Whether a cell is blank or a word that often stands for a missing value."""
    return f"(length({column}) < 12 AND lower({bare(column)}) IN ({listed(MISSING_WORDS)}))"


def matches(column: str, pattern: str) -> str:
    """Whether a whole cell, without white space around it, matches."""
    return f"regexp_full_match({bare(column)}, {text(pattern)})"


def value(column: str, cells: Cells) -> str:
    """The typed value of a cell, NULL if it is missing or does not fit."""
    read = _VALUE[cells.form](column, cells)
    return f"CASE WHEN {column} NOT IN ({listed(cells.missing)}) THEN {read} END" if cells.missing else read


def misfit(column: str, cells: Cells, read: str) -> str:
    """Whether a cell holds something that was not read. ``read``: its ``value``, or a name for it."""
    if cells.form is Form.TEXT:
        return "false"
    present = f"{column} NOT IN ({listed(cells.missing)})" if cells.missing else f"{column} IS NOT NULL"
    return f"({read} IS NULL AND {present})"


def strict(column: str, cells: Cells, read: str) -> str:
    """What was read, but the query fails at the first misfit: reading and checking in one pass."""
    if cells.form is Form.TEXT or cells.lenient:
        return read
    failing = f"CAST('no {cells.form}: ' || {column} AS BIGINT)::{STORED[cells.form]}"  # always fails, row by row
    return f"CASE WHEN {misfit(column, cells, read)} THEN {failing} ELSE {read} END"


def listed(words: Iterable[str]) -> str:
    """Words as a SQL list without brackets."""
    return ", ".join(map(text, words))


def _empty(column: str, cells: Cells) -> str:
    return "NULL::VARCHAR"


def _integer(column: str, cells: Cells) -> str:
    """Canonical digits only, seen by writing the number back: catches zeros in front, signs, 1e3, 0x1F and 1_000."""
    number = f"try_cast({column} AS BIGINT)"
    return f"CASE WHEN abs({number}) < {10**EXACT_DIGITS} AND {number}::VARCHAR = {column} THEN {number} END"


def _loose_integer(column: str, cells: Cells) -> str:
    number = f"try_cast({bare(column)} AS BIGINT)"
    pattern = "[+-]?[0-9]+([.]0*)?" if cells.chosen else INTEGER_PATTERN
    return f"CASE WHEN {matches(column, pattern)} AND abs({number}) < {10**EXACT_DIGITS} THEN {number} END"


def _number(column: str, cells: Cells) -> str:
    number = f"try_cast({column} AS DOUBLE)"
    fits = f"NOT isnan({number}) AND NOT contains({column}, '_')"
    if not cells.chosen:
        zeros = [f"({column} >= '{sign}00' AND {column} < '{sign}0:')" for sign in ("", "-", "+")]
        fits += f" AND NOT ({' OR '.join(zeros)})"
    return f"CASE WHEN {fits} THEN {number} END"


def _comma_number(column: str, cells: Cells) -> str:
    plain = f"replace(replace({column}, '.', ''), ',', '.')"
    fits = f"{matches(column, COMMA_PATTERN)} OR {matches(column, INTEGER_PATTERN)}"
    return f"CASE WHEN {fits} THEN try_cast({plain} AS DOUBLE) END"


def _grouped_number(column: str, cells: Cells) -> str:
    plain = f"replace({column}, ',', '')"
    fits = f"{matches(column, GROUPED_PATTERN)} OR {matches(column, NUMBER_PATTERN)}"
    return f"CASE WHEN {fits} THEN try_cast({plain} AS DOUBLE) END"


def _boolean(column: str, cells: Cells) -> str:
    yes, no = (TRUE_WORDS, FALSE_WORDS) if cells.chosen else (("true",), ("false",))
    word, quick = f"lower({bare(column)})", f"lower({column})"
    others = f"WHEN {word} IN ({listed(yes)}) THEN true WHEN {word} IN ({listed(no)}) THEN false"
    return f"CASE WHEN {quick} = 'true' THEN true WHEN {quick} = 'false' THEN false {others} END"


def _moment(column: str, cells: Cells) -> str:
    """Written back a moment begins with its cell if that is written as usual: five times faster than the pattern."""
    if cells.patterns:
        return f"try_strptime({bare(column)}, [{listed(cells.patterns)}])"
    moment, trimmed = f"try_cast({column} AS TIMESTAMP)", f"try_cast({bare(column)} AS TIMESTAMP)"
    usual = f"({column} LIKE '____-__-__' OR {column} LIKE '____-__-__ __:__:__')"
    return (
        f"CASE WHEN {usual} AND starts_with({moment}::VARCHAR, {column}) THEN {moment} "
        f"WHEN regexp_full_match({column}, {text(ISO_PATTERN)}) THEN {moment} "
        f"WHEN {matches(column, ISO_PATTERN)} THEN {trimmed} END"
    )


def _text(column: str, cells: Cells) -> str:
    return f"CASE WHEN {column} < '!' AND {bare(column)} = '' THEN NULL ELSE {column} END"


_VALUE = {
    Form.EMPTY: _empty,
    Form.INTEGER: _integer,
    Form.LOOSE_INTEGER: _loose_integer,
    Form.NUMBER: _number,
    Form.COMMA_NUMBER: _comma_number,
    Form.GROUPED_NUMBER: _grouped_number,
    Form.BOOLEAN: _boolean,
    Form.MOMENT: _moment,
    Form.TEXT: _text,
}
