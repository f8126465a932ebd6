"""How large a model may be so that it is done in time: settings are resolved once and recorded in the recipe."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass

import numpy as np

from app.core.data import ColumnType
from app.core.runs import Plan
from app.training.bench import Bench, take
from app.training.candidates import build, default_params
from app.training.families import Params, within_bounds
from app.training.order import CandidateOrder
from app.training.pace import Pace, affordable

STEPS = {"forest": "trees", "boosting": "iterations"}
LEAST_STEPS = 10
PILOT_STEPS = (1, 5)
"""Steps of the two pilot fits: their difference is the cost of steps alone, without reading and binning."""
PILOT_ROWS = 20_000
PILOT_FROM = 1_000_000
"""Rows x features x classes below which the family's settings are done in time without asking."""
SAFETY = 1.3
"""Large tables leave the processor's cache: a step costs more a row than in the pilot (measured: 1.1-1.25)."""
FASTEST_RATE = 0.3
"""Learning rate of a boosting that can afford few iterations (see TRAINING.md: the rate rises)."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds of one fit on all training rows: ``fixed`` + ``each`` x steps."""

    fixed: float
    each: float


def resolve(candidate: CandidateOrder, plan: Plan, bench: Bench, pace: Pace) -> Params:
    """The family's settings for this table with the candidate's changes, cut so that one fold and the final fit
    keep to the pace."""
    params = {**default_params(candidate.family, plan.task, len(bench.y)), **json.loads(candidate.variant)}
    params = within_bounds(candidate.family, params, max(2, len(bench.labels)))
    key = STEPS.get(candidate.family)
    if key is None or _size(bench, params) < PILOT_FROM:
        return params
    cost = _pilot(candidate.family, key, params, plan, bench)
    one_fit_s = pace.fitting_left / 2
    wanted = int(params[key])
    fitting = affordable(wanted, cost.each, one_fit_s - cost.fixed, LEAST_STEPS)
    params[key] = fitting
    if "rate" in params and fitting < wanted:
        params["rate"] = round(min(FASTEST_RATE, float(params["rate"]) * wanted / fitting), 4)
    return params


def _size(bench: Bench, params: Params) -> int:
    texts = sum(spec.type is ColumnType.TEXT for spec in bench.inputs)
    features = len(bench.inputs) + texts * int(params.get("terms", 0))
    return len(bench.y) * features * max(1, len(bench.labels) - 1)


def _pilot(family: str, key: str, params: Params, plan: Plan, bench: Bench) -> Cost:
    """What a fit costs, measured with few steps on few rows."""
    rows = np.arange(0, len(bench.y), max(1, len(bench.y) // PILOT_ROWS))
    x, y, times = take(bench.x, rows), bench.y[rows], len(bench.y) / len(rows) * SAFETY
    seconds = []
    for steps in PILOT_STEPS:
        started = time.monotonic()
        build(family, params | {key: steps}, bench.inputs, plan.task, plan.seed).fit(x, y)
        seconds.append(time.monotonic() - started)
    each = max(seconds[1] - seconds[0], 0.0) / (PILOT_STEPS[1] - PILOT_STEPS[0])
    return Cost(max(seconds[0] - each, 0.0) * times, each * times)
