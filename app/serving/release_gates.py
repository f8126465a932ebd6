"""An environment's own gates, decided on what was measured when the model was trained. Nothing is measured again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.core.gate_rules import GateKind, GateRule, described
from app.core.gates import GateResult
from app.core.metrics import GREATER_IS_BETTER, METRIC_WORDS
from app.core.models import ModelVersion
from app.core.releases import Environment
from app.core.runs import Candidate, Score
from app.errors import NotAllowed

if TYPE_CHECKING:
    from app.registry.project import Project

KB = 1000


def results(project: Project, version: ModelVersion, place: Environment) -> tuple[GateResult, ...]:
    """One result for each of the environment's gates."""
    return results_of(project, version.candidate_id, place)


def results_of(project: Project, candidate_id: str, place: Environment) -> tuple[GateResult, ...]:
    """The same of a candidate, before anybody approved it."""
    from app.registry import runs
    from app.training import results as trained

    if not place.gates:
        return ()
    candidate = runs.candidate(project, candidate_id)
    figures = dict(trained.evaluation(project, candidate).metrics)
    known = {result.name: result for result in runs.gate_results(project, candidate.id)}
    return tuple(_decided(rule, candidate, figures, known.get(rule.name)) for rule in place.gates)


def refuse_failing(project: Project, version: ModelVersion, place: Environment) -> None:
    """NotAllowed, with every gate of the environment that the version does not pass."""
    failed = [result.message for result in results(project, version, place) if not result.passed]
    if failed:
        raise NotAllowed(
            f"{version.label} does not pass the gates of {place.name}. {' '.join(failed)}", "Change them in Services."
        )


def _decided(rule: GateRule, candidate: Candidate, figures: dict[str, Score], known: GateResult | None) -> GateResult:
    if rule.kind is GateKind.BOUND:
        return _bound(rule, figures.get(rule.metric))
    if rule.kind is GateKind.SIZE:
        size = candidate.onnx_bytes / KB
        message = f"The exported model has {size:,.1f} KB, to be at most {rule.amount:g} KB."
        return GateResult(rule.name, size <= rule.amount, size, rule.amount, message)
    if known is not None:
        return known
    message = f"{described(rule).title}: this was not measured when the model was trained."
    return GateResult(rule.name, False, None, rule.amount, message)


def _bound(rule: GateRule, score: Score | None) -> GateResult:
    """The whole interval has to keep to it, as when a model is approved."""
    name = METRIC_WORDS[rule.metric]
    if score is None:
        return GateResult(rule.name, False, None, rule.amount, f"{name} has no value on the hold-out.")
    greater = GREATER_IS_BETTER[rule.metric]
    worst = score.low if greater else score.high
    passed = worst >= rule.amount if greater else worst <= rule.amount
    shown = f"{score.value:.4g} [{score.low:.4g}, {score.high:.4g}]"
    message = f"{name} on the hold-out is {shown}, to be at {'least' if greater else 'most'} {rule.amount:g}."
    return GateResult(rule.name, passed, worst, rule.amount, message)
