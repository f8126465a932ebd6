"""All raw columns to one matrix, here and inside the graph."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import sparse

from app.core.data import ColumnType
from app.core.runs import InputSpec
from app.export.categories import Categories
from app.export.graph import Graph
from app.export.numbers import Floats, Inputs, Numbers, Style
from app.export.words import Words

SPARSE_FROM = 100
"""A linear model's matrix is sparse when categories and words alone make so many columns."""


class Columns:
    """What a model sees of a table: numbers, then categories, then words.

    ``x``: input name -> (n, 1) canonical array. Nothing here knows names of people's columns.
    """

    def __init__(self, inputs: Sequence[InputSpec], style: Style, *, terms: int, squash: bool = False) -> None:
        one_hot = style is Style.SCALED
        texts = [spec for spec in inputs if spec.type is ColumnType.TEXT]
        kinds = [spec for spec in inputs if spec.type is ColumnType.CATEGORY]
        self.inputs = tuple(inputs)
        self.numbers = Numbers([s.input for s in inputs if s not in texts and s not in kinds], style, squash=squash)
        self.categories = Categories(kinds, one_hot=one_hot)
        self.words = tuple(Words(spec.input, terms, weighted=one_hot) for spec in texts)

    @property
    def width(self) -> int:
        """How many features come out."""
        return self.numbers.width + self.categories.width + sum(words.width for words in self.words)

    @property
    def number_features(self) -> tuple[str, ...]:
        """The inputs whose values are the first features, in order."""
        return self.numbers.names

    def fit(self, x: Inputs, order_by: Floats | None = None) -> Columns:
        """Learn from training rows. ``order_by``: (n,) numbers by whose means categories are ordered, if any."""
        self.numbers.fit(x)
        if order_by is not None:
            self.categories.order(x, order_by)
        for words in self.words:
            words.fit(x)
        return self

    def transform(self, x: Inputs) -> Floats | sparse.csr_matrix:
        """(n, width) float64: dense, or sparse for a linear model with many categories or words."""
        codes = self.categories.transform(x)
        parts: list[Floats | sparse.csr_matrix] = [self.numbers.transform(x)] if self.numbers.names else []
        parts += _one_hot(codes, self.categories) if self.categories.one_hot else [codes]
        parts += [words.transform(x) for words in self.words]
        if self.categories.one_hot and self.width - self.numbers.width >= SPARSE_FROM:
            return sparse.csr_matrix(sparse.hstack(parts, format="csr"))
        return np.hstack([part if isinstance(part, np.ndarray) else part.toarray() for part in parts])

    def emit(self, graph: Graph) -> str:
        """Append the same computation, return the name of its (n, width) float64 output."""
        parts = [self.numbers.emit(graph)] if self.numbers.names else []
        parts += self.categories.emit(graph)
        parts += [words.emit(graph) for words in self.words if words.width]
        return graph.concat(parts)


def _one_hot(codes: Floats, categories: Categories) -> list[Floats | sparse.csr_matrix]:
    return [_indicators(codes[:, j], len(values)) for j, values in enumerate(categories.lists.values())]


def _indicators(codes: Floats, width: int) -> sparse.csr_matrix:
    rows = np.flatnonzero(codes >= 0)
    shape = (len(codes), width)
    return sparse.csr_matrix((np.ones(len(rows)), (rows, codes[rows].astype(np.int64))), shape=shape)
