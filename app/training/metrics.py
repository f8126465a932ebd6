"""Metrics as functions of row weights, so that one pass gives the figure and all bootstrap replicates.

A *statistic* takes weights (b, n) and gives (b,) values; weights of one give the metric itself. Two
candidates under the same weights are compared pairwise. NaN where a metric is undefined, e.g. ROC AUC
of a replicate without positives.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from app.core.metrics import (
    COST,
    FLAGGED,
    GREATER_IS_BETTER,
    METRIC_WORDS,
    PINBALL,
    STABILITY,
    UNDEFINED_WORDS,
    PerMetric,
    costs_of,
    kind_of,
    quantile_of,
    share_of,
)
from app.core.runs import Task
from app.errors import BadInput
from app.training import labels_scored
from app.training.flagging import stability

TWO = 2
Floats = npt.NDArray[np.float64]
Statistic = Callable[[Floats], Floats]

SMALLEST_PROBABILITY = 1e-15
"""Probabilities are clipped here before the logarithm, as scikit-learn's log_loss did for years."""

BOUNDS = PerMetric(
    {
        "roc_auc": (0.0, 1.0),
        "log_loss": (0.0, math.inf),
        "accuracy": (0.0, 1.0),
        "rmse": (0.0, math.inf),
        "mae": (0.0, math.inf),
        "r2": (-math.inf, 1.0),
        "macro_f1": (0.0, 1.0),
        "balanced_accuracy": (0.0, 1.0),
        "average_precision": (0.0, 1.0),
        "mape": (0.0, math.inf),
        PINBALL: (0.0, math.inf),
        COST: (0.0, math.inf),
        STABILITY: (0.0, 1.0),
        FLAGGED: (0.0, 1.0),
    }
)
"""What a metric can be at all."""


@dataclass(frozen=True, slots=True)
class Answers:
    """What was predicted for rows whose truth is known.

    ``actual``: (n,) position of each row's class in ``labels``, or the target's value; of anomalies, which have no
    truth, (n, w) scores by the same model with other seeds. ``predicted``: (n, k) probabilities in the order of
    ``labels``, or (n,) values. ``positive``: column of the binary score. ``threshold``: the score from which a row is
    answered positive, or as an anomaly; None: the likeliest class is answered.
    """

    task: Task
    actual: npt.NDArray[np.generic]
    predicted: Floats
    labels: tuple[str, ...] = ()
    positive: int = 1
    threshold: float | None = None

    @property
    def n(self) -> int:
        """How many rows."""
        return len(self.actual)

    @property
    def chosen(self) -> npt.NDArray[np.intp]:
        """(n,) position of the answered class: by the threshold, else the likeliest, the first one of equals."""
        if self.threshold is not None and len(self.labels) == TWO:
            return np.where(self.predicted[:, self.positive] >= self.threshold, self.positive, 1 - self.positive)
        return np.asarray(np.argmax(self.predicted, axis=1), dtype=np.intp)

    @property
    def selected(self) -> npt.NDArray[np.bool_]:
        """(n,) whether a row is answered positive, or as an anomaly."""
        if self.task.classifies:
            return np.asarray(self.chosen == self.positive)
        return np.asarray(self.predicted >= (math.inf if self.threshold is None else self.threshold))

    def rows(self, which: npt.NDArray[np.bool_] | npt.NDArray[np.intp]) -> Answers:
        """The answers to some of the rows."""
        return replace(self, actual=self.actual[which], predicted=self.predicted[which])


def class_answers(
    task: Task, y: npt.NDArray[np.generic], probabilities: Floats, labels: tuple[str, ...], positive: str | None
) -> Answers:
    """Answers of a classifier. ``y``: (n,) labels as text, every one of them in ``labels``."""
    place = {label: index for index, label in enumerate(labels)}
    actual = np.fromiter((place[label] for label in y.tolist()), dtype=np.intp, count=len(y))
    return Answers(task, actual, np.asarray(probabilities, np.float64), labels, place.get(positive or "", 1))


def statistic(metric: str, answers: Answers) -> Statistic:
    """The metric as a function of row weights. KeyError for a metric that is not in ``METRICS_OF``."""
    if kind_of(metric) == PINBALL:
        return _pinball(answers, quantile_of(metric))
    if kind_of(metric) == COST:
        return _cost(answers, metric)
    if kind_of(metric) == STABILITY:
        return stability(answers.predicted, answers.actual, share_of(metric))
    return _STATISTICS[metric](answers)


def value(metric: str, answers: Answers) -> float:
    """The metric of all rows, NaN where it is undefined."""
    return float(statistic(metric, answers)(np.ones((1, answers.n)))[0])


def told(metric: str, shown: Sequence[str], answers: Answers) -> list[str]:
    """``shown`` and the plan's ``metric``, without those of ``shown`` that are undefined on these rows. BadInput,
    with the reason, where the plan's own is."""
    if not math.isfinite(value(metric, answers)):
        raise undefined(metric)
    names = shown if metric in shown else (metric, *shown)
    return [name for name in names if math.isfinite(value(name, answers))]


def refuse_undefined(metric: str, *targets: npt.NDArray[np.generic]) -> None:
    """BadInput where the targets alone tell, before anything is fitted, that the metric has no value."""
    if metric == "mape" and any(np.any(np.asarray(y, np.float64) == 0) for y in targets):
        raise undefined(metric)


def undefined(metric: str) -> BadInput:
    """Why a metric has no value, in words."""
    why = UNDEFINED_WORDS.get(metric, "has no value on these rows.")
    return BadInput(f"{METRIC_WORDS[metric]} {why}", "Choose another metric.")


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


def _average_precision(answers: Answers) -> Statistic:
    """The precision at each distinct score, weighted by the recall it adds (as scikit-learn's
    ``average_precision_score``: no interpolation, which would flatter: Davis and Goadrich 2006)."""
    score = answers.predicted[:, answers.positive]
    order = np.argsort(-score, kind="stable")
    positive = (answers.actual[order] == answers.positive).astype(np.float64)
    last_of_equals = np.flatnonzero(np.diff(score[order], append=-np.inf))

    def area(weights: Floats) -> Floats:
        ordered = weights[:, order]
        hits = np.cumsum(ordered * positive, axis=1)[:, last_of_equals]
        found = np.cumsum(ordered, axis=1)[:, last_of_equals]
        precision = np.divide(hits, found, out=np.zeros_like(hits), where=found > 0)
        return _ratio(np.einsum("ij,ij->i", np.diff(hits, axis=1, prepend=0.0), precision), hits[:, -1])

    return area


def _log_loss(answers: Answers) -> Statistic:
    p = answers.predicted[np.arange(answers.n), answers.actual.astype(np.intp)]
    total = answers.predicted.sum(axis=1)
    return _mean(-np.log(np.clip(p / np.where(total > 0, total, 1), SMALLEST_PROBABILITY, 1)))


def _accuracy(answers: Answers) -> Statistic:
    return _mean((answers.chosen == answers.actual).astype(np.float64))


def _macro_f1(answers: Answers) -> Statistic:
    return labels_scored.macro_f1(_places(answers), answers.chosen, len(answers.labels))


def _balanced_accuracy(answers: Answers) -> Statistic:
    return labels_scored.balanced_accuracy(_places(answers), answers.chosen, len(answers.labels))


def _cost(answers: Answers, metric: str) -> Statistic:
    costs = np.zeros((len(answers.labels), len(answers.labels)))
    for pair, amount in costs_of(metric).items():
        for label in pair:
            if label not in answers.labels:
                raise BadInput(f"“{label}” is no class of the target.", f"It has: {', '.join(answers.labels)}.")
        costs[answers.labels.index(pair[0]), answers.labels.index(pair[1])] = amount
    return labels_scored.cost_per_row(_places(answers), answers.chosen, costs)


def _places(answers: Answers) -> npt.NDArray[np.intp]:
    return answers.actual.astype(np.intp)


def _errors(answers: Answers) -> Floats:
    return answers.predicted - np.asarray(answers.actual, np.float64)


def _rmse(answers: Answers) -> Statistic:
    mean_square = _mean(np.square(_errors(answers)))
    return lambda weights: np.sqrt(mean_square(weights))


def _mae(answers: Answers) -> Statistic:
    return _mean(np.abs(_errors(answers)))


def _mape(answers: Answers) -> Statistic:
    """The mean absolute error as a share of the actual value (de Myttenaere et al. 2016): 0.1 is 10 %. Undefined, not
    huge, where an actual value is 0."""
    actual = np.abs(np.asarray(answers.actual, np.float64))
    return _mean(np.divide(np.abs(_errors(answers)), actual, out=np.full(answers.n, np.nan), where=actual > 0))


def _pinball(answers: Answers, quantile: float) -> Statistic:
    """The quantile (pinball) loss (Koenker and Bassett 1978): an answer that is too low costs ``quantile`` a unit, one
    that is too high the rest."""
    errors = _errors(answers)
    return _mean(np.where(errors < 0, -quantile * errors, (1 - quantile) * errors))


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
    "macro_f1": _macro_f1,
    "balanced_accuracy": _balanced_accuracy,
    "average_precision": _average_precision,
    "mape": _mape,
    FLAGGED: lambda answers: _mean(answers.selected.astype(np.float64)),
}
