"""Which trials to average: greedy selection with replacement on unseen rows (Caruana et al. 2004). In a child only."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, replace

import numpy as np

from app.core.runs import Plan
from app.training.bench import Bench, Raw, bench_for
from app.training.metrics import Floats, sign, value
from app.training.order import FitOrder
from app.training.search.search_orders import Blended, BlendOrder
from app.training.search.unseen import answers_to, score_of, truth

MOST_MEMBERS = 4
"""So that the file stays small and quick."""
ROUNDS = 12
LOOKED_AT = 20_000
"""Rows that choose; all of them score."""
FEW_ROWS, SAMPLES = 1_000, 10
"""Up to so many rows weights are chosen on that many samples (Caruana et al. 2006). Measured on ten tables of 60 to 300
rows: error 6.5 % below the best trial's, against 4.6 % with the weights of all rows once."""


def blend(order: BlendOrder, fit_order: FitOrder) -> Blended:
    """The weights, and the score of the average."""
    started = time.monotonic()
    choice = _Choice.of(order, bench_for(fit_order), fit_order.plan)
    counts = choice.of_samples() if len(choice.actual) <= FEW_ROWS else choice.greedy()
    total = sum(counts.values())
    answers = [np.load(one.path).astype(np.float64) for one in order.ingredients]
    mixed = np.sum([answers[place] * (count / total) for place, count in counts.items()], axis=0)
    weights = tuple((order.ingredients[place].number, count / total) for place, count in sorted(counts.items()))
    score = score_of(choice.bench, choice.plan, order.folds, mixed)
    return Blended(weights, score, time.monotonic() - started)


@dataclass(frozen=True)
class _Choice:
    """``actual``, ``seen``: the truth of some rows, and every trial's answers to them."""

    order: BlendOrder
    bench: Bench
    plan: Plan
    actual: Raw
    seen: tuple[Floats, ...]

    @classmethod
    def of(cls, order: BlendOrder, bench: Bench, plan: Plan) -> _Choice:
        actual = truth(bench, order.folds)
        some = slice(None, None, max(1, len(actual) // LOOKED_AT))
        seen = tuple(np.load(one.path)[some].astype(np.float64) for one in order.ingredients)
        return cls(order, bench, plan, actual[some], seen)

    def figure(self, mixed: Floats) -> float:
        """Greater is better."""
        found = sign(self.plan.metric) * value(self.plan.metric, answers_to(self.bench, self.plan, self.actual, mixed))
        return found if np.isfinite(found) else -np.inf

    def greedy(self) -> Counter[int]:
        """How often each trial was taken, in the best of all rounds."""
        taken: Counter[int] = Counter([0])
        total, best, chosen = self.seen[0].copy(), self.figure(self.seen[0]), Counter([0])
        for size in range(2, ROUNDS + 1):
            able = [place for place in range(len(self.seen)) if _affordable(self.order, taken, place)]
            figures = [self.figure((total + self.seen[place]) / size) for place in able]
            place = able[int(np.argmax(figures))]
            taken[place] += 1
            total += self.seen[place]
            if max(figures) > best:
                best, chosen = max(figures), taken.copy()
        return chosen

    def of_samples(self) -> Counter[int]:
        """The same of many samples of the rows together: of few rows the best weights are those of chance. The trials
        taken most often; the best one alone where their average is no better than it."""
        random = np.random.default_rng(self.plan.seed)
        votes: Counter[int] = Counter()
        for _ in range(SAMPLES):
            rows = random.integers(0, len(self.actual), len(self.actual))
            votes += replace(self, actual=self.actual[rows], seen=tuple(one[rows] for one in self.seen)).greedy()
        kept: Counter[int] = Counter()
        for place, count in sorted(votes.items(), key=lambda pair: (-pair[1], pair[0])):
            if _affordable(self.order, kept, place):
                kept[place] = count
        mixed = np.sum([self.seen[place] * count for place, count in kept.items()], axis=0) / sum(kept.values())
        return kept if self.figure(mixed) > self.figure(self.seen[0]) else Counter([0])


def _affordable(order: BlendOrder, taken: Counter[int], place: int) -> bool:
    if place in taken:
        return True
    seconds = sum(order.ingredients[i].refit_s for i in (*taken, place))
    return len(taken) < MOST_MEMBERS and seconds <= order.seconds
