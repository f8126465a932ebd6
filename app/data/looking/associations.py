"""How strongly two columns go together, in one figure whatever they hold. Child side: numpy.

All measures use the rows where both columns have a value.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]
LEAST_ROWS = 8
MOST_VALUES = 50
"""Rarer values of a category are counted as one: a table of rare pairs says little and costs much."""


class Measure(StrEnum):
    """What a figure is."""

    RANK = "rank"  # -1..1
    CRAMER = "cramer"  # 0..1
    RATIO = "ratio"  # 0..1


@dataclass(frozen=True, slots=True)
class Numbers:
    """A column of numbers or dates: float64 with NaN for missing, and its ranks where none is missing."""

    values: Floats
    ranks: Floats | None

    @property
    def there(self) -> npt.NDArray[np.bool_]:
        """Which rows have a value."""
        return ~np.isnan(self.values)


@dataclass(frozen=True, slots=True)
class Kinds:
    """A column of categories or yes/no: codes from 0, -1 for missing."""

    codes: Codes

    @property
    def there(self) -> npt.NDArray[np.bool_]:
        """Which rows have a value."""
        return self.codes >= 0


@dataclass(frozen=True, slots=True)
class Association:
    """``value``: None where it is undefined (too few rows, or a constant). ``pearson``: of two numbers."""

    measure: Measure
    value: float | None
    rows: int
    pearson: float | None = None


def numbers(values: Floats) -> Numbers:
    """A column of numbers; infinities count as missing."""
    finite = np.where(np.isfinite(values), values, np.nan)
    return Numbers(finite, None if np.isnan(finite).any() else ranks(finite))


def kinds(codes: Codes) -> Kinds:
    """A column of categories, of which the rarest are put together."""
    counts = np.bincount(codes[codes >= 0]) if (codes >= 0).any() else np.zeros(0, dtype=np.int64)
    if len(counts) <= MOST_VALUES:
        return Kinds(codes)
    place = np.full(len(counts) + 1, MOST_VALUES - 1, dtype=np.int64)
    place[np.argsort(-counts, kind="stable")[: MOST_VALUES - 1]] = np.arange(MOST_VALUES - 1)
    place[-1] = -1
    return Kinds(place[codes])


def association(a: Numbers | Kinds, b: Numbers | Kinds) -> Association:
    """The measure that fits two columns."""
    both = a.there & b.there
    rows = int(both.sum())
    if isinstance(a, Numbers) and isinstance(b, Numbers):
        return _of_numbers(a, b, both, rows)
    if isinstance(a, Kinds) and isinstance(b, Kinds):
        value = cramers_v(a.codes[both], b.codes[both]) if rows >= LEAST_ROWS else None
        return Association(Measure.CRAMER, value, rows)
    group, amount = (a, b) if isinstance(a, Kinds) else (b, a)
    assert isinstance(group, Kinds) and isinstance(amount, Numbers)
    value = correlation_ratio(group.codes[both], amount.values[both]) if rows >= LEAST_ROWS else None
    return Association(Measure.RATIO, value, rows)


def _of_numbers(a: Numbers, b: Numbers, both: npt.NDArray[np.bool_], rows: int) -> Association:
    if rows < LEAST_ROWS:
        return Association(Measure.RANK, None, rows)
    x, y = a.values[both], b.values[both]
    whole = a.ranks is not None and b.ranks is not None
    rank_x, rank_y = (a.ranks, b.ranks) if whole else (ranks(x), ranks(y))
    assert rank_x is not None and rank_y is not None
    return Association(Measure.RANK, pearson(rank_x, rank_y), rows, pearson(x, y))


def pearson(x: Floats, y: Floats) -> float | None:
    """Pearson's r (1895); of ranks it is Spearman's rho (1904). None for a constant."""
    x, y = x - x.mean(), y - y.mean()
    spread = float(np.sqrt((x @ x) * (y @ y)))
    return float(np.clip(x @ y / spread, -1, 1)) if spread > 0 else None


def ranks(values: Floats) -> Floats:
    """Ranks from 1; equal values share their average rank."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return np.asarray((last - (counts - 1) / 2)[place.ravel()], dtype=np.float64)


def cramers_v(a: Codes, b: Codes) -> float | None:
    """Cramer's V (1946) with the correction for chance of Bergsma (2013), "A bias-correction for Cramer's V and
    Tschuprow's T", Journal of the Korean Statistical Society 42, eq. 4: 0 for independent columns. None for a constant.
    """
    _, a = np.unique(a, return_inverse=True)
    _, b = np.unique(b, return_inverse=True)
    r, k, n = int(a.max()) + 1, int(b.max()) + 1, len(a)
    if min(r, k) < 2 or n < 2:
        return None
    table = np.bincount(a * k + b, minlength=r * k).reshape(r, k)
    expected = np.outer(table.sum(1), table.sum(0)) / n
    phi2 = float(((table - expected) ** 2 / expected).sum()) / n
    corrected = max(0.0, phi2 - (k - 1) * (r - 1) / (n - 1))
    rows, columns = r - (r - 1) ** 2 / (n - 1), k - (k - 1) ** 2 / (n - 1)
    least = min(rows, columns) - 1
    return float(min(1.0, np.sqrt(corrected / least))) if least > 0 else None


def correlation_ratio(groups: Codes, values: Floats) -> float | None:
    """The correlation ratio eta (Pearson 1905; Fisher 1925): the root of the share of the variance that lies between
    the groups. None where the values do not vary."""
    _, groups = np.unique(groups, return_inverse=True)
    if int(groups.max()) == 0:
        return None
    centred = values - values.mean()
    whole = float(centred @ centred)
    sums = np.bincount(groups, weights=centred)
    between = float((sums**2 / np.bincount(groups)).sum())
    return float(np.sqrt(np.clip(between / whole, 0, 1))) if whole > 0 else None
