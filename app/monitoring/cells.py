"""A reference column divided into cells, and what a window puts into them. Child side.

Numbers: at most ``MOST_CELLS`` cells of equal share, and one beyond each end. Categories: a cell a value, or a cell a
hash of the value where there are very many: the choice of cells must not look at how often a value came by chance.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from app.monitoring.distances import Floats

MOST_CELLS = 200
MOST_VALUES = 1_000
"""With more different values than that, they share cells by their hash."""

Values = Sequence[str | None]


@dataclass(frozen=True, slots=True)
class NumberCells:
    """``known``: (n,) the present reference values, sorted; ``borders``: ascending, each cell reaches up to its own."""

    rows: int
    known: Floats
    borders: Floats

    @property
    def below(self) -> Floats:
        """(k,) share of the reference up to each border."""
        return np.searchsorted(self.known, self.borders, "right") / max(len(self.known), 1)

    @property
    def shares(self) -> Floats:
        """(k + 1,) share of each cell."""
        return np.diff(self.below, prepend=0.0, append=1.0)


@dataclass(frozen=True, slots=True)
class ValueCells:
    """``counts``: how often each value came; ``hashed``: whether cells are hashes of values. ``sums``: (k,) how
    many values of the reference are in each of ``cells``."""

    rows: int
    counts: Counter[str]
    hashed: bool
    cells: tuple[str, ...]
    sums: Floats

    @property
    def known(self) -> int:
        """How many values are not missing."""
        return int(self.sums.sum())


def sorted_numbers(values: npt.NDArray[np.generic]) -> Floats:
    """The finite values, ascending."""
    wide = np.asarray(values, np.float64).ravel()
    known = wide[np.isfinite(wide)]
    known.sort()
    return known


def number_cells(values: npt.NDArray[np.generic]) -> NumberCells:
    """Cells of a reference column; NaN is missing."""
    known = sorted_numbers(values)
    if not len(known):
        return NumberCells(len(values), known, np.zeros(0))
    places = np.unique((np.arange(1, MOST_CELLS) * len(known)) // MOST_CELLS)
    borders = np.concatenate([[np.nextafter(known[0], -np.inf)], known[np.maximum(places - 1, 0)], [known[-1]]])
    return NumberCells(len(values), known, np.unique(borders))


def value_cells(values: Values) -> ValueCells:
    """Cells of a reference column; None is missing."""
    counts = Counter(values)
    counts.pop(None, None)
    texts: Counter[str] = Counter({str(value): count for value, count in counts.items()})
    hashed = len(texts) > MOST_VALUES
    sums = _summed(texts, hashed)
    return ValueCells(len(values), texts, hashed, tuple(sums), np.array(list(sums.values()), np.float64))


def counted(cells: ValueCells, counts: Counter[str]) -> Floats:
    """(k + 1,) what a window has in each cell; the last: values that the reference did not have."""
    sums = _summed(counts, cells.hashed)
    there = [float(sums.pop(cell, 0)) for cell in cells.cells]
    return np.array([*there, float(sum(sums.values()))])


def _summed(counts: Counter[str], hashed: bool) -> dict[str, int]:
    if not hashed:
        return {value: counts[value] for value in sorted(counts)}
    sums = dict.fromkeys((str(i) for i in range(MOST_VALUES)), 0)
    for value, count in counts.items():
        sums[str(zlib.crc32(value.encode()) % MOST_VALUES)] += count
    return sums
