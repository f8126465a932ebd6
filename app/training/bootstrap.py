"""How far a figure may be off: percentile bootstrap (Efron and Tibshirani 1993, section 13.3)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from app.core.runs import Score, Task
from app.training.metrics import Answers, Floats, Statistic, sign, statistic, value

REPLICATES = ((2_000, 1000), (10_000, 400))
"""Up to so many rows, so many replicates; ``LEAST`` above: percentiles of many rows are steady sooner."""
LEAST = 200
SHUFFLES = 1000
BLOCK_CELLS = 100_000
"""Weights held at once: what stays in the processor's cache."""
FEW_ROWS = 50
"""Below so many rows a bootstrap of a perfect score has no width: ask a permutation test as well."""


def weights(rows: int, seed: int) -> Iterator[Floats]:
    """Blocks (b, rows) of how often each row was drawn, the same ones for the same rows and seed."""
    random = np.random.default_rng(seed)
    left = next((times for bound, times in REPLICATES if rows <= bound), LEAST)
    while left > 0:
        size = min(left, max(1, BLOCK_CELLS // rows))
        left -= size
        drawn = [np.bincount(random.integers(0, rows, rows), minlength=rows) for _ in range(size)]
        yield np.stack(drawn).astype(np.float64)


def scores(metrics: Sequence[str], answers: Answers, seed: int) -> list[Score]:
    """Several metrics with their 95 % intervals from the same replicates. ValueError if one is undefined."""
    statistics = [statistic(metric, answers) for metric in metrics]
    drawn = replicates(statistics, answers.n, seed)
    return [interval(value(m, answers), figures) for m, figures in zip(metrics, drawn, strict=True)]


def difference(metric: str, one: Answers, other: Answers, seed: int) -> Score:
    """How much better ``one`` is than ``other`` on the same rows, paired; positive is better for every metric."""
    same_truth = one.task is Task.ANOMALY or np.array_equal(one.actual, other.actual)
    if one.n != other.n or not same_truth:
        raise ValueError("only candidates scored on the same rows can be compared")
    better = sign(metric)
    first, second = replicates([statistic(metric, one), statistic(metric, other)], one.n, seed)
    return interval(better * (value(metric, one) - value(metric, other)), better * (first - second))


def luck(metric: str, answers: Answers, seed: int) -> float:
    """The share of shuffles of the truth under which the metric is at least as good (permutation test)."""
    random = np.random.default_rng(seed)
    reached = sign(metric) * value(metric, answers)
    as_good = 1  # the order that was seen counts as one, so that the share is never zero
    for _ in range(SHUFFLES):
        shuffled = replace(answers, actual=random.permutation(answers.actual))
        as_good += sign(metric) * value(metric, shuffled) >= reached - 1e-12
    return as_good / (SHUFFLES + 1)


def interval(figure: float, replicates: Floats) -> Score:
    """The figure between the 2.5 and 97.5 percentiles of its replicates, widened to hold the figure itself."""
    if not np.isfinite(figure):
        raise ValueError("the metric is undefined on these rows")
    figure += 0.0  # no minus zero
    known = replicates[np.isfinite(replicates)]
    low, high = np.percentile(known, (2.5, 97.5)) if len(known) else (figure, figure)
    return Score(figure, min(float(low), figure), max(float(high), figure))


def replicates(statistics: Sequence[Statistic], rows: int, seed: int) -> list[Floats]:
    """For each statistic its values under all weights: paired, since all see the same draws."""
    blocks = [[of(block) for of in statistics] for block in weights(rows, seed)]
    return [np.concatenate(parts) for parts in zip(*blocks, strict=True)]
