"""Small figures with their formulas: how sure a rate or a mean is, how much two marks go together. Pure."""

from __future__ import annotations

import math

Z95 = 1.959964
"""The 97.5 % point of the standard normal distribution."""


def rate_interval(rate: float | None, rows: int) -> tuple[float | None, float | None]:
    """The 95 % interval of a rate by Wilson (1927), which stays within 0 and 1."""
    if rate is None or not rows:
        return None, None
    centre, half = rate + Z95**2 / (2 * rows), Z95 * math.sqrt(rate * (1 - rate) / rows + Z95**2 / (4 * rows * rows))
    return max(0.0, (centre - half) / (1 + Z95**2 / rows)), min(1.0, (centre + half) / (1 + Z95**2 / rows))


def mean_interval(mean: float | None, deviation: float | None, rows: int) -> tuple[float | None, float | None]:
    """The 95 % interval of a mean from its standard error; the mean itself where there is only one row."""
    if mean is None or deviation is None:
        return mean, mean
    half = Z95 * deviation / math.sqrt(rows)
    return mean - half, mean + half


def phi(both: int, one: int, other: int, rows: int) -> float:
    """The phi coefficient of two marks (Yule 1912): 1 if both are on the same rows, 0 if by chance."""
    spread = math.sqrt(one * (rows - one)) * math.sqrt(other * (rows - other))
    return (rows * both - one * other) / spread if spread else 0.0
