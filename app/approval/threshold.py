"""Choose the threshold that a model answers by; what it would do to the hold-out is told and kept with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.core.progress import JobContext
from app.core.runs import Task
from app.core.thresholds import Thresholds, outcome_words
from app.errors import BadInput, NotAllowed
from app.registry import runs
from app.registry.thresholds import record_threshold, threshold_of
from app.training.explain import thresholds_of

if TYPE_CHECKING:
    from app.core.thresholds import ChosenThreshold
    from app.registry.project import Project


def choose_threshold(
    project: Project,
    candidate_id: str,
    *,
    at: float,
    alarm: float = 1.0,
    miss: float = 1.0,
    found: Thresholds | None = None,
    ctx: JobContext,
) -> ChosenThreshold:
    """Answer positive from the probability ``at`` on, in every bundle that is built from now on. ``alarm``, ``miss``:
    what a mistake costs, kept as the reason; ``found``: what ``tried`` said, if it was asked already. BadInput unless
    it is a probability; NotAllowed but for two classes."""
    if not 0 <= at <= 1:
        raise BadInput(f"A threshold is a probability, not {at:g}.", "Choose one between 0 and 1.")
    found = found or tried(project, candidate_id, ctx)
    summary = outcome_words(found, at, alarm, miss)
    record_threshold(project, candidate_id, at=at, alarm=alarm, miss=miss, summary=summary)
    chosen = threshold_of(project, candidate_id)
    assert chosen is not None
    return chosen


def forget_threshold(project: Project, candidate_id: str) -> None:
    """Answer the likeliest class again; nothing is recorded if none was chosen."""
    if threshold_of(project, candidate_id) is not None:
        summary = "The likeliest class is answered again."
        record_threshold(project, candidate_id, at=None, alarm=0.0, miss=0.0, summary=summary)


def tried(project: Project, candidate_id: str, ctx: JobContext) -> Thresholds:
    """What each threshold does to the hold-out. NotAllowed but for two classes."""
    candidate = runs.candidate(project, candidate_id)
    if runs.run(project, candidate.run_id).plan.task is not Task.BINARY:
        raise NotAllowed("Only two classes have a threshold.", "Choose a candidate of another run.")
    return thresholds_of(project, candidate_id, ctx)
