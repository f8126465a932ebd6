"""What a rule may ask of a row: each question is one column of figures and one condition in SQL. In a child only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from app.core.data import ColumnType
from app.core.runs import InputSpec
from app.runtime.canonical import MISSING
from app.training.bench import Inputs
from app.training.sql import text

Floats = npt.NDArray[np.float64]

MOST_LEVELS = 12
"""Categories of a column that a rule may name: more lines than a person would maintain say nothing."""
MOST_FEATURES = 300
LOWEST = float(np.finfo(np.float32).min)
"""Stands for a missing figure in the matrix: below every other."""


@dataclass(frozen=True, slots=True)
class Feature:
    """One question. ``level``: the category it asks for, None for an order; ``missing``: some rows have no value, which
    then counts as below every bound."""

    spec: InputSpec
    level: str | None = None
    missing: bool = False

    def values(self, x: Inputs) -> Floats:
        """(n,) the answer of each row: a figure, or 1 where the category is this one; missing is the lowest."""
        cells = x[self.spec.input][:, 0]
        if self.level is not None:
            return np.asarray(cells == self.level, dtype=np.float64)
        figures = cells.astype(np.float64)
        return np.where(np.isnan(figures), -np.inf, figures)

    def at_most(self, bound: float) -> str:
        """The condition in SQL under which a row's figure is at most ``bound``."""
        column = text.name(self.spec.name)
        if self.level is not None:
            condition = f"{column} <> {text.string(self.level)}"
            return f"({condition} OR {column} IS NULL)" if self.missing else condition
        if bound <= LOWEST:
            return f"{column} IS NULL"
        condition = f"{column} <= {self.literal(bound)}"
        return f"({condition} OR {column} IS NULL)" if self.missing else condition

    def above(self, bound: float) -> str:
        """The opposite of ``at_most``: never true where the value is missing."""
        column = text.name(self.spec.name)
        if self.level is not None:
            return f"{column} = {text.string(self.level)}"
        if self.spec.type is ColumnType.BOOLEAN:
            return f"{column} = TRUE"
        return f"{column} IS NOT NULL" if bound <= LOWEST else f"{column} > {self.literal(bound)}"

    def literal(self, bound: float) -> str:
        """A bound as this column's values are written."""
        if self.spec.type is ColumnType.DATETIME:
            return text.moment(bound)
        return "FALSE" if self.spec.type is ColumnType.BOOLEAN else text.exact(bound)


def features_of(inputs: Sequence[InputSpec], x: Inputs, with_gaps: frozenset[str] = frozenset()) -> list[Feature]:
    """Every question that the training rows allow: numbers, dates and yes/no by order, categories by value.
    ``with_gaps``: inputs of which other rows have no value, so that a query has to say what then.

    Free text asks nothing: a rule on words is no query that a person would keep.
    """
    found: list[Feature] = []
    for spec in inputs:
        missing = spec.input in with_gaps or has_gaps(spec, x)
        if spec.type is ColumnType.CATEGORY:
            found += [Feature(spec, level, missing) for level in levels(spec, x)]
        elif spec.type is not ColumnType.TEXT:
            found.append(Feature(spec, missing=missing))
    return found[:MOST_FEATURES]


def has_gaps(spec: InputSpec, x: Inputs) -> bool:
    """Whether some row has no value in this column."""
    cells = x[spec.input]
    if spec.type in (ColumnType.CATEGORY, ColumnType.TEXT):
        return bool((cells == MISSING).any())
    return bool(np.isnan(cells).any())


def matrix(features: Sequence[Feature], x: Inputs) -> npt.NDArray[np.float32]:
    """(n, features) float32 for a tree: missing is far below every figure."""
    columns = [np.maximum(feature.values(x), LOWEST) for feature in features]
    return np.column_stack(columns).astype(np.float32)


def levels(spec: InputSpec, x: Inputs) -> list[str]:
    """The most frequent categories of a column, most frequent first; never the sentinel for missing."""
    counts = Counter(x[spec.input][:, 0].tolist())
    counts.pop(MISSING, None)
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return [value for value, count in ordered[:MOST_LEVELS] if count > 1]
