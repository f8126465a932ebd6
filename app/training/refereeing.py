"""The referee's child: both metrics on the same rows, and the bootstrap of their difference.

It imports no registry and no scikit-learn: starting takes longer than judging.
"""

from __future__ import annotations

from pathlib import Path

from app.jobs.child import ChildContext
from app.training.answers import read_predictions
from app.training.bootstrap import difference
from app.training.metrics import value
from app.training.referee_order import RefereeOrder, Scores


def scores_of(ctx: ChildContext, order: RefereeOrder) -> Scores:
    """The child's side: both metrics and the bootstrap of their difference."""
    _, model = read_predictions(Path(order.model), order.task, order.labels, order.positive)
    _, query = read_predictions(Path(order.query), order.task, order.labels, order.positive)
    gap = difference(order.metric, model, query, order.seed)
    return Scores(value(order.metric, model), value(order.metric, query), gap)
