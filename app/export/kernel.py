"""A smooth model: weighted sums of Gaussian bumps around some training rows, which a graph can say exactly.

Regression: regularised least squares on a subset of regressors (Nystroem; Williams and Seeger 2001). Classes: logistic
regression on the same features. Near a support vector machine or a Gaussian process, but with probabilities of its own
and in a few matrix products.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import linalg, sparse
from sklearn.base import BaseEstimator
from sklearn.linear_model import LogisticRegression

from app.export.graph import Graph

Floats = npt.NDArray[np.float64]
FLATTEST = 1e-9
"""Of the largest eigenvalue: directions below it are noise of rounding."""


class KernelMachine(BaseEstimator):  # type: ignore[misc]
    """``exp(-gamma / features * distance^2)`` to ``most`` training rows, weighted.

    ``strength``: of the penalty. After ``fit``: ``centres`` (m, features), ``weights`` (m, outputs), ``intercept``
    (outputs,); ``classes_``: None for a regression.
    """

    def __init__(
        self, gamma: float = 1.0, strength: float = 1.0, most: int = 300, classifies: bool = True, seed: int = 0
    ) -> None:
        self.gamma = gamma
        self.strength = strength
        self.most = most
        self.classifies = classifies
        self.seed = seed

    def fit(self, x: Floats | sparse.csr_matrix, y: npt.NDArray[np.generic]) -> KernelMachine:
        """``x``: (n, features), scaled alike."""
        table = _dense(x)
        rows = np.random.default_rng(self.seed).permutation(len(table))[: self.most]
        self.centres = table[np.sort(rows)]
        self.scale = self.gamma / table.shape[1]
        values, vectors = linalg.eigh(self._near(self.centres))
        kept = values > FLATTEST * values[-1]
        whitening = vectors[:, kept] / np.sqrt(values[kept])
        features = self._near(table) @ whitening
        fitted = self._fit_classes(features, y) if self.classifies else self._fit_values(features, y)
        self.weights: Floats = np.ascontiguousarray(whitening @ fitted)
        return self

    def predict(self, x: Floats | sparse.csr_matrix) -> Floats:
        """(n,) values."""
        return self._sums(_dense(x))[:, 0]

    def predict_proba(self, x: Floats | sparse.csr_matrix) -> Floats:
        """(n, classes)."""
        scores = self._sums(_dense(x))
        if scores.shape[1] == 1:
            scores = np.hstack([np.zeros_like(scores), scores])
        odds = np.exp(scores - scores.max(axis=1, keepdims=True))
        return np.asarray(odds / odds.sum(axis=1, keepdims=True))

    def emit(self, graph: Graph, matrix: str, factor: float, shift: float) -> str:
        """Append the sums times ``factor`` plus ``shift``, (n, outputs) float64."""
        square = graph.add("ReduceSumSquare", matrix, graph.constant(np.array([1], dtype=np.int64)), keepdims=1)
        product = graph.add("MatMul", matrix, graph.constant(np.ascontiguousarray(-2.0 * self.centres.T)))
        own = graph.constant(np.square(self.centres).sum(axis=1)[None, :])
        distance = graph.add("Add", graph.add("Add", square, product), own)
        near = graph.add("Exp", graph.add("Mul", distance, graph.constant(np.array([[-self.scale]]))))
        sums = graph.add("MatMul", near, graph.constant(self.weights * factor))
        return graph.add("Add", sums, graph.constant((self.intercept * factor + shift)[None, :]))

    def _near(self, table: Floats) -> Floats:
        square = np.square(table).sum(axis=1)[:, None]
        distance = square + table @ (-2.0 * self.centres.T) + np.square(self.centres).sum(axis=1)
        return np.asarray(np.exp(-self.scale * distance))

    def _sums(self, table: Floats) -> Floats:
        return self._near(table) @ self.weights + self.intercept

    def _fit_values(self, features: Floats, y: npt.NDArray[Any]) -> Floats:
        self.classes_ = None
        mean = features.mean(axis=0)
        centred = features - mean
        gram = centred.T @ centred
        gram[np.diag_indices_from(gram)] += self.strength
        fitted = linalg.solve(gram, centred.T @ (y - y.mean()), assume_a="pos")
        self.intercept: Floats = np.array([float(y.mean() - mean @ fitted)])
        return np.asarray(fitted)[:, None]

    def _fit_classes(self, features: Floats, y: npt.NDArray[Any]) -> Floats:
        model = LogisticRegression(C=1.0 / self.strength, max_iter=200).fit(features, y)
        self.classes_ = model.classes_
        self.intercept = np.asarray(model.intercept_, dtype=np.float64)
        return np.asarray(model.coef_, dtype=np.float64).T


def _dense(x: Floats | sparse.csr_matrix) -> Floats:
    return np.asarray(x if isinstance(x, np.ndarray) else x.toarray(), dtype=np.float64)
