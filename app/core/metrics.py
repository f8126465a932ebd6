"""What a person can optimise for, by name. A metric with a setting of its own carries it in its name
(``pinball:0.9``, ``cost:[["yes","no",100.0]]``), so that whoever holds the name can compute it again."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from typing import TypeVar

from app.errors import BadInput

T = TypeVar("T")
Costs = dict[tuple[str, str], float]
"""(true class, answered class) -> what that answer costs; what is not named costs nothing."""

COST, PINBALL = "cost", "pinball"
STABILITY, FLAGGED = "stability", "flagged"
"""Where there is no target. ``stability:0.05``: of the 5 % of rows with the highest scores, the share that is also
among the 5 % by the same model with another seed. ``flagged``: the share of rows that is answered as an anomaly."""


MOST_FLAGGED = 0.5
"""What more than half of the rows are is not unusual."""
SHARE_HINT = "Write it as stability:0.05."


def kind_of(metric: str) -> str:
    """The metric's name without its setting."""
    return metric.partition(":")[0]


LABEL_METRICS = ("accuracy", "macro_f1", "balanced_accuracy", COST)
"""What is measured of the answered labels: another threshold gives another figure."""


def judges_labels(metric: str) -> bool:
    """Whether a metric looks at the answered labels; the others look at probabilities or values."""
    return kind_of(metric) in LABEL_METRICS


class PerMetric(Mapping[str, T]):
    """Something for each metric, found by its kind. KeyError for one that is not known."""

    def __init__(self, known: Mapping[str, T]) -> None:
        self._known = dict(known)

    def __getitem__(self, metric: str) -> T:
        """What is known of the metric's kind."""
        return self._known[kind_of(metric)]

    def __iter__(self) -> Iterator[str]:
        """The kinds."""
        return iter(self._known)

    def __len__(self) -> int:
        """How many kinds."""
        return len(self._known)


class MetricWords(PerMetric[str]):
    """What a metric is called on screen."""

    def __getitem__(self, metric: str) -> str:
        """The kind's words, with the quantile."""
        words = super().__getitem__(metric)
        if kind_of(metric) == STABILITY:
            return f"{words} of the top {share_of(metric) * 100:g} %"
        return f"{words} {metric.partition(':')[2]}" if kind_of(metric) == PINBALL else words


GREATER_IS_BETTER = PerMetric(
    {
        "roc_auc": True,
        "log_loss": False,
        "rmse": False,
        "accuracy": True,
        "mae": False,
        "r2": True,
        "macro_f1": True,
        "balanced_accuracy": True,
        "average_precision": True,
        "mape": False,
        PINBALL: False,
        COST: False,
        STABILITY: True,
        FLAGGED: False,
    }
)
METRIC_WORDS = MetricWords(
    {
        "roc_auc": "ROC AUC",
        "log_loss": "Log loss",
        "rmse": "RMSE",
        "accuracy": "Accuracy",
        "mae": "MAE",
        "r2": "R²",
        "macro_f1": "Macro F1",
        "balanced_accuracy": "Balanced accuracy",
        "average_precision": "Average precision",
        "mape": "MAPE",
        PINBALL: "Quantile loss",
        COST: "Cost per row",
        STABILITY: "Stability",
        FLAGGED: "Share flagged",
    }
)
OF_ONE = frozenset({"roc_auc", "accuracy", "macro_f1", "balanced_accuracy", "average_precision", STABILITY, FLAGGED})
"""Those that lie between 0 and 1, so that no difference of two is more than 1."""
UNDEFINED_WORDS = {
    "roc_auc": "needs rows of both classes.",
    "average_precision": "needs rows of the positive class.",
    "mape": "is undefined where the target is 0: an error is no share of nothing.",
    "r2": "is undefined where every target is the same.",
}
"""Why a metric has no value on some rows; the name of the metric stands before it."""


def quantile_of(metric: str) -> float:
    """The quantile of ``pinball:0.9``. BadInput unless it lies between 0 and 1."""
    text = metric.partition(":")[2]
    try:
        quantile = float(text)
    except ValueError:
        quantile = math.nan
    if not 0 < quantile < 1:
        raise BadInput(f"A quantile lies between 0 and 1, not “{text}”.", "Write it as pinball:0.9.")
    return quantile


def share_of(metric: str) -> float:
    """The share of rows to flag in ``stability:0.05``. BadInput unless it lies between 0 and one half."""
    text = metric.partition(":")[2]
    try:
        share = float(text)
    except ValueError:
        share = math.nan
    if not 0 < share <= MOST_FLAGGED:
        raise BadInput(f"The share of unusual rows lies between 0 and {MOST_FLAGGED:g}, not “{text}”.", SHARE_HINT)
    return share


def cost_metric(costs: Costs) -> str:
    """The metric's name for these costs; the same costs give the same name. BadInput for a cost that is none."""
    if not costs:
        raise BadInput("No mistake has a cost.", "Say what at least one mistake costs.")
    for (truth, answer), amount in costs.items():
        if not (math.isfinite(amount) and amount >= 0):
            raise BadInput(f"The cost of answering “{answer}” for “{truth}” is not an amount of 0 or more.")
    told = [[truth, answer, float(amount)] for (truth, answer), amount in sorted(costs.items())]
    return f"{COST}:{json.dumps(told, ensure_ascii=False, separators=(',', ':'))}"


def costs_of(metric: str) -> Costs:
    """The costs in a name that ``cost_metric`` made. BadInput for a name without costs."""
    try:
        told = json.loads(metric.partition(":")[2])
        return {(str(truth), str(answer)): float(amount) for truth, answer, amount in told}
    except (ValueError, TypeError) as error:
        raise BadInput("This metric does not say what a mistake costs.", "Add --cost TRUE:PREDICTED=AMOUNT.") from error
