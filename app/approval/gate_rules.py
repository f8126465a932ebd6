"""The gates that a team added: what they need measured, and how a candidate did. Decided by intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from app.approval.group_results import by_group
from app.core.fairness import MEASURES
from app.core.gate_rules import BY_GROUP, MARGINS, GateKind, GateRule
from app.core.gates import GateResult
from app.core.metrics import FLAGGED, GREATER_IS_BETTER, METRIC_WORDS, STABILITY, judges_labels, kind_of
from app.core.referee import RefereeVerdict, Ruling
from app.core.runs import CandidateState, Plan, Score, Task
from app.registry import gates, models, runs
from app.registry.datasets import reading, version
from app.registry.thresholds import threshold_of
from app.training import results
from app.training.order import Champion, Fitted, Grouped, Measured

if TYPE_CHECKING:
    from app.core.models import ModelVersion
    from app.registry.project import Project
    from app.training.at_threshold import AtThreshold

KB = 1000


def rules_of_plan(project: Project, plan: Plan) -> tuple[GateRule, ...]:
    """The rules that were fixed when the plan was made."""
    return gates.rules_in(project, version(project, plan.version_id).dataset_id, plan.gates) if plan.gates else ()


def measured_for(project: Project, plan: Plan, rules: Sequence[GateRule]) -> Measured:
    """What the children have to measure for these rules."""
    if not has_truth(plan):
        rules = [rule for rule in rules if not _asks_for_truth(rule)]
    kinds = {rule.kind for rule in rules}
    return Measured(
        metrics=tuple(rule.metric for rule in rules if rule.kind is GateKind.BOUND),
        champion=champion_of(project, plan) if GateKind.CHAMPION in kinds else None,
        latency=GateKind.LATENCY in kinds,
        grouped=_grouped(project, plan, rules),
    )


def _grouped(project: Project, plan: Plan, rules: Sequence[GateRule]) -> tuple[Grouped, ...]:
    wanted = [rule for rule in rules if rule.kind in (*BY_GROUP, GateKind.CALIBRATION)]
    if not wanted:
        return ()
    columns = {column.name: column for column in reading(project, plan.reading_id).columns}
    return tuple(Grouped(r.name, r.kind.value, r.metric, columns.get(r.column)) for r in wanted if _fits(r, plan))


def _fits(rule: GateRule, plan: Plan) -> bool:
    """Whether this task has what the rule asks for."""
    if rule.kind is GateKind.CALIBRATION:
        return plan.task.classifies
    return rule.kind is not GateKind.FAIRNESS or rule.metric in MEASURES[plan.task]


def has_truth(plan: Plan) -> bool:
    """Whether anything says which answer is right; without it models cannot be compared, nor groups."""
    return plan.task is not Task.ANOMALY


def champion_of(project: Project, plan: Plan, candidate_id: str = "") -> Champion | None:
    """The newest approved version of the same data set that predicts the same; None if there is none.
    ``candidate_id``: of what is judged; where that is approved itself, what it had to beat was approved before."""
    for made in _approved_before(project, candidate_id):
        if predicts_the_same(project, plan, made):
            chosen = threshold_of(project, made.candidate_id)
            return as_champion(project, made, chosen.at if chosen is not None else None)
    return None


def predicts_the_same(project: Project, plan: Plan, made: ModelVersion) -> bool:
    """Whether a version answers what the plan asks, of the same data set."""
    run = runs.run(project, made.run_id)
    asked = (run.dataset_id, run.plan.target, run.plan.task, run.plan.positive)
    return asked == (version(project, plan.version_id).dataset_id, plan.target, plan.task, plan.positive)


def as_champion(project: Project, made: ModelVersion, at: float | None) -> Champion:
    """A version as it is compared with. ``at``: the threshold that it answers by."""
    candidate = runs.candidate(project, made.candidate_id)
    path = str(project.objects.path(str(candidate.onnx_sha256)))
    return Champion(made.label, path, results.recipe(project, candidate), at)


def _approved_before(project: Project, candidate_id: str) -> list[ModelVersion]:
    """Newest first; all of them for what is not approved."""
    made = models.model_versions(project)
    own = next((place for place, one in enumerate(made) if one.candidate_id == candidate_id), -1)
    return list(made[own + 1 :])


def asked_at(project: Project, plan: Plan, candidate_id: str) -> Measured:
    """What has to be measured anew of a candidate that answers by a threshold: metrics of labels, groups, and the
    difference to the champion."""
    rules = [rule for rule in rules_of_plan(project, plan) if by_label(plan, rule)]
    wanted = measured_for(project, plan, [rule for rule in rules if rule.kind is not GateKind.CHAMPION])
    judged = any(rule.kind is GateKind.CHAMPION for rule in rules)
    return replace(wanted, champion=champion_of(project, plan, candidate_id) if judged else None)


def decided_at(
    project: Project, plan: Plan, before: Sequence[GateResult], measured: Measured, found: AtThreshold, at: float
) -> list[GateResult]:
    """The results of those gates that look at the answered labels, as they are at a threshold, but for the SQL rule's.
    ``before``: what was decided for the likeliest class; nothing is decided here that was not decided there."""
    names = {result.name for result in before}
    rules = [rule for rule in rules_of_plan(project, plan) if rule.name in names and by_label(plan, rule)]
    return [at_threshold(result, at) for result in decided(plan, rules, measured, as_fitted(plan, found))]


def as_fitted(plan: Plan, found: AtThreshold) -> Fitted:
    """What was measured anew, as it would have come from training."""
    return Fitted(
        "", CandidateState.PASSED, 0.0, figures=found.figures, grouped=found.grouped,
        against_baseline=found.against_baseline, against_champion=found.against_champion,
        holdout=dict(found.figures).get(plan.metric), latency_ms=found.latency_ms,
    )  # fmt: skip


def at_threshold(result: GateResult, at: float) -> GateResult:
    """A result that was decided at a threshold, and says so."""
    return replace(result, message=f"{at_words(at)}: {result.message}")


def at_words(at: float) -> str:
    """How a result that was decided at a threshold begins."""
    return f"Answering from {at:.3g} on"


def by_label(plan: Plan, rule: GateRule) -> bool:
    """Whether another threshold may decide a rule otherwise."""
    if rule.kind is GateKind.FAIRNESS:
        return True
    if rule.kind in (*MARGINS, GateKind.SQL_RULE):
        return judges_labels(plan.metric)
    return rule.kind in (GateKind.BOUND, GateKind.SLICE) and judges_labels(rule.metric)


def decided(plan: Plan, rules: Sequence[GateRule], measured: Measured, fitted: Fitted) -> list[GateResult]:
    """One result for each rule but the SQL rule's, which waits for the referee."""
    return [_decided(plan, rule, measured, fitted) for rule in rules if rule.kind is not GateKind.SQL_RULE]


def by_referee(verdict: RefereeVerdict | None) -> GateResult:
    """The SQL rule's gate, once the run's best model was compared with the query."""
    if verdict is None:
        return GateResult(GateKind.SQL_RULE, False, None, None, "There was no query to compare with.")
    passed = verdict.ruling is Ruling.NOT_ENOUGH
    return GateResult(GateKind.SQL_RULE, passed, verdict.difference.low, verdict.margin, verdict.sentence)


def not_asked(rule: GateRule) -> GateResult:
    """Of a rule that asks which answers are right, where nothing says so: it stands in nobody's way."""
    return GateResult(rule.name, True, None, None, "Not asked: no column is predicted, so nothing says what is right.")


def _asks_for_truth(rule: GateRule) -> bool:
    if rule.kind is GateKind.FAIRNESS:
        return rule.metric not in MEASURES[Task.ANOMALY]
    if rule.kind is GateKind.BOUND:
        return kind_of(rule.metric) not in (STABILITY, FLAGGED)
    return rule.kind in (GateKind.CHAMPION, GateKind.SLICE, GateKind.CALIBRATION, GateKind.SQL_RULE)


def _decided(plan: Plan, rule: GateRule, measured: Measured, fitted: Fitted) -> GateResult:
    if not has_truth(plan) and _asks_for_truth(rule):
        return not_asked(rule)
    if rule.kind is GateKind.BOUND:
        return _bound(rule, fitted)
    if rule.kind is GateKind.SIZE:
        return _size(rule, fitted)
    if rule.kind is GateKind.LATENCY:
        return _latency(rule, fitted)
    if rule.kind in (*BY_GROUP, GateKind.CALIBRATION):
        return by_group(rule, fitted)
    if rule.kind is GateKind.LIVE:
        return GateResult(rule.name, True, None, None, "Not asked: nothing of it is live before it is approved.")
    if rule.kind is GateKind.BASELINE:
        return _margin(plan, rule, fitted, fitted.against_baseline, "the baseline's", "")
    return _champion(plan, rule, measured, fitted)


def _bound(rule: GateRule, fitted: Fitted) -> GateResult:
    """The whole interval has to keep to the bound."""
    name, score = METRIC_WORDS[rule.metric], dict(fitted.figures).get(rule.metric)
    if score is None:
        return GateResult(rule.name, False, None, rule.amount, f"{name} has no value on the hold-out.")
    greater = GREATER_IS_BETTER[rule.metric]
    worst = score.low if greater else score.high
    passed = worst >= rule.amount if greater else worst <= rule.amount
    most = "least" if greater else "most"
    message = f"{name} on the hold-out is {_interval(score)}, to be at {most} {rule.amount:g}."
    return GateResult(rule.name, passed, worst, rule.amount, message + _by_point(passed, score, rule.amount, greater))


def _by_point(passed: bool, score: Score, amount: float, greater: bool) -> str:
    """That only the noise is in the way."""
    reached = score.value >= amount if greater else score.value <= amount
    return " The figure alone would do, but its interval reaches beyond." if reached and not passed else ""


def _champion(plan: Plan, rule: GateRule, measured: Measured, fitted: Fitted) -> GateResult:
    if measured.champion is None:
        message = "No model of this data set that predicts the same is approved yet: there is no champion to beat."
        return GateResult(rule.name, True, None, None, message)
    against = fitted.against_champion
    if against is None or against.difference is None:
        why = against.problem if against else "The candidate was not scored."
        message = f"{measured.champion.label} cannot answer this hold-out. {why}"
        return GateResult(rule.name, False, None, None, message)
    seen = f" {against.label} may have seen some of these rows in training." if against.may_have_seen else ""
    return _margin(plan, rule, fitted, against.difference, f"{against.label}'s", seen)


def _margin(plan: Plan, rule: GateRule, fitted: Fitted, gap: Score | None, whose: str, note: str) -> GateResult:
    """A relative margin is a share of the other's figure without its sign: it asks for more of -5 as of 5."""
    if gap is None or fitted.holdout is None:
        return GateResult(rule.name, False, None, rule.amount, "The candidate was not scored.")
    other = fitted.holdout.value - gap.value if GREATER_IS_BETTER[plan.metric] else fitted.holdout.value + gap.value
    needed = rule.amount * abs(other) if rule.relative else rule.amount
    passed = gap.low > needed
    than = "better than" if gap.value >= 0 else "worse than"
    words = f"{METRIC_WORDS[plan.metric]} is {abs(gap.value):.3g} {than} {whose} {other:.4g}"
    message = f"{words} (difference [{gap.low:.3g}, {gap.high:.3g}], to be above {needed:.3g}).{note}"
    return GateResult(rule.name, passed, gap.low, needed, message)


def _size(rule: GateRule, fitted: Fitted) -> GateResult:
    if not fitted.onnx_bytes:
        return GateResult(rule.name, False, None, rule.amount, "The model could not be exported.")
    size = fitted.onnx_bytes / KB
    message = f"The exported model has {size:,.1f} KB, to be at most {rule.amount:g} KB."
    return GateResult(rule.name, size <= rule.amount, size, rule.amount, message)


def _latency(rule: GateRule, fitted: Fitted) -> GateResult:
    taken = fitted.latency_ms
    if taken is None:
        return GateResult(rule.name, False, None, rule.amount, "The model's answers were not timed.")
    message = f"One row takes {_interval(taken)} ms on this machine, to be at most {rule.amount:g} ms."
    return GateResult(rule.name, taken.high <= rule.amount, taken.high, rule.amount, message)


def _interval(score: Score) -> str:
    return f"{score.value:.4g} [{score.low:.4g}, {score.high:.4g}]"
