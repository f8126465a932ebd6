"""What is shown of a candidate's answers to the hold-out: figures, confusion, curves, residuals."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from app.core.runs import Curve, Evaluation, Importance, Score, Task
from app.training.metrics import Answers, Floats
from app.training.thresholds import probability_groups

CURVE_POINTS = 500
RESIDUAL_POINTS = 2000


def evaluation(
    answers: Answers, scores: Sequence[tuple[str, Score]], importance: Sequence[Importance], seed: int
) -> Evaluation:
    """Everything to draw about the hold-out. ``scores``: metric names with their figures."""
    if answers.task is Task.ANOMALY:
        return Evaluation(answers.n, tuple(scores), curves=(score_curve(answers),), importance=tuple(importance))
    if not answers.task.classifies:
        shown = _sample(answers.n, seed)
        return Evaluation(
            answers.n,
            tuple(scores),
            actual=tuple(answers.actual[shown].tolist()),
            predicted=tuple(answers.predicted[shown].tolist()),
            importance=tuple(importance),
        )
    return Evaluation(
        answers.n,
        tuple(scores),
        labels=answers.labels,
        confusion=confusion(answers),
        curves=_curves(answers),
        importance=tuple(importance),
    )


def _curves(answers: Answers) -> tuple[Curve, ...]:
    ranked = (roc_curve(answers), pr_curve(answers)) if answers.task is Task.BINARY else ()
    return (*ranked, calibration_curve(answers))


def calibration_curve(answers: Answers) -> Curve:
    """Predicted probability against the share that came true, in groups of equal size (see ``thresholds``)."""
    p, true, groups = probability_groups(answers)
    return Curve("calibration", tuple(float(p[g].mean()) for g in groups), tuple(float(true[g].mean()) for g in groups))


def score_curve(answers: Answers) -> Curve:
    """Each score against the share of rows that have at least it: how far the flagged rows stand out."""
    score = np.sort(answers.predicted)
    return _curve("scores", score, 1 - np.arange(answers.n) / max(1, answers.n))


def confusion(answers: Answers) -> tuple[tuple[int, ...], ...]:
    """Counts of rows: one line a true class, one column a predicted one, both in the order of the labels."""
    k = len(answers.labels)
    cells = np.bincount(answers.actual.astype(np.intp) * k + answers.chosen, minlength=k * k)
    return tuple(tuple(line) for line in cells.reshape(k, k).tolist())


def roc_curve(answers: Answers) -> Curve:
    """False positive rate against true positive rate, from (0, 0) to (1, 1)."""
    hits, alarms = _cumulated(answers)
    x, y = alarms / max(alarms[-1], 1), hits / max(hits[-1], 1)
    return _curve("roc", np.concatenate([[0.0], x]), np.concatenate([[0.0], y]))


def pr_curve(answers: Answers) -> Curve:
    """Recall against precision, by falling threshold."""
    hits, alarms = _cumulated(answers)
    return _curve("pr", hits / max(hits[-1], 1), hits / (hits + alarms))


def _cumulated(answers: Answers) -> tuple[Floats, Floats]:
    """True and false positives at every distinct score, highest score first."""
    score = answers.predicted[:, answers.positive]
    order = np.argsort(-score, kind="stable")
    positive = answers.actual[order] == answers.positive
    last_of_equals = np.flatnonzero(np.diff(score[order], append=-np.inf))
    hits = np.cumsum(positive)[last_of_equals].astype(np.float64)
    return hits, last_of_equals + 1.0 - hits


def _curve(name: str, x: Floats, y: Floats) -> Curve:
    """At most ``CURVE_POINTS`` points, both ends kept."""
    kept = np.unique(np.linspace(0, len(x) - 1, min(len(x), CURVE_POINTS)).round().astype(np.intp))
    return Curve(name, tuple(x[kept].tolist()), tuple(y[kept].tolist()))


def _sample(rows: int, seed: int) -> npt.NDArray[np.intp]:
    if rows <= RESIDUAL_POINTS:
        return np.arange(rows)
    return np.sort(np.random.default_rng(seed).choice(rows, RESIDUAL_POINTS, replace=False))
