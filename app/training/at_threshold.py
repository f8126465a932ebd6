"""How a candidate that is trained does now: what gates ask is measured anew on its recorded answers to the hold-out, by
the threshold that it answers by. What looks at probabilities (ROC AUC, log loss, calibration) stays as it was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from app.core.gate_rules import GateKind
from app.core.progress import JobContext
from app.core.runs import Recipe, Run, Score, Task
from app.errors import BadInput, NotFound
from app.jobs.child import ChildContext
from app.jobs.supervise import run_in_child
from app.registry import datasets, runs
from app.training import results
from app.training.order import AgainstChampion, FitOrder, GroupFigure, Measured
from app.training.referee import metric_beside, predictions_of_query
from app.training.referee_order import Scores
from app.training.train import order_for

if TYPE_CHECKING:
    from app.registry.project import Project
    from app.training.answers import Raw
    from app.training.metrics import Answers


@dataclass(frozen=True, slots=True)
class AtOrder:
    """Files of the model and of predictions, and what to measure of them. ``fit``: what the candidate was ordered by,
    with what its gates ask for; ``beside``: with what it is compared, the baseline and the SQL rule; ``baseline``,
    ``query``: the dummy's and the query's answers, empty without one; ``at``: None: the likeliest class is answered."""

    fit: FitOrder
    recipe: Recipe
    onnx: str
    predictions: str
    baseline: str
    query: str
    at: float | None
    beside: tuple[GateKind, ...]


@dataclass(frozen=True, slots=True)
class AtThreshold:
    """``figures``: of the metrics that were asked for and have a value, and the plan's own if it is compared with
    something; the others None where they were not asked for or there is nothing to compare with."""

    figures: tuple[tuple[str, Score], ...]
    grouped: tuple[GroupFigure, ...]
    against_baseline: Score | None = None
    against_champion: AgainstChampion | None = None
    against_query: Scores | None = None
    latency_ms: Score | None = None


def measured_at(
    project: Project,
    candidate_id: str,
    at: float | None,
    measured: Measured,
    beside: Sequence[GateKind],
    ctx: JobContext,
) -> AtThreshold:
    """What these gates need, at this threshold (None: the likeliest class). ``beside``: with what the plan's metric is
    compared (BASELINE, SQL_RULE), the champion besides if ``measured`` has one. NotFound if the candidate was not
    scored."""
    candidate = runs.candidate(project, candidate_id)
    run = runs.run(project, candidate.run_id)
    if candidate.predictions_sha256 is None or candidate.onnx_sha256 is None:
        raise NotFound(f"{candidate.name} was not scored.", candidate.note)
    reading = datasets.reading(project, run.plan.reading_id)
    order = AtOrder(
        fit=order_for(project, run.plan, reading, (0.0, 0.0), measured),
        recipe=results.recipe(project, candidate),
        onnx=str(project.objects.path(candidate.onnx_sha256)),
        predictions=str(project.objects.path(candidate.predictions_sha256)),
        baseline=_baseline(project, run),
        query=predictions_of_query(project, run),
        at=at,
        beside=tuple(beside),
    )
    with project.scratch("threshold") as folder:
        return run_in_child(measure_at, order, ctx=ctx, returns=AtThreshold, folder=folder)


def _baseline(project: Project, run: Run) -> str:
    dummy = run.dummy
    return str(project.objects.path(dummy.predictions_sha256)) if dummy and dummy.predictions_sha256 else ""


def measure_at(ctx: ChildContext, order: AtOrder) -> AtThreshold:
    """The child's side. What is compared with answers as it is served: the baseline and the query the likeliest class,
    the champion by its own threshold."""
    import numpy as np

    from app.training.bootstrap import scores
    from app.training.explaining.fairness import answered_from
    from app.training.explaining.group_gates import group_figures

    plan, measured = order.fit.plan, order.fit.measured
    rows, told = _read(order, order.predictions)
    answers = answered_from(told, order.at)
    compares = bool(order.beside) or measured.champion is not None
    wanted = dict.fromkeys((*measured.metrics, *((plan.metric,) if compares else ())))
    metrics = [metric for metric in wanted if _has_value(metric, answers)]
    figures = zip(metrics, scores(metrics, answers, plan.seed), strict=True) if metrics else ()
    grouped = group_figures(measured.grouped, order.fit.table_path, rows.astype(np.intp), answers, plan.seed)
    latency = _one_row_ms(order) if measured.latency else None
    return _compared(order, AtThreshold(tuple(figures), grouped, latency_ms=latency), answers)


def _read(order: AtOrder, path: str) -> tuple[Raw, Answers]:
    from app.training.answers import read_predictions

    recipe = order.recipe
    return read_predictions(Path(path), recipe.task, recipe.labels, recipe.positive)


def _has_value(metric: str, answers: Answers) -> bool:
    """Not of rows on which it is undefined, nor of costs of a class that the target has not."""
    import math

    from app.training.metrics import value

    try:
        return math.isfinite(value(metric, answers))
    except BadInput:
        return False


def _one_row_ms(order: AtOrder) -> Score:
    from app.export.onnx_model import OnnxModel
    from app.training.bench import bench_for
    from app.training.inputs import canonical_inputs
    from app.training.latency import one_row_ms

    material = bench_for(order.fit).material
    x = canonical_inputs(order.recipe.inputs, material.inputs(material.split.holdout))
    return one_row_ms(OnnxModel(Path(order.onnx).read_bytes()), dict(x))


def _compared(order: AtOrder, found: AtThreshold, answers: Answers) -> AtThreshold:
    """With what the plan's metric says of the difference to the others."""
    from app.training.bootstrap import difference
    from app.training.metrics import value

    plan, champion = order.fit.plan, order.fit.measured.champion
    if GateKind.BASELINE in order.beside:
        found = replace(found, against_baseline=_against_baseline(order, answers))
    if champion is not None:
        from app.training.bench import bench_for
        from app.training.champion import against_champion

        against = against_champion(champion, order.fit, bench_for(order.fit), answers)
        found = replace(found, against_champion=against)
    if GateKind.SQL_RULE not in order.beside or not order.query:
        return found
    query, metric = _read(order, order.query)[1], metric_beside(plan)
    gap = difference(metric, answers, query, plan.seed)
    return replace(found, against_query=Scores(value(metric, answers), value(metric, query), gap))


def _against_baseline(order: AtOrder, answers: Answers) -> Score | None:
    """Where there is no target, to flagging at random; nobody answers so."""
    from app.training.baseline import measure
    from app.training.bootstrap import difference

    plan = order.fit.plan
    if plan.task is Task.ANOMALY:
        return measure([plan.metric], plan.metric, answers, answers.actual, plan.seed)[1].difference
    if not order.baseline:
        return None
    return difference(plan.metric, answers, _read(order, order.baseline)[1], plan.seed)
