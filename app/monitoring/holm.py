"""One level for many tests (Holm 1979, "A simple sequentially rejective multiple test procedure")."""

from __future__ import annotations

from collections.abc import Sequence


def common_level(p_values: Sequence[float], level: float) -> float:
    """The level at which each single test may be judged so that, in any dependence, a false alarm among all of them
    has at most the probability ``level``: those with a smaller or equal p-value are exactly the ones Holm rejects."""
    ordered = sorted(p_values)
    for rejected, p_value in enumerate(ordered):
        if p_value > level / (len(ordered) - rejected):
            return level / (len(ordered) - rejected)
    return level
