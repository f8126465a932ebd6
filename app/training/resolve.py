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

STEPS = {"forest": "trees", "boosting": "iterations", "network": "iterations"}
LEAST_STEPS = 10
PILOT_STEPS = {"forest": (1, 4), "boosting": (2, 12), "network": (1, 3)}
"""Steps of the two pilot fits: their difference is the cost of steps alone, without reading and binning."""
PILOT_ROWS = 20_000
LEAST_STEP = 0.1
"""Of the longer pilot's time, what its further steps cost at least: the clock may say that they were free."""
GROWTH = {"forest": 1.4, "boosting": 1.0, "network": 1.0}
"""A step's processor time grows with the rows to this power (measured between 20,000 and 143,000 rows: a forest's
trees leave the processor's cache)."""
PILOT_FROM = 1_000_000
"""Rows x features x classes below which the family's settings are done in time without asking."""
FASTEST_RATE = 0.3
"""Learning rate of a boosting that can afford few iterations (see TRAINING.md: the rate rises)."""
FITS = 1.8
"""One fold of five and the final fit."""
MOST_BUSY = 4.0


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds of one fit on all training rows: ``fixed`` + ``each`` x steps."""

    fixed: float
    each: float

    def of(self, steps: int) -> float:
        """Seconds of a fit with so many steps."""
        return self.fixed + self.each * steps


def resolve(candidate: CandidateOrder, plan: Plan, bench: Bench, pace: Pace, left: float) -> Params | None:
    """The family's settings for this table with the candidate's changes, cut so that one fold and the final fit
    keep to the pace; None if even the fewest steps would not be done in the ``left`` seconds of the whole run."""
    params = {**default_params(candidate.family, plan.task, len(bench.y)), **json.loads(candidate.variant)}
    params = within_bounds(candidate.family, params, max(2, len(bench.labels)))
    key = STEPS.get(candidate.family)
    if key is None or _size(bench, params) < PILOT_FROM:
        return params
    wanted = int(params[key])
    cost = pilot(candidate.family, key, params, plan, bench)
    if FITS * cost.of(min(LEAST_STEPS, wanted)) > left - pace.elapsed - pace.reserve:
        return None
    params[key] = affordable(wanted, cost.each, pace.fitting_left / FITS - cost.fixed, LEAST_STEPS)
    if candidate.family == "boosting":
        params["rate"] = round(min(FASTEST_RATE, float(params["rate"]) * wanted / int(params[key])), 4)
    return params


def _size(bench: Bench, params: Params) -> int:
    texts = sum(spec.type is ColumnType.TEXT for spec in bench.inputs)
    features = len(bench.inputs) + texts * int(params.get("terms", 0))
    return len(bench.y) * features * max(1, len(bench.labels) - 1)


def pilot(family: str, key: str, params: Params, plan: Plan, bench: Bench) -> Cost:
    """What a fit costs: processor time of few steps on few rows, which other programs do not disturb, times how
    busy the processor is."""
    rows = np.arange(0, len(bench.y), max(1, len(bench.y) // PILOT_ROWS))
    x, y = take(bench.x, rows), bench.y[rows]
    few, more = PILOT_STEPS[family]
    started, seconds = time.monotonic(), []
    for steps in (few, more):
        before = time.thread_time()
        build(family, params | {key: steps}, bench.specs_of(x), plan.task, plan.seed).fit(x, y)
        seconds.append(time.thread_time() - before)
    busy = min(MOST_BUSY, max(1.0, (time.monotonic() - started) / max(sum(seconds), 1e-6)))
    times = len(bench.y) / len(rows)
    each = max(seconds[1] - seconds[0], LEAST_STEP * seconds[1]) / (more - few)
    return Cost(max(seconds[0] - few * each, 0.0) * times * busy, each * times ** GROWTH[family] * busy)
