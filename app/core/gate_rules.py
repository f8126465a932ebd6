"""Gates that a team adds to the three defaults: one list a data set, versioned, fixed before training."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from app.core.fairness import MEAN_ABSOLUTE, MEAN_ERROR, MEASURE_WORDS
from app.core.gates import DEFAULT_GATES, Gate
from app.core.metrics import COST, FLAGGED, GREATER_IS_BETTER, METRIC_WORDS, OF_ONE, PINBALL, STABILITY, kind_of
from app.errors import BadInput


class GateKind(StrEnum):
    """What a gate looks at."""

    BOUND = "bound"
    BASELINE = "baseline"
    CHAMPION = "champion"
    SQL_RULE = "sql_rule"
    SIZE = "size"
    LATENCY = "latency"
    FAIRNESS = "fairness"
    SLICE = "slice"
    CALIBRATION = "calibration"
    LIVE = "live"


BY_GROUP = (GateKind.FAIRNESS, GateKind.SLICE)
"""Gates that look at the groups of a column."""
MARGINS = (GateKind.BASELINE, GateKind.CHAMPION)
"""Gates whose amount is a margin over somebody else's figure; below zero: how much may be lost."""


PLAIN_METRICS = tuple(metric for metric in METRIC_WORDS if metric not in (COST, PINBALL, STABILITY, FLAGGED))
"""Those without a setting of their own: a gate may ask for any of them whatever was trained."""


@dataclass(frozen=True, slots=True)
class GateRule:
    """``amount``: in the metric's unit, in KB, in milliseconds or in labels; of a ``relative`` margin the share of the
    other's figure, whatever its sign. ``metric``: of a bound, also of one in every group; of fairness the measure.
    ``column``: whose groups are looked at. The SQL rule's margin is the referee's."""

    kind: GateKind
    amount: float = 0.0
    metric: str = ""
    relative: bool = False
    column: str = ""

    @property
    def name(self) -> str:
        """The name of its results; a list holds each name once."""
        named = f"{self.kind}:{self.metric}" if self.metric else self.kind.value
        return f"{named}@{self.column}" if self.column else named


@dataclass(frozen=True, slots=True)
class GateSet:
    """One version of a data set's additional gates. ``reason``: why it was changed, in a person's words."""

    id: str
    dataset_id: str
    number: int
    rules: tuple[GateRule, ...]
    reason: str
    actor: str
    created_at: str


_RESULT_TITLES = {
    "baseline": "Margin over the baseline",
    "champion": "Against the champion",
    "sql_rule": "Against the SQL rule",
    "size": "Size of the model",
    "latency": "Time of an answer",
    "calibration": "Calibration",
    "live": "Proven on live predictions",
} | {gate.name: gate.title for gate in DEFAULT_GATES}


def result_title(name: str) -> str:
    """What a result of this name is called; the name itself of a gate that is not known."""
    kind, _, metric = name.partition(":")
    metric, _, column = metric.partition("@")
    if kind == GateKind.FAIRNESS:
        return f"{MEASURE_WORDS.get(metric, metric)} by {column}"
    if kind == GateKind.SLICE:
        return f"{METRIC_WORDS.get(metric, metric)} in every group of {column}"
    if kind == GateKind.BOUND:
        return f"Bound on {METRIC_WORDS.get(metric, metric)}"
    return _RESULT_TITLES.get(name, name)


def with_rule(rules: tuple[GateRule, ...], rule: GateRule) -> tuple[GateRule, ...]:
    """The rules with this one at the end, instead of another of its name."""
    return (*(r for r in rules if r.name != rule.name), rule)


def why_impossible(rule: GateRule, metric: str = "") -> str:
    """Why no model keeps to this rule, or any would, in words; empty of a rule that tells models apart. ``metric``:
    that a margin is of, empty if it is not known yet: then every margin may be kept to."""
    title = described(rule).title
    if rule.kind in MARGINS:
        known = kind_of(metric) in OF_ONE and not rule.relative
        return f"{title}: {METRIC_WORDS[metric]} lies between 0 and 1." if known and abs(rule.amount) >= 1 else ""
    if rule.kind in (GateKind.SIZE, GateKind.LATENCY, GateKind.LIVE) and rule.amount <= 0:
        return f"{title}: the amount has to be more than 0."
    if not _of_one(rule):
        below = rule.amount < 0 and kind_of(rule.metric) != "r2"
        above = rule.amount > 1 and kind_of(rule.metric) == "r2"
        return f"{title}: it is never {'more than 1' if above else 'less than 0'}." if below or above else ""
    return "" if 0 <= rule.amount <= 1 else f"{title}: it lies between 0 and 1."


def _of_one(rule: GateRule) -> bool:
    if rule.kind is GateKind.FAIRNESS:
        return rule.metric not in (MEAN_ERROR, MEAN_ABSOLUTE)
    return rule.kind is GateKind.CALIBRATION or kind_of(rule.metric) in OF_ONE


def refuse_impossible(rules: Iterable[GateRule], before: Iterable[GateRule] = ()) -> None:
    """BadInput for the first that says nothing of a model; what was there ``before`` may stay."""
    held = tuple(before)
    for rule in rules:
        if rule not in held and (why := why_impossible(rule)):
            raise BadInput(f"That gate tells no model from another. {why}", "Choose another amount.")


def described(rule: GateRule) -> Gate:
    """The rule in words, as it stands in a form before training."""
    if rule.kind is GateKind.BOUND:
        most = "at least" if GREATER_IS_BETTER[rule.metric] else "at most"
        title = f"{METRIC_WORDS[rule.metric]} {most} {rule.amount:g}"
        return Gate(rule.name, title, "The whole interval on the hold-out keeps to it.")
    if rule.kind is GateKind.SQL_RULE:
        return Gate(rule.name, "Better than the SQL rule", "The referee says that a plain query is not enough.")
    if rule.kind is GateKind.FAIRNESS:
        title = f"{MEASURE_WORDS[rule.metric]} differs by at most {rule.amount:g} between groups of {rule.column}"
        return Gate(rule.name, title, "The interval of the largest difference on the hold-out keeps to it.")
    if rule.kind is GateKind.SLICE:
        most = "at least" if GREATER_IS_BETTER[rule.metric] else "at most"
        title = f"{METRIC_WORDS[rule.metric]} {most} {rule.amount:g} in every group of {rule.column}"
        return Gate(rule.name, title, "The interval of every group that is not too small keeps to it.")
    if rule.kind is GateKind.CALIBRATION:
        title = f"Calibration error at most {rule.amount:g}"
        return Gate(rule.name, title, "The interval of the expected calibration error on the hold-out keeps to it.")
    if rule.kind is GateKind.SIZE:
        return Gate(rule.name, f"Model at most {rule.amount:g} KB", "The size of the exported file.")
    if rule.kind is GateKind.LATENCY:
        return Gate(rule.name, f"Answer within {rule.amount:g} ms", "One row on this machine; the median's interval.")
    if rule.kind is GateKind.LIVE:
        title = f"Proven on at least {rule.amount:g} live labels"
        return Gate(
            rule.name, title, "Monitoring its predictions elsewhere, say in an earlier environment, found it right."
        )
    whose = "baseline" if rule.kind is GateKind.BASELINE else "champion"
    return Gate(rule.name, _margin_words(rule, whose), f"The interval of the difference to the {whose} lies above it.")


def _margin_words(rule: GateRule, whose: str) -> str:
    if not rule.amount:
        return f"Better than the {whose}"
    amount = f"{abs(rule.amount) * 100:g} %" if rule.relative else f"{abs(rule.amount):g}"
    if rule.amount < 0:
        return f"At most {amount} worse than the {whose}"
    return f"Better than the {whose} by {amount}"
