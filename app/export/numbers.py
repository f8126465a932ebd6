"""Number columns (numbers, yes/no, dates as days) on their way into a model, here and inside the graph.

Both sides compute in float64 with the same operations in the same order, so that they agree to the bit.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from app.export.graph import Graph

Floats = npt.NDArray[np.float64]
Inputs = dict[str, npt.NDArray[np.generic]]


HEAVY = 8.0
"""Kurtosis (3 for a normal distribution) from which a column's tails are heavy."""


class Style(StrEnum):
    """How a family wants its columns."""

    DIRECT = "direct"  # NaN stays, codes for categories, counts of words: histogram boosting
    FILLED = "filled"  # NaN becomes the median and a flag says so, otherwise as above: trees
    SCALED = "scaled"  # filled, limited to a range, scaled; one column a category; TF-IDF: linear models


class Numbers:
    """Fill, flag, limit and scale float32 columns. Features: the columns in order, then the flags.

    ``names``: after fitting without the columns that hold nothing in training: they tell nothing, and
    scikit-learn 1.9.1's boosting fails on them. ``fill``: medians of training; ``flagged``: indices of columns
    with missing values in training; ``low``/``high``: one training range below and above the training range, so that
    1e30 gives no infinities in a linear model; ``mean``/``factor``: to zero mean and unit variance. ``squash``: columns
    with heavy tails (indices ``heavy``) are first drawn together by a logarithm to both sides of their ``centre``.
    """

    def __init__(self, names: Sequence[str], style: Style, *, squash: bool = False) -> None:
        self.names = tuple(names)
        self.style = style
        self.squash = squash
        self.heavy: tuple[int, ...] = ()
        self.centre: Floats = np.empty(0)
        self.reach: Floats = np.empty(0)
        self.fill: Floats = np.empty(0)
        self.flagged: tuple[int, ...] = ()
        self.low: Floats = np.empty(0)
        self.high: Floats = np.empty(0)
        self.mean: Floats = np.empty(0)
        self.factor: Floats = np.empty(0)

    @property
    def width(self) -> int:
        """How many features come out."""
        return len(self.names) + len(self.flagged)

    def fit(self, x: Inputs) -> Numbers:
        """Learn from training rows."""
        self.names = tuple(name for name in self.names if not np.isnan(np.asarray(x[name], np.float64)).all())
        if self.style is Style.DIRECT or not self.names:
            return self
        table = self._stack(x)
        missing = np.isnan(table)
        self.fill = np.array([float(np.float32(np.median(table[~gone, j]))) for j, gone in enumerate(missing.T)])
        self.flagged = tuple(int(j) for j in np.flatnonzero(missing.any(axis=0)))
        if self.style is Style.SCALED:
            self._fit_scale(np.where(missing, self.fill, table))
        return self

    def _fit_squash(self, table: Floats) -> None:
        spread = table.std(axis=0)
        moved = (table - table.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
        self.heavy = tuple(int(j) for j in np.flatnonzero(np.mean(moved**4, axis=0) > HEAVY))
        some = table[:, list(self.heavy)]
        self.centre = np.median(some, axis=0)
        away = np.abs(some - self.centre)
        self.reach = 1.0 / np.maximum(away.mean(axis=0), 1e-300)

    def _squashed(self, table: Floats) -> Floats:
        if not self.heavy:
            return table
        table = table.copy()
        away = table[:, list(self.heavy)] - self.centre
        table[:, list(self.heavy)] = np.sign(away) * np.log(np.abs(away) * self.reach + 1.0)
        return table

    def _emit_squash(self, graph: Graph, table: str) -> str:
        """All columns, then those that are squashed chosen in their places."""
        if not self.heavy:
            return table
        width = len(self.names)
        centre, reach, mask = np.zeros((1, width)), np.zeros((1, width)), np.zeros((1, width), dtype=bool)
        centre[0, list(self.heavy)], reach[0, list(self.heavy)] = self.centre, self.reach
        mask[0, list(self.heavy)] = True
        away = graph.add("Sub", table, graph.constant(centre))
        far = graph.add("Mul", graph.add("Abs", away), graph.constant(reach))
        logs = graph.add("Log", graph.add("Add", far, graph.constant(np.ones((1, 1)))))
        return graph.add("Where", graph.constant(mask), graph.add("Mul", graph.add("Sign", away), logs), table)

    def transform(self, x: Inputs) -> Floats:
        """(n, width) float64."""
        table = self._stack(x)
        if self.style is Style.DIRECT:
            return table
        missing = np.isnan(table)
        table = np.where(missing, self.fill, table)
        if self.style is Style.SCALED:
            table = (self._squashed(np.clip(table, self.low, self.high)) - self.mean) * self.factor
        return np.hstack([table, missing[:, list(self.flagged)].astype(np.float64)])

    def emit(self, graph: Graph) -> str:
        """Append the same computation, return the name of its (n, width) float64 output."""
        table = graph.double(graph.concat(list(self.names)))
        if self.style is Style.DIRECT:
            return table
        missing = graph.add("IsNaN", table)
        filled = graph.add("Where", missing, graph.constant(self.fill[None, :]), table)
        if self.style is Style.SCALED:
            filled = self._emit_scale(graph, filled)
        if not self.flagged:
            return filled
        flags = graph.add("Gather", missing, graph.constant(np.array(self.flagged, dtype=np.int64)), axis=1)
        return graph.concat([filled, graph.double(flags)])

    def _fit_scale(self, table: Floats) -> None:
        smallest, largest = table.min(axis=0), table.max(axis=0)
        reach = largest - smallest
        self.low, self.high = smallest - reach, largest + reach
        if self.squash:
            self._fit_squash(table)
            table = self._squashed(table)
        self.mean = table.mean(axis=0)
        spread = table.std(axis=0)
        constant = spread <= 1e-12 * np.maximum(np.abs(self.mean), 1e-300)
        self.factor = np.where(constant, 0.0, 1.0 / np.where(constant, 1.0, spread))

    def _emit_scale(self, graph: Graph, table: str) -> str:
        above = graph.add("Max", table, graph.constant(self.low[None, :]))
        within = graph.add("Min", above, graph.constant(self.high[None, :]))
        centred = graph.add("Sub", self._emit_squash(graph, within), graph.constant(self.mean[None, :]))
        return graph.add("Mul", centred, graph.constant(self.factor[None, :]))

    def _stack(self, x: Inputs) -> Floats:
        return np.hstack([np.asarray(x[name], dtype=np.float64) for name in self.names])
