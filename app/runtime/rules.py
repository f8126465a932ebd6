"""The rules of a data contract: one implementation judges data versions and, inside the bundle, predictions."""

from __future__ import annotations

from dataclasses import dataclass

KINDS = ("type", "range", "categories", "missing", "unique", "relation", "rows")
"""In the order in which a contract is read: what a column is, what it holds, how columns and rows go together."""

ROW_KINDS = ("range", "categories", "missing", "relation")
"""What one row by itself can break (see ``judge``); the others are about a whole table."""

OPERATORS = ("<", "<=", "=", ">=", ">", "!=")

_SORTS = {"number": "number", "integer": "number", "boolean": "number", "datetime": "date"}


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that data have to keep.

    ``kind``: type | range | categories | missing | unique | rows | relation; ``column``: None where the rule is about
    the whole table. ``minimum``/``maximum``: inclusive bounds of a range (numbers as they are, dates as days since
    1970-01-01 UTC), of a missing share in 0..1, or of a number of rows. ``values``: the allowed categories, or the
    type's name. ``operator`` and ``other``: a relation to another column (<, <=, =, >=, >, !=). ``blocks``: breaking it
    stops training and fails ``check``; otherwise it is only said. ``on``: whether it is judged at all; a rule that is
    switched off keeps its bounds for later.
    """

    kind: str
    column: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    values: tuple[str, ...] = ()
    operator: str = ""
    other: str | None = None
    blocks: bool = True
    note: str = ""
    on: bool = True

    @property
    def code(self) -> str:
        """How a log line names it: ``age:range``, ``start<=end:relation``. It holds no value of the data."""
        if self.kind == "relation":
            return f"{self.column}{self.operator}{self.other}:relation"
        return f"{self.column}:{self.kind}" if self.column is not None else self.kind


def sort_of(type_: str) -> str:
    """How a column's values compare: as a number, a date or a text."""
    return _SORTS.get(type_, "text")


def is_judgeable(rule: Rule, type_: str, other_type: str | None = None) -> bool:
    """Whether a rule means anything for a column of this type: a text has no range, a number no categories."""
    sort = sort_of(type_)
    if rule.kind == "range":
        return sort != "text"
    if rule.kind == "categories":
        return sort == "text"
    if rule.kind == "relation":
        ordered = rule.operator not in ("=", "!=")
        return other_type is not None and sort_of(other_type) == sort and not (ordered and sort == "text")
    return True
