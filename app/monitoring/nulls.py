"""What a distance is when nothing moved: simulated for these very numbers of rows. Child side.

Reference and window are both drawn anew from the reference's own distribution, so the band knows that the reference
is a sample too. A window's size is taken down to the next of a row of sizes 2 % apart: the band is at most 1 % too
wide, and windows of about one size share it.

Beyond what ``REPLICATES`` can show, the tail is extrapolated as Knijnenburg et al. 2009 ("Fewer permutations, more
accurate P-values") do, with the shape that theory gives: the square of either distance has an exponential tail (KS:
2 exp(-2 x^2), Kolmogorov 1933; Jensen-Shannon: like chi-square, Pearson 1900).
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from app.monitoring.cells import NumberCells, ValueCells
from app.monitoring.distances import Floats, jensen_shannon

REPLICATES = 2_000
TAIL = 0.05
"""This share of the replicates tells how the tail falls."""
STEP = 1.02
MOST_UNSEEN = 1_000
BLOCK = 250


@dataclass(frozen=True, slots=True)
class Null:
    """``distances``: (r,) simulated, ascending."""

    distances: Floats

    def p_value(self, distance: float) -> float:
        """The probability of at least this distance when nothing moved."""
        if distance <= 0:
            return 1.0
        as_great = len(self.distances) - int(np.searchsorted(self.distances, distance, "left"))
        counted = (1 + as_great) / (1 + len(self.distances))
        if counted > TAIL:
            return counted
        start, scale = self._tail
        return min(counted if scale == 0 else TAIL * math.exp(-max(0.0, distance**2 - start) / scale), TAIL)

    def quantile(self, level: float) -> float:
        """The distance that is exceeded with this probability."""
        start, scale = self._tail
        if level >= TAIL or scale == 0:
            return float(np.quantile(self.distances, 1 - level))
        return math.sqrt(start + scale * math.log(TAIL / level))

    @property
    def _tail(self) -> tuple[float, float]:
        """Where the tail of the squares begins, and the mean excess over it."""
        squares = self.distances[-max(2, round(TAIL * len(self.distances))) :] ** 2
        return float(squares[0]), float(squares.mean() - squares[0])


@dataclass(frozen=True, slots=True)
class NullStore:
    """Simulated before: files in ``kept``; what is new goes to ``fresh``. None: neither."""

    kept: Path | None = None
    fresh: Path | None = None

    def of(self, cells: NumberCells | ValueCells, rows: int) -> Null:
        """The null distances of a window with ``rows`` present values."""
        shares, size = _population(cells), standard_size(rows)
        reference = len(cells.known) if isinstance(cells, NumberCells) else cells.known
        kind = "ks" if isinstance(cells, NumberCells) else "js"
        name = _name(kind, shares, reference, size)
        if self.kept is not None and (found := self.kept / name).is_file():
            return Null(np.load(found, allow_pickle=False))
        null = simulate(kind, shares, reference, size, seed=int(name[:15], 16))
        if self.fresh is not None:
            np.save(self.fresh / name, null.distances, allow_pickle=False)
        return null


def standard_size(rows: int) -> int:
    """The greatest size of the row 1, 1.02, 1.02^2 ... that is not above ``rows``; small ones are their own."""
    if rows * (STEP - 1) < 1:
        return rows
    return int(STEP ** math.floor(math.log(rows) / math.log(STEP) + 1e-9))


def simulate(kind: str, shares: Floats, reference: int, window: int, *, seed: int) -> Null:
    """Distances of ``REPLICATES`` pairs of samples of one population. The same for the same arguments."""
    random = np.random.default_rng(seed)
    parts = []
    for _ in range(REPLICATES // BLOCK):
        then = random.multinomial(reference, shares, BLOCK) / reference
        now = random.multinomial(window, shares, BLOCK) / window
        parts.append(np.abs(np.cumsum(then - now, axis=1)).max(axis=1) if kind == "ks" else jensen_shannon(then, now))
    distances = np.concatenate(parts)
    distances.sort()
    return Null(distances)


def _population(cells: NumberCells | ValueCells) -> Floats:
    """Shares that sum to one. Categories leave room for values that the reference did not show by chance."""
    shares = cells.shares if isinstance(cells, NumberCells) else _with_unseen(cells)
    return np.asarray(shares / shares.sum(), np.float64)


def _with_unseen(cells: ValueCells) -> Floats:
    """The bootstrap population of Chao et al. 2014 (Ecological Monographs 84, appendix G), simplified: the unseen have
    the share of those seen once (Good 1953), spread over as many values as Chao 1984 estimates."""
    if cells.hashed:
        return cells.sums
    once, twice, n = float((cells.sums == 1).sum()), float((cells.sums == 2).sum()), float(cells.sums.sum())
    if not once:
        return cells.sums
    unseen = math.ceil(once**2 / (2 * twice) if twice else once * (once - 1) / 2) or 1
    unseen = min(unseen, MOST_UNSEEN)
    return np.concatenate([cells.sums * (1 - once / n), np.full(unseen, once / unseen)])


def _name(kind: str, shares: Floats, reference: int, window: int) -> str:
    key = hashlib.sha256(f"{kind} {reference} {window} {REPLICATES} ".encode() + np.round(shares, 12).tobytes())
    return f"{key.hexdigest()}.npy"
