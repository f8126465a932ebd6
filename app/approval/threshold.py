"""Choose the threshold that a model answers by; what it would do to the hold-out is told and kept with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from app.approval.gate_rules import asked_at, at_threshold, decided_at
from app.approval.gates import better_at
from app.approval.rejudged import by_query
from app.core.gate_rules import GateKind
from app.core.metrics import judges_labels
from app.core.progress import JobContext
from app.core.runs import Task
from app.core.thresholds import Thresholds, outcome_words
from app.errors import BadInput, NotAllowed
from app.registry import models, runs
from app.registry.thresholds import record_threshold, threshold_of
from app.training.explaining.explain import thresholds_of

if TYPE_CHECKING:
    from app.core.gates import GateResult
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
    it is a probability; NotAllowed but for two classes, and for an approved model that a gate refuses at this
    threshold. Gates that look at labels judge the decision at the threshold from now on."""
    if not 0 <= at <= 1:
        raise BadInput(f"A threshold is a probability, not {at:g}.", "Choose one between 0 and 1.")
    found = found or tried(project, candidate_id, ctx)
    summary = outcome_words(found, at, alarm, miss)
    gates = _gates_at(project, candidate_id, at, ctx)
    _refuse_failing(project, candidate_id, f"at {at:g}", gates)
    told = found.outcome(at)
    record_threshold(
        project,
        candidate_id,
        at=at,
        alarm=alarm,
        miss=miss,
        summary=summary,
        gates=gates,
        mistakes=(told.alarms, told.misses),
    )
    chosen = threshold_of(project, candidate_id)
    assert chosen is not None
    return chosen


def _gates_at(project: Project, candidate_id: str, at: float, ctx: JobContext) -> list[GateResult]:
    """What the gates that look at labels say of the decision at this threshold."""
    from app.training.at_threshold import measured_at

    run = runs.run(project, runs.candidate(project, candidate_id).run_id)
    asked = asked_at(project, run.plan, candidate_id)
    if not (asked.metrics or asked.grouped or judges_labels(run.plan.metric)):
        return []
    beside = (GateKind.BASELINE, GateKind.SQL_RULE) if judges_labels(run.plan.metric) else ()
    found = measured_at(project, candidate_id, at, asked, beside, ctx)
    before = runs.decided_in_training(project, candidate_id)
    gates = decided_at(project, run.plan, before, asked, found, at)
    if found.against_baseline is not None:
        gates.insert(0, better_at(run.plan, found.against_baseline))
    if found.against_query is not None and GateKind.SQL_RULE in {result.name for result in before}:
        gates.append(at_threshold(by_query(project, run, candidate_id, found.against_query), at))
    return gates


def _refuse_failing(project: Project, candidate_id: str, where: str, gates: Sequence[GateResult]) -> None:
    """A model that is approved keeps what it was approved for."""
    version = models.version_of_candidate(project, candidate_id)
    failed = next((gate for gate in gates if not gate.passed), None)
    if version is not None and failed is not None:
        raise NotAllowed(
            f"{version.label} is approved, and {where} a gate fails: {failed.message}", "Choose another threshold."
        )


def forget_threshold(project: Project, candidate_id: str) -> None:
    """Answer the likeliest class again; nothing is recorded if none was chosen. NotAllowed for an approved model that a
    gate refuses without it."""
    if threshold_of(project, candidate_id) is not None:
        _refuse_failing(project, candidate_id, "without a threshold", runs.decided_in_training(project, candidate_id))
        summary = "The likeliest class is answered again."
        record_threshold(project, candidate_id, at=None, alarm=0.0, miss=0.0, summary=summary)


def tried(project: Project, candidate_id: str, ctx: JobContext) -> Thresholds:
    """What each threshold does to the hold-out. NotAllowed but for two classes."""
    candidate = runs.candidate(project, candidate_id)
    if runs.run(project, candidate.run_id).plan.task is not Task.BINARY:
        raise NotAllowed("Only two classes have a threshold.", "Choose a candidate of another run.")
    return thresholds_of(project, candidate_id, ctx)
