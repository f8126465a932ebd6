"""How far two samples are apart. Formulas only; numbers come sorted, categories as counts. Child side."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

PSI_BINS = 10
LEAST_SHARE = 1e-4
"""An empty bin would make the index infinite."""


def ks_and_wasserstein(a: Floats, b: Floats) -> tuple[float, float]:
    """The greatest gap between two empirical distribution functions (Kolmogorov 1933, Smirnov 1948) and the area
    between them: the first Wasserstein distance (Vallender 1974), in the values' own unit. Sorted, not empty."""
    both = np.concatenate([a, b])
    both.sort(kind="stable")  # merges two sorted runs
    gaps = np.searchsorted(a, both, "right") / len(a)
    gaps -= np.searchsorted(b, both, "right") / len(b)
    np.abs(gaps, out=gaps)
    return float(gaps.max()), float(gaps[:-1] @ np.diff(both))


def psi_of_numbers(a: Floats, b: Floats) -> float:
    """Population stability index over the reference's deciles (Siddiqi, "Credit Risk Scorecards", 2006, chapter 10;
    his rule of thumb: 0.1 some change, 0.25 a great one). Sorted, not empty."""
    places = (np.arange(1, PSI_BINS) * len(a)) // PSI_BINS
    borders = np.unique(a[np.maximum(places - 1, 0)])
    return psi(_shares(a, borders), _shares(b, borders))


def psi(p: Floats, q: Floats) -> float:
    """Sum of (q - p) ln(q / p) over shares: the symmetric Kullback-Leibler divergence (Jeffreys 1946)."""
    p, q = np.maximum(p, LEAST_SHARE), np.maximum(q, LEAST_SHARE)
    return float(((q - p) * np.log(q / p)).sum())


def jensen_shannon(p: Floats, q: Floats) -> Floats:
    """(..., k) shares -> (...) the root of the Jensen-Shannon divergence in nats: 0 to 0.833 (Lin 1991; a distance by
    Endres and Schindelin 2003)."""
    middle = (p + q) / 2
    divergence = (_relative_entropy(p, middle) + _relative_entropy(q, middle)) / 2
    return np.asarray(np.sqrt(np.maximum(divergence, 0.0)), np.float64)


def chi_square(a: Floats, b: Floats) -> float:
    """Pearson's statistic that two rows of counts are of one distribution (Pearson 1900). Each row has a sum."""
    n, m = a.sum(), b.sum()
    together = a + b
    there = together > 0
    expected = together[there] / (n + m)
    return float((((a[there] - n * expected) ** 2 / n + (b[there] - m * expected) ** 2 / m) / expected).sum())


def same_share(missing: int, rows: int, more_missing: int, more_rows: int) -> float:
    """Probability of a difference of two proportions at least as unlikely, if they are one (Fisher's exact test, 1935):
    the sum of all hypergeometric probabilities that do not exceed the observed one."""
    marked, logs = missing + more_missing, _log_factorials(rows + more_rows)
    possible = np.arange(max(0, marked - rows), min(marked, more_rows) + 1)
    chances = _log_choose(logs, more_rows, possible) + _log_choose(logs, rows, marked - possible)
    chances -= _log_choose(logs, rows + more_rows, np.array([marked]))
    observed = chances[more_missing - possible[0]]
    return min(1.0, float(np.exp(chances[chances <= observed + 1e-7]).sum()))


def _log_choose(logs: Floats, n: int, k: npt.NDArray[np.int64]) -> Floats:
    return np.asarray(logs[n] - logs[k] - logs[n - k], np.float64)


@lru_cache(maxsize=2)
def _log_factorials(most: int) -> Floats:
    return np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, most + 1)))])


def _relative_entropy(p: Floats, q: Floats) -> Floats:
    terms = np.zeros_like(p)
    np.divide(p, q, out=terms, where=p > 0)
    np.log(terms, out=terms, where=p > 0)
    return np.asarray((p * terms).sum(axis=-1), np.float64)


def _shares(values: Floats, borders: Floats) -> Floats:
    """Shares of sorted values up to each border and beyond the last."""
    below = np.searchsorted(values, borders, "right")
    return np.diff(below, prepend=0, append=len(values)) / len(values)
