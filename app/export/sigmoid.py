"""Probabilities mapped so that they come true as often as they say: p' = softmax(slope x log p + shifts).

Of two classes this is the sigmoid of a line in the log odds (Platt 1999, "Probabilistic outputs for support vector
machines"); of several it is temperature scaling with a shift for each class (Guo et al. 2017).
"""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from onnx import TensorProto

from app.export.graph import Graph

Floats = npt.NDArray[np.float64]

LEAST = 1e-5
"""Probabilities below count as this: a forest's are known to some 1e-7, so their logarithm stays exact enough."""


@dataclass(frozen=True, slots=True)
class Sigmoid:
    """``slope``: below 1 the model was too sure of itself. ``shifts``: one a class, the first is 0."""

    slope: float
    shifts: tuple[float, ...]

    def apply(self, probabilities: Floats) -> Floats:
        """(n, k) -> (n, k)."""
        scores = self.slope * np.log(np.maximum(probabilities, LEAST)) + np.asarray(self.shifts)
        powers = np.exp(scores - scores.max(axis=1, keepdims=True))
        return np.asarray(powers / powers.sum(axis=1, keepdims=True), np.float64)

    def emit(self, graph: Graph, probabilities: str) -> str:
        """The same as nodes, in float64: the logarithms of both ends are exact where a difference from 1 is not."""
        known = graph.add("Max", graph.double(probabilities), graph.constant(np.array([[LEAST]])))
        scaled = graph.add("Mul", graph.add("Log", known), graph.constant(np.array([[self.slope]])))
        scores = graph.add("Add", scaled, graph.constant(np.asarray(self.shifts)[None, :]))
        return graph.cast(graph.add("Softmax", scores, axis=1), TensorProto.FLOAT)

    def as_text(self) -> str:
        """As it stands in a recipe."""
        return json.dumps({"shifts": list(self.shifts), "slope": self.slope}, sort_keys=True)


def sigmoid_of(text: str) -> Sigmoid:
    """From a recipe."""
    told = json.loads(text)
    return Sigmoid(float(told["slope"]), tuple(float(shift) for shift in told["shifts"]))
