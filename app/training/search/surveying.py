"""What a table is like and what a fit costs, before the search decides how to look. In a child only."""

from __future__ import annotations

from collections import Counter

import numpy as np
from scipy import stats

from app.core.data import ColumnType
from app.jobs.child import ChildContext
from app.training.bench import Bench, bench_for
from app.training.families import default_params
from app.training.metrics import refuse_undefined
from app.training.order import FitOrder
from app.training.resolve import pilot
from app.training.search.search_orders import Survey

SKEWED = 1.0
"""Skewness of a target without negative values from which its logarithm is tried as well."""
REFERENCE_STEPS = 100


def survey(ctx: ChildContext, order: FitOrder) -> Survey:
    """Read the data and fit a few trees. BadInput where the plan's metric has no value."""
    ctx.progress(None, "Reading the data")
    bench, plan = bench_for(order), order.plan
    refuse_undefined(plan.metric, bench.y, bench.y_out)
    params = {**default_params("boosting", plan.task, len(bench.y)), "leaves": 31}
    kinds = Counter(spec.type for spec in bench.inputs)
    texts = kinds[ColumnType.TEXT]
    rarest, smallest = _rarest(bench)
    return Survey(
        rows=len(bench.y),
        features=len(bench.inputs) + texts * int(params["terms"]),
        classes=len(bench.labels),
        folds=bench.material.split.rule.folds,
        categories=kinds[ColumnType.CATEGORY],
        texts=texts,
        fit_s=pilot("boosting", "iterations", params, plan, bench).of(REFERENCE_STEPS),
        smallest=smallest,
        rarest=rarest,
        log=not plan.task.classifies and _skewed(bench),
    )


def _rarest(bench: Bench) -> tuple[str, float]:
    if not bench.labels:
        return "", 1.0
    label, count = min(Counter(bench.y.tolist()).items(), key=lambda pair: (pair[1], pair[0]))
    return str(label), count / len(bench.y)


def _skewed(bench: Bench) -> bool:
    y = bench.y.astype(np.float64)
    return bool(y.min() >= 0 and stats.skew(y) > SKEWED)
