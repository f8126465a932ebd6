"""The unit in which a regression is fitted, and the way back, here and inside the graph."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from onnx import TensorProto

from app.export.graph import Graph

Floats = npt.NDArray[np.float64]

FURTHEST = math.log(2.0)
"""What is fitted as a logarithm answers at most twice the largest and at least half the smallest training value:
exponents of far inputs would leave the range of float32."""


class Scale:
    """Regression is fitted on ``(y - shift) / factor``, or on that of ``log(y + offset)`` where ``offset`` is given;
    the graph answers in the unit of ``y``.

    ``low``/``high``: bounds of the logarithm. ``smear``: what the exponent is multiplied by, since the exponent of a
    mean is below the mean (Duan 1983); found on rows that the model had not seen.
    """

    def __init__(self, shift: float = 0.0, factor: float = 1.0) -> None:
        self.shift = shift
        self.factor = factor
        self.offset: float | None = None
        self.low = self.high = 0.0
        self.smear = 1.0

    @classmethod
    def of(cls, y: Floats, *, log: bool = False, smear: float = 1.0) -> Scale:
        """To mean zero and unit variance. ``log`` is passed over where ``y`` has negative values."""
        offset = 0.0 if y.min() > 0 else 1.0 if y.min() >= 0 else None
        if not log or offset is None:
            return cls(float(y.mean()), _spread(y))
        logs = np.log(y + offset)
        made = cls(float(logs.mean()), _spread(logs))
        made.offset, made.smear = offset, smear
        made.low, made.high = float(logs.min()) - FURTHEST, float(logs.max()) + FURTHEST
        return made

    def there(self, y: Floats) -> Floats:
        """To the unit of fitting."""
        values = y if self.offset is None else np.log(y + self.offset)
        return (values - self.shift) / self.factor

    def raw(self, fitted: Floats) -> Floats:
        """From the unit of fitting to ``y`` or its logarithm."""
        return fitted * self.factor + self.shift

    def back(self, fitted: Floats) -> Floats:
        """To the unit of the target."""
        values = self.raw(fitted)
        if self.offset is None:
            return values
        return np.asarray(np.exp(np.clip(values, self.low, self.high)) * self.smear - self.offset)

    def emit(self, graph: Graph, raw: str) -> str:
        """Append the way from ``raw`` (n, 1) float32 to the target's unit, float32."""
        if self.offset is None:
            return raw
        bounded = graph.add("Max", graph.double(raw), graph.constant(np.array([[self.low]])))
        bounded = graph.add("Min", bounded, graph.constant(np.array([[self.high]])))
        value = graph.add("Mul", graph.add("Exp", bounded), graph.constant(np.array([[self.smear]])))
        return graph.cast(graph.add("Sub", value, graph.constant(np.array([[self.offset]]))), TensorProto.FLOAT)


def _spread(values: Floats) -> float:
    spread = float(values.std())
    return spread if spread > 0 else 1.0
