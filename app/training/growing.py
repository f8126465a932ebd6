"""Boosting that is watched while it grows: how many iterations are best on unseen rows, and when time is up.

scikit-learn's boosting has no clock. The first fold grows in chunks (``warm_start``) until nothing gets better, the
others as far as that one needed; what counts is the mean over the folds. In a child only.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from app.core.metrics import kind_of
from app.training.answers import aligned
from app.training.bench import Bench
from app.training.candidates import Model, one_thread
from app.training.families import Params
from app.training.metrics import Answers, Floats, sign, value
from app.training.unseen import View

FIRST_CHUNK, CHUNK_GROWTH = 30, 1.6
EVERY = 5
"""Iterations between looks at the unseen rows."""
PATIENCE, PATIENCE_SHARE = 25, 0.3
"""Iterations, or the share of the best one, without anything better: it stops."""
FURTHER = 1.25
"""Other folds grow as far as the first one's best, times this."""
SMOOTH = ("log_loss", "roc_auc", "average_precision", "rmse", "mae", "mape", "r2", "pinball")
"""Metrics that move little by little; under others the iterations are chosen by log loss."""

Judge = Callable[[View, Floats], Answers]


@dataclass
class Grown:
    """One fold. ``looks``: iterations, figure and answers at each look; ``step_s``: seconds an iteration."""

    looks: list[tuple[int, float, Floats]] = field(default_factory=list)
    step_s: float = 0.0


def grow(
    make: Callable[[int], Model], most: int, views: list[View], judge: Judge, metric: str, bench: Bench, seconds: float
) -> tuple[int, Floats, float]:
    """``(iterations, answers to all scored rows, seconds an iteration)``. ``make``: a model of so many iterations."""
    watched = metric if kind_of(metric) in SMOOTH else "log_loss"
    grown: list[Grown] = []
    for view in views:
        best = _best(grown[0], watched) if grown else 0
        chunks = iter([min(most, int(FURTHER * best) + EVERY)]) if grown else _chunks(most)
        grown.append(_one(make, chunks, view, judge, watched, bench, seconds / len(views)))
    place = _best_place(grown, watched)
    answers = np.concatenate([one.looks[place][2] for one in grown])
    return grown[0].looks[place][0], answers, float(np.mean([one.step_s for one in grown]))


def _one(
    make: Callable[[int], Model],
    chunks: Iterator[int],
    view: View,
    judge: Judge,
    metric: str,
    bench: Bench,
    seconds: float,
) -> Grown:
    until, started = time.monotonic() + seconds, time.monotonic()
    grown, model, done, raw = Grown(), make(FIRST_CHUNK), 0, None
    with one_thread():
        matrix, target, matrix_out = model.matrices(view.x, view.y, view.x_out)
        for steps in chunks:
            model.estimator.set_params(max_iter=steps, warm_start=True)
            model.estimator.fit(matrix, target, **model.row_weights(target))
            if raw is None:
                base = np.asarray(model.estimator._baseline_prediction, np.float64).reshape(1, -1)
                raw = np.asfortranarray(np.repeat(base, len(view.y_out), axis=0))
            while done < steps:
                stage = min(steps, done + EVERY)
                model.estimator._predict_iterations(
                    matrix_out, model.estimator._predictors[done:stage], raw, is_binned=False, n_threads=1
                )
                done = stage
                answers = _answers(model, raw, bench)
                grown.looks.append((done, value(metric, judge(view, answers)), answers))
            grown.step_s = (time.monotonic() - started) / done
            if time.monotonic() > until or done - _best(grown, metric) > max(PATIENCE, PATIENCE_SHARE * done):
                break
    return grown


def _chunks(most: int) -> Iterator[int]:
    steps = float(min(FIRST_CHUNK, most))
    while int(steps) < most:
        yield int(steps)
        steps *= CHUNK_GROWTH
    yield most


def _answers(model: Model, raw: Floats, bench: Bench) -> Floats:
    """(n, labels) probabilities or (n,) values from the sums of the trees."""
    if not bench.labels:
        return model.scale.back(raw[:, 0].copy())
    probabilities = np.asarray(model.estimator._loss.predict_proba(raw), np.float64)
    return aligned(probabilities, model.classes_, bench.labels)


def _best(grown: Grown, metric: str) -> int:
    """The iterations of the best look."""
    figures = np.array([figure for _, figure, _ in grown.looks]) * sign(metric)
    return 0 if np.isnan(figures).all() else grown.looks[int(np.nanargmax(figures))][0]


def _best_place(grown: list[Grown], metric: str) -> int:
    """Which look is best on average over the folds, among those that every fold has."""
    common = min(len(one.looks) for one in grown)
    figures = np.array([[figure for _, figure, _ in one.looks[:common]] for one in grown]) * sign(metric)
    mean = np.nanmean(figures, axis=0) if not np.isnan(figures).all(axis=0).any() else figures[0]
    return common - 1 if np.isnan(mean).all() else int(np.nanargmax(mean))


def parameters(params: Params, iterations: int, folds: int) -> Params:
    """The settings with the iterations found; the final fit has more rows and carries a few more."""
    more = 1.0 + (0.5 / (folds + 1) if folds > 1 else 0.0)
    return {**params, "iterations": max(1, round(iterations * more))}
