"""Boosting that is watched while it grows: how many iterations are best on unseen rows, and when time is up.

scikit-learn's boosting has no clock. The first fold grows in chunks (``warm_start``) until nothing gets better, the
others as far as that one needed; what counts is the mean over the folds. In a child only.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from app.core.metrics import kind_of
from app.training.answers import aligned
from app.training.bench import Bench
from app.training.candidates import Model, one_thread
from app.training.families import Params
from app.training.metrics import Answers, Floats, sign, value
from app.training.search.unseen import View

FIRST_CHUNK, CHUNK_GROWTH = 30, 1.6
EVERY = 5
"""Iterations between looks at the unseen rows."""
PATIENCE, PATIENCE_SHARE = 25, 0.3
"""Iterations, or the share of the best one, without anything better: it stops."""
GROWING_SHARE = 0.9
"""Where the best look is as late as this, more iterations would be better still."""
FURTHER = 1.25
"""Other folds grow as far as the first one's best, times this."""
SMOOTH = ("log_loss", "roc_auc", "average_precision", "rmse", "mae", "mape", "r2", "pinball")
"""Metrics that move little by little; under others the iterations are chosen by log loss."""

Judge = Callable[[View], Answers]
"""The truth of a fold's unseen rows, with any predictions."""

Make = Callable[[View, int], Model]
"""A model of a fold with so many iterations, not fitted yet."""


@dataclass
class Grown:
    """One fold. ``looks``: iterations and figure at each look; ``step_s``: seconds an iteration. ``cut``:
    time was up before it stopped by itself."""

    model: Model
    matrix_out: Floats
    bench: Bench
    looks: list[tuple[int, float]] = field(default_factory=list)
    step_s: float = 0.0
    cut: bool = False

    def start(self) -> Floats:
        """(n, trees an iteration) sums before the first tree."""
        base = np.asarray(self.model.estimator._baseline_prediction, np.float64).reshape(1, -1)
        return np.asfortranarray(np.repeat(base, len(self.matrix_out), axis=0))

    def add(self, raw: Floats, begin: int, end: int) -> None:
        """Add the trees of some iterations to the sums."""
        trees = self.model.estimator._predictors[begin:end]
        self.model.estimator._predict_iterations(self.matrix_out, trees, raw, is_binned=False, n_threads=1)

    def answers(self, raw: Floats) -> Floats:
        """(n, labels) probabilities or (n,) values from the sums."""
        if not self.bench.labels:
            return self.model.scale.back(raw[:, 0].copy())
        probabilities = np.asarray(self.model.estimator._loss.predict_proba(raw), np.float64)
        return aligned(probabilities, self.model.classes_, self.bench.labels)

    def answers_at(self, iterations: int) -> Floats:
        """What the first so many iterations answer."""
        raw = self.start()
        with one_thread():
            self.add(raw, 0, iterations)
        return self.answers(raw)

    def best(self, metric: str) -> int:
        """The iterations of the best look."""
        figures = np.array([figure for _, figure in self.looks]) * sign(metric)
        return 0 if not len(figures) or np.isnan(figures).all() else self.looks[int(np.nanargmax(figures))][0]


def grow(
    make: Callable[[View, int], Model],
    most: int,
    views: list[View],
    judge: Judge,
    metric: str,
    bench: Bench,
    seconds: float,
) -> tuple[int, Floats, float, bool]:
    """``(iterations, answers to all scored rows, seconds an iteration, whether more of them would be better)``."""
    watched = metric if kind_of(metric) in SMOOTH else "log_loss"
    grown: list[Grown] = []
    for view in views:
        further = int(FURTHER * grown[0].best(watched)) + EVERY if grown else 0
        chunks = iter([min(most, further)]) if grown else _chunks(most)
        grown.append(_one(make(view, FIRST_CHUNK), chunks, view, judge(view), watched, bench, seconds / len(views)))
    steps = _best_steps(grown, watched)
    growing = grown[0].cut and steps >= GROWING_SHARE * grown[0].looks[-1][0]
    answers = np.concatenate([one.answers_at(steps) for one in grown])
    return steps, answers, float(np.mean([one.step_s for one in grown])), growing


def _one(
    model: Model, chunks: Iterator[int], view: View, truth: Answers, metric: str, bench: Bench, seconds: float
) -> Grown:
    started = time.monotonic()
    with one_thread():
        matrix, target, matrix_out = model.matrices(view.x, view.y, view.x_out)
        grown, done, raw = Grown(model, np.ascontiguousarray(matrix_out), bench), 0, None
        for steps in chunks:
            model.estimator.set_params(max_iter=steps, warm_start=True)
            model.estimator.fit(matrix, target, **model.row_weights(target))
            raw = grown.start() if raw is None else raw
            while done < steps:
                stage = min(steps, done + EVERY)
                grown.add(raw, done, stage)
                done = stage
                grown.looks.append((done, value(metric, replace(truth, predicted=grown.answers(raw)))))
            taken = time.monotonic() - started
            grown.step_s = taken / done
            if done - grown.best(metric) > max(PATIENCE, PATIENCE_SHARE * done):
                break
            if taken > seconds:
                grown.cut = True
                break
    return grown


def _chunks(most: int) -> Iterator[int]:
    steps = float(min(FIRST_CHUNK, most))
    while int(steps) < most:
        yield int(steps)
        steps *= CHUNK_GROWTH
    yield most


def _best_steps(grown: list[Grown], metric: str) -> int:
    """How many iterations are best on average over the folds, among those that every fold has."""
    common = min(len(one.looks) for one in grown)
    figures = np.array([[figure for _, figure in one.looks[:common]] for one in grown]) * sign(metric)
    mean = figures[~np.isnan(figures).any(axis=1)].mean(axis=0) if not np.isnan(figures).all() else []
    return grown[0].looks[int(np.argmax(mean)) if len(mean) else common - 1][0]


def parameters(params: Params, iterations: int, folds: int) -> Params:
    """The settings with the iterations found; the final fit has more rows and carries a few more."""
    more = 1.0 + (0.5 / (folds + 1) if folds > 1 else 0.0)
    return {**params, "iterations": max(1, round(iterations * more))}
