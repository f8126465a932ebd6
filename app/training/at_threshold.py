"""How a candidate does when it answers by a threshold: what looks at labels is measured anew on its recorded answers to
the hold-out. What looks at probabilities (ROC AUC, log loss, calibration) stays as it was."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from app.core.metrics import judges_labels
from app.core.progress import JobContext
from app.core.runs import Plan, Recipe, Run, Score
from app.errors import NotFound
from app.jobs.child import ChildContext
from app.jobs.supervise import run_in_child
from app.registry import runs
from app.training import results
from app.training.order import Grouped, GroupFigure

if TYPE_CHECKING:
    from app.registry.project import Project


@dataclass(frozen=True, slots=True)
class AtOrder:
    """Files of predictions, and what to measure of them. ``baseline``: the dummy's, empty without one."""

    plan: Plan
    recipe: Recipe
    predictions: str
    baseline: str
    table_path: str
    at: float
    metrics: tuple[str, ...]
    grouped: tuple[Grouped, ...]


@dataclass(frozen=True, slots=True)
class AtThreshold:
    """``figures``: every metric of labels; ``against_baseline``: of the plan's metric, None if it does not look at
    labels."""

    figures: tuple[tuple[str, Score], ...]
    grouped: tuple[GroupFigure, ...]
    against_baseline: Score | None


def measured_at(
    project: Project,
    candidate_id: str,
    at: float,
    metrics: tuple[str, ...],
    grouped: tuple[Grouped, ...],
    ctx: JobContext,
) -> AtThreshold:
    """What these gates need, at this threshold. NotFound if the candidate was not scored."""
    candidate = runs.candidate(project, candidate_id)
    run = runs.run(project, candidate.run_id)
    recipe = results.recipe(project, candidate)
    if candidate.predictions_sha256 is None:
        raise NotFound(f"{candidate.name} was not scored.", candidate.note)
    order = AtOrder(
        plan=run.plan,
        recipe=recipe,
        predictions=str(project.objects.path(candidate.predictions_sha256)),
        baseline=_baseline(project, run),
        table_path=str(project.objects.path(recipe.table_sha256)),
        at=at,
        metrics=tuple(dict.fromkeys(m for m in (*metrics, run.plan.metric) if judges_labels(m))),
        grouped=grouped,
    )
    with project.scratch("threshold") as folder:
        return run_in_child(measure_at, order, ctx=ctx, returns=AtThreshold, folder=folder)


def _baseline(project: Project, run: Run) -> str:
    dummy = run.dummy
    return str(project.objects.path(dummy.predictions_sha256)) if dummy and dummy.predictions_sha256 else ""


def measure_at(ctx: ChildContext, order: AtOrder) -> AtThreshold:
    """The child's side."""
    import numpy as np

    from app.training.answers import read_predictions
    from app.training.bootstrap import difference, scores
    from app.training.explaining.group_gates import group_figures

    recipe, metric, seed = order.recipe, order.plan.metric, order.plan.seed
    rows, told = read_predictions(Path(order.predictions), recipe.task, recipe.labels, recipe.positive)
    answers = replace(told, threshold=order.at)
    against = None
    if order.baseline and judges_labels(metric):
        _, base = read_predictions(Path(order.baseline), recipe.task, recipe.labels, recipe.positive)
        against = difference(metric, answers, base, seed)
    figures = zip(order.metrics, scores(order.metrics, answers, seed), strict=True) if order.metrics else ()
    grouped = group_figures(order.grouped, order.table_path, rows.astype(np.intp), answers, seed)
    return AtThreshold(tuple(figures), grouped, against)
