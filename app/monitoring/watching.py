"""The child's side of *monitor*: logs, reference and labels in, figures out."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from app.core.monitoring import ENOUGH_PREDICTIONS, Estimate, Measured
from app.core.progress import Part
from app.core.runs import Task
from app.jobs.child import ChildContext
from app.monitoring.drift import cells_of, compare
from app.monitoring.estimate import estimate
from app.monitoring.loss_model import estimate_loss, features
from app.monitoring.nulls import NullStore
from app.monitoring.order import NULLS, WatchOrder
from app.monitoring.performance import Labelled, labelled
from app.monitoring.reference import Reference, columns_of, holdout_answers, reference, score_column
from app.monitoring.window import WindowRows, read_window
from app.training.metrics import Answers


def watch(ctx: ChildContext, order: WatchOrder) -> Measured:
    """Everything that can be measured of the window; no drift of a window with too few rows."""
    recipe = order.recipe
    rows = read_window(order.logs, order.bundles, recipe, order.asked, Part(ctx, 0.0, 0.3))
    known = labelled(recipe, rows.ids, rows.predicted, truth(order.labels_path))
    score = known.score(order.metric, recipe.seed)
    performance = replace(order.performance, value=score, labels=known.answers.n, unknown=known.unknown)
    if rows.window.rows < ENOUGH_PREDICTIONS:
        return Measured(rows.window, None, performance, None)
    ctx.progress(0.3, "Reading the training data")
    then = reference(Path(order.table_path), recipe)
    holdout = holdout_answers(Path(order.predictions_path), recipe)
    ctx.progress(0.6, "Comparing columns")
    fresh = ctx.folder / NULLS
    fresh.mkdir()
    drift = compare(
        then.cells,
        columns_of(recipe.inputs, rows.x),
        score=(cells_of(score_column(recipe, holdout.predicted)), score_column(recipe, rows.predicted)),
        importance=dict(order.importance),
        store=NullStore(Path(order.nulls_path), fresh),
        level=order.asked.level,
    )
    ctx.progress(0.9, "Estimating performance")
    expected = _estimate(order, then, holdout, rows, known)
    return Measured(rows.window, drift, performance, expected)


def _estimate(
    order: WatchOrder, then: Reference, holdout: Answers, rows: WindowRows, known: Labelled
) -> Estimate | None:
    """Of classes by their probabilities, of values by a model of the loss; without a target there is nothing to be
    right about."""
    recipe = order.recipe
    if recipe.task is Task.ANOMALY:
        return None
    if recipe.task.classifies:
        return estimate(order.metric, holdout, rows.predicted, known, recipe.seed)
    before = features(recipe.inputs, then.holdout, holdout.predicted)
    now = features(recipe.inputs, rows.x, rows.predicted)
    return estimate_loss(order.metric, holdout, before, now, known, recipe.seed)


def truth(path: str) -> dict[str, str]:
    """The label of each prediction whose truth came."""
    with Path(path).open(encoding="utf-8") as lines:
        return dict(json.loads(line) for line in lines)
