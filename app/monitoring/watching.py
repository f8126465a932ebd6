"""The child's side of *monitor*: logs, reference and labels in, figures out."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from app.core.monitoring import ENOUGH_PREDICTIONS, Measured
from app.core.progress import Part
from app.jobs.child import ChildContext
from app.monitoring.drift import cells_of, compare
from app.monitoring.estimate import estimate
from app.monitoring.nulls import NullStore
from app.monitoring.order import NULLS, WatchOrder
from app.monitoring.performance import labelled
from app.monitoring.reference import columns_of, holdout_answers, reference_cells, score_column
from app.monitoring.window import read_window


def watch(ctx: ChildContext, order: WatchOrder) -> Measured:
    """Everything that can be measured of the window; no drift of a window with too few rows."""
    recipe = order.recipe
    rows = read_window(order.logs, order.bundles, recipe, order.asked, Part(ctx, 0.0, 0.3))
    known = labelled(recipe, rows.ids, rows.predicted, _truth(order.labels_path))
    score = known.score(order.metric, recipe.seed)
    performance = replace(order.performance, value=score, labels=known.answers.n)
    if rows.window.rows < ENOUGH_PREDICTIONS:
        return Measured(rows.window, None, performance, None)
    ctx.progress(0.3, "Reading the training data")
    reference = reference_cells(Path(order.table_path), recipe)
    holdout = holdout_answers(Path(order.predictions_path), recipe)
    ctx.progress(0.6, "Comparing columns")
    fresh = ctx.folder / NULLS
    fresh.mkdir()
    drift = compare(
        reference,
        columns_of(recipe.inputs, rows.x),
        score=(cells_of(score_column(recipe, holdout.predicted)), score_column(recipe, rows.predicted)),
        importance=dict(order.importance),
        store=NullStore(Path(order.nulls_path), fresh),
    )
    ctx.progress(0.9, "Estimating performance")
    expected = estimate(order.metric, holdout, rows.predicted, known, recipe.seed)
    return Measured(rows.window, drift, performance, expected)


def _truth(path: str) -> dict[str, str]:
    with Path(path).open(encoding="utf-8") as lines:
        return dict(json.loads(line) for line in lines)
