"""The child's side of *Is a retrain worth it?*: a learning curve and a backtest within the seconds given."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt

from app.core.data import Column, Use
from app.core.progress import JobContext, Part
from app.core.runs import Recipe, SplitKind
from app.core.worth import Measured
from app.data.table import load
from app.export.numbers import Inputs
from app.jobs.child import ChildContext
from app.monitoring.asked import Asked
from app.monitoring.automation.clock import Clock
from app.monitoring.performance import labelled
from app.monitoring.retraining.backtest import LEAST_ROWS, Past, backtest, windows_of
from app.monitoring.retraining.learning import Rows, fitted_answers, learning_curve
from app.monitoring.retraining.worth_order import WorthOrder
from app.monitoring.window import read_window
from app.training.bench import take
from app.training.inputs import canonical_inputs
from app.training.material import Material, load_again
from app.training.metrics import Answers

CURVE_SHARE = 0.5
"""Of the seconds; the backtest gets what is left."""
BASE_SHARE = 0.5
"""Of data with a time of their own, the oldest rows that the model that is not refitted knows."""
TIME_UP = "The time did not suffice for {0}."


def weigh(ctx: ChildContext, order: WorthOrder) -> Measured:
    """What more rows gained, and what refitting would have gained. ``notes`` say what there was no time for."""
    whole, recipe = Clock(order.seconds), order.recipe
    ctx.progress(0.02, "Reading the rows")
    material = load_again(Path(order.table_path), recipe)
    train, holdout = (_rows(recipe, material, places) for places in (material.split.train, material.split.holdout))
    clock = Clock(CURVE_SHARE * order.seconds)
    curve, doubling = learning_curve(recipe, order.metric, train, holdout, clock, ctx)
    notes = [] if doubling is not None else [TIME_UP.format("the learning curve")]
    whole.per_row = clock.per_row
    ctx.progress(0.5, "Reading predictions with labels")
    known = _labelled(order, ctx)
    past = _of_predictions(recipe, train, known) or _of_data(order, material, whole)
    if past is None:
        notes.append(f"Too few labels to look back: {len(known.ids):,} of {2 * LEAST_ROWS}.")
        return Measured(len(train.y), len(known.ids), curve, doubling, (), None, tuple(notes))
    windows, gain = backtest(recipe, order.metric, past, whole, ctx)
    notes += [] if windows else [TIME_UP.format("looking back")]
    return Measured(len(train.y), len(known.ids), curve, doubling, windows, gain, tuple(notes))


@dataclass(frozen=True, slots=True)
class _Known:
    """Labelled predictions in the order of time. ``answers``: as they were given then."""

    ids: tuple[str, ...]
    x: Inputs
    answers: Answers


def _rows(recipe: Recipe, material: Material, places: npt.NDArray[np.intp]) -> Rows:
    return Rows(dict(canonical_inputs(recipe.inputs, material.inputs(places))), material.y[places])


def _labelled(order: WorthOrder, ctx: JobContext) -> _Known:
    recipe = order.recipe
    rows = read_window(order.logs, order.bundles, recipe, Asked(), Part(ctx, 0.5, 0.55))
    with Path(order.labels_path).open(encoding="utf-8") as lines:
        truth = dict(json.loads(line) for line in lines)
    found = labelled(recipe, rows.ids, rows.predicted, truth)
    return _Known(tuple(rows.ids[i] for i in found.places.tolist()), take(rows.x, found.places), found.answers)


def _of_predictions(recipe: Recipe, train: Rows, known: _Known) -> Past | None:
    """The champion as it answered, and its own training rows below what came later."""
    if not windows_of(len(known.ids)):
        return None
    actual = known.answers.actual
    if recipe.labels:
        actual = np.array(recipe.labels, dtype=object)[actual.astype(np.intp)]
    return Past(train, Rows(known.x, actual), known.answers, [_moment(i) for i in known.ids])


def _of_data(order: WorthOrder, material: Material, clock: Clock) -> Past | None:
    """Data that are divided by time: a model of the older half that was never refitted, and what came then."""
    recipe = order.recipe
    if recipe.split.kind is not SplitKind.TIME or recipe.split.column_type is None:
        return None
    by = Column(recipe.split.column, recipe.split.column_type, Use.IGNORED)
    times = load(Path(order.table_path), [by])[by.name][material.rows]
    used = np.sort(np.concatenate([material.split.train, material.split.holdout]))
    ordered = used[np.argsort(times[used], kind="stable")]
    cut = round(BASE_SHARE * len(ordered))
    base, later = _rows(recipe, material, ordered[:cut]), _rows(recipe, material, ordered[cut:])
    if not windows_of(len(later.y)) or not clock.affords(cut):
        return None
    stale = fitted_answers(recipe, base, later, clock)
    return Past(base, later, stale, [str(moment) for moment in times[ordered[cut:]].tolist()])


def _moment(prediction_id: str) -> str:
    """When a prediction was made: the first 48 bits of a UUIDv7 are milliseconds since 1970 (RFC 9562, 5.7)."""
    milliseconds = int(prediction_id.replace("-", "")[:12], 16)
    return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat(timespec="seconds")
