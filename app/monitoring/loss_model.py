"""What a regression's error would be without labels: a model of the loss. Child side.

On the hold-out a second model learns how great the error is for such inputs and such an answer; the mean of what it
says of a window is the expected error ("direct loss estimation", as NannyML's documentation describes it). As every
estimate without labels it cannot see that the same inputs now lead elsewhere. Only errors that are means over
rows have one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from app.core.monitoring import ENOUGH_LABELS, Estimate
from app.core.runs import InputSpec
from app.export.numbers import Inputs
from app.monitoring.distances import Floats
from app.monitoring.performance import PARTS, Labelled, mean_of_defined, parts
from app.monitoring.reference import columns_of
from app.training.metrics import Answers, value

LOSSES = ("rmse", "mae")


def features(inputs: Sequence[InputSpec], x: Inputs, predicted: Floats) -> Floats:
    """(n, f) inputs as numbers, categories by their place in the list, and the answer itself."""
    columns = columns_of(tuple(inputs), x)
    made = []
    for spec in inputs:
        column = columns[spec.name]
        if isinstance(column, np.ndarray):
            made.append(np.asarray(column, np.float64))
        else:
            place = {category: float(i) for i, category in enumerate(spec.categories)}
            made.append(np.array([place.get(text or "", math.nan) for text in column]))
    return np.column_stack([*made, predicted])


def estimate_loss(
    metric: str, holdout: Answers, then: Floats, now: Floats, known: Labelled, seed: int
) -> Estimate | None:
    """The expected error of a window; None where it is undefined. ``then``, ``now``: features of the hold-out and of
    the window."""
    if metric not in LOSSES or not len(now):
        return None
    losses = _losses(metric, holdout)
    expected = _expected(metric, then, losses, now, seed)
    on_window = known.answers.n >= ENOUGH_LABELS
    if on_window:
        error = abs(_expected(metric, then, losses, now[known.places], seed) - value(metric, known.answers))
    else:
        part = parts(holdout.n, seed)
        error = mean_of_defined(
            [_error_of(metric, then, losses, part == i, seed) for i in range(PARTS) if (part == i).any()]
        )
    if not (math.isfinite(expected) and math.isfinite(error)):
        return None
    return Estimate(metric, expected, error, on_window)


def _error_of(
    metric: str, then: Floats, losses: Floats, tested: np.ndarray[tuple[int], np.dtype[np.bool_]], seed: int
) -> float:
    """How far the estimate of a part is off when it is learnt from the others."""
    expected = _expected(metric, then[~tested], losses[~tested], then[tested], seed)
    return abs(expected - _as_metric(metric, losses[tested]))


def _losses(metric: str, answers: Answers) -> Floats:
    errors = np.abs(np.asarray(answers.actual, np.float64) - answers.predicted)
    return errors**2 if metric == "rmse" else errors


def _expected(metric: str, then: Floats, losses: Floats, now: Floats, seed: int) -> float:
    from sklearn.ensemble import HistGradientBoostingRegressor

    model = HistGradientBoostingRegressor(max_iter=60, max_leaf_nodes=15, min_samples_leaf=20, random_state=seed)
    model.fit(then, losses)
    return _as_metric(metric, np.maximum(np.asarray(model.predict(now), np.float64), 0.0))


def _as_metric(metric: str, losses: Floats) -> float:
    mean = float(losses.mean())
    return math.sqrt(mean) if metric == "rmse" else mean
