"""Who is tried, in which order, with which share of the time: cheap ones first."""

from __future__ import annotations

import json
from collections.abc import Mapping

from app.core.metrics import share_of
from app.core.runs import Plan, Task
from app.training.order import CandidateOrder

LEAST_SHARE, VARIANT_SHARE = 0.08, 0.25
"""Of the plan's seconds: a candidate, or a mere variant of one, is left out if less is left when it would start."""

_FIRST = (("dummy", "Baseline", 0.2), ("tree", "Depth-3 tree", 0.3), ("sql", "Query (SQL)", 0.3))
"""The quickest model comes early, so that there is one however short the time is."""
_BASELINES = ("dummy", "sql")
"""What a model has to beat; neither is ever approved as a model."""
_FAMILIES = {
    "linear": ("Linear model", 0.4),
    "boosting": ("Gradient boosting", 0.5),
    "forest": ("Forest", 0.6),
    "network": ("Neural network", 0.5),
}
_VARIANTS = (
    ("Gradient boosting, small trees", {"leaves": 7, "least": 10, "iterations": 150}, 0.6),
    ("Gradient boosting, slow", {"rate": 0.04, "iterations": 250, "leaves": 15}, 0.9),
)
ISOLATION = "isolation"
_FORESTS: tuple[tuple[str, dict[str, int], float, float], ...] = (
    ("Isolation forest", {}, 0.4, 0.0),
    ("Isolation forest, more trees", {"trees": 300}, 0.6, VARIANT_SHARE),
    ("Isolation forest, more rows a tree", {"rows": 1024, "trees": 200}, 0.8, VARIANT_SHARE),
)
"""Without a target nothing says which is right; what other seeds agree with most is at least no chance."""


def baselines() -> list[CandidateOrder]:
    """What every run has, however it looks for models."""
    return [CandidateOrder(name, family, share, baseline=family in _BASELINES) for family, name, share in _FIRST]


def _forests(plan: Plan) -> list[CandidateOrder]:
    flagged = {"share": share_of(plan.metric)}
    return [
        CandidateOrder(name, ISOLATION, share, variant=json.dumps({**changes, **flagged}), needs=needs * plan.seconds)
        for name, changes, share, needs in _FORESTS
    ]


def one_model(family: str, settings: Mapping[str, object], folds: int, rows: int) -> CandidateOrder:
    """Settings that are seldom far from the best, fitted at once where there is no time to look for better ones; scored
    as trials are that are fitted on at most so many rows of so many folds."""
    variant = json.dumps(settings, sort_keys=True)
    name = _FAMILIES[family][0]
    return CandidateOrder(name, family, 0.9, variant=variant, scored_on=folds, scored_rows=rows, complete=True)


def lineup(plan: Plan) -> list[CandidateOrder]:
    """The candidates of a plan in the order in which they start. ValueError for a family that does not exist."""
    if plan.task is Task.ANOMALY:
        return _forests(plan)
    orders = baselines()
    for family in sorted(plan.families, key=list(_FAMILIES).index):
        name, share = _FAMILIES[family]
        orders.append(CandidateOrder(name, family, share, needs=LEAST_SHARE * plan.seconds))
    if "boosting" in plan.families:
        needs = VARIANT_SHARE * plan.seconds
        orders += [
            CandidateOrder(name, "boosting", share, variant=json.dumps(changes), needs=needs)
            for name, changes, share in _VARIANTS
        ]
    return orders
