"""The child's side of *calibrate*: out-of-fold answers, the sigmoid, then a candidate like every other."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np

from app.core.runs import Score
from app.errors import NotAllowed
from app.export.sigmoid import Sigmoid
from app.jobs.child import ChildContext
from app.training.answers import answers_of
from app.training.bench import Bench, bench_for, take
from app.training.calibrate_order import CalibrateOrder
from app.training.calibrated import CALIBRATION, fit_sigmoid
from app.training.candidates import build
from app.training.fit import fit_candidate
from app.training.folds import fold_score
from app.training.metrics import Answers, value
from app.training.order import CandidateOrder, FitOrder, Fitted

LEAST_FOLDS = 2


def calibrate_candidate(ctx: ChildContext, wanted: CalibrateOrder, order: FitOrder) -> Fitted:
    """Make the calibrated candidate; its files are in ``ctx.folder``. NotAllowed if too few folds can be scored.

    The sigmoid is fitted on answers to training rows by models that had not seen them; its own score over the folds
    lets each fold be mapped by a sigmoid of the other folds. The hold-out is not looked at.
    """
    bench = bench_for(order)
    parts = _out_of_fold(ctx, wanted, order, bench)
    if len(parts) < LEAST_FOLDS:
        raise NotAllowed("There are too few rows to calibrate on.", "Add rows, then train again.")
    ctx.progress(0.5, "Fitting the sigmoid")
    sigmoid = _fitted(parts)
    params = json.loads(wanted.params) | {CALIBRATION: sigmoid.as_text()}
    made = CandidateOrder(
        wanted.name,
        wanted.family,
        share=1.0,
        variant=json.dumps(params, sort_keys=True),
        cv=_score(order.plan.metric, parts, bench),
        folds=len(parts),
    )
    return fit_candidate(ctx, made, order)


def _out_of_fold(ctx: ChildContext, wanted: CalibrateOrder, order: FitOrder, bench: Bench) -> list[Answers]:
    """What a model fitted on the other folds says of each fold."""
    plan, split = order.plan, bench.material.split
    found = []
    for fold in range(split.rule.folds):
        ctx.progress(0.05 + 0.45 * fold / split.rule.folds, f"Fold {fold + 1} of {split.rule.folds}")
        rows, out = split.fold_places(fold)
        if not len(rows) or not len(out) or len(set(bench.y[rows].tolist())) < len(bench.labels):
            continue
        x = bench.seen_by(rows)
        model = build(wanted.family, json.loads(wanted.params), bench.specs_of(x), plan.task, plan.seed)
        model.fit(take(x, rows), bench.y[rows])
        found.append(answers_of(model, plan.task, take(x, out), bench.y[out], bench.labels, plan.positive))
    return found


def _fitted(parts: Sequence[Answers]) -> Sigmoid:
    predicted = np.concatenate([part.predicted for part in parts])
    return fit_sigmoid(predicted, np.concatenate([part.actual for part in parts]).astype(np.intp))


def _score(metric: str, parts: Sequence[Answers], bench: Bench) -> Score | None:
    figures = []
    for i, part in enumerate(parts):
        mapped = _fitted([*parts[:i], *parts[i + 1 :]]).apply(part.predicted)
        figure = value(metric, Answers(part.task, part.actual, mapped, part.labels, part.positive))
        if np.isfinite(figure):
            figures.append(figure)
    if len(figures) < LEAST_FOLDS:
        return None
    return fold_score(metric, figures, bench.material.split.scored_to_fitted)
