"""Which trials to average: greedy selection with replacement on unseen rows (Caruana et al. 2004). In a child only."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence

import numpy as np

from app.core.runs import Plan
from app.training.bench import Bench, bench_for
from app.training.metrics import Floats, sign, value
from app.training.order import FitOrder
from app.training.search.search_orders import Blended, BlendOrder
from app.training.search.unseen import answers_to, score_of, truth

MOST_MEMBERS = 4
"""So that the file stays small and quick."""
ROUNDS = 12
LOOKED_AT = 20_000
"""Rows that choose; all of them score."""


def blend(order: BlendOrder, fit_order: FitOrder) -> Blended:
    """The weights, and the score of the average."""
    started = time.monotonic()
    bench, plan = bench_for(fit_order), fit_order.plan
    answers = [np.load(one.path).astype(np.float64) for one in order.ingredients]
    counts = _chosen(order, bench, plan, answers)
    total = sum(counts.values())
    mixed = np.sum([answers[place] * (count / total) for place, count in counts.items()], axis=0)
    weights = tuple((order.ingredients[place].number, count / total) for place, count in sorted(counts.items()))
    return Blended(weights, score_of(bench, plan, order.folds, mixed), time.monotonic() - started)


def _chosen(order: BlendOrder, bench: Bench, plan: Plan, answers: Sequence[Floats]) -> Counter[int]:
    """How often each trial was taken, in the best of all rounds."""
    actual = truth(bench, order.folds)
    some = slice(None, None, max(1, len(actual) // LOOKED_AT))
    actual, seen = actual[some], [one[some] for one in answers]

    def figure(mixed: Floats) -> float:
        found = sign(plan.metric) * value(plan.metric, answers_to(bench, plan, actual, mixed))
        return found if np.isfinite(found) else -np.inf

    taken: Counter[int] = Counter([0])
    total, best, chosen = seen[0].copy(), figure(seen[0]), Counter([0])
    for size in range(2, ROUNDS + 1):
        able = [place for place in range(len(seen)) if _affordable(order, taken, place)]
        figures = [figure((total + seen[place]) / size) for place in able]
        place = able[int(np.argmax(figures))]
        taken[place] += 1
        total += seen[place]
        if max(figures) > best:
            best, chosen = max(figures), taken.copy()
    return chosen


def _affordable(order: BlendOrder, taken: Counter[int], place: int) -> bool:
    if place in taken:
        return True
    seconds = sum(order.ingredients[i].refit_s for i in (*taken, place))
    return len(taken) < MOST_MEMBERS and seconds <= order.seconds
