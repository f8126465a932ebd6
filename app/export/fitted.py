"""What export needs to know of a trained model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from app.core.runs import Task
from app.export.columns import Columns
from app.export.numbers import Inputs
from app.export.scale import Scale
from app.export.sigmoid import Sigmoid

NO_CUT = 1.0
"""Above every score: nothing is an anomaly."""


class Member(Protocol):
    """One trained estimator: raw columns -> matrix -> answer."""

    @property
    def columns(self) -> Columns:
        """From canonical inputs to the matrix."""

    @property
    def estimator(self) -> object:
        """The fitted scikit-learn estimator."""

    @property
    def scale(self) -> Scale:
        """The unit that a regression was fitted in."""


class Fitted(Protocol):
    """A trained model: one estimator, or several whose answers are averaged. ``classes_``: sorted texts, empty for a
    regression."""

    @property
    def task(self) -> Task:
        """What kind of answer it gives."""

    @property
    def members(self) -> Sequence[tuple[Member, float]]:
        """The estimators with their weights, which sum to 1."""

    @property
    def sigmoid(self) -> Sigmoid | None:
        """What maps the probabilities, if anything does."""

    @property
    def cut(self) -> float:
        """Where there is no target: the score from which a row is an anomaly."""

    @property
    def classes_(self) -> tuple[str, ...]:
        """The classes in the order of the probabilities."""

    def predict(self, x: Inputs) -> npt.NDArray[np.generic]:
        """(n,) class texts, or float64 values."""

    def predict_proba(self, x: Inputs) -> npt.NDArray[np.float64]:
        """(n, classes)."""
