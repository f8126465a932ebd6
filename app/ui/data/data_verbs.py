"""The verbs that the data page runs as jobs. They import their rooms when they run, never before the first paint."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.core.data import Dataset, DataVersion, Reading
from app.core.decisions import FindingDecision
from app.core.models import ModelVersion
from app.core.progress import JobContext
from app.core.runs import Run
from app.ui.data.decision_steps import Wish
from app.ui.data.finding_answers import Change
from app.ui.train.live_run import LiveRun

if TYPE_CHECKING:
    from app.registry.project import Project


def train(
    project: Project,
    version: DataVersion,
    reading: Reading,
    ctx: JobContext,
    live: LiveRun,
) -> Run:
    """Plan and train within the seconds of ``live``, which learns what is tried and finished."""
    from app.data.contracts.contract import settle
    from app.training.plan import make_plan

    plan = make_plan(project, version, settle(project, reading, ctx), seconds=live.seconds, search=True)
    return live.train(project, plan, ctx)


def rename(project: Project, dataset_id: str, name: str) -> Dataset:
    """Give a data set another name."""
    from app.registry import datasets

    return datasets.rename_dataset(project, dataset_id, name)


def discard(project: Project, run_id: str) -> Run:
    """Mark an interrupted run as discarded."""
    from app.registry import runs

    return runs.discard_run(project, run_id)


def approve(project: Project, actor: str, run_id: str, candidate_id: str, reason: str, ctx: JobContext) -> ModelVersion:
    """Approve a candidate in the name of ``actor``."""
    from app.approval.approve import approve as approve_

    project.actor = actor
    return approve_(project, run_id, candidate_id=candidate_id, reason=reason, ctx=ctx)


def change(project: Project, version_id: str, change: Change, ctx: JobContext) -> tuple[Reading, Reading]:
    """Read the data in another way: types and uses of many columns, the positive class, the file's settings.

    Returns the reading before, which is the current one and not what a window happens to show, and the one after.
    """
    from app.data.edit import Keep, edit_columns
    from app.registry import datasets

    before = datasets.current_reading(project, version_id)
    after = edit_columns(
        project,
        before.id,
        list(change.edits),
        positive=Keep.KEEP if change.positive is None else change.positive,
        set_missing_bad=change.missing,
        recipe=change.recipe,
        may_lose=change.lossy or change.missing,
        ctx=ctx,
    )
    return before, after


def select(project: Project, reading_id: str, ctx: JobContext) -> Reading:
    """Read the data as in an earlier reading, judged by the contract as it is now."""
    from app.data.contracts.contract import settle
    from app.registry import datasets

    return settle(project, datasets.select_reading(project, reading_id), ctx)


def decide(project: Project, version_id: str, wish: Wish) -> FindingDecision:
    """Record what a person decided about a finding."""
    from app.registry import decisions

    return decisions.decide(project, version_id, wish.code, wish.column or None, wish.decision, wish.reason)
