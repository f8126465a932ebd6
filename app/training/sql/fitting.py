"""Rules fitted on training rows. In a child only."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor
from sklearn.tree._tree import Tree as Grown

from app.core.data import ColumnType
from app.core.runs import Task
from app.training.bench import Inputs
from app.training.sql import text
from app.training.sql.features import LOWEST, Feature, matrix
from app.training.sql.rules import Branch, Constant, Leaf, Lookup, Sum, Term, Tree

Floats = npt.NDArray[np.float64]

MOST_TERMS = 6
LEAST_LEAF = 5
LEAF_SHARE = 0.005
"""A leaf holds at least five rows and half a percent of them: a line of SQL for less is noise."""


def figures(y: npt.NDArray[np.generic], task: Task, labels: Sequence[str], positive: str | None) -> Floats:
    """(n,) what a rule learns: 1 for the positive class, the value, or the position of the label."""
    if not task.classifies:
        return y.astype(np.float64)
    if task is Task.BINARY:
        return np.asarray([label == positive for label in y.tolist()], dtype=np.float64)
    place = {label: float(i) for i, label in enumerate(labels)}
    return np.asarray([place[label] for label in y.tolist()], dtype=np.float64)


def usual(y: Floats, task: Task) -> float:
    """The answer for rows of which nothing is known: the mean, or the most frequent label's position."""
    return float(np.bincount(y.astype(np.intp)).argmax()) if task is Task.MULTICLASS else float(y.mean())


def constant(y: Floats, task: Task) -> Constant:
    """The same answer for every row."""
    return Constant(usual(y, task))


def lookup(features: Sequence[Feature], x: Inputs, y: Floats, task: Task) -> Lookup | None:
    """The column whose groups explain most (least squared error, or most rows named right); None without one."""
    made = [_lookup_of(group, x, y, task) for group in _by_column(features, x)]
    return min(made, key=lambda rule: _loss(rule.answer(x), y, task), default=None)


def tree(features: Sequence[Feature], x: Inputs, y: Floats, task: Task, depth: int, seed: int) -> Tree | None:
    """A tree of at most ``depth`` levels; None where no question is left or none helps."""
    if not features:
        return None
    kind = DecisionTreeClassifier if task is Task.MULTICLASS else DecisionTreeRegressor
    least = max(LEAST_LEAF, int(LEAF_SHARE * len(y)))
    cells = matrix(features, x)
    grown = kind(max_depth=depth, min_samples_leaf=least, random_state=seed).fit(cells, y).tree_
    root = _node(grown, 0, features, cells, np.arange(len(y)), y, task)
    return Tree(root, depth) if isinstance(root, Branch) else None


def weighted_sum(features: Sequence[Feature], x: Inputs, y: Floats, task: Task) -> Sum | None:
    """The few weightiest terms of a linear model, fitted anew without the others; None for several classes."""
    able = [f for f in features if f.spec.type is not ColumnType.DATETIME]
    if task is Task.MULTICLASS or not able or np.all(y == y[0]):
        return None
    fills = [_fill(f, x) for f in able]
    columns = np.column_stack([_filled(f, x, fill) for f, fill in zip(able, fills, strict=True)])
    spread = columns.std(axis=0)
    known = np.flatnonzero(spread > 0)
    if not len(known):
        return None
    weights, _ = _linear(columns[:, known] / spread[known], y, task)
    kept = np.sort(known[np.argsort(-np.abs(weights), kind="stable")[:MOST_TERMS]])
    weights, start = _linear(columns[:, kept] / spread[kept], y, task)
    chosen = zip(kept.tolist(), (weights / spread[kept]).tolist(), strict=True)
    terms = tuple(Term(able[i], _rounded(weight), fills[i]) for i, weight in chosen if _rounded(weight))
    return Sum(terms, _rounded(start, 6), task is Task.BINARY) if terms else None


def _linear(columns: Floats, y: Floats, task: Task) -> tuple[Floats, float]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # the iterations are a setting, the score tells
        if not task.classifies:
            model = Ridge(alpha=1.0).fit(columns, y)
        else:
            model = LogisticRegression(C=1.0, max_iter=200).fit(columns, y > 0.5)
    return np.asarray(model.coef_, np.float64).ravel(), float(np.ravel(model.intercept_)[0])


def _rounded(value: float, digits: int = 4) -> float:
    """As it will stand in the query, so that the rule that is chosen is the rule that is run."""
    return float(text.number(value, digits)) if value else 0.0


def _fill(feature: Feature, x: Inputs) -> float:
    known = feature.values(x)
    known = known[np.isfinite(known)]
    return _rounded(float(known.mean()), 6) if len(known) else 0.0


def _filled(feature: Feature, x: Inputs, fill: float) -> Floats:
    values = feature.values(x)
    return np.where(np.isneginf(values), fill, values)


def _by_column(features: Sequence[Feature], x: Inputs) -> list[list[Feature]]:
    """The questions about each category column, and about yes/no columns."""
    groups: dict[str, list[Feature]] = {}
    for feature in features:
        if feature.level is not None or feature.spec.type is ColumnType.BOOLEAN:
            groups.setdefault(feature.spec.name, []).append(feature)
    return list(groups.values())


def _lookup_of(group: Sequence[Feature], x: Inputs, y: Floats, task: Task) -> Lookup:
    values, rest = [], np.ones(len(y), dtype=bool)
    for feature in group:
        mine = feature.values(x) > 0.5
        rest &= ~mine
        values.append(_answer(y[mine], y, task))
    return Lookup(tuple(group), tuple(values), _answer(y[rest], y, task))


def _answer(own: Floats, every: Floats, task: Task) -> float:
    value = usual(own if len(own) else every, task)
    return value if task is Task.MULTICLASS else _rounded(value)


def _loss(answer: Floats, y: Floats, task: Task) -> float:
    return float(np.mean(answer != y)) if task is Task.MULTICLASS else float(np.mean(np.square(answer - y)))


def _node(
    grown: Grown,
    index: int,
    features: Sequence[Feature],
    cells: npt.NDArray[np.float32],
    rows: npt.NDArray[np.intp],
    y: Floats,
    task: Task,
) -> Leaf | Branch:
    """A node with bounds as a person would write them; two leaves that answer alike are one."""
    left, right = int(grown.children_left[index]), int(grown.children_right[index])
    if left < 0:
        return Leaf(_answer(y[rows], y, task))
    feature, at = features[int(grown.feature[index])], int(grown.feature[index])
    low = cells[rows, at] <= grown.threshold[index]
    bound = _bound(cells[rows, at], low)
    below = _node(grown, left, features, cells, rows[low], y, task)
    above = _node(grown, right, features, cells, rows[~low], y, task)
    return below if below == above else Branch(feature, bound, below, above)


def _bound(values: npt.NDArray[np.float32], low: npt.NDArray[np.bool_]) -> float:
    """Between the largest value on the low side and the smallest on the other."""
    below = float(values[low].max())
    return LOWEST if below <= LOWEST else text.between(below, float(values[~low].min()))
