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
AT_ONCE = 1000
"""Columns looked at together, so that memory stays small."""


class Screen:
    """How much each column tells of the target: the greater of the squared correlation of the ranks and the variance
    between bins (eta squared), both adjusted for what chance explains (Fisher 1925; Ezekiel 1930).

    ``x``: (n, 1) canonical training columns, of which at most ``SCREENED_ROWS`` rows are looked at.
    """

    def __init__(self, specs: Sequence[InputSpec], x: Inputs, y: Raw, task: Task) -> None:
        self.every = max(1, -(-len(y) // SCREENED_ROWS))
        self.specs = tuple(specs)
        self._able = np.array([i for i, s in enumerate(self.specs) if s.type is not ColumnType.TEXT], dtype=np.intp)
        self._targets = _targets(y[:: self.every], task)
        shape = (len(self._able), len(self._targets))
        self._bins, self._ranks = np.empty(shape, dtype=np.uint8), np.empty(shape, dtype=np.float32)
        for j, place in enumerate(self._able.tolist()):
            values = x[specs[place].input][:: self.every, 0]
            self._bins[j], self._ranks[j] = _levels(values) if values.dtype.kind == "O" else _quantiles(values)

    def best(self, rows: Rows, most: int) -> tuple[InputSpec, ...]:
        """At most ``most`` columns that tell most in these training rows, in the table's order; text is always kept,
        as it cannot be told apart so."""
        some = rows[rows % self.every == 0] // self.every
        told = self._told(some)
        kept = self._able[np.argsort(-told, kind="stable")[: max(0, most - (len(self.specs) - len(self._able)))]]
        chosen = set(kept.tolist())
        return tuple(s for i, s in enumerate(self.specs) if i in chosen or s.type is ColumnType.TEXT)

    def _told(self, rows: Rows) -> Floats:
        """(columns,) the share of the target's variance, 0 as by chance."""
        targets = self._targets[rows] - self._targets[rows].mean(axis=0)
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
    """A table of which models take ``most`` columns. ``x``: all of them, training rows."""

    specs: tuple[InputSpec, ...]
    x: Inputs
    screen: Screen
    most: int
    _known: dict[bytes, tuple[InputSpec, ...]] = field(default_factory=dict)

    def chosen(self, rows: Rows) -> tuple[InputSpec, ...]:
        """The columns for a model that is fitted on these training rows."""
        key = hashlib.blake2b(rows.tobytes(), digest_size=16).digest()
        if key not in self._known:
            self._known[key] = self.screen.best(rows, self.most)
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
        return _ranked(y.astype(np.float64))[:, None]
    items = y.tolist()
    return np.column_stack(
        [np.array([one == label for one in items], dtype=np.float64) for label in sorted(set(items))]
    )


def _quantiles(values: Raw) -> tuple[npt.NDArray[np.int64], Floats]:
    """Bins of equal size by rank, missing values in one of their own; ranks between -0.5 and 0.5, missing 0."""
    numbers = np.asarray(values, dtype=np.float64)
    known = ~np.isnan(numbers)
    bins, ranks = np.full(len(numbers), QUANTILES), np.zeros(len(numbers))
    if known.any():
        ranks[known] = _ranked(numbers[known])
        bins[known] = np.minimum(((ranks[known] + 0.5) * QUANTILES).astype(np.int64), QUANTILES - 1)
    return bins, ranks


def _levels(values: Raw) -> tuple[npt.NDArray[np.int64], Floats]:
    """The most frequent categories, all others together; they have no order."""
    items = values.tolist()
    counts = Counter(items)
    often = sorted(counts, key=lambda item: (-counts[item], item))[:LEVELS]
    place = {item: code for code, item in enumerate(often)}
    return np.fromiter((place.get(item, LEVELS) for item in items), np.int64, len(items)), np.zeros(len(items))


def _ranked(numbers: Floats) -> Floats:
    """Ranks between -0.5 and 0.5, equal values in the middle of theirs."""
    order = np.argsort(numbers)
    ordered = numbers[order]
    starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
    sizes = np.diff(np.append(starts, len(numbers)))
    ranks = np.empty(len(numbers))
    ranks[order] = np.repeat((starts + sizes / 2) / len(numbers) - 0.5, sizes)
    return ranks
