"""Approve: a candidate that passed every gate becomes a model version on a person's word."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.approval.card import card
from app.approval.gate_rules import rules_of_plan
from app.core.gate_rules import GateKind
from app.core.gates import GateResult
from app.core.models import ModelVersion
from app.core.progress import JobContext
from app.core.runs import Candidate, CandidateState, Plan, Run, RunState
from app.errors import BadInput, NotAllowed
from app.registry import datasets, models, runs
from app.training import results

if TYPE_CHECKING:
    from app.registry.project import Project


def approve(
    project: Project, run_id: str, *, candidate_id: str | None = None, reason: str, ctx: JobContext
) -> ModelVersion:
    """Make a model version, named after the data (see ``model_name``), of a run's best candidate or of the one given.

    The card is stored first; version, approval and audit entry are one transaction. NotAllowed with the reason if
    ``why_not`` has one; BadInput without a reason; CorruptObject if the model's bytes changed.
    """
    if not reason.strip():
        raise BadInput("An approval needs a reason.", "Say why this model may be used.")
    ctx.progress(0.1, "Checking the gates")
    run = runs.run(project, run_id)
    candidate = _chosen(run, candidate_id)
    if problem := why_not(project, run, candidate):
        raise NotAllowed(problem)
    _check_bytes(project, candidate)
    ctx.check_cancelled()
    ctx.progress(0.6, "Writing the model card")
    stored = project.objects.put_bytes(card(project, run, candidate, reason=reason).encode())
    return models.record_approval(
        project,
        candidate_id=candidate.id,
        name=name_for(project, run),
        dataset_id=run.dataset_id,
        reason=reason.strip(),
        card=stored,
    )


def name_for(project: Project, run: Run) -> str:
    """What a run's model is called. One that has versions keeps its name when its data are renamed."""
    now = datasets.dataset(project, run.dataset_id)
    before = datasets.former_names(project)[now.id]
    names = [model_name(name, run.plan) for name in (now.name, *reversed(before))]
    held = {model.name for model in models.models(project) if model.dataset_id == now.id}
    return next((name for name in names if name in held), names[0])


def model_name(data: str, plan: Plan) -> str:
    """A model is named after its data; one that finds unusual rows answers something else, so it is no later version of
    one that predicts a column."""
    return data if plan.target else f"{data}-unusual"


def why_not(project: Project, run: Run, candidate: Candidate) -> str:
    """Why this candidate may not be approved, in words; empty if it may."""
    already = models.version_of_candidate(project, candidate.id)
    gates = runs.gate_results(project, candidate.id)
    return why_not_known(run, candidate, already.label if already else "", gates, asks_for_sql(project, run.plan))


def asks_for_sql(project: Project, plan: Plan) -> bool:
    """Whether a plan's gates ask for more than a query."""
    return any(rule.kind is GateKind.SQL_RULE for rule in rules_of_plan(project, plan))


def why_not_known(run: Run, candidate: Candidate, already: str, gates: tuple[GateResult, ...], asks_sql: bool) -> str:
    """``why_not`` for one who has read everything: ``already``: what it is approved as."""
    if run.state in (RunState.RUNNING, RunState.DISCARDED):
        return "This run is still running." if run.state is RunState.RUNNING else "This run was discarded."
    if candidate.family == "sql":
        return "A query is no model: take it along from the SQL answer."
    if candidate.baseline:
        return "The baseline looks at no column: it is there to be beaten."
    if candidate.state is not CandidateState.PASSED:
        return f"{candidate.name} cannot be approved: {_state_words(candidate)}"
    if already:
        return f"This is already approved as {already}."
    return _gates_words(gates) or _undecided(asks_sql, gates)


def _undecided(asks_sql: bool, gates: tuple[GateResult, ...]) -> str:
    """The SQL rule's gate is decided for a run's best model alone, when the run is finished."""
    if not asks_sql or any(gate.name == GateKind.SQL_RULE for gate in gates):
        return ""
    return "It was not compared with the SQL rule: only the best model of a finished run is."


def _chosen(run: Run, candidate_id: str | None) -> Candidate:
    if candidate_id is not None:
        found = next((c for c in run.candidates if c.id == candidate_id), None)
        if found is None:
            raise NotAllowed(f"Run {run.number} has no such candidate.")
        return found
    if run.best is None:
        failed = next((c for c in run.candidates if c.state is CandidateState.PARITY_FAILED), None)
        why = f"{failed.name}: {_state_words(failed)}" if failed else run.reason
        raise NotAllowed(f"Run {run.number} has no candidate to approve. {why}".strip(), "Train again.")
    return run.best


def _state_words(candidate: Candidate) -> str:
    if candidate.state is CandidateState.PARITY_FAILED:
        return candidate.note or "the exported model does not answer as the trained one did."
    return candidate.note or "it did not finish."


def _gates_words(gates: tuple[GateResult, ...]) -> str:
    if not gates:
        return "No gate was decided for this candidate."
    return " ".join(g.message for g in gates if not g.passed)


def _check_bytes(project: Project, candidate: Candidate) -> None:
    """The certificate must be about exactly the bytes that will be shipped, and those must be unchanged."""
    proof = results.certificate(project, candidate)
    project.objects.read(str(candidate.onnx_sha256))
    if not proof.passed or proof.onnx_sha256 != candidate.onnx_sha256:
        raise NotAllowed(f"The parity certificate of {candidate.name} is not about this model.", "Train again.")
