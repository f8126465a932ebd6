"""Cross-validation: the score that chooses between candidates, so that the hold-out never does."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from app.core.runs import Score
from app.training import bootstrap
from app.training.bench import Bench, Inputs, Raw, take
from app.training.metrics import BOUNDS, Answers, value
from app.training.pace import Pace

FitAndAnswer = Callable[[Inputs, Raw, Inputs, Raw], Answers]
"""Fit on the first two, answer the third, whose truth is the fourth."""

T_975 = {2: 12.706, 3: 4.303, 4: 3.182, 5: 2.776, 6: 2.571, 7: 2.447, 8: 2.365, 9: 2.306, 10: 2.262}
"""97.5 % quantiles of Student's t by number of folds (folds - 1 degrees of freedom)."""


def cross_validate(
    bench: Bench, metric: str, fit: FitAndAnswer, pace: Pace, seed: int, tell: Callable[[int, int], None]
) -> tuple[Score | None, int]:
    """The score over the folds and how many folds were used: fewer when time is short, at least one.

    Only training rows are looked at. A fold without two classes to fit on or without a defined metric is passed
    over; None if no fold is left. ``tell``: fold (from 1), of how many.
    """
    folds = bench.material.split.rule.folds
    figures: list[float] = []
    last: Answers | None = None
    slowest = 0.0
    for fold in range(folds):
        if figures and not pace.affords_fold(slowest, slowest * folds / max(folds - 1, 1)):
            break
        tell(fold + 1, folds)
        before = pace.elapsed
        answers = _one_fold(bench, fold, fit)
        figure = math.nan if answers is None else value(metric, answers)
        if math.isfinite(figure):
            figures.append(figure)
            last = answers
        slowest = max(slowest, pace.elapsed - before)
    if last is None:
        return None, 0
    if len(figures) == 1:
        return bootstrap.scores((metric,), last, seed)[0], 1
    return fold_score(metric, figures, bench.material.split.scored_to_fitted), len(figures)


def fold_score(metric: str, figures: Sequence[float], scored_to_fitted: float) -> Score:
    """The mean with its 95 % interval by the corrected resampled t-test (Nadeau and Bengio 2003): folds share
    training rows, so the variance is widened by the rows scored to those fitted on, 1/(folds - 1) where each row is
    scored once; forward in time, where the fitted part grows, by the mean over the folds."""
    n = len(figures)
    mean = float(np.mean(figures))
    half = T_975.get(n, 1.96) * math.sqrt(float(np.var(figures, ddof=1)) * (1 / n + scored_to_fitted))
    least, most = BOUNDS[metric]
    return Score(mean, max(least, mean - half), min(most, mean + half))


def _one_fold(bench: Bench, fold: int, fit: FitAndAnswer) -> Answers | None:
    rows, out = bench.material.split.fold_places(fold)
    if not len(rows) or not len(out) or (bench.labels and len(set(bench.y[rows].tolist())) < 2):
        return None
    x = bench.seen_by(rows)
    return fit(take(x, rows), bench.y[rows], take(x, out), bench.y[out])
