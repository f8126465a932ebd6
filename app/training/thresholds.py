"""What each threshold does to the hold-out, and how far the probabilities are from what came true. In a child only."""

from __future__ import annotations

import numpy as np

from app.core.runs import Task
from app.core.thresholds import Calibration, Thresholds
from app.training.metrics import Answers, Floats

MOST_POINTS = 2000
GROUPS = 10
LEAST_IN_GROUP = 10
SIMULATIONS = 400


def thresholds(answers: Answers) -> Thresholds:
    """Every different probability as a threshold. ``answers``: of a binary task."""
    score = answers.predicted[:, answers.positive]
    order = np.argsort(-score, kind="stable")
    positive = answers.actual[order] == answers.positive
    last = np.flatnonzero(np.diff(score[order], append=-np.inf))
    last = last[np.unique(np.linspace(0, len(last) - 1, min(len(last), MOST_POINTS)).round().astype(np.intp))]
    hits = np.cumsum(positive)[last]
    return Thresholds(
        answers.labels[answers.positive],
        answers.n,
        int(positive.sum()),
        at=(float(np.nextafter(score.max(), np.inf)), *score[order][last].tolist()),
        hits=(0, *hits.tolist()),
        alarms=(0, *(last + 1 - hits).tolist()),
    )


def calibration(answers: Answers, seed: int) -> Calibration:
    """Reliability (DeGroot and Fienberg 1983) and expected calibration error in groups of equal size (Naeini, Cooper
    and Hauskrecht 2015; Nguyen and O'Connor 2015). Of several classes it is the answered one's (Guo et al. 2017)."""
    p, true, groups = probability_groups(answers)
    predicted = [float(p[g].mean()) for g in groups]
    observed = [float(true[g].mean()) for g in groups]
    of = answers.labels[answers.positive] if answers.task is Task.BINARY else ""
    error = _error(p, true, groups)
    return Calibration(of, answers.n, tuple(predicted), tuple(observed), error, _by_chance(p, groups, seed))


def probability_groups(answers: Answers) -> tuple[Floats, Floats, list[np.ndarray]]:
    """(n,) the probability that is judged, (n,) whether it came true, and the rows in groups of equal size."""
    rows = np.arange(answers.n)
    column = np.full(answers.n, answers.positive) if answers.task is Task.BINARY else answers.chosen
    p, true = answers.predicted[rows, column], (answers.actual == column).astype(np.float64)
    order = np.argsort(p, kind="stable")
    return p, true, np.array_split(order, max(1, min(GROUPS, answers.n // LEAST_IN_GROUP)))


def _error(p: Floats, true: Floats, groups: list[np.ndarray]) -> float:
    return float(sum(abs(p[g].mean() - true[g].mean()) * len(g) for g in groups) / len(p))


def _by_chance(p: Floats, groups: list[np.ndarray], seed: int) -> float:
    """The error that right probabilities would stay below 95 times of 100 (consistency resampling, Broecker and Smith
    2007): the truth is drawn from the probabilities themselves."""
    random = np.random.default_rng(seed)
    drawn = [_error(p, (random.random(len(p)) < p).astype(np.float64), groups) for _ in range(SIMULATIONS)]
    return float(np.percentile(drawn, 95))
