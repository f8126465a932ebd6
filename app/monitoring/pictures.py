"""The same bars for then and now, to be drawn above each other. Child side."""

from __future__ import annotations

from collections import Counter

import numpy as np

from app.core.data import Histogram
from app.monitoring.distances import Floats

BARS = 20
TOP = 9
SHOWN = (0.005, 0.995)
"""Beyond these quantiles of both, values stand in the outer bars: one wild value must not flatten the picture."""
OTHERS = "other values"


def number_bars(then: Floats, now: Floats) -> tuple[Histogram, Histogram]:
    """Counts between the same edges. Sorted values, not empty."""
    low = min(_at(then, SHOWN[0]), _at(now, SHOWN[0]))
    high = max(_at(then, SHOWN[1]), _at(now, SHOWN[1]))
    edges = np.histogram_bin_edges(np.array([low, high]), BARS)
    return _bars(then, edges), _bars(now, edges)


def value_bars(then: Counter[str], now: Counter[str]) -> tuple[Histogram, Histogram]:
    """The values that are most frequent in either, by their share, and all others together."""
    n, m = max(then.total(), 1), max(now.total(), 1)
    share = {value: max(then[value] / n, now[value] / m) for value in {*then, *now}}
    top = sorted(share, key=lambda value: (-share[value], value))[:TOP]
    rest = len(share) > TOP
    labels = (*top, OTHERS) if rest else tuple(top)
    return _named(then, top, labels), _named(now, top, labels)


def _named(counts: Counter[str], top: list[str], labels: tuple[str, ...]) -> Histogram:
    told = [counts[value] for value in top]
    others = [counts.total() - sum(told)] if len(labels) > len(top) else []
    return Histogram(tuple(told + others), labels=labels)


def _bars(values: Floats, edges: Floats) -> Histogram:
    inner = np.searchsorted(values, edges[1:-1], "left")
    counts = np.diff(inner, prepend=0, append=len(values))
    return Histogram(tuple(int(c) for c in counts), tuple(float(e) for e in edges))


def _at(values: Floats, share: float) -> float:
    return float(values[min(len(values) - 1, int(share * len(values)))])
