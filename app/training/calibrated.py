"""A model whose probabilities are mapped by a sigmoid, and how that sigmoid is fitted. In a child only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from app.core.runs import Task
from app.export.fitted import NO_CUT, Member
from app.export.numbers import Inputs
from app.export.sigmoid import LEAST, Sigmoid

Floats = npt.NDArray[np.float64]
CALIBRATION = "calibration"
"""The setting in a recipe that makes a model of any family a calibrated one: the sigmoid as JSON text."""
LEAST_SLOPE = 1e-3
"""More probable stays more probable."""
RIDGE = 1.0
"""A change of the slope or of a shift by 1 weighs as much as a log loss of 1 in one row."""
DIGITS = 6


class Base(Protocol):
    """What is calibrated."""

    task: Task

    def fit(self, x: Inputs, y: npt.NDArray[np.generic]) -> object:
        """Fit on training rows."""

    def predict_proba(self, x: Inputs) -> Floats:
        """(n, classes)."""

    @property
    def members(self) -> Sequence[tuple[Member, float]]:
        """The estimators with their weights."""

    @property
    def classes_(self) -> tuple[str, ...]:
        """The classes in the order of the probabilities."""


class Calibrated:
    """Answers as ``base`` does, with other probabilities; the sigmoid is known already and is not fitted again."""

    cut = NO_CUT

    def __init__(self, base: Base, sigmoid: Sigmoid) -> None:
        self.base = base
        self.sigmoid = sigmoid
        self.task = base.task

    def fit(self, x: Inputs, y: npt.NDArray[np.generic]) -> Calibrated:
        """Fit what is calibrated."""
        self.base.fit(x, y)
        return self

    @property
    def members(self) -> Sequence[tuple[Member, float]]:
        """As the base has them."""
        return self.base.members

    @property
    def classes_(self) -> tuple[str, ...]:
        """As the base has them."""
        return self.base.classes_

    def predict(self, x: Inputs) -> npt.NDArray[np.generic]:
        """(n,) class texts, the first of equally likely ones."""
        return np.asarray(np.array(self.classes_, dtype=object)[self.predict_proba(x).argmax(axis=1)])

    def predict_proba(self, x: Inputs) -> Floats:
        """(n, classes) in the order of ``classes_``."""
        return self.sigmoid.apply(self.base.predict_proba(x))


def fit_sigmoid(probabilities: Floats, actual: npt.NDArray[np.intp]) -> Sigmoid:
    """The sigmoid under which what came true was likeliest. ``probabilities``: (n, k) of rows that the model had not
    seen; ``actual``: (n,) positions of their classes. Deterministic.

    A ridge draws it towards changing nothing, so that few rows that all came true do not make a model sure. (Platt 1999
    softens the truth instead; that caps every probability at (n + 1) / (n + 2) of its class and cost classes that are
    told apart well more than it gained: log loss 0.012 became 0.057 on the wine data.)
    """
    rows, classes = probabilities.shape
    logs, truth = np.log(np.maximum(probabilities, LEAST)), np.eye(classes)[actual]
    nothing = np.concatenate([[1.0], np.zeros(classes - 1)])

    def loss(theta: Floats) -> tuple[float, Floats]:
        scores = theta[0] * logs + np.concatenate([[0.0], theta[1:]])
        scores -= scores.max(axis=1, keepdims=True)
        chances = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
        gap, change = (np.exp(chances) - truth) / rows, theta - nothing
        slope = np.concatenate([[(gap * logs).sum()], gap.sum(axis=0)[1:]])
        ridge = RIDGE / rows
        return float(-(truth * chances).sum() / rows + ridge * change @ change), slope + 2 * ridge * change

    bounds = [(LEAST_SLOPE, None), *[(None, None)] * (classes - 1)]
    found = minimize(loss, nothing, jac=True, method="L-BFGS-B", bounds=bounds).x
    slope, *shifts = (round(float(value), DIGITS) for value in found)
    return Sigmoid(slope, (0.0, *shifts))
