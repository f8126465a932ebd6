"""How much a change matters, on one scale for all kinds of columns: Cohen's d.

Cohen, "Statistical Power Analysis for the Behavioral Sciences" (1988): d of 0.2, 0.5 and 0.8 are small, medium and
large, and so are differences h of two proportions. The distances of this room are brought to the same scale by what
they would be if a normal distribution moved by d of its standard deviations.
"""

from __future__ import annotations

import math
from statistics import NormalDist

SMALL, LARGE = 0.2, 0.8
"""Below ``SMALL`` a change is told but does not count, however sure it is."""
GREATEST = 5.0
"""Distributions that share nothing would be infinitely far apart."""

_NORMAL = NormalDist()


def size_of_ks(distance: float) -> float:
    """Two normals that are d apart have a Kolmogorov-Smirnov distance of 2 Phi(d/2) - 1."""
    return min(GREATEST, 2 * _NORMAL.inv_cdf(min(1 - 1e-9, (1 + distance) / 2)))


def size_of_js(distance: float) -> float:
    """Two normals that are d (small) apart have a Jensen-Shannon divergence of d^2/8 nats: the second-order term of
    every f-divergence (Csiszar and Shields 2004, section 4). ``distance``: its root."""
    return min(GREATEST, math.sqrt(8) * distance)


def size_of_shares(then: float, now: float) -> float:
    """Cohen's h of two proportions, without its sign."""
    return abs(2 * math.asin(math.sqrt(min(1.0, now))) - 2 * math.asin(math.sqrt(min(1.0, then))))
