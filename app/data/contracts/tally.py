"""A table judged by rules batch after batch: what each rule has counted so far. Child side."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import numpy.typing as npt

from app.core.contracts import SHOWN_ROWS, Broken, Why
from app.runtime.judge import Cells, Mask, broken_mask, days_of, is_missing
from app.runtime.rules import Rule, is_judgeable
from app.runtime.validate import is_moment

_NUMBER = re.compile(r"\s*[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?\s*")
_WHOLE = re.compile(r"\s*[+-]?\d+(\.0*)?\s*")
_BOOLEANS = frozenset({"true", "false", "yes", "no", "1", "0"})


class _Tally(Protocol):
    def take(self, columns: Mapping[str, Cells], rows: int) -> None:
        """The next rows of the table."""

    def broken(self) -> Broken | None:
        """After the last row: how the rule is broken; None if it is kept."""


class TableJudge:
    """Takes a table in batches, in the order of its rows, and says which rules it breaks.

    Memory: 9 bytes a row for each rule of uniqueness and 8 more while it is decided (values are told apart by 64-bit
    hashes: two different ones among 10,000,000 are taken for the same with probability 3e-6), nothing that grows for
    the others.
    """

    def __init__(self, rules: Sequence[Rule], types: Mapping[str, str]) -> None:
        """``types``: of the table's columns, by name."""
        self._tallies = [(place, _tally(rule, types)) for place, rule in enumerate(rules) if rule.on]
        asked = {name for rule in rules if rule.on for name in (rule.column, rule.other) if name in types}
        self.columns = tuple(name for name in types if name in asked)

    def take(self, raw: Mapping[str, npt.NDArray[np.generic]], rows: int) -> None:
        """The next ``rows`` rows: ``columns`` as ``data.table`` gives them."""
        cells = {name: days_of(v) if v.dtype.kind == "M" else v for name, v in raw.items()}
        for _, tally in self._tallies:
            tally.take(cells, rows)

    def broken(self) -> tuple[Broken, ...]:
        """What is broken, with ``rule`` the place among the rules; in their order."""
        found = [(place, tally.broken()) for place, tally in self._tallies]
        return tuple(replace(b, rule=place) for place, b in found if b is not None)


def _tally(rule: Rule, types: Mapping[str, str]) -> _Tally:
    if rule.kind == "rows":
        return _Rows(rule)
    gone = next((n for n in (rule.column, rule.other) if n is not None and n not in types), None)
    if gone is not None:
        return _Unjudged(Why.NO_COLUMN)
    type_ = types[rule.column or ""]
    if not is_judgeable(rule, type_, types.get(rule.other or "")):
        return _Unjudged(Why.OTHER_TYPE)
    if rule.kind == "type":
        return _Type(rule, type_)
    return _Unique(rule) if rule.kind == "unique" else _RowByRow(rule)


@dataclass(slots=True)
class _Found:
    """Offending rows: how many, and the first of them (from 1)."""

    count: int = 0
    first: tuple[int, ...] = ()

    def add(self, mask: Mask, before: int) -> None:
        count = int(np.count_nonzero(mask))
        self.count += count
        if count and len(self.first) < SHOWN_ROWS:
            places = np.flatnonzero(mask)[: SHOWN_ROWS - len(self.first)] + before + 1
            self.first += tuple(places.tolist())


class _Unjudged:
    """A rule that means nothing for this table: it is broken as a whole."""

    def __init__(self, why: Why) -> None:
        self._why = why

    def take(self, columns: Mapping[str, Cells], rows: int) -> None:
        pass

    def broken(self) -> Broken | None:
        return Broken(0, 0, (), 0, self._why)


class _Rows:
    def __init__(self, rule: Rule) -> None:
        self._rule, self._rows = rule, 0

    def take(self, columns: Mapping[str, Cells], rows: int) -> None:
        self._rows += rows

    def broken(self) -> Broken | None:
        low = -math.inf if self._rule.minimum is None else self._rule.minimum
        high = math.inf if self._rule.maximum is None else self._rule.maximum
        return None if low <= self._rows <= high else Broken(0, 0, (), self._rows)


class _RowByRow:
    """Range, categories, relation, and missing values, of which a share may be allowed."""

    def __init__(self, rule: Rule) -> None:
        self._rule, self._rows, self._found, self._above = rule, 0, _Found(), 0

    def take(self, columns: Mapping[str, Cells], rows: int) -> None:
        before = self._found.count
        self._found.add(broken_mask(self._rule, columns), self._rows)
        if self._found.count > before and self._rule.kind == "range" and self._rule.maximum is not None:
            self._above += int(np.count_nonzero(columns[self._rule.column or ""] > self._rule.maximum))
        self._rows += rows

    def broken(self) -> Broken | None:
        allowed = (self._rule.maximum or 0.0) if self._rule.kind == "missing" else 0.0
        if not self._found.count or self._found.count / self._rows <= allowed:
            return None
        return Broken(0, self._found.count, self._found.first, self._rows, above=self._above)


class _Unique:
    """A row offends that holds a value of an earlier row."""

    def __init__(self, rule: Rule) -> None:
        self._column = rule.column or ""
        self._hashes: list[npt.NDArray[np.int64]] = []
        self._present: list[Mask] = []

    def take(self, columns: Mapping[str, Cells], rows: int) -> None:
        cells = columns[self._column]
        self._present.append(~is_missing(cells))
        if cells.dtype.kind == "f":
            self._hashes.append((cells + 0.0).view(np.int64))  # adding 0.0 makes one zero of two
        else:
            self._hashes.append(np.fromiter(map(hash, cells), np.int64, len(cells)))

    def broken(self) -> Broken | None:
        if not self._hashes:
            return None
        ordered = np.concatenate([h[p] for h, p in zip(self._hashes, self._present, strict=True)])
        ordered.sort()
        repeats = ordered[1:][ordered[1:] == ordered[:-1]]
        if not len(repeats):
            return None
        del ordered
        return Broken(0, len(repeats), self._first_rows(np.unique(repeats)), sum(map(len, self._present)))

    def _first_rows(self, repeated: npt.NDArray[np.int64]) -> tuple[int, ...]:
        """The first rows whose value stood in an earlier row, from 1; ``repeated``: values that are there twice."""
        values, rows, before = [], [], 0
        for hashes, present in zip(self._hashes, self._present, strict=True):
            places = np.flatnonzero(np.isin(hashes, repeated) & present)
            values.append(hashes[places])
            rows.append(places + before + 1)
            before += len(hashes)
        of, at = np.concatenate(values), np.concatenate(rows)
        order = np.argsort(of, kind="stable")
        again = order[1:][of[order][1:] == of[order][:-1]]
        return tuple(np.sort(at[again])[:SHOWN_ROWS].tolist())


class _Type:
    """A column that was read as another type offends as a whole; the cells that are to blame are named."""

    def __init__(self, rule: Rule, type_: str) -> None:
        self._column, self._type, self._wanted = rule.column or "", type_, rule.values[0] if rule.values else type_
        self._rows, self._present, self._found = 0, 0, _Found()

    def take(self, columns: Mapping[str, Cells], rows: int) -> None:
        if not self._is_the_same():
            cells = columns[self._column]
            present = ~is_missing(cells)
            self._present += int(np.count_nonzero(present))
            self._found.add(present & self._misfits(cells), self._rows)
        self._rows += rows

    def broken(self) -> Broken | None:
        whole = self._wanted == "integer" and self._type == "number"
        if self._is_the_same() or not self._present or (whole and not self._found.count):
            return None
        return Broken(0, self._found.count, self._found.first, self._rows)

    def _is_the_same(self) -> bool:
        pair = {self._type, self._wanted}
        return len(pair) == 1 or pair == {"category", "text"} or (self._type, self._wanted) == ("integer", "number")

    def _misfits(self, cells: Cells) -> Mask:
        if cells.dtype.kind == "f":
            if self._wanted == "integer" and self._type == "number":
                return np.asarray(cells != np.floor(cells))
            return np.ones(len(cells), np.bool_)
        fits = _READS_AS.get(self._wanted, bool)
        return np.fromiter((v is not None and not fits(v) for v in cells), np.bool_, len(cells))


def _is_yes_or_no(text: str) -> bool:
    return text.strip().lower() in _BOOLEANS


_READS_AS: dict[str, Callable[[str], object]] = {
    "number": _NUMBER.fullmatch,
    "integer": _WHOLE.fullmatch,
    "boolean": _is_yes_or_no,
    "datetime": is_moment,
}
"""Whether a text would be of a type if its column were: to find the cells that made a text of it."""
