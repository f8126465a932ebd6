"""Retrain: newer rows, the champion's plan, and both models on the same rows that neither has seen. Parent side."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from app.core.challenges import SAME_PLAN, Challenge, ChangedPlan, Comparison, Fresh
from app.core.progress import JobContext, Part
from app.core.runs import Candidate, Plan, Recipe, Run, RunState
from app.errors import BadInput, JobCancelled, NotAllowed
from app.jobs.supervise import Limits, run_in_child
from app.monitoring.monitor import watched_version
from app.monitoring.retraining.again import plan_again, recipe_orders, recipe_plan, search_plan
from app.monitoring.retraining.contest_order import Contestant, ContestOrder
from app.monitoring.retraining.fresh_data import fresh_version

if TYPE_CHECKING:
    from app.core.data import Reading
    from app.core.models import ModelVersion
    from app.registry.project import Project

MEMORY_BYTES = 4 << 30


def retrain(
    project: Project,
    model_name: str,
    *,
    data: str | None = None,
    fresh: Fresh = Fresh.AUTO,
    changed: ChangedPlan = SAME_PLAN,
    plan: Plan | None = None,
    ctx: JobContext,
    on_candidate: Callable[[Candidate], None] | None = None,
    on_made: Callable[[Challenge], None] | None = None,
) -> Challenge:
    """Train a challenger on newer rows, compare it with the champion and record how it did; nothing is decided.

    ``model_name``: ``churn@3``, or ``churn`` for the version that ``watched_version`` chooses: what is live. ``data``:
    a data version as ``churn@4``, else what ``fresh`` says. The champion's recipe is fitted anew, unless ``changed``
    asks for its run's whole search or for other families; with ``plan`` another one is done. ``on_made``: what has to
    be recorded with the challenger or not at all. Raises NotAllowed, with the reason, without newer rows or where a
    check blocks; NotFound; JobCancelled, then the run keeps the candidates it has.
    """
    from app.data.contracts.contract import settle
    from app.registry import datasets, runs

    champion = watched_version(project, model_name)
    if plan is None:
        version = fresh_version(project, champion, fresh, Part(ctx, 0.0, 0.2), data)
        reading = settle(project, datasets.current_reading(project, version.id), ctx)
    else:
        reading = datasets.reading(project, plan.reading_id)
    train = Part(ctx, 0.2, 0.85)
    run = _trained(project, champion, reading, plan, changed, train, on_candidate)
    if run.state is RunState.CANCELLED:
        raise JobCancelled()
    found = _compared(project, champion, run, Part(ctx, 0.85, 1.0))
    return recorded(project, champion, runs.run(project, run.id), found, on_made)


def challenge_with(project: Project, model_name: str, run_id: str, ctx: JobContext) -> Challenge:
    """Compare the champion with the best candidate of a run that is there already: trained by a changed plan, on
    newer data or not. NotAllowed if it predicts something else or is the champion's own; NotFound."""
    from app.registry import runs

    champion, run = watched_version(project, model_name), runs.run(project, run_id)
    before = runs.run(project, champion.run_id)
    if run.dataset_id != before.dataset_id:
        raise BadInput(f"Run {run.number} is of other data than {champion.label}.", "Choose a run of its own data.")
    _refuse_other(before.plan, run.plan)
    if run.best is not None and run.best.id == champion.candidate_id:
        raise NotAllowed(f"{champion.label} is the best of run {run.number} itself.", "Choose another run.")
    return recorded(project, champion, run, _compared(project, champion, run, ctx))


def _trained(
    project: Project,
    champion: ModelVersion,
    reading: Reading,
    plan: Plan | None,
    changed: ChangedPlan,
    ctx: JobContext,
    on_candidate: Callable[[Candidate], None] | None,
) -> Run:
    from app.approval.approve import asks_for_sql
    from app.approval.check import train_and_check
    from app.registry import datasets, runs
    from app.training import results

    before = runs.run(project, champion.run_id)
    if plan is not None:
        _refuse_other(before.plan, plan)
        return train_and_check(project, plan, ctx, on_candidate)
    version = datasets.version(project, reading.version_id)
    again = plan_again(project, before, version, reading, seconds=changed.seconds, families=changed.families)
    if changed.search or changed.families:
        wanted = search_plan(again) if changed.search else again
        return train_and_check(project, wanted, ctx, on_candidate, split_asked=True)
    candidate = runs.candidate(project, champion.candidate_id)
    recipe = results.recipe(project, candidate)
    orders = recipe_orders(candidate, recipe, query=asks_for_sql(project, again))
    bounded = recipe_plan(again, candidate, recipe, version.rows)
    return train_and_check(project, bounded, ctx, on_candidate, only=orders, split_asked=True)


def _refuse_other(before: Plan, plan: Plan) -> None:
    if (plan.target, plan.task, plan.metric) != (before.target, before.task, before.metric):
        raise BadInput(
            "A challenger predicts what the champion predicts, by the same metric.", "Keep them in the plan."
        )


def _compared(project: Project, champion: ModelVersion, run: Run, ctx: JobContext) -> Comparison:
    """Both on the same rows; a ``problem`` where there is no challenger or the champion cannot answer."""
    from app.registry import datasets, runs
    from app.training import results

    metric, best = run.plan.metric, run.best
    if best is None:
        return Comparison(champion.label, "", metric, problem=run.reason or "No candidate can be approved.")
    candidate = runs.candidate(project, champion.candidate_id)
    recipe = results.recipe(project, candidate)
    reading = datasets.reading(project, run.plan.reading_id)
    if problem := _why_not(recipe, reading):
        return Comparison(champion.label, best.name, metric, problem=problem)
    two = _contestants(project, champion, best)
    order = ContestOrder(*two, metric, _columns(project, candidate))
    with project.scratch("contest") as folder:
        return run_in_child(
            "app.monitoring.retraining.contest:contest",
            order,
            ctx=ctx,
            returns=Comparison,
            folder=folder,
            limits=Limits(memory_bytes=MEMORY_BYTES),
        )


def _why_not(recipe: Recipe, reading: Reading) -> str:
    types = {column.name: column.type for column in reading.columns}
    for spec in recipe.inputs:
        if types.get(spec.name) is not spec.type:
            return f"The champion takes {spec.name} as {spec.type}, which the newer data do not have."
    by, type_ = recipe.split.column, recipe.split.column_type
    if type_ is not None and types.get(by) is not type_:
        return f"The newer data have no {by}, by which the champion's rows were divided."
    return ""


def contestants(project: Project, about: Challenge) -> tuple[Contestant, Contestant]:
    """The champion and the challenger of a challenge that has one."""
    from app.registry import models, runs

    champion = models.model_version(project, about.champion_version_id)
    return _contestants(project, champion, runs.candidate(project, str(about.candidate_id)))


def _contestants(project: Project, champion: ModelVersion, challenger: Candidate) -> tuple[Contestant, Contestant]:
    """Both answer by the champion's threshold, which the challenger takes over."""
    from app.registry import runs
    from app.registry.thresholds import threshold_of

    candidate = runs.candidate(project, champion.candidate_id)
    chosen = threshold_of(project, candidate.id)
    at = chosen.at if chosen is not None else None
    return _contestant(project, champion.label, candidate, at), _contestant(project, challenger.name, challenger, at)


def _contestant(project: Project, label: str, candidate: Candidate, threshold: float | None) -> Contestant:
    from app.training import results

    recipe = results.recipe(project, candidate)
    onnx, table = (project.objects.path(sha256) for sha256 in (str(candidate.onnx_sha256), recipe.table_sha256))
    return Contestant(label, str(onnx), recipe, str(table), threshold)


def _columns(project: Project, candidate: Candidate) -> tuple[str, ...]:
    """Inputs, those that matter most to the champion first."""
    from app.training import results

    weighed = sorted(results.evaluation(project, candidate).importance, key=lambda one: -one.mean)
    return tuple(one.column for one in weighed)


def recorded(
    project: Project,
    champion: ModelVersion,
    run: Run,
    found: Comparison,
    on_made: Callable[[Challenge], None] | None = None,
) -> Challenge:
    """In one transaction with what ``on_made`` records: a process that is killed leaves both or neither."""
    from app.registry import challenges

    with project.database.write("saving a challenge"):
        made = challenges.record_challenge(
            project,
            champion_version_id=champion.id,
            run_id=run.id,
            candidate_id=run.best.id if run.best is not None else None,
            data_version_id=run.plan.version_id,
            comparison=found,
        )
        if on_made is not None:
            on_made(made)
    return made
