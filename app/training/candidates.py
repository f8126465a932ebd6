"""Families of candidates: what is fitted, with which settings, on which view of the columns.

Every family is one that exports exactly (see ``app.export``). A model sees canonical values only, named
``c0, c1, ...``, so that training, parity check and serving cannot see different things.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache

import numpy as np
import numpy.typing as npt
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.exceptions import ConvergenceWarning
from threadpoolctl import ThreadpoolController

from app.core.runs import InputSpec, Task
from app.export.columns import Columns
from app.export.estimators import Scale
from app.export.numbers import Inputs
from app.training.families import FAMILIES, Params, default_params, family_of
from app.training.inputs import canonical_inputs, specs

__all__ = ["FAMILIES", "Model", "build", "canonical_inputs", "default_params", "specs"]

Labels = npt.NDArray[np.object_]
Floats = npt.NDArray[np.float64]


def build(
    family: str, params: Mapping[str, int | float | str], inputs: Sequence[InputSpec], task: Task, seed: int
) -> Model:
    """A model not fitted yet. KeyError for an unknown family; missing ``params`` take their defaults."""
    return Model(family, params, inputs, task, seed)


class Model:
    """Raw columns -> matrix -> answer, fitted with one thread so that a refit gives the same bits anywhere.

    ``x``: input name -> (n, 1) canonical array. ``y``: (n,) class texts, or float64. ``classes_``: sorted.
    """

    def __init__(
        self, family: str, params: Mapping[str, int | float | str], inputs: Sequence[InputSpec], task: Task, seed: int
    ) -> None:
        self.family = family
        self.params: Params = {**default_params(family, task), **params}
        self.inputs = tuple(inputs)
        self.task = task
        self.seed = seed
        self.classes_: tuple[str, ...] = ()
        self.scale = Scale()
        kind = family_of(family)
        seen = () if family == "dummy" else inputs
        self.columns = Columns(seen, kind.style, terms=int(self.params.get("terms", 0)))
        self.estimator = kind.make(self.params, task, seed)

    def fit(self, x: Inputs, y: npt.NDArray[np.generic]) -> Model:
        """Fit on training rows. With one class, or no column that tells rows apart, the baseline is fitted."""
        target = self._prepare(y)
        with _one_thread(), warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # the iterations are a setting, the score tells
            self.columns.fit(x, target.astype(np.float64) if self._orders else None)
            if not self.columns.width or np.all(target == target[0]):
                self.estimator = _baseline(self.task)
            self.estimator.fit(self._matrix(x), target)
        return self

    def predict(self, x: Inputs) -> npt.NDArray[np.generic]:
        """(n,) class texts, the first of equally likely ones, or float64 values."""
        if self.task is not Task.REGRESSION:
            return np.asarray(np.array(self.classes_, dtype=object)[self.predict_proba(x).argmax(axis=1)])
        with _one_thread():
            answer = self.estimator.predict(self._matrix(x))
        return self.scale.back(np.asarray(answer, dtype=np.float64).reshape(-1))

    def predict_proba(self, x: Inputs) -> Floats:
        """(n, classes) in the order of ``classes_``."""
        with _one_thread():
            return np.asarray(self.estimator.predict_proba(self._matrix(x)), dtype=np.float64)

    @property
    def _orders(self) -> bool:
        """Whether categories are ordered by the target: several classes have no order."""
        return self.params.get("order") == "target" and self.task is not Task.MULTICLASS

    def _prepare(self, y: npt.NDArray[np.generic]) -> npt.NDArray[np.generic]:
        """Class indices, or values of mean zero and unit variance; remembers how to come back."""
        if self.task is Task.REGRESSION:
            values = y.astype(np.float64)
            spread = float(values.std())
            self.scale = Scale(float(values.mean()), spread if spread > 0 else 1.0)
            return self.scale.there(values)
        self.classes_ = tuple(sorted({str(label) for label in y}))
        index = {label: code for code, label in enumerate(self.classes_)}
        return np.array([index[str(label)] for label in y], dtype=np.int64)

    def _matrix(self, x: Inputs) -> object:
        rows = len(next(iter(x.values())))
        return self.columns.transform(x) if self.columns.width else np.zeros((rows, 1))


def _baseline(task: Task) -> DummyClassifier | DummyRegressor:
    return DummyRegressor(strategy="mean") if task is Task.REGRESSION else DummyClassifier(strategy="prior")


@contextmanager
def _one_thread() -> Iterator[None]:
    """Coefficients differ between one and two BLAS threads: every fit has one, whatever the machine offers.

    scikit-learn's first look for infinities sums float32 columns, which may overflow without harm.
    """
    with _controller().limit(limits=1), np.errstate(over="ignore", invalid="ignore"):
        yield


@cache
def _controller() -> ThreadpoolController:
    return ThreadpoolController()
