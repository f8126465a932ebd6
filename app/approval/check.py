"""Train and check: one verb for the window and the command line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from app.approval.gate_rules import by_referee, decided, has_truth, measured_for, not_asked, rules_of_plan
from app.approval.gates import evaluate
from app.core.gate_rules import MARGINS, GateKind, why_impossible
from app.core.gates import GateResult
from app.core.progress import JobContext, Part
from app.core.runs import Candidate, Plan, Run, RunState
from app.core.search import Trial
from app.data.standing import standing_findings
from app.errors import BadInput
from app.registry import datasets, runs, verdicts
from app.training.order import CandidateOrder, Fitted, Measured
from app.training.plan import refuse_blocked
from app.training.referee import has_both, referee
from app.training.train import train

if TYPE_CHECKING:
    from app.registry.project import Project

REFEREE_S, REFEREE_SHARE = 1.2, 0.1
"""Seconds of the plan that are kept for the referee: starting its child and 200 to 1,000 replicates."""


def train_and_check(
    project: Project,
    plan: Plan,
    ctx: JobContext,
    on_candidate: Callable[[Candidate], None] | None = None,
    *,
    on_trial: Callable[[Trial], None] | None = None,
    asked_to_stop: Callable[[], bool] | None = None,
    only: Sequence[CandidateOrder] = (),
    split_asked: bool = False,
) -> Run:
    """Train, with every candidate's gates decided and recorded when it finishes (see ``training.train``, also for
    ``only``, ``split_asked``, ``on_trial`` and ``asked_to_stop``: *Stop and keep the best*); then ask the SQL referee
    whether a plain query would have been enough. BadInput for a margin that the plan's metric cannot have."""
    _refuse_impossible(project, plan)
    reserve_s = min(REFEREE_S, REFEREE_SHARE * plan.seconds)
    gates_of, measured = gates_of_plan(project, plan)
    run = train(
        project,
        plan,
        ctx,
        on_candidate=on_candidate,
        on_trial=on_trial,
        asked_to_stop=asked_to_stop,
        gates_of=gates_of,
        reserve_s=reserve_s,
        measured=measured,
        only=only,
        split_asked=split_asked,
    )
    return gates_after(project, run, Part(ctx, 0.99, 1.0))


def _refuse_impossible(project: Project, plan: Plan) -> None:
    for rule in rules_of_plan(project, plan):
        if rule.amount > 0 and (why := why_impossible(rule, plan.metric)) and rule.kind in MARGINS:
            raise BadInput(f"No model can keep to a gate. {why}", "Change it with gates, or beside the plan on Train.")


def resume(
    project: Project,
    run: Run,
    ctx: JobContext,
    on_candidate: Callable[[Candidate], None] | None = None,
    *,
    on_trial: Callable[[Trial], None] | None = None,
    asked_to_stop: Callable[[], bool] | None = None,
) -> Run:
    """Go on with a run that was cut off: the same question again, beginning with the best of what it had tried. A new
    run, because what an ended one says never changes; the old one is put aside. Raises as ``train_and_check``."""
    refuse_blocked(project, datasets.reading(project, run.plan.reading_id))
    if run.state is not RunState.DISCARDED:
        runs.discard_run(project, run.id)
    return train_and_check(project, run.plan, ctx, on_candidate, on_trial=on_trial, asked_to_stop=asked_to_stop)


def gates_of_plan(project: Project, plan: Plan) -> tuple[Callable[[Fitted], tuple[GateResult, ...]], Measured]:
    """How candidates of a plan are judged, and what their children have to measure for that."""
    standings = standing_findings(project, datasets.reading(project, plan.reading_id))
    rules = rules_of_plan(project, plan)
    measured = measured_for(project, plan, rules)

    def gates_of(fitted: Fitted) -> tuple[GateResult, ...]:
        return (*evaluate(plan, standings, fitted), *decided(plan, rules, measured, fitted))

    return gates_of, measured


def gates_after(project: Project, run: Run, ctx: JobContext) -> Run:
    """What can only be decided when all candidates are there: the referee's verdict and its gate."""
    if run.state is RunState.FINISHED and has_both(run):
        referee(project, run, ctx)
    rules = rules_of_plan(project, run.plan)
    asked = next((rule for rule in rules if rule.kind is GateKind.SQL_RULE), None)
    if run.best is not None and asked is not None:
        truth = has_truth(run.plan)
        decided_now = by_referee(verdicts.verdict_of(project, run.id)) if truth else not_asked(asked)
        runs.add_gate_results(project, run.best.id, [decided_now])
    return run
