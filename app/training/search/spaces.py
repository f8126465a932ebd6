"""Which settings are tried: first a portfolio that does well across tables, then neighbours of the best ones."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from app.core.metrics import costs_of, kind_of, quantile_of
from app.core.runs import Plan, Task
from app.training.search.search_orders import Survey

Settings = dict[str, int | float | str]

WORDS = {
    "linear": "Linear model",
    "boosting": "Gradient boosting",
    "forest": "Forest",
    "network": "Neural network",
    "kernel": "Kernel machine",
    "blend": "Blend",
}
KERNEL_ROWS, KERNEL_FEATURES = 20_000, 200
"""A kernel machine is tried on tables up to this size."""
NETWORK_ROWS = 60_000
MANY_ROWS, SOME_ROWS, LARGE_LEAVES = 20_000, 3_000, 63
"""From here on larger trees come first, or at least before small ones. Measured on 277,000 flights at a rate of 0.2
(RMSE after seconds of one processor): 31 leaves 15.6 after 1.3, 63 leaves 15.0 after 1.4, 127 leaves 14.8 after 1.5; on
34,000 rows of sixteen airlines (log loss): 31 leaves 0.137 after 4.0, 63 leaves 0.121 after 3.9, 127 leaves 0.121 after
5.1; on 4,300 rows of bicycles lent (RMSE, 100 iterations of half of the columns): 15 leaves 35.7, 31 leaves 33.3.
Small steps are for those who have time: on the flights 100 iterations of 127 leaves give 15.1 at a rate of 0.1, 14.5 at
0.2 and 14.2 at 0.3."""
LABEL_METRICS = ("balanced_accuracy", "macro_f1", "cost")
"""Metrics of the answered class, under which weights of the classes matter."""
FINAL_SHARE = 0.45
"""Of the seconds, for the last fit of one boosting."""
FASTEST_RATE, ENOUGH = 0.3, 20.0
"""Iterations times rate after which boosting of many rows has learned most: 200 of 0.1, or 100 of 0.2 (measured on
flights: with 60 iterations of 0.15 the log loss is 0.17, with 100 of 0.25 it is 0.10, and with 76 of 0.1 0.24)."""
MEDIANS = ("mae", "mape")


@dataclass(frozen=True, slots=True)
class Range:
    """A number between two bounds; ``log``: its logarithm is moved; ``whole``: rounded."""

    low: float
    high: float
    log: bool = True
    whole: bool = False

    def near(self, value: float, random: Random) -> int | float:
        """A neighbour: a fifth of the range away, typically."""
        low, high = (math.log(self.low), math.log(self.high)) if self.log else (self.low, self.high)
        place = math.log(max(value, self.low)) if self.log else value
        moved = min(high, max(low, place + random.gauss(0.0, 0.2) * (high - low)))
        return self._told(math.exp(moved) if self.log else moved)

    def any(self, random: Random) -> int | float:
        """Any of it."""
        low, high = (math.log(self.low), math.log(self.high)) if self.log else (self.low, self.high)
        place = random.uniform(low, high)
        return self._told(math.exp(place) if self.log else place)

    def _told(self, value: float) -> int | float:
        return round(value) if self.whole else float(f"{value:.3g}")


RANGES: dict[str, dict[str, Range]] = {
    "boosting": {
        "rate": Range(0.02, 0.3),
        "leaves": Range(4, 127, whole=True),
        "least": Range(3, 80, whole=True),
        "l2": Range(0.01, 30),
        "features": Range(0.2, 1.0),
    },
    "forest": {
        "share": Range(0.15, 1.0),
        "least": Range(1, 12, whole=True),
        "leaves": Range(100, 2000, whole=True),
    },
    "linear": {"strength": Range(0.001, 3000)},
    "kernel": {"gamma": Range(0.03, 10), "strength": Range(0.003, 300), "centres": Range(200, 600, whole=True)},
    "network": {
        "units": Range(16, 128, whole=True),
        "rate": Range(0.0005, 0.02),
        "l2": Range(0.0001, 10),
        "iterations": Range(20, 150, whole=True),
    },
}


def portfolio(plan: Plan, survey: Survey) -> list[tuple[str, str, Settings]]:
    """``(name, family, settings)``, those that are cheap and those that often win first."""
    affordable = 100 * FINAL_SHARE * plan.seconds / max(survey.fit_s, 1e-6)
    found = [
        (name, family, {**(quick_enough(told, affordable) if family == "boosting" else told), **extra})
        for name, family, told, extra in _usual(plan, survey)
    ]
    return [one for one in found if one[1] in plan.families or (one[1] == "kernel" and "network" in plan.families)]


def _usual(plan: Plan, survey: Survey) -> Iterator[tuple[str, str, Settings, Settings]]:
    rows, weights = survey.rows, class_weights(plan)
    loss: Settings = {**_losses(plan)[0], **weights}
    many = rows > MANY_ROWS
    some = rows > SOME_ROWS
    first: Settings = {
        "rate": 0.1,
        "leaves": 31 if some else 15,
        "least": 20 if some else 10,
        "l2": 1.0,
        "features": 0.5,
    }
    large: Settings = {"rate": 0.05, "leaves": LARGE_LEAVES, "least": 30, "l2": 10.0, "features": 0.6}
    if many:
        first |= {"rate": 0.2, "leaves": LARGE_LEAVES, "features": 1.0}
        large |= {"rate": 0.2, "leaves": 127, "features": 1.0}
    forest: Settings = {"kind": "extra", "leaves": 700, "least": 2, "share": 0.5}
    yield "Gradient boosting", "boosting", first, loss
    yield "Linear model", "linear", {"strength": 1.0, "squash": 1}, weights
    if some:
        yield "Gradient boosting, large trees", "boosting", large, loss
    if not many:
        yield "Forest", "forest", forest, weights
    if survey.log:
        yield "Gradient boosting, logarithm", "boosting", first, {**loss, "target": "log"}
    small: Settings = {"rate": 0.08, "leaves": 6, "least": 5, "l2": 0.1, "features": 0.4}
    yield "Gradient boosting, small trees", "boosting", small, loss
    if rows <= KERNEL_ROWS and survey.features <= KERNEL_FEATURES and not weights:
        yield "Kernel machine", "kernel", {"gamma": 0.5, "strength": 1.0, "squash": 1}, {}
    if rows <= NETWORK_ROWS:
        network: Settings = {"units": 48, "rate": 0.003, "l2": 0.1, "iterations": 60}
        yield "Neural network", "network", {**network, "squash": 1}, weights
    slow: Settings = {"rate": 0.04, "leaves": 24, "least": 15, "l2": 5.0, "features": 0.3}
    yield "Gradient boosting, slow", "boosting", slow, loss
    if many:
        yield "Forest", "forest", forest, weights
    if not some:
        yield "Gradient boosting, large trees", "boosting", large, loss
    random: Settings = {"kind": "random", "leaves": 700, "least": 3, "share": 0.33}
    yield "Random forest", "forest", random, weights
    yield from _special(plan, survey, first, forest)


def _special(
    plan: Plan, survey: Survey, first: Settings, forest: Settings
) -> Iterator[tuple[str, str, Settings, Settings]]:
    """What helps on some tables."""
    weights, losses = class_weights(plan), _losses(plan)
    if survey.log:
        yield "Linear model, logarithm", "linear", {"strength": 1.0}, {"target": "log"}
        yield "Forest, logarithm", "forest", forest, {"target": "log"}
    if survey.categories and plan.task is not Task.MULTICLASS:
        yield "Gradient boosting, categories by name", "boosting", first, {**losses[0], **weights, "order": "name"}
    yield "Linear model, strong penalty", "linear", {"strength": 30.0}, weights
    yield "Linear model, as it is", "linear", {"strength": 1.0}, weights
    for other in losses[1:]:
        yield "Gradient boosting, other loss", "boosting", first, {**other, **weights}


def costs(leaves: float) -> float:
    """What an iteration costs, times one of 31 leaves (measured on 297,000 rows: 127 leaves 1.5, 255 leaves 2.2)."""
    return float(max(1.0, leaves / 31) ** 0.4)


def enough_s(hundred_s: float) -> float:
    """Seconds in which boosting in large steps learns most, where a hundred iterations of 31 leaves take so many."""
    return hundred_s * ENOUGH / FASTEST_RATE / 100 * costs(LARGE_LEAVES)


def quick_enough(settings: Settings, affordable: float) -> Settings:
    """Boosting in larger steps where so many iterations (of 31 leaves) in the end are too few for small ones."""
    able = affordable / costs(float(settings["leaves"]))
    rate = float(settings["rate"])
    return {**settings, "rate": max(rate, round(min(FASTEST_RATE, ENOUGH / max(able, 1.0)), 4))}


def neighbour(family: str, settings: Settings, plan: Plan, survey: Survey, random: Random) -> Settings:
    """A changed copy of a trial's settings: one to three of them moved, or now and then all drawn anew."""
    ranges = RANGES[family]
    if random.random() < 0.15:
        return _switched(family, {**settings, **{k: r.any(random) for k, r in ranges.items()}}, plan, survey, random)
    moved = random.sample(sorted(ranges), min(len(ranges), random.choice((1, 2, 2, 3))))
    changes = {key: ranges[key].near(float(settings.get(key, ranges[key].low)), random) for key in moved}
    return _switched(family, {**settings, **changes}, plan, survey, random)


def _switched(family: str, settings: Settings, plan: Plan, survey: Survey, random: Random) -> Settings:
    """Now and then one of the settings that are no numbers is another one."""
    if random.random() > 0.2:
        return settings
    able: list[Settings] = []
    if family == "forest":
        able.append({"kind": "random" if settings.get("kind") == "extra" else "extra"})
    if family in ("forest", "boosting") and survey.categories and plan.task is not Task.MULTICLASS:
        able.append({"order": "name" if settings.get("order") == "target" else "target"})
    if family in ("linear", "kernel", "network"):
        able.append({"squash": 0 if settings.get("squash") else 1})
    if survey.log:
        able.append({"target": "plain" if settings.get("target") == "log" else "log"})
    return {**settings, **random.choice(able)} if able else settings


def _losses(plan: Plan) -> list[Settings]:
    """What boosting minimises, the likeliest first."""
    if plan.task.classifies:
        return [{}]
    if kind_of(plan.metric) == "pinball":
        return [{"loss": f"quantile:{quantile_of(plan.metric)}"}]
    return [{"loss": "absolute_error"}, {}] if plan.metric in MEDIANS else [{}]


def class_weights(plan: Plan) -> Settings:
    """Weights of the classes where the metric is about answered classes: they do not help probabilities."""
    if kind_of(plan.metric) == "cost":
        costs: dict[str, float] = {}
        for (truth, _), amount in costs_of(plan.metric).items():
            costs[truth] = costs.get(truth, 0.0) + amount
        least = 0.01 * max(costs.values(), default=1.0)
        return {"weights": json.dumps({k: max(v, least) for k, v in sorted(costs.items())})} if costs else {}
    return {"weights": "balanced"} if plan.metric in LABEL_METRICS else {}
