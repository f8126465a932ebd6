"""An environment's own gates, decided on what was measured when the model was trained, at the threshold that its bundle
answers by, and on what monitoring found where its predictions were labelled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.core.gate_rules import MARGINS, GateKind, GateRule, described
from app.core.gates import GateResult
from app.core.metrics import GREATER_IS_BETTER, METRIC_WORDS, judges_labels
from app.core.models import ModelVersion
from app.core.monitoring import Verdict
from app.core.progress import JobContext, Silent
from app.core.releases import Environment
from app.core.runs import Candidate, Score
from app.errors import GateFailed

if TYPE_CHECKING:
    from app.registry.project import Project

KB = 1000


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of a candidate. ``at``: the threshold that it answers by; ``figures``: at that threshold;
    ``decided``: results of the data set's gates, by name, and ``asked`` by which rules."""

    candidate: Candidate
    at: float | None
    figures: dict[str, Score]
    decided: dict[str, GateResult]
    asked: dict[str, GateRule]


def results(
    project: Project,
    version: ModelVersion,
    place: Environment,
    ctx: JobContext | None = None,
    *,
    built_at: str | None = None,
) -> tuple[GateResult, ...]:
    """One result for each of the environment's gates. ``built_at``: when the bundle was built that is to answer, None:
    it will be now. Figures that look at labels are measured anew, in a child, where a threshold was chosen."""
    return results_of(project, version.candidate_id, place, ctx, built_at=built_at)


def results_of(
    project: Project,
    candidate_id: str,
    place: Environment,
    ctx: JobContext | None = None,
    *,
    built_at: str | None = None,
    at: float | None = None,
) -> tuple[GateResult, ...]:
    """The same of a candidate, before anybody approved it. ``at``: the threshold that it will answer by, None: the one
    that was chosen for it, if any."""
    from app.registry.thresholds import threshold_at

    if not place.gates:
        return ()
    if at is None:
        at = threshold_at(project, candidate_id, built_at or project.now())
    known = _known(project, candidate_id, place, at, ctx or Silent())
    return tuple(_decided(project, rule, known) for rule in place.gates)


def refuse_failing(
    project: Project, version: ModelVersion, place: Environment, ctx: JobContext, *, built_at: str | None = None
) -> None:
    """GateFailed, with every gate of the environment that the version does not pass."""
    found = results(project, version, place, ctx, built_at=built_at)
    if failed := [result.message for result in found if not result.passed]:
        raise GateFailed(
            f"{version.label} does not pass the gates of {place.name}. {' '.join(failed)}", "Change them in Services."
        )


def _known(project: Project, candidate_id: str, place: Environment, at: float | None, ctx: JobContext) -> _Known:
    from app.approval.gate_rules import rules_of_plan
    from app.registry import runs
    from app.training import results as trained

    candidate = runs.candidate(project, candidate_id)
    figures = dict(trained.evaluation(project, candidate).metrics)
    if at is not None:
        figures |= _at_threshold(project, candidate, place, at, ctx)
    decided = {result.name: result for result in runs.gate_results(project, candidate.id)}
    asked = {rule.name: rule for rule in rules_of_plan(project, runs.run(project, candidate.run_id).plan)}
    return _Known(candidate, at, figures, decided, asked)


def _at_threshold(
    project: Project, candidate: Candidate, place: Environment, at: float, ctx: JobContext
) -> dict[str, Score]:
    """Those figures of the environment's bounds that another threshold changes."""
    from app.training.at_threshold import measured_at

    metrics = tuple(g.metric for g in place.gates if g.kind is GateKind.BOUND and judges_labels(g.metric))
    return dict(measured_at(project, candidate.id, at, metrics, (), ctx).figures) if metrics else {}


def _decided(project: Project, rule: GateRule, known: _Known) -> GateResult:
    if rule.kind is GateKind.BOUND:
        return _bound(rule, known)
    if rule.kind is GateKind.LIVE:
        return _live(project, known.candidate, rule)
    if rule.kind is GateKind.SIZE:
        size = known.candidate.onnx_bytes / KB
        message = f"The exported model has {size:,.1f} KB, to be at most {rule.amount:g} KB."
        return GateResult(rule.name, size <= rule.amount, size, rule.amount, message)
    return _as_trained(rule, known)


def _as_trained(rule: GateRule, known: _Known) -> GateResult:
    """What training measured for a gate of the data set, held against the environment's own amount."""
    result = known.decided.get(rule.name)
    if result is not None and known.asked.get(rule.name) == rule:
        return result
    title = described(rule).title
    if result is None or result.value is None or rule.relative or rule.kind not in (GateKind.LATENCY, *MARGINS):
        return GateResult(rule.name, False, None, rule.amount, f"{title}: training did not measure this.")
    passed = result.value > rule.amount if rule.kind in MARGINS else result.value <= rule.amount
    return GateResult(
        rule.name, passed, result.value, rule.amount, f"{title}: measured is {result.value:.4g} at worst."
    )


def _bound(rule: GateRule, known: _Known) -> GateResult:
    """The whole interval has to keep to it, as when a model is approved."""
    from app.approval.gate_rules import at_words

    name, score = METRIC_WORDS[rule.metric], known.figures.get(rule.metric)
    if score is None:
        return GateResult(rule.name, False, None, rule.amount, f"{name} has no value on the hold-out.")
    greater = GREATER_IS_BETTER[rule.metric]
    worst = score.low if greater else score.high
    passed = worst >= rule.amount if greater else worst <= rule.amount
    message = f"{name} on the hold-out is {_shown(score)}, to be at {'least' if greater else 'most'} {rule.amount:g}."
    if known.at is not None and judges_labels(rule.metric):
        message = f"{at_words(known.at)}: {message}"
    return GateResult(rule.name, passed, worst, rule.amount, message)


def _live(project: Project, candidate: Candidate, rule: GateRule) -> GateResult:
    """By the newest look at its own predictions, wherever they were answered."""
    from app.registry import models, monitoring

    version = models.version_of_candidate(project, candidate.id)
    kept = next(iter(monitoring.reports(project, version.id, limit=1)), None) if version is not None else None
    if kept is None:
        label = version.label if version is not None else candidate.name
        message = f"No look at live predictions of {label} yet, to be on {rule.amount:g} labels at least."
        return GateResult(rule.name, False, 0.0, rule.amount, message)
    found = monitoring.content(project, kept).performance
    score = f"{METRIC_WORDS[found.metric]} is {_shown(found.value)}. " if found.value is not None else ""
    passed = found.value is not None and found.labels >= rule.amount and kept.verdict is not Verdict.ACT
    message = f"On {found.labels:,} live labels of {rule.amount:g}: {score}{kept.line.rstrip('.')}."
    return GateResult(rule.name, passed, float(found.labels), rule.amount, message)


def _shown(score: Score) -> str:
    return f"{score.value:.4g} [{score.low:.4g}, {score.high:.4g}]"
