"""Whether a gate can be asked of a model at all: not every figure is one of every kind of answer."""

from __future__ import annotations

from app.core.fairness import MEASURE_WORDS, MEASURES
from app.core.gate_rules import GateKind, GateRule
from app.core.metrics import COST, FLAGGED, METRIC_WORDS, PINBALL, kind_of
from app.core.runs import TASK_WORDS, Task
from app.training.offered import METRICS


def metrics_of(task: Task) -> tuple[str, ...]:
    """The kinds of metrics that answers of this kind have."""
    more = COST if task.classifies else FLAGGED if task is Task.ANOMALY else PINBALL
    return tuple(dict.fromkeys([*map(kind_of, METRICS[task]), more]))


def why_unfit(rule: GateRule, task: Task) -> str:
    """Why no model that answers so can be judged by a gate, in words; empty if one can."""
    what = ""
    if rule.kind in (GateKind.BOUND, GateKind.SLICE) and kind_of(rule.metric) not in metrics_of(task):
        what = METRIC_WORDS[rule.metric]
    elif rule.kind is GateKind.FAIRNESS and rule.metric not in MEASURES[task]:
        what = MEASURE_WORDS[rule.metric]
    elif rule.kind is GateKind.CALIBRATION and not task.classifies:
        what = "Calibration error"
    return f"{what} does not fit a model that answers {TASK_WORDS[task]}." if what else ""


def fitting(rule: GateRule, task: Task) -> tuple[str, ...]:
    """What could be asked instead of what a rule that does not fit asks."""
    return MEASURES[task] if rule.kind is GateKind.FAIRNESS else metrics_of(task)
