"""The referee's child: both metrics on the same rows, and the bootstrap of their difference, for the rule that the
folds chose and for every other.

It imports no registry and no scikit-learn: starting takes longer than judging.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from app.core.runs import Score
from app.jobs.child import ChildContext
from app.training.answers import read_predictions, read_rule
from app.training.bootstrap import interval, replicates
from app.training.metrics import Answers, Floats, sign, statistic, value
from app.training.referee_order import RefereeOrder, RuleScores, Scores
from app.training.sql.kept import predicted_by

Judged = tuple[float, Floats]
"""A figure on the hold-out, and its values under the replicates, which are the same draws for all."""


def scores_of(ctx: ChildContext, order: RefereeOrder) -> Scores:
    """The child's side: all metrics and the bootstrap of their differences, in one pass."""
    _, model = read_predictions(Path(order.model), order.task, order.labels, order.positive)
    _, query = read_predictions(Path(order.query), order.task, order.labels, order.positive)
    asked = [place for place, right in enumerate(order.rights) if right is not None]
    first, second, *rest = _judged(order, [model, query, *(_rule(order, place, model) for place in asked)])
    gap = _better(order.metric, first, second)
    told = dict(zip(asked, (_rule_scores(order.metric, first, one) for one in rest), strict=True))
    return Scores(
        model=first[0],
        query=second[0],
        difference=gap,
        rules=tuple(told.get(place, RuleScores(None, None)) for place in range(len(order.rights))),
        model_score=interval(*first) if order.rights else None,
    )


def _rule(order: RefereeOrder, place: int, model: Answers) -> Answers:
    """What a rule answered to the rows that the model answered."""
    answer = read_rule(Path(order.query), place)
    right = order.rights[place] or 0.0
    return replace(model, predicted=predicted_by(answer, order.task, order.labels, model.positive, right))


def _judged(order: RefereeOrder, every: Sequence[Answers]) -> list[Judged]:
    if not all(np.array_equal(answers.actual, every[0].actual) for answers in every):
        raise ValueError("only candidates scored on the same rows can be compared")
    drawn = replicates([statistic(order.metric, answers) for answers in every], every[0].n, order.seed)
    return [(value(order.metric, answers), figures) for answers, figures in zip(every, drawn, strict=True)]


def _rule_scores(metric: str, model: Judged, rule: Judged) -> RuleScores:
    if not math.isfinite(rule[0]):
        return RuleScores(None, None)
    return RuleScores(interval(*rule), _better(metric, model, rule))


def _better(metric: str, model: Judged, other: Judged) -> Score:
    better = sign(metric)
    return interval(better * (model[0] - other[0]), better * (model[1] - other[1]))
