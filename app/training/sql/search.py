"""Which rule is the best one: cross-validated on training rows, the simpler one where nothing is lost. Child side."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from app.core.runs import InputSpec, Plan, Score, Task
from app.training.bench import Bench, Inputs, Raw, Rows, take
from app.training.folds import cross_validate
from app.training.metrics import Answers, class_answers, sign
from app.training.narrowing import Screen
from app.training.pace import Pace
from app.training.sql import fitting
from app.training.sql.features import MOST_FEATURES, Feature, features_of, has_gaps
from app.training.sql.kept import predicted_by
from app.training.sql.rules import Rule

MOST_ROWS, LEAST_ROWS, ROWS_A_SECOND = 20_000, 2_000, 10_000
"""Rules have few parameters: more rows than the first move their bounds by little and take seconds; with little time
they are found on fewer (measured: six kinds of rules with a fold each take 2.5 s on 20,000 rows of 13 columns)."""
DEPTHS = (1, 2, 3)
NOTHING_LOST = 0.002
"""A simpler rule is taken if its score is at most this much worse (see ``margin``: a fifth of it)."""

Fit = Callable[[Inputs, Raw], Rule | None]


@dataclass(frozen=True, slots=True)
class Found:
    """``right``: for several classes the share of training rows whose class the rule names; ``seconds``: to fit it and
    to score it over the folds."""

    rule: Rule
    cv: Score | None
    right: float
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Rules:
    """Every rule that was found, the simplest kind first, and the place of the one that the folds chose."""

    found: tuple[Found, ...]
    best: int

    @property
    def chosen(self) -> Found:
        """The one that the folds chose."""
        return self.found[self.best]


def rules_of(bench: Bench, plan: Plan, pace: Pace) -> Rules:
    """A constant, a lookup, trees of depth 1 to 3 and a weighted sum, fitted on all training rows."""
    found: list[Found] = []
    best = 0
    some = _some(bench.y, int(min(MOST_ROWS, max(LEAST_ROWS, ROWS_A_SECOND * pace.seconds))))
    for fit in _kinds(bench, plan, some):
        before = pace.elapsed
        rule = _judged(bench, plan, pace, fit, some)
        if rule is None:
            continue
        found.append(replace(rule, seconds=pace.elapsed - before))
        if _clearly_better(rule, found[best], plan.metric):
            best = len(found) - 1
    assert found, "the constant rule always fits"
    return Rules(tuple(found), best)


def as_answers(answer: np.ndarray, y: Raw, bench: Bench, plan: Plan, right: float) -> Answers:
    """What a rule said of rows as every candidate's answers are kept."""
    if not plan.task.classifies:
        return Answers(plan.task, np.asarray(y, np.float64), np.asarray(answer, np.float64))
    positive = bench.labels.index(plan.positive or bench.labels[1])
    predicted = predicted_by(answer, plan.task, bench.labels, positive, right)
    return class_answers(plan.task, y, predicted, bench.labels, plan.positive)


def _kinds(bench: Bench, plan: Plan, rows: Rows) -> Iterator[Fit]:
    """Fits of every kind, the simplest first. A cell that is empty nowhere but in the hold-out is no news of its
    target, but a query that does not say what then has no answer for that row."""
    asked = _asked_about(bench, plan)
    gaps = frozenset(spec.input for spec in asked if has_gaps(spec, bench.x) or has_gaps(spec, bench.x_out))
    features = features_of(asked, take(bench.x, rows), gaps)

    def on(fit: Callable[[list[Feature], Inputs, np.ndarray], Rule | None]) -> Fit:
        def fitted(x: Inputs, y: Raw) -> Rule | None:
            able = features if bench.wide is None else features_of(bench.specs_of(x), x, gaps)
            return fit(able, x, fitting.figures(y, plan.task, bench.labels, plan.positive))

        return fitted

    yield on(lambda _features, _x, y: fitting.constant(y, plan.task))
    yield on(lambda features, x, y: fitting.lookup(features, x, y, plan.task))
    for depth in DEPTHS:
        yield on(lambda features, x, y, d=depth: fitting.tree(features, x, y, plan.task, d, plan.seed))  # type: ignore[misc]
    yield on(lambda features, x, y: fitting.weighted_sum(features, x, y, plan.task))


def _asked_about(bench: Bench, plan: Plan) -> Sequence[InputSpec]:
    """The columns that a rule may ask about: of very many those that tell most, unless they were chosen already."""
    if bench.wide is not None or len(bench.inputs) <= MOST_FEATURES:
        return bench.inputs
    screen = Screen(bench.inputs, bench.x, bench.y, plan.task)
    return screen.best(np.arange(len(bench.y)), MOST_FEATURES)


def _judged(bench: Bench, plan: Plan, pace: Pace, fit: Fit, rows: Rows) -> Found | None:
    x, y = take(bench.x, rows), bench.y[rows]
    rule = fit(x, y)
    if rule is None:
        return None
    right = _right(rule, x, y, bench, plan)

    def fit_and_answer(x: Inputs, y: Raw, x_out: Inputs, y_out: Raw) -> Answers:
        some = _some(y, len(rows))
        own = fit(take(x, some), y[some]) or rule
        return as_answers(own.answer(x_out), y_out, bench, plan, right)

    cv, _folds = cross_validate(bench, plan.metric, fit_and_answer, pace, plan.seed, lambda _fold, _folds: None)
    return Found(rule, cv, right)


def _right(rule: Rule, x: Inputs, y: Raw, bench: Bench, plan: Plan) -> float:
    """Kept off 0 and 1: no rule is sure."""
    if plan.task is not Task.MULTICLASS:
        return 1.0
    share = float(np.mean(rule.answer(x) == fitting.figures(y, plan.task, bench.labels, plan.positive)))
    return min(max(share, 1 / len(y)), 1 - 1 / (len(y) + 1))


def _clearly_better(one: Found, other: Found, metric: str) -> bool:
    if one.cv is None or other.cv is None:
        return one.cv is not None
    lost = NOTHING_LOST * max(1.0, abs(other.cv.value))
    return sign(metric) * (one.cv.value - other.cv.value) > lost


def _some(y: Raw, most: int) -> Rows:
    """At most so many rows, evenly."""
    return np.arange(0, len(y), max(1, -(-len(y) // most)))
