"""What a classifier's metric would be without labels: confidence-based estimation. Child side.

Scores are calibrated on the hold-out by isotonic regression (Zadrozny and Elkan 2002, one class against the rest); then
each row counts as every class by its calibrated probability, and the metric of these weighted rows is the expected one
(Bialek et al. 2024, "Estimating Model Performance Under Covariate Shift Without Labels", CBPE; Garg et al. 2022 compare
the idea with others). It is right as long as a score still means what it meant: it cannot see a change of the relation
itself (measured under such a change: it said 0.903, truth 0.805). Values: ``loss_model``.
"""

from __future__ import annotations

import math

import numpy as np

from app.core.monitoring import ENOUGH_LABELS, Estimate
from app.monitoring.distances import Floats
from app.monitoring.performance import PARTS, Labelled, mean_of_defined, parts
from app.training.metrics import Answers, statistic, value


def estimate(metric: str, holdout: Answers, predicted: Floats, known: Labelled, seed: int) -> Estimate | None:
    """The expected metric of a window; None for values, and where it is undefined."""
    if not holdout.task.classifies or not len(predicted):
        return None
    expected = _expected(metric, holdout, predicted)
    on_window = known.answers.n >= ENOUGH_LABELS
    error = _error(metric, holdout, known.answers) if on_window else _error_on_holdout(metric, holdout, seed)
    if not (math.isfinite(expected) and math.isfinite(error)):
        return None
    return Estimate(metric, expected, error, on_window)


def _error(metric: str, fitted: Answers, tested: Answers) -> float:
    return abs(_expected(metric, fitted, tested.predicted) - value(metric, tested))


def _error_on_holdout(metric: str, holdout: Answers, seed: int) -> float:
    """The mean error on each part, calibrated on the others."""
    part = parts(holdout.n, seed)
    return mean_of_defined([_error(metric, holdout.rows(part != i), holdout.rows(part == i)) for i in range(PARTS)])


def _expected(metric: str, fitted: Answers, predicted: Floats) -> float:
    """The metric when each row is every class, weighted by its calibrated probability."""
    rows, classes = predicted.shape
    chances = calibrated(fitted, predicted)
    every = Answers(
        fitted.task,
        np.repeat(np.arange(classes, dtype=np.intp), rows),
        np.tile(predicted, (classes, 1)),
        fitted.labels,
        fitted.positive,
    )
    return float(statistic(metric, every)(chances.T.reshape(1, -1))[0])


def calibrated(fitted: Answers, predicted: Floats) -> Floats:
    """(n, k) how often each class is true at such scores. ``fitted``: answers whose truth is known."""
    from sklearn.isotonic import IsotonicRegression

    chances = np.zeros_like(predicted)
    for label in range(predicted.shape[1]):
        isotonic = IsotonicRegression(y_min=0.0, y_max=1.0, out_of_bounds="clip")
        isotonic.fit(fitted.predicted[:, label], np.asarray(fitted.actual == label, np.float64))
        chances[:, label] = isotonic.predict(predicted[:, label])
    total = chances.sum(axis=1, keepdims=True)
    alike = np.full_like(chances, 1 / chances.shape[1])
    return np.asarray(np.divide(chances, total, out=alike, where=total > 0), np.float64)
