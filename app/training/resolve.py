"""How large a model may be so that it is done in time: settings are resolved once and recorded in the recipe."""

from __future__ import annotations

import json
import time

import numpy as np

from app.core.runs import Plan
from app.training.bench import Bench, take
from app.training.candidates import build, default_params
from app.training.families import Params
from app.training.order import CandidateOrder
from app.training.pace import Pace, affordable

STEPS = {"forest": "trees", "boosting": "iterations"}
LEAST_STEPS = {"forest": 10, "boosting": 10}
PILOT = (1, 5)
"""Steps of the two pilot fits: their difference is the cost of steps alone, without reading and binning."""
PILOT_FROM = 1_000_000
"""Rows x columns x classes below which the family's settings are done in time without asking."""
FASTEST_RATE = 0.3
"""Learning rate of a boosting that can afford few iterations (see TRAINING.md: the rate rises)."""


def resolve(candidate: CandidateOrder, plan: Plan, bench: Bench, pace: Pace) -> Params:
    """The family's settings for this table with the candidate's changes, cut so that one fold and the final fit
    keep to the pace."""
    one_fit_s = pace.fitting_left / 2
    size = len(bench.y) * len(bench.inputs) * max(1, len(bench.labels) - 1)
    params = default_params(
        candidate.family,
        plan.task,
        len(bench.y),
        one_fit_s,
        columns=len(bench.inputs),
        classes=max(2, len(bench.labels)),
    )
    params = {**params, **json.loads(candidate.variant)}
    key = STEPS.get(candidate.family)
    if key is None or size < PILOT_FROM:
        return params
    wanted = int(params[key])
    few, more = (_pilot(candidate.family, params | {key: n}, plan, bench) for n in PILOT)
    each = max(more - few, 0.0)
    fixed = max(few - each / (PILOT[1] - PILOT[0]), 0.0)
    spent = pace.fitting_left / 2 - fixed
    fitting = affordable(wanted, PILOT[1] - PILOT[0], each, spent, LEAST_STEPS[candidate.family])
    params[key] = fitting
    if "rate" in params and fitting < wanted:
        params["rate"] = round(min(FASTEST_RATE, float(params["rate"]) * wanted / fitting), 4)
    return params


def _pilot(family: str, params: Params, plan: Plan, bench: Bench) -> float:
    """Seconds that one fit on all training rows takes."""
    started = time.monotonic()
    build(family, params, bench.inputs, plan.task, plan.seed).fit(take(bench.x, np.arange(len(bench.y))), bench.y)
    return time.monotonic() - started
