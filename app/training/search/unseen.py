"""The rows that a search fits on and those that it scores on, fold by fold. In a child only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from app.core.runs import Plan, Score, SplitKind
from app.training import bootstrap
from app.training.bench import Bench, Inputs, Raw, Rows, take
from app.training.folds import fold_score
from app.training.metrics import Answers, Floats, class_answers, value


@dataclass(frozen=True, slots=True)
class View:
    """One fold: what is fitted on, and what is scored."""

    x: Inputs
    y: Raw
    x_out: Inputs
    y_out: Raw


def views(bench: Bench, folds: int, rows: int, seed: int) -> list[View]:
    """The first ``folds`` (by time the last: they have most to learn from), each fitted on at most ``rows``."""
    return [_view(bench, _some(fitted, rows, seed), scored) for fitted, scored in _places(bench, folds)]


def _view(bench: Bench, fitted: Rows, scored: Rows) -> View:
    x = bench.seen_by(fitted)
    return View(take(x, fitted), bench.y[fitted], take(x, scored), bench.y[scored])


def answers_to(bench: Bench, plan: Plan, y_out: Raw, predicted: Floats) -> Answers:
    """Predictions beside the truth."""
    if not plan.task.classifies:
        return Answers(plan.task, np.asarray(y_out, np.float64), predicted)
    return class_answers(plan.task, y_out, predicted, bench.labels, plan.positive)


def score_of(bench: Bench, plan: Plan, folds: int, predicted: Floats) -> Score | None:
    """The plan's metric of answers to all scored rows, fold after fold; None where it is undefined."""
    figures, start, last = list[float](), 0, None
    for _, scored in _places(bench, folds):
        part = predicted[start : start + len(scored)]
        start += len(scored)
        last = answers_to(bench, plan, bench.y[scored], part)
        figures.append(value(plan.metric, last))
    known = [figure for figure in figures if np.isfinite(figure)]
    if not known or last is None:
        return None
    if len(known) == 1:
        return bootstrap.scores((plan.metric,), last, plan.seed)[0]
    return fold_score(plan.metric, known, bench.material.split.scored_to_fitted)


def truth(bench: Bench, folds: int) -> Raw:
    """The targets of all scored rows, fold after fold."""
    return np.concatenate([bench.y[scored] for _, scored in _places(bench, folds)])


def _places(bench: Bench, folds: int) -> Sequence[tuple[Rows, Rows]]:
    split = bench.material.split
    every = range(split.rule.folds)
    chosen = every[-folds:] if split.rule.kind is SplitKind.TIME else every[:folds]
    found = [split.fold_places(fold) for fold in chosen]
    return [(fitted, scored) for fitted, scored in found if len(scored) and _enough(bench, fitted)]


def _enough(bench: Bench, fitted: Rows) -> bool:
    return len(fitted) > 1 and not (bench.labels and len(set(bench.y[fitted].tolist())) < 2)


def _some(places: Rows, rows: int, seed: int) -> Rows:
    """At most ``rows`` of them (0: all), always the same ones."""
    if not rows or len(places) <= rows:
        return places
    return np.sort(np.random.default_rng(seed).choice(places, rows, replace=False))
