"""Which rows break which rules. One meaning in two forms: masks over columns, and a cheap one for the few rows of a
request. A property test keeps them equal (``tests/runtime/test_judge.py``).

A missing value breaks only a rule that none may be missing: there is nothing in it to be out of range. A single row
cannot break a type (a request with a wrong type is refused before, see ``validate``), nor uniqueness, a share or a
number of rows, which only a whole table has.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import eq, ge, gt, le, lt, ne
from typing import Any

import numpy as np
import numpy.typing as npt

from .canonical import micros_of, text_micros
from .contract import Field, Value
from .rules import Rule, is_judgeable, sort_of

Cells = npt.NDArray[Any]
"""Values of one column: float64, NaN for missing (numbers, yes/no, and dates in days), or objects, None for missing."""

Mask = npt.NDArray[np.bool_]
Check = Callable[[tuple[Value, ...]], bool]

FEW_ROWS = 24
"""Up to so many rows a loop is faster than making columns of them (measured with 15 inputs and 40 rules)."""

_DAY_US = 86_400_000_000
_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {"<": lt, "<=": le, "=": eq, ">=": ge, ">": gt, "!=": ne}


def days_of(moments: npt.NDArray[np.generic]) -> npt.NDArray[np.float64]:
    """datetime64 -> float64 days since 1970, NaN for NaT: what bounds of dates are compared with."""
    return micros_of(moments) / _DAY_US


def is_missing(cells: Cells) -> Mask:
    """(n,) bool."""
    if cells.dtype.kind == "f":
        return np.isnan(cells)
    return np.fromiter((value is None for value in cells), np.bool_, len(cells))


def broken_mask(rule: Rule, columns: Mapping[str, Cells]) -> Mask:
    """(n,) bool: the rows that break a rule of ``ROW_KINDS``. ``columns`` holds the column and, for a relation, the
    other one, of sorts for which the rule ``is_judgeable``."""
    cells = columns[rule.column or ""]
    if rule.kind == "missing":
        return is_missing(cells)
    if rule.kind == "range":
        low, high = _bounds(rule)
        return np.asarray((cells < low) | (cells > high))
    if rule.kind == "categories":
        known = frozenset(rule.values)
        return np.fromiter((v is not None and v not in known for v in cells), np.bool_, len(cells))
    return _unrelated(rule, cells, columns[rule.other or ""])


def _unrelated(rule: Rule, cells: Cells, others: Cells) -> Mask:
    present = ~(is_missing(cells) | is_missing(others))
    mask = np.zeros(len(cells), np.bool_)
    holds = _OPERATORS[rule.operator](cells[present], others[present])
    mask[present] = ~np.asarray(holds, dtype=np.bool_)
    return mask


def _bounds(rule: Rule) -> tuple[float, float]:
    low = -math.inf if rule.minimum is None else rule.minimum
    return low, math.inf if rule.maximum is None else rule.maximum


class RowJudge:
    """Judges the rows of requests by the rules that a row can break. Safe to use from several threads."""

    def __init__(self, rules: Iterable[Rule], inputs: Sequence[Field]) -> None:
        """``inputs``: the columns of a row, in its order. Rules about other columns are not judged here: a request
        does not hold them."""
        self._types = {f.name: f.type for f in inputs}
        self._places = {f.name: i for i, f in enumerate(inputs)}
        self._rules = [r for r in rules if self._is_about_rows(r)]
        self._checks = [(r.code, self._check(r)) for r in self._rules]
        self._columns = [n for n in self._types if any(n in (r.column, r.other) for r in self._rules)]

    @property
    def rules(self) -> Sequence[Rule]:
        """What is judged."""
        return self._rules

    def judge(self, rows: Sequence[tuple[Value, ...]], found: dict[int, list[str]]) -> None:
        """Add the codes of broken rules to ``found``, by the row's place. ``rows``: checked (see ``validate``)."""
        if len(rows) > FEW_ROWS:
            self.judge_columns(rows, found)
        else:
            self.judge_each(rows, found)

    def judge_each(self, rows: Sequence[tuple[Value, ...]], found: dict[int, list[str]]) -> None:
        """One row after the other."""
        for place, row in enumerate(rows):
            for code, is_broken in self._checks:
                if is_broken(row):
                    found.setdefault(place, []).append(code)

    def judge_columns(self, rows: Sequence[tuple[Value, ...]], found: dict[int, list[str]]) -> None:
        """Column by column."""
        columns = {n: cells_of([row[self._places[n]] for row in rows], self._types[n]) for n in self._columns}
        for rule in self._rules:
            for place in np.flatnonzero(broken_mask(rule, columns)).tolist():
                found.setdefault(place, []).append(rule.code)

    def _is_about_rows(self, rule: Rule) -> bool:
        if not rule.on or rule.column not in self._types:
            return False
        if rule.kind == "missing":
            return rule.maximum == 0
        if rule.kind not in ("range", "categories", "relation"):
            return False
        return is_judgeable(rule, self._types[rule.column], self._types.get(rule.other or ""))

    def _check(self, rule: Rule) -> Check:
        assert rule.column is not None
        at = self._places[rule.column]
        if rule.kind == "missing":
            return lambda row: row[at] is None
        if rule.kind == "categories":
            known = frozenset(rule.values)
            return lambda row: row[at] is not None and row[at] not in known
        if rule.kind == "range":
            return _range_check(rule, at, sort_of(self._types[rule.column]) == "date")
        return _relation_check(rule, at, self._places[rule.other or ""], sort_of(self._types[rule.column]))


def cells_of(values: Sequence[Value], type_: str) -> Cells:
    """A column of checked JSON values as ``Cells``."""
    sort = sort_of(type_)
    if sort == "text":
        return np.array([*values, None], dtype=object)[:-1]
    if sort == "date":
        return np.array([_days(v) for v in values], dtype=np.float64)
    return np.array([math.nan if v is None else float(v) for v in values], dtype=np.float64)


def _days(value: Value) -> float:
    return text_micros(value) / _DAY_US


def _range_check(rule: Rule, at: int, is_date: bool) -> Check:
    """As float64, as the columns hold it: a whole number beyond 2^53 is rounded in both forms."""
    low, high = _bounds(rule)
    if is_date:
        return lambda row: row[at] is not None and not low <= _days(row[at]) <= high
    return lambda row: row[at] is not None and not low <= float(row[at]) <= high  # type: ignore[arg-type]


def _relation_check(rule: Rule, at: int, other: int, sort: str) -> Check:
    holds = _OPERATORS[rule.operator]
    as_cell: Callable[[Value], Any] = {"number": _number, "date": _days, "text": _same}[sort]

    def is_broken(row: tuple[Value, ...]) -> bool:
        a, b = row[at], row[other]
        return a is not None and b is not None and not holds(as_cell(a), as_cell(b))

    return is_broken


def _number(value: Value) -> float:
    return float(value)  # type: ignore[arg-type]


def _same(value: Value) -> Value:
    return value
