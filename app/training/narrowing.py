"""Tables with more columns than the time allows: the columns that tell most of the target by themselves are kept.

They are chosen by training rows alone, for each fold by the rows that it is fitted on: choosing once by all of them
would let a fold's columns know the rows that it is scored on (Hastie, Tibshirani, Friedman 2009, section 7.10.2). What
the final fit was given stands in the recipe as its inputs, so nothing is chosen again. In a child only.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt

from app.core.data import ColumnType
from app.core.runs import InputSpec, Task
from app.export.numbers import Inputs
from app.training.column_budget import SCREENED_ROWS

Raw = npt.NDArray[np.generic]
Rows = npt.NDArray[np.intp]
Floats = npt.NDArray[np.float64]

QUANTILES = 8
LEVELS = 30
"""Bins of a number, and categories that are looked at by themselves: more would find chance."""
WIDTH = 32
"""Places a column: quantiles and missing, or categories and others."""
LEAST_ROWS = 3
AT_ONCE, RANKED_AT_ONCE = 1000, 250
"""Columns looked at together, so that memory stays small; one by one ten thousand of them would take seconds."""


class Screen:
    """How much each column tells of the target: the greater of the squared correlation of the ranks and the variance
    between bins (eta squared), both adjusted for what chance explains (Fisher 1925; Ezekiel 1930).

    ``x``: (n, 1) canonical training columns, of which at most ``SCREENED_ROWS`` rows are looked at.
    """

    def __init__(self, specs: Sequence[InputSpec], x: Inputs, y: Raw, task: Task) -> None:
        self.every = max(1, -(-len(y) // SCREENED_ROWS))
        self.specs = tuple(specs)
        self._x = x
        self._able = np.array([i for i, s in enumerate(self.specs) if s.type is not ColumnType.TEXT], dtype=np.intp)
        self._targets = _targets(y[:: self.every], task)
        shape = (len(self._able), len(self._targets))
        self._bins, self._ranks = np.empty(shape, dtype=np.uint8), np.zeros(shape, dtype=np.float32)
        listed = [j for j, i in enumerate(self._able) if self.specs[i].type is ColumnType.CATEGORY]
        for j in listed:
            self._bins[j] = _levels(self._values(self._able[j]))
        numbers = np.setdiff1d(np.arange(len(self._able)), listed)
        for start in range(0, len(numbers), RANKED_AT_ONCE):
            some = numbers[start : start + RANKED_AT_ONCE]
            stacked = np.array([self._values(self._able[j]) for j in some], dtype=np.float64)
            self._bins[some], self._ranks[some] = _quantiles(stacked)

    def best(self, rows: Rows, most: int, texts: int | None = None) -> tuple[InputSpec, ...]:
        """At most ``most`` columns that tell most in these training rows, in the table's order; ``texts`` of them are
        text (None: all), which cannot be told apart from the others so, but one from another by its words."""
        some = rows[rows % self.every == 0] // self.every
        read = self._best_texts(some, texts)
        told = self._told(some)
        kept = self._able[np.argsort(-told, kind="stable")[: max(0, most - len(read))]]
        chosen = {*kept.tolist(), *read}
        return tuple(s for i, s in enumerate(self.specs) if i in chosen)

    def _values(self, place: np.intp | int) -> Raw:
        return self._x[self.specs[place].input][:: self.every, 0]

    def _best_texts(self, rows: Rows, most: int | None) -> list[int]:
        """Places of the text columns with the most telling words."""
        every = [i for i, spec in enumerate(self.specs) if spec.type is ColumnType.TEXT]
        if most is None or most >= len(every):
            return every
        targets = self._centred(rows)
        if not np.any(targets):
            return every[:most]
        told = [float(_between(self._words[i][:, rows], targets).max()) for i in every]
        return sorted(every, key=lambda i: (-told[every.index(i)], i))[:most]

    @cached_property
    def _words(self) -> dict[int, npt.NDArray[np.uint8]]:
        """Of every text column, whether its most frequent words stand in a row."""
        return {i: _words_in(self._values(i)) for i, s in enumerate(self.specs) if s.type is ColumnType.TEXT}

    def _centred(self, rows: Rows) -> Floats:
        return np.asarray(self._targets[rows] - self._targets[rows].mean(axis=0))

    def _told(self, rows: Rows) -> Floats:
        """(columns,) the share of the target's variance, 0 as by chance."""
        targets = self._centred(rows)
        if len(rows) < LEAST_ROWS or not np.any(targets):
            return np.zeros(len(self._able))
        parts = [slice(start, start + AT_ONCE) for start in range(0, len(self._able), AT_ONCE)]
        found = [
            np.maximum(_in_step(self._ranks[part][:, rows], targets), _between(self._bins[part][:, rows], targets))
            for part in parts
        ]
        return np.concatenate(found) if found else np.empty(0)


@dataclass
class Wide:
    """A table of which models take ``most`` columns, ``texts`` of them text. ``x``: all of them, training rows."""

    specs: tuple[InputSpec, ...]
    x: Inputs
    screen: Screen
    most: int
    texts: int | None = None
    _known: dict[bytes, tuple[InputSpec, ...]] = field(default_factory=dict)

    def chosen(self, rows: Rows) -> tuple[InputSpec, ...]:
        """The columns for a model that is fitted on these training rows."""
        key = hashlib.blake2b(rows.tobytes(), digest_size=16).digest()
        if key not in self._known:
            self._known[key] = self.screen.best(rows, self.most, self.texts)
        return self._known[key]


def _in_step(ranks: npt.NDArray[np.float32], targets: Floats) -> Floats:
    """Squared correlations. ``ranks``: (columns, rows)."""
    centred = ranks.astype(np.float64)
    centred -= centred.mean(axis=1, keepdims=True)
    spread = np.einsum("jn,jn->j", centred, centred)
    along = (np.einsum("jn,nt->jt", centred, targets) ** 2).sum(axis=1)
    share = along / np.where(spread > 0, spread, np.inf) / float((targets**2).sum())
    return _adjusted(share, len(targets), 2.0)


def _between(bins: npt.NDArray[np.uint8], targets: Floats) -> Floats:
    """Eta squared. ``bins``: (columns, rows)."""
    size = len(bins) * WIDTH
    places = (bins + np.arange(0, size, WIDTH)[:, None]).ravel()
    counts, explained = np.bincount(places, minlength=size), np.zeros(size)
    for one in targets.T:
        explained += np.bincount(places, weights=np.tile(one, len(bins)), minlength=size) ** 2
    explained /= np.maximum(counts, 1)
    share = explained.reshape(-1, WIDTH).sum(axis=1) / float((targets**2).sum())
    return _adjusted(share, len(targets), (counts.reshape(-1, WIDTH) > 0).sum(axis=1))


def _adjusted(share: Floats, rows: int, parameters: float | Floats) -> Floats:
    return 1.0 - (1.0 - share) * (rows - 1) / np.maximum(rows - parameters, 1.0)


def _targets(y: Raw, task: Task) -> Floats:
    """(n, 1) ranks of a number, which no outlier moves, or (n, classes) ones and zeros."""
    if task is Task.REGRESSION:
        return np.asarray(_ranked(y.astype(np.float64)[None])[0][:, None])
    items = y.tolist()
    return np.column_stack(
        [np.array([one == label for one in items], dtype=np.float64) for label in sorted(set(items))]
    )


def _quantiles(numbers: Floats) -> tuple[npt.NDArray[np.int64], Floats]:
    """(columns, n) bins of equal size by rank, missing values in one of their own; ranks between -0.5 and 0.5,
    missing 0."""
    known = ~np.isnan(numbers)
    ranks = np.where(known, _ranked(numbers), 0.0)
    bins = np.where(known, np.minimum(((ranks + 0.5) * QUANTILES).astype(np.int64), QUANTILES - 1), QUANTILES)
    return bins, ranks


def _levels(values: Raw) -> npt.NDArray[np.int64]:
    """The most frequent categories, all others together; they have no order."""
    items = values.tolist()
    place = {item: code for code, item in enumerate(_often(Counter(items)))}
    return np.fromiter((place.get(item, LEVELS) for item in items), np.int64, len(items))


def _words_in(values: Raw) -> npt.NDArray[np.uint8]:
    """(words, n) ones and zeros. ``values``: words with spaces between them."""
    rows = [set(text.split(" ")) for text in values.tolist()]
    often = _often(Counter(word for words in rows for word in words))
    return np.array([[word in words for words in rows] for word in often], dtype=np.uint8)


def _often(counts: Counter[str]) -> list[str]:
    return sorted(counts, key=lambda item: (-counts[item], item))[:LEVELS]


def _ranked(numbers: Floats) -> Floats:
    """(columns, n) ranks between -0.5 and 0.5 among the known values of a line, equal ones in the middle of theirs."""
    order = np.argsort(numbers, axis=1)
    ordered = np.take_along_axis(numbers, order, axis=1)
    other, end = ordered[:, 1:] != ordered[:, :-1], np.ones((len(numbers), 1), dtype=bool)
    places = np.arange(numbers.shape[1])
    first = np.maximum.accumulate(np.where(np.hstack([end, other]), places, 0), axis=1)
    last = np.where(np.hstack([other, end]), places, places[-1])[:, ::-1]
    middle = (first + np.minimum.accumulate(last, axis=1)[:, ::-1] + 1) / 2
    known = np.maximum(1, (~np.isnan(numbers)).sum(axis=1, keepdims=True))
    ranks = np.empty(numbers.shape)
    np.put_along_axis(ranks, order, middle / known - 0.5, axis=1)
    return ranks
