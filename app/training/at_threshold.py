"""How a candidate does when it answers by a threshold: what looks at labels is measured anew on its recorded answers to
the hold-out. What looks at probabilities (ROC AUC, log loss, calibration) stays as it was."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from app.core.metrics import judges_labels
from app.core.progress import JobContext
from app.core.runs import Recipe, Run, Score
from app.errors import NotFound
from app.jobs.child import ChildContext
from app.jobs.supervise import run_in_child
from app.registry import datasets, runs
from app.training import results
from app.training.order import AgainstChampion, Champion, FitOrder, Grouped, GroupFigure, Measured
from app.training.referee import predictions_of_query
from app.training.referee_order import Scores
from app.training.train import order_for

if TYPE_CHECKING:
    from app.registry.project import Project
    from app.training.answers import Raw
    from app.training.metrics import Answers


@dataclass(frozen=True, slots=True)
class AtOrder:
    """Files of predictions, and what to measure of them. ``fit``: what the candidate was ordered by, with what its
    gates ask for; ``baseline``, ``query``: the dummy's and the query's answers, empty without one."""

    fit: FitOrder
    recipe: Recipe
    predictions: str
    baseline: str
    query: str
    at: float


@dataclass(frozen=True, slots=True)
class AtThreshold:
    """``figures``: every metric of labels; the others are of the plan's metric, None if it does not look at labels or
    there is nothing to compare with."""

    figures: tuple[tuple[str, Score], ...]
    grouped: tuple[GroupFigure, ...]
    against_baseline: Score | None = None
    against_champion: AgainstChampion | None = None
    against_query: Scores | None = None


def measured_at(
    project: Project,
    candidate_id: str,
    at: float,
    metrics: tuple[str, ...],
    grouped: tuple[Grouped, ...],
    ctx: JobContext,
    *,
    champion: Champion | None = None,
) -> AtThreshold:
    """What these gates need, at this threshold; ``champion``: to compare with. NotFound if the candidate was not
    scored."""
    candidate = runs.candidate(project, candidate_id)
    run = runs.run(project, candidate.run_id)
    if candidate.predictions_sha256 is None:
        raise NotFound(f"{candidate.name} was not scored.", candidate.note)
    reading = datasets.reading(project, run.plan.reading_id)
    measured = Measured(metrics=metrics, champion=champion, grouped=grouped)
    order = AtOrder(
        fit=order_for(project, run.plan, reading, (0.0, 0.0), measured),
        recipe=results.recipe(project, candidate),
        predictions=str(project.objects.path(candidate.predictions_sha256)),
        baseline=_baseline(project, run),
        query=predictions_of_query(project, run),
        at=at,
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
    from app.training.explaining.group_gates import group_figures

    plan, measured = order.fit.plan, order.fit.measured
    rows, told = _read(order, order.predictions)
    answers = replace(told, threshold=order.at)
    metrics = [m for m in dict.fromkeys((*measured.metrics, plan.metric)) if judges_labels(m)]
    figures = zip(metrics, scores(metrics, answers, plan.seed), strict=True) if metrics else ()
    grouped = group_figures(measured.grouped, order.fit.table_path, rows.astype(np.intp), answers, plan.seed)
    found = AtThreshold(tuple(figures), grouped)
    return _compared(order, found, answers) if judges_labels(plan.metric) else found


def _read(order: AtOrder, path: str) -> tuple[Raw, Answers]:
    from app.training.answers import read_predictions

    recipe = order.recipe
    return read_predictions(Path(path), recipe.task, recipe.labels, recipe.positive)


def _compared(order: AtOrder, found: AtThreshold, answers: Answers) -> AtThreshold:
    """With what the plan's metric says of the difference to the others."""
    from app.training.bootstrap import difference
    from app.training.metrics import value

    metric, seed, champion = order.fit.plan.metric, order.fit.plan.seed, order.fit.measured.champion
    if order.baseline:
        found = replace(found, against_baseline=difference(metric, answers, _read(order, order.baseline)[1], seed))
    if champion is not None:
        from app.training.bench import bench_for
        from app.training.champion import against_champion

        against = against_champion(champion, order.fit, bench_for(order.fit), answers)
        found = replace(found, against_champion=against)
    if not order.query:
        return found
    query = _read(order, order.query)[1]
    gap = difference(metric, answers, query, seed)
    return replace(found, against_query=Scores(value(metric, answers), value(metric, query), gap))
