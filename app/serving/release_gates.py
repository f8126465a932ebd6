"""An environment's own gates, decided as a data set's are: on the hold-out, at the threshold that the bundle answers
by. The champion is what is live there; and monitoring says what was found where predictions were labelled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.core.gate_rules import GateKind, GateRule
from app.core.gates import GateResult
from app.core.metrics import METRIC_WORDS
from app.core.models import ModelVersion
from app.core.monitoring import Verdict
from app.core.progress import JobContext, Silent
from app.core.releases import Environment
from app.core.runs import Candidate, Score
from app.errors import GateFailed

if TYPE_CHECKING:
    from app.registry.project import Project
    from app.training.order import Champion


def results(
    project: Project,
    version: ModelVersion,
    place: Environment,
    ctx: JobContext | None = None,
    *,
    built_at: str | None = None,
) -> tuple[GateResult, ...]:
    """One result for each of the environment's gates. ``built_at``: when the bundle was built that is to answer, None:
    it will be now. What training did not measure is measured in a child."""
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
    from app.approval.rejudged import judged
    from app.registry import runs
    from app.registry.thresholds import threshold_at

    if not place.gates:
        return ()
    if at is None:
        at = threshold_at(project, candidate_id, built_at or project.now())
    candidate = runs.candidate(project, candidate_id)
    champion = _champion(project, candidate, place) if GateKind.CHAMPION in {g.kind for g in place.gates} else None
    told = {rule.name: _live(project, candidate, rule) for rule in place.gates if rule.kind is GateKind.LIVE}
    if champion is None:
        told |= {rule.name: _unchallenged(rule, place) for rule in place.gates if rule.kind is GateKind.CHAMPION}
    if rules := [rule for rule in place.gates if rule.name not in told]:
        told |= judged(project, candidate_id, rules, at, champion, ctx or Silent())
    return tuple(told[rule.name] for rule in place.gates)


def refuse_failing(
    project: Project, version: ModelVersion, place: Environment, ctx: JobContext, *, built_at: str | None = None
) -> None:
    """GateFailed, with every gate of the environment that the version does not pass."""
    found = results(project, version, place, ctx, built_at=built_at)
    if failed := [result.message for result in found if not result.passed]:
        raise GateFailed(
            f"{version.label} does not pass the gates of {place.name}. {' '.join(failed)}",
            "They are changed by modelyard environments (--gate, --drop-gate), or in Services.",
        )


def _champion(project: Project, candidate: Candidate, place: Environment) -> Champion | None:
    """What is live in the environment and predicts the same; None if nothing is, or only the candidate itself."""
    from app.approval.gate_rules import as_champion, predicts_the_same
    from app.registry import deploy, models, releases, runs
    from app.registry.thresholds import threshold_at

    plan = runs.run(project, candidate.run_id).plan
    for live in releases.live_on(project):
        version = models.model_version(project, live.model_version_id)
        others = live.environment.id == place.id and version.candidate_id != candidate.id
        if others and predicts_the_same(project, plan, version):
            built = deploy.bundle(project, live.release.bundle_id).created_at
            return as_champion(project, version, threshold_at(project, version.candidate_id, built))
    return None


def _unchallenged(rule: GateRule, place: Environment) -> GateResult:
    message = f"No other model that predicts the same is live in {place.name}: there is no champion to beat."
    return GateResult(rule.name, True, None, None, message)


def _live(project: Project, candidate: Candidate, rule: GateRule) -> GateResult:
    """By the newest look at its own predictions, wherever they were answered."""
    from app.approval.gate_rules import has_truth, not_asked
    from app.registry import models, monitoring, runs

    if not has_truth(runs.run(project, candidate.run_id).plan):
        return not_asked(rule)
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
