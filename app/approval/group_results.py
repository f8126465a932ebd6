"""Gates on groups of rows and on probabilities: the worst group's interval decides."""

from __future__ import annotations

from app.core.fairness import MEASURE_WORDS
from app.core.gate_rules import GateKind, GateRule
from app.core.gates import GateResult
from app.core.metrics import GREATER_IS_BETTER, METRIC_WORDS
from app.core.runs import Score
from app.training.order import Fitted, GroupFigure


def by_group(rule: GateRule, fitted: Fitted) -> GateResult:
    """The result of a fairness, slice or calibration rule."""
    found = next((one for one in fitted.grouped if one.name == rule.name), None)
    if found is None:
        return GateResult(rule.name, False, None, rule.amount, "It was not measured for this candidate.")
    if found.score is None:
        message = f"{_what(rule)} could not be judged: {found.where}."
        return GateResult(rule.name, False, None, rule.amount, message)
    greater = rule.kind is GateKind.SLICE and GREATER_IS_BETTER[rule.metric]
    worst = found.score.low if greater else found.score.high
    passed = worst >= rule.amount if greater else worst <= rule.amount
    most = "least" if greater else "most"
    message = f"{_what(rule)} is {_interval(found.score)}{_where(rule, found)}, to be at {most} {rule.amount:g}."
    return GateResult(rule.name, passed, worst, rule.amount, message + _small(found))


def _what(rule: GateRule) -> str:
    if rule.kind is GateKind.CALIBRATION:
        return "The expected calibration error on the hold-out"
    if rule.kind is GateKind.FAIRNESS:
        return f"The largest difference of the {MEASURE_WORDS[rule.metric].lower()} by {rule.column}"
    return (
        f"The lowest {METRIC_WORDS[rule.metric]}"
        if GREATER_IS_BETTER[rule.metric]
        else (f"The highest {METRIC_WORDS[rule.metric]}")
    )


def _where(rule: GateRule, found: GroupFigure) -> str:
    return "" if rule.kind is GateKind.CALIBRATION else f" ({found.where})"


def _small(found: GroupFigure) -> str:
    if not found.small:
        return ""
    return f" {found.small} {'group was' if found.small == 1 else 'groups were'} too small to judge."


def _interval(score: Score) -> str:
    return f"{score.value:.4g} [{score.low:.4g}, {score.high:.4g}]"
