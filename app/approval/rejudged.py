"""Gates asked anew of a candidate that is trained, by the threshold that would answer: those that were not fixed before
training, as an environment's. They are decided as in training; what was not measured there is measured in a child."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from app.approval.fitting import why_unfit
from app.approval.gate_rules import (
    as_fitted,
    at_threshold,
    by_label,
    by_referee,
    decided,
    has_truth,
    measured_for,
    not_asked,
)
from app.core.gate_rules import GateKind, GateRule
from app.core.gates import GateResult
from app.core.metrics import judges_labels
from app.core.progress import JobContext
from app.core.runs import Candidate, Plan, Run, Score
from app.registry import runs, verdicts
from app.training import results
from app.training.at_threshold import AtThreshold, measured_at
from app.training.order import Champion, Measured
from app.training.referee import decide, metric_beside, query_of
from app.training.referee_order import Scores

if TYPE_CHECKING:
    from app.registry.project import Project

COMPARED = (GateKind.BASELINE, GateKind.SQL_RULE)


def judged(
    project: Project,
    candidate_id: str,
    rules: Sequence[GateRule],
    at: float | None,
    champion: Champion | None,
    ctx: JobContext,
) -> dict[str, GateResult]:
    """A result for each rule, by its name. ``at``: the threshold, None: the likeliest class is answered; ``champion``:
    whom a CHAMPION rule means. A rule that no model of this kind can be judged by stands in nobody's way, and says so.
    """
    candidate = runs.candidate(project, candidate_id)
    run = runs.run(project, candidate.run_id)
    unfit = {rule.name: _unfit(rule, run.plan) for rule in rules if why_unfit(rule, run.plan.task)}
    asked = [rule for rule in rules if rule.name not in unfit]
    found = _by_measuring(project, run, candidate, asked, at, champion, ctx)
    return unfit | {name: _at(run.plan, rules, result, at) for name, result in found.items()}


def _unfit(rule: GateRule, plan: Plan) -> GateResult:
    return GateResult(rule.name, True, None, None, f"Not asked: {why_unfit(rule, plan.task)}")


def _at(plan: Plan, rules: Sequence[GateRule], result: GateResult, at: float | None) -> GateResult:
    rule = next(rule for rule in rules if rule.name == result.name)
    return result if at is None or not by_label(plan, rule) else at_threshold(result, at)


def _by_measuring(
    project: Project,
    run: Run,
    candidate: Candidate,
    rules: Sequence[GateRule],
    at: float | None,
    champion: Champion | None,
    ctx: JobContext,
) -> dict[str, GateResult]:
    plan = run.plan
    known = _recorded(project, candidate, at)
    others = [rule for rule in rules if rule.kind is not GateKind.CHAMPION]
    rival = champion if len(others) < len(rules) and has_truth(plan) else None
    asked = replace(measured_for(project, plan, others), champion=rival)
    left = replace(asked, metrics=tuple(metric for metric in asked.metrics if metric not in known))
    verdict = recorded_verdict(project, run, candidate, at)
    beside = _beside(plan, rules, verdict is not None)
    found = AtThreshold((), ())
    if beside or left != Measured():
        found = measured_at(project, candidate.id, at, left, beside, ctx)
    found = replace(found, figures=tuple((known | dict(found.figures)).items()))
    fitted = replace(as_fitted(plan, found), onnx_bytes=candidate.onnx_bytes)
    told = {result.name: result for result in decided(plan, rules, asked, fitted)}
    for rule in rules:
        if rule.kind is GateKind.SQL_RULE:
            by_child = by_query(project, run, candidate.id, found.against_query)
            told[rule.name] = not_asked(rule) if not has_truth(plan) else verdict or by_child
    return told


def _recorded(project: Project, candidate: Candidate, at: float | None) -> dict[str, Score]:
    """Figures of the training that hold at this threshold as well."""
    figures = results.evaluation(project, candidate).metrics
    return {metric: score for metric, score in figures if at is None or not judges_labels(metric)}


def recorded_verdict(project: Project, run: Run, candidate: Candidate, at: float | None) -> GateResult | None:
    """The referee's, where it is about this candidate and this threshold; None: a child has to compare them."""
    same = run.best is not None and run.best.id == candidate.id
    verdict = verdicts.verdict_of(project, run.id) if same else None
    holds = at is None or not judges_labels(metric_beside(run.plan))
    return by_referee(verdict) if verdict is not None and holds else None


def _beside(plan: Plan, rules: Sequence[GateRule], decided_already: bool) -> tuple[GateKind, ...]:
    kinds = {rule.kind for rule in rules}
    wanted = [kind for kind in COMPARED if kind in kinds]
    if decided_already or not has_truth(plan):
        wanted = [kind for kind in wanted if kind is not GateKind.SQL_RULE]
    return tuple(wanted)


def by_query(project: Project, run: Run, candidate_id: str, scores: Scores | None) -> GateResult:
    """The SQL rule's gate by what a child measured; ``scores`` None: there was no query."""
    if scores is None:
        return by_referee(None)
    candidate = runs.candidate(project, candidate_id)
    return by_referee(decide(metric_beside(run.plan), candidate, query_of(project, run), scores))
