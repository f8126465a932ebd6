"""A gate as a person types it: ``roc_auc >= 0.8``, ``champion + 2 %``, ``accuracy @ plan >= 0.7``. Pure. The same of a
data set's gates and of an environment's.

The direction is the metric's; a colon says the same without a sign that a shell would take for its own.
"""

from __future__ import annotations

import math
import re

from app.core.fairness import MEASURE_WORDS
from app.core.gate_rules import MARGINS, GateKind, GateRule, refuse_impossible
from app.core.metrics import (
    COST,
    GREATER_IS_BETTER,
    METRIC_WORDS,
    PINBALL,
    STABILITY,
    cost_metric,
    costs_of,
    kind_of,
    quantile_of,
    share_of,
)
from app.errors import BadInput, NotFound

EXAMPLES = (
    "roc_auc:0.8, baseline+0.02, champion-1%, sql_rule, size:500 (KB), latency:5 (ms), calibration:0.05, "
    "accuracy@COLUMN:0.7 (in every group), selection_rate@COLUMN:0.1 (between groups)"
)
LIVE_EXAMPLE = "live:200 (labels of predictions answered elsewhere)"
_HINT = f"Write it as one of: {EXAMPLES}; of an environment also {LIVE_EXAMPLE}."
_COST_HINT = 'Write it as cost:[["TRUE","PREDICTED",100]]:5.'
_PLAIN = (GateKind.SIZE, GateKind.LATENCY, GateKind.CALIBRATION, GateKind.LIVE)
"""With an amount and nothing else."""
_BOUND = re.compile(r"(?P<what>.+?)\s*(?P<sign>>=|<=|:)\s*(?P<amount>[-+]?[\d.]+(?:e[-+]?\d+)?)", re.IGNORECASE)
_MARGIN = re.compile(r"(?P<whose>[a-z]+)\s*(?:(?P<sign>[-+])\s*(?P<amount>[\d.]+)\s*(?P<share>%)?)?")


def rule_of(text: str) -> GateRule:
    """The gate that a text names. BadInput, in words, if it names none."""
    wanted = text.strip()
    if wanted == GateKind.SQL_RULE:
        return GateRule(GateKind.SQL_RULE)
    if (margin := _MARGIN.fullmatch(wanted)) and margin["whose"] in MARGINS:
        return _margin(margin)
    if not (bound := _BOUND.fullmatch(wanted)):
        raise BadInput(f"“{text}” is no gate.", _HINT)
    what, _, column = (part.strip() for part in bound["what"].partition("@"))
    rule = _bounded(text, what, column, _number(text, bound["amount"]))
    _refuse_other_way(rule, bound["sign"])
    refuse_impossible([rule])
    return rule


def text_of(rule: GateRule) -> str:
    """The gate as ``rule_of`` reads it."""
    if rule.kind is GateKind.SQL_RULE:
        return str(rule.kind)
    if rule.kind in MARGINS:
        amount = f"{_plain(abs(rule.amount) * 100)}%" if rule.relative else _plain(abs(rule.amount))
        return f"{rule.kind}{'-' if rule.amount < 0 else '+'}{amount}"
    return f"{subject_of(rule)}{'>=' if _greater(rule) else '<='}{rule.amount:.10g}"


def subject_of(rule: GateRule) -> str:
    """What the gate is about, without its amount: ``roc_auc``, ``champion``, ``accuracy@plan``."""
    what = rule.metric or str(rule.kind)
    return f"{what}@{rule.column}" if rule.column else what


def without(rules: tuple[GateRule, ...], text: str, otherwise: str) -> tuple[GateRule, ...]:
    """The rules without the one that a text names: as it is listed, by its name, or by what it is about. NotFound,
    naming those there are (``otherwise``: if there are none)."""
    left = tuple(rule for rule in rules if text not in (rule.name, text_of(rule), subject_of(rule)))
    if left == rules:
        there = ", ".join(map(text_of, rules)) or otherwise
        raise NotFound(f"There is no gate {text} to remove.", f"There are: {there}.")
    return left


def _plain(amount: float) -> str:
    """Without an exponent, which a sign could be taken for."""
    return f"{amount:.10f}".rstrip("0").rstrip(".")


def _margin(found: re.Match[str]) -> GateRule:
    amount = _number(found[0], found["amount"] or "0") * (-1 if found["sign"] == "-" else 1)
    relative = bool(found["share"])
    return GateRule(GateKind(found["whose"]), amount / 100 if relative else amount, relative=relative)


def _bounded(text: str, what: str, column: str, amount: float) -> GateRule:
    if what in _PLAIN and not column:
        return GateRule(GateKind(what), amount)
    if what in MEASURE_WORDS and column:
        return GateRule(GateKind.FAIRNESS, amount, what, column=column)
    if kind_of(what) in GREATER_IS_BETTER:
        return GateRule(GateKind.SLICE if column else GateKind.BOUND, amount, _whole(text, what), column=column)
    why = (
        f"“{what}” needs a column: {what}@COLUMN." if what in MEASURE_WORDS else f"“{what}” is nothing a gate looks at."
    )
    raise BadInput(f"“{text}” is no gate: {why}", _HINT)


def _whole(text: str, metric: str) -> str:
    """The metric with its setting. BadInput for a setting that is missing or none: with it no run could be judged."""
    kind, _, setting = metric.partition(":")
    if kind == COST:
        try:
            return cost_metric(costs_of(metric))
        except BadInput as error:
            raise BadInput(f"“{text}” is no gate: it does not say what a mistake costs.", _COST_HINT) from error
    if kind == PINBALL:
        quantile_of(metric)
    elif kind == STABILITY:
        share_of(metric)
    elif setting:
        raise BadInput(f"“{text}” is no gate: {METRIC_WORDS[kind]} takes no “{setting}”.", _HINT)
    return metric


def _number(text: str, written: str) -> float:
    try:
        number = float(written)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise BadInput(f"“{text}” is no gate: {written} is no number.", _HINT)
    return number


def _greater(rule: GateRule) -> bool:
    by_metric = rule.kind in (GateKind.BOUND, GateKind.SLICE) and GREATER_IS_BETTER[rule.metric]
    return by_metric or rule.kind is GateKind.LIVE


def _refuse_other_way(rule: GateRule, sign: str) -> None:
    right = ">=" if _greater(rule) else "<="
    if sign not in (":", right):
        what = METRIC_WORDS[rule.metric] if rule.kind in (GateKind.BOUND, GateKind.SLICE) else "It"
        better = "more is better" if _greater(rule) else "less is better"
        raise BadInput(f"{what} is bounded from the other side: {better}.", f"Write {text_of(rule)}.")
