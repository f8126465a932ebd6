"""Are these rows what the model was trained on? Strictly typed; everything wrong is named at once."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import cast

from .canonical import moment
from .contract import Contract, Field, Value
from .findings import Findings
from .limits import MAX_ROWS
from .problems import Refusal
from .rows import Rows

Row = Mapping[str, object]
Numbered = tuple[int, Row]

_EXPECTED = {
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "category": "a text",
    "text": "a text",
    "datetime": "a date or time as ISO 8601 text",
}


class NotFinite:
    """NaN, Infinity or a number with too many digits, written where a value should stand."""


def is_number(value: object) -> bool:
    """A finite number; true and false are none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:
        return False


def is_whole(value: object) -> bool:
    """A finite number without a fraction: 3 and 3.0."""
    return is_number(value) and float(cast(float, value)).is_integer()


def is_moment(value: object) -> bool:
    """ISO 8601 text of a moment between the years 1 and 9999 in UTC."""
    try:
        return isinstance(value, str) and moment(value) is not None
    except (ValueError, OverflowError):
        return False


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_boolean(value: object) -> bool:
    return isinstance(value, bool)


PASSES: dict[str, Callable[[object], bool]] = {
    "number": is_number,
    "integer": is_whole,
    "boolean": _is_boolean,
    "category": _is_text,
    "text": _is_text,
    "datetime": is_moment,
}


class Rules:
    """What one contract asks of rows given as objects of column and value."""

    def __init__(self, contract: Contract) -> None:
        self._inputs = contract.inputs
        self._names = frozenset(f.name for f in contract.inputs)
        self._dropped = frozenset(f.name for f in contract.fields if f.use in ("ignored", "target"))
        self._known = frozenset(f.name for f in contract.fields)

    def check(self, rows: Sequence[object], caller_ids: object = None) -> Rows:
        """The rows as the model takes them. Raises Refusal: 413 for too many, 422 with all that is wrong."""
        if len(rows) > MAX_ROWS:
            raise Refusal(
                413, f"At most {MAX_ROWS:,} rows a request; this one has {len(rows):,}.", code="too_many_rows"
            )
        findings = Findings()
        objects = _objects(rows, findings)
        for field in self._inputs:
            _check_input(field, objects, findings)
        dropped = self._check_others(objects, findings)
        ids = check_ids(caller_ids, len(rows), findings)
        findings.refuse()
        return self._passed([row for _, row in objects], ids, dropped)

    def _check_others(self, rows: list[Numbered], findings: Findings) -> dict[str, int]:
        dropped: dict[str, int] = {}
        for number, row in rows:
            for name in row.keys() - self._names:
                if name not in self._known:
                    findings.add("unknown_column", name, number, "{} is no column of this model", name)
                elif not _is_scalar(row[name]):
                    findings.add("wrong_type", name, number, f"{name} must be a single value")
                elif name in self._dropped:
                    dropped[name] = dropped.get(name, 0) + 1
        return dropped

    def _passed(self, rows: list[Row], ids: list[str | int] | None, dropped: dict[str, int]) -> Rows:
        names = [f.name for f in self._inputs]
        values = [cast(tuple[Value, ...], tuple(row[name] for name in names)) for row in rows]
        if not dropped:
            return Rows(values, rows, ids)
        kept = [{name: value for name, value in row.items() if name not in self._dropped} for row in rows]
        return Rows(values, kept, ids, dropped)


def check_ids(ids: object, rows: int, findings: Findings) -> list[str | int] | None:
    """The caller's own ids: one a row, texts of at most 200 characters or whole numbers."""
    if ids is None:
        return None
    if not isinstance(ids, list) or len(ids) != rows:
        findings.add("ids", None, 1, '"ids" must be a list with one entry for each row')
        return None
    for number, value in enumerate(ids, 1):
        if not _is_id(value):
            findings.add("ids", None, number, 'an entry of "ids" must be a short text or a whole number')
    return ids


def _objects(rows: Sequence[object], findings: Findings) -> list[Numbered]:
    objects: list[Numbered] = []
    for number, row in enumerate(rows, 1):
        if isinstance(row, Mapping):
            objects.append((number, row))
        else:
            findings.add("not_an_object", None, number, "each row must be an object of column and value")
    return objects


def _check_input(field: Field, rows: list[Numbered], findings: Findings) -> None:
    passes, name = PASSES[field.type], field.name
    for number, row in rows:
        if name not in row:
            findings.add("missing_column", name, number, f"{name} is missing")
        elif (value := row[name]) is None:
            if not field.missing_allowed:
                findings.add("null_not_allowed", name, number, f"{name} must not be null")
        elif not passes(value):
            code, words, quoted = _fault(value, field.type)
            findings.add(code, name, number, f"{name} must be {_EXPECTED[field.type]}{words}", quoted)


def _fault(value: object, type_: str) -> tuple[str, str, str | None]:
    """Code, the rest of the sentence, and what it quotes."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if isinstance(value, NotFinite) or (number and not is_number(value)):
        return "not_finite", ": NaN, Infinity and numbers out of range are refused", None
    if number and type_ == "integer":
        return "not_whole", ", not {}", repr(value)
    if isinstance(value, str):
        return "wrong_type", ", not the text {}", value
    return "wrong_type", f", not {_kind(value)}", None


def _kind(value: object) -> str:
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, int | float):
        return "a number"
    return "a list" if isinstance(value, list) else "an object"


def _is_id(value: object) -> bool:
    if isinstance(value, str):
        return len(value) <= 200
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1 << 63


def _is_scalar(value: object) -> bool:
    return value is None or isinstance(value, str | bool) or is_number(value)
