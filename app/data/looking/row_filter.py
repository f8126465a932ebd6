"""The line a person types to see some rows only: ``age > 40 and plan = basic``. Words to terms, terms to SQL.

Nothing that was typed reaches the database as code: columns become positions, values literals. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation

from app.core.data import TYPE_WORDS, Column, ColumnType
from app.data import engine
from app.errors import BadInput

NUMERIC = (ColumnType.NUMBER, ColumnType.INTEGER)
EXAMPLES = "age > 40, plan = basic, name contains ann, missing(age), rows 17, 240"
_AND = re.compile(r"\s+and\s+|\s*;\s*", re.IGNORECASE)
_OR = re.compile(r"\s+or\s+", re.IGNORECASE)
_QUOTED = re.compile(r"\"[^\"]*\"|(?<=[=<>\s])'[^']*'(?=\s|;|$)")
"""A value may stand in single quotes, as in SQL; an apostrophe inside a word is none."""
_MISSING = re.compile(r"(not\s+)?missing\s*\((.+)\)", re.IGNORECASE)
_IS_MISSING = re.compile(r"\s+is\s+(not\s+)?missing", re.IGNORECASE)
_OPERATOR = re.compile(r"\s*(<=|>=|!=|<>|==|=|<|>|\scontains(?:\s|$))\s*(.*)", re.IGNORECASE | re.DOTALL)
_ROWS = re.compile(r"rows?\s+([\d\s,.–-]+)", re.IGNORECASE)
_SPAN = re.compile(r"\s*(\d+)\s*(?:[–-]\s*(\d+))?\s*")
_YES, _NO = ("yes", "true", "1", "y"), ("no", "false", "0", "n")
_DAY = re.compile(r"\d{4}-\d{1,2}-\d{1,2}")


@dataclass(frozen=True, slots=True)
class Term:
    """One condition. ``sql``: over a FROM clause with c0, c1, ... and file_row_number (from 0)."""

    sql: str


def parse(text: str, columns: Sequence[Column]) -> tuple[Term, ...]:
    """The conditions of a line, all of which must hold; none of an empty line. BadInput names the mistake."""
    parts = [part.strip() for part in _split(text)]
    return tuple(Term(_term(part, columns)) for part in parts if part)


def where(terms: Sequence[Term]) -> str:
    """The terms as one SQL condition."""
    return " AND ".join(f"coalesce({term.sql}, false)" for term in terms) or "true"


def _split(text: str) -> list[str]:
    """The line at every *and* that does not stand in quotes."""
    quoted = _QUOTED.findall(text)
    held = _QUOTED.sub("\x00", text)
    found = []
    for part in _AND.split(held):
        while "\x00" in part and quoted:
            part = part.replace("\x00", quoted.pop(0), 1)
        found.append(part)
    return found


def _term(part: str, columns: Sequence[Column]) -> str:
    if match := _MISSING.fullmatch(part):
        index = _named(match[2], columns)
        return f"c{index} IS {'NOT ' if match[1] else ''}NULL"
    found = _leading_column(part, columns)
    if found is None:
        return _without_column(part, columns)
    index, rest = found
    if match := _IS_MISSING.fullmatch(rest):
        return f"c{index} IS {'NOT ' if match[1] else ''}NULL"
    match = _OPERATOR.fullmatch(rest)
    if match is None:
        return _anywhere(part, columns)
    _forbid_or(match[2], columns)
    return _compared(index, columns[index], match[1].strip().lower(), _unquoted(match[2]))


def _forbid_or(value: str, columns: Sequence[Column]) -> None:
    """``plan = pro or plan = basic`` is no value with an *or* in it: nobody would learn why no row fits."""
    later = _OR.split(_QUOTED.sub("", value))[1:]
    if any(_leading_column(part.strip(), columns) is not None for part in later):
        raise BadInput("Conditions can be joined by 'and' only, not by 'or'.", "The tab Query can do more.")


def _without_column(part: str, columns: Sequence[Column]) -> str:
    if (match := _ROWS.fullmatch(part)) and (rows := _rows(match[1])):
        return rows
    if match := re.search(r"<=|>=|!=|<>|=|<|>|\scontains\s|\sis\s+(?:not\s+)?missing", part, re.IGNORECASE):
        name = part[: match.start()].strip()
        raise BadInput(f"There is no column {name}." if name else "A column's name is missing.", f"Like: {EXAMPLES}")
    return _anywhere(part, columns)


def _anywhere(part: str, columns: Sequence[Column]) -> str:
    """A bare word: any cell of the row contains it."""
    if len(columns) > engine.VERY_WIDE:
        raise BadInput(
            f"A word alone is not looked for in {len(columns):,} columns.", f"Name the column, like: {EXAMPLES}"
        )
    needle = engine.text(_unquoted(part).lower())
    return (
        "(" + " OR ".join(f"contains(lower(coalesce(c{i}::VARCHAR, '')), {needle})" for i in range(len(columns))) + ")"
    )


def _rows(text: str) -> str:
    """``17, 240`` or ``100-200``, numbers as they are shown: from 1. Empty if it is something else."""
    spans = [_SPAN.fullmatch(piece) for piece in text.split(",")]
    if not all(spans):
        return ""
    tests = [f"file_row_number BETWEEN {int(m[1]) - 1} AND {int(m[2] or m[1]) - 1}" for m in spans if m is not None]
    return f"({' OR '.join(tests)})"


def _leading_column(part: str, columns: Sequence[Column]) -> tuple[int, str] | None:
    """The column whose name the part begins with, the longest of several, and what follows."""
    if part.startswith('"') and 0 < (end := part.find('"', 1)) < len(part) - 1:
        return _named(part[1:end], columns), part[end + 1 :]
    fits = [
        (part.startswith(c.name), len(c.name), -i)
        for i, c in enumerate(columns)
        if part.lower().startswith(c.name.lower()) and _OPERATOR_AHEAD.match(part[len(c.name) :])
    ]
    if not fits:
        return None
    _, length, index = max(fits, key=lambda fit: (fit[1], fit[0], fit[2]))
    return -index, part[length:]


_OPERATOR_AHEAD = re.compile(r"\s*(<|>|=|!=)|\s+(contains|is)\b", re.IGNORECASE)


def _named(name: str, columns: Sequence[Column]) -> int:
    wanted = _unquoted(name)
    exact = [i for i, c in enumerate(columns) if c.name == wanted]
    loose = [i for i, c in enumerate(columns) if c.name.lower() == wanted.lower()]
    if not (exact or loose):
        raise BadInput(f"There is no column {wanted}.", f"Like: {EXAMPLES}")
    return (exact or loose)[0]


def _compared(index: int, column: Column, operator: str, value: str) -> str:
    if not value:
        raise BadInput(f"A value is missing after {column.name} {operator}.", f"Like: {EXAMPLES}")
    if operator == "contains":
        return f"contains(lower(c{index}::VARCHAR), {engine.text(value.lower())})"
    operator = {"==": "=", "<>": "!="}.get(operator, operator)
    if column.type in NUMERIC:
        return f"c{index} {operator} {_number(column, value)}"
    if column.type is ColumnType.BOOLEAN:
        return f"c{index} {operator} {_yes_or_no(column, value)}"
    if column.type is ColumnType.DATETIME:
        return _dated(index, column, operator, value)
    return f"c{index}::VARCHAR {operator} {engine.text(value)}"


def _number(column: Column, value: str) -> str:
    """A literal that compares exactly: whole numbers keep all digits, others are doubles as the table's are."""
    try:
        number = Decimal(value.replace(",", ""))
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise BadInput(f"{column.name} is a {TYPE_WORDS[column.type]}; '{value}' is not.", f"Like: {column.name} > 40")
    whole = number == number.to_integral_value() and abs(number) < Decimal(10) ** 38
    return str(int(number)) if whole else f"CAST('{number}' AS DOUBLE)"


def _yes_or_no(column: Column, value: str) -> str:
    if value.lower() in _YES or value.lower() in _NO:
        return str(value.lower() in _YES).lower()
    raise BadInput(f"{column.name} is yes or no; '{value}' is neither.", f"Like: {column.name} = yes")


def _dated(index: int, column: Column, operator: str, value: str) -> str:
    """A day without a time means the whole day."""
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        example = f"Like: {column.name} > 2024-01-31"
        raise BadInput(f"{column.name} is a date; '{value}' is not written as one.", example) from None
    start, end = _moment(moment), _moment(moment + timedelta(days=1))
    if not _DAY.fullmatch(value):
        return f"c{index} {operator} {start}"
    whole = f"(c{index} >= {start} AND c{index} < {end})"
    days = {"=": whole, "!=": f"NOT {whole}", ">": f"c{index} >= {end}", "<=": f"c{index} < {end}"}
    return days.get(operator, f"c{index} {operator} {start}")


def _moment(moment: datetime) -> str:
    return f"TIMESTAMP '{moment.replace(tzinfo=None).isoformat(sep=' ')}'"


def _unquoted(text: str) -> str:
    stripped = text.strip()
    quoted = len(stripped) > 1 and stripped[0] == stripped[-1] and stripped[0] in "\"'"
    return stripped[1:-1] if quoted else stripped
