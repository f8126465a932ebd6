"""Promises about time on a machine that has other things to do."""

from __future__ import annotations

from collections.abc import Callable


def least(measure: Callable[[], float], bound: float, tries: int = 5) -> float:
    """The first measurement below ``bound``, else the least of ``tries``.

    What else runs can only add to a duration, so the least of a few is nearest to what the program takes (as the
    documentation of ``timeit`` says); the bound stays what was promised.
    """
    shortest = measure()
    for _ in range(tries - 1):
        if shortest < bound:
            break
        shortest = min(shortest, measure())
    return shortest
