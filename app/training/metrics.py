"""Metrics as functions of row weights, so that one pass gives the figure and all bootstrap replicates.

A *statistic* takes weights (b, n) and gives (b,) values; weights of one give the metric itself. Two
candidates under the same weights are compared pairwise. NaN where a metric is undefined, e.g. ROC AUC
of a replicate without positives.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from app.core.runs import GREATER_IS_BETTER, Task

Floats = npt.NDArray[np.float64]
Statistic = Callable[[Floats], Floats]

SMALLEST_PROBABILITY = 1e-15
"""Probabilities are clipped here before the logarithm, as scikit-learn's log_loss did for years."""


BOUNDS = {
    "roc_auc": (0.0, 1.0),
    "log_loss": (0.0, math.inf),
    "accuracy": (0.0, 1.0),
    "rmse": (0.0, math.inf),
    "mae": (0.0, math.inf),
    "r2": (-math.inf, 1.0),
}
"""What a metric can be at all."""


@dataclass(frozen=True, slots=True)
class Answers:
    """What was predicted for rows whose truth is known.

    ``actual``: (n,) position of each row's class in ``labels``, or the target's value. ``predicted``: (n, k)
    probabilities in the order of ``labels``, or (n,) values. ``positive``: column of the binary score.
    """

    task: Task
    actual: npt.NDArray[np.generic]
    predicted: Floats
    labels: tuple[str, ...] = ()
    positive: int = 1

    @property
    def n(self) -> int:
        """How many rows."""
        return len(self.actual)

    @property
    def chosen(self) -> npt.NDArray[np.intp]:
        """(n,) position of the likeliest class, the first one of equals."""
        return np.asarray(np.argmax(self.predicted, axis=1), dtype=np.intp)


def class_answers(
    task: Task, y: npt.NDArray[np.generic], probabilities: Floats, labels: tuple[str, ...], positive: str | None
) -> Answers:
    """Answers of a classifier. ``y``: (n,) labels as text, every one of them in ``labels``."""
    place = {label: index for index, label in enumerate(labels)}
    actual = np.fromiter((place[label] for label in y.tolist()), dtype=np.intp, count=len(y))
    return Answers(task, actual, np.asarray(probabilities, np.float64), labels, place.get(positive or "", 1))


def statistic(metric: str, answers: Answers) -> Statistic:
    """The metric as a function of row weights. KeyError for a metric that is not in ``METRICS_OF``."""
    return _STATISTICS[metric](answers)


def value(metric: str, answers: Answers) -> float:
    """The metric of all rows, NaN where it is undefined."""
    return float(statistic(metric, answers)(np.ones((1, answers.n)))[0])


def sign(metric: str) -> int:
    """+1 where greater is better, else -1."""
    return 1 if GREATER_IS_BETTER[metric] else -1


def _ratio(above: Floats, below: Floats) -> Floats:
    """Quotients, NaN where the divisor is not positive."""
    quotients = np.full(len(above), np.nan)
    np.divide(above, below, out=quotients, where=below > 0)
    return quotients


def _mean(losses: Floats) -> Statistic:
    return lambda weights: (weights @ losses) / weights.sum(axis=1)


def _roc_auc(answers: Answers) -> Statistic:
    """Area under the ROC curve as the Mann-Whitney probability, ties counted half."""
    score = answers.predicted[:, answers.positive]
    order = np.argsort(score, kind="stable")
    positive = (answers.actual[order] == answers.positive).astype(np.float64)
    starts = np.flatnonzero(np.diff(score[order], prepend=-np.inf))

    def area(weights: Floats) -> Floats:
        ordered = weights[:, order]
        positives = ordered * positive
        negatives = ordered - positives
        if len(starts) < answers.n:
            positives = np.add.reduceat(positives, starts, axis=1)
            negatives = np.add.reduceat(negatives, starts, axis=1)
        below = np.cumsum(negatives, axis=1) - negatives / 2
        pairs = positives.sum(axis=1) * negatives.sum(axis=1)
        return _ratio(np.einsum("ij,ij->i", positives, below), pairs)

    return area


def _log_loss(answers: Answers) -> Statistic:
    p = answers.predicted[np.arange(answers.n), answers.actual.astype(np.intp)]
    total = answers.predicted.sum(axis=1)
    return _mean(-np.log(np.clip(p / np.where(total > 0, total, 1), SMALLEST_PROBABILITY, 1)))


def _accuracy(answers: Answers) -> Statistic:
    return _mean((answers.chosen == answers.actual).astype(np.float64))


def _errors(answers: Answers) -> Floats:
    return answers.predicted - np.asarray(answers.actual, np.float64)


def _rmse(answers: Answers) -> Statistic:
    mean_square = _mean(np.square(_errors(answers)))
    return lambda weights: np.sqrt(mean_square(weights))


def _mae(answers: Answers) -> Statistic:
    return _mean(np.abs(_errors(answers)))


def _r2(answers: Answers) -> Statistic:
    y = np.asarray(answers.actual, np.float64)
    y = y - y.mean()  # shifting changes nothing and keeps digits
    unexplained, mean, square = _mean(np.square(_errors(answers))), _mean(y), _mean(np.square(y))

    def explained(weights: Floats) -> Floats:
        spread = square(weights) - np.square(mean(weights))
        return 1 - _ratio(unexplained(weights), spread)

    return explained


_STATISTICS: dict[str, Callable[[Answers], Statistic]] = {
    "roc_auc": _roc_auc,
    "log_loss": _log_loss,
    "accuracy": _accuracy,
    "rmse": _rmse,
    "mae": _mae,
    "r2": _r2,
}
