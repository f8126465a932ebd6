"""Groups that nobody thought of: a shallow tree on the errors of one half of the rows. In a child only.

The halves keep it honest: what the tree found in one half is judged on the other (Athey and Imbens 2016,
"Recursive partitioning for heterogeneous causal effects").
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from app.core.data import ColumnType
from app.core.runs import InputSpec
from app.training.explaining.groups import MOST_GROUPS, Group, Inputs, Mask, between, words_of

DEPTH = 3
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Feature:
    """One column of the tree. ``category``: what it is 1 for, None for a number."""

    spec: InputSpec
    values: Floats
    category: str | None = None


def found_groups(specs: Sequence[InputSpec], x: Inputs, losses: Floats, learn: Mask, least: int) -> list[Group]:
    """Every branch of a tree that was grown on the rows of ``learn``, as a condition on all rows. ``losses``: (n,);
    ``least``: fewer rows make no branch."""
    from sklearn.tree import DecisionTreeRegressor

    features = list(_features(specs, x))
    if not features or learn.sum() < 2 * least:
        return []
    table = np.column_stack([f.values for f in features])
    tree = DecisionTreeRegressor(max_depth=DEPTH, min_samples_leaf=max(least, int(learn.sum()) // 20), random_state=0)
    tree.fit(table[learn], losses[learn])
    passed = np.asarray(tree.decision_path(table).todense(), dtype=bool)
    return [
        Group(features[path[0][0]].spec.name, _title(features, path), passed[:, node])
        for node, path in _paths(tree.tree_)
    ]


def _features(specs: Sequence[InputSpec], x: Inputs) -> Iterator[_Feature]:
    """Numbers as they are (missing ones too: the tree knows them), a column for each frequent category."""
    for spec in specs:
        values = x[spec.input][:, 0]
        if spec.type is ColumnType.CATEGORY:
            for value, _ in Counter(values.tolist()).most_common(MOST_GROUPS):
                yield _Feature(spec, (values == value).astype(np.float64), value)
        elif spec.type is not ColumnType.TEXT:
            yield _Feature(spec, np.asarray(values, np.float64))


Step = tuple[int, float, bool]
"""A feature, the bound, and whether the branch is the one above it."""


def _paths(tree: object) -> Iterator[tuple[int, list[Step]]]:
    """Every node but the root with the steps that lead to it."""
    waiting: list[tuple[int, list[Step]]] = [(0, [])]
    while waiting:
        node, path = waiting.pop()
        if path:
            yield node, path
        left = int(tree.children_left[node])  # type: ignore[attr-defined]
        if left != -1:
            feature, bound = int(tree.feature[node]), float(tree.threshold[node])  # type: ignore[attr-defined]
            waiting.append((left, [*path, (feature, bound, False)]))
            waiting.append((int(tree.children_right[node]), [*path, (feature, bound, True)]))  # type: ignore[attr-defined]


def _title(features: Sequence[_Feature], path: Sequence[Step]) -> str:
    """The steps as one condition a column, in the order in which they came first."""
    ranges: dict[int, tuple[float, float]] = {}
    for feature, bound, above in path:
        low, high = ranges.get(feature, (-np.inf, np.inf))
        ranges[feature] = (max(low, bound), high) if above else (low, min(high, bound))
    return " and ".join(_condition(features[feature], *ends) for feature, ends in ranges.items())


def _condition(feature: _Feature, low: float, high: float) -> str:
    spec = feature.spec
    if feature.category is not None:
        return f"{spec.name} is {'not ' if high < 1 else ''}{words_of(spec, feature.category)}"
    if spec.type is ColumnType.BOOLEAN:
        return f"{spec.name} is {'no' if high < 1 else 'yes'}"
    return between(spec, low, high)
