"""Families of candidates: what is fitted, with which settings, on which view of the columns.

Every family is one that exports exactly (see ``app.export``). A model sees canonical values only, named
``c0, c1, ...``, so that training, parity check and serving cannot see different things.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.exceptions import ConvergenceWarning

from app.core.runs import InputSpec, Task
from app.core.search import BLEND
from app.export.columns import Columns
from app.export.fitted import NO_CUT
from app.export.numbers import Inputs
from app.export.scale import Scale
from app.export.sigmoid import Sigmoid, sigmoid_of
from app.training.calibrated import CALIBRATION, Calibrated
from app.training.families import FAMILIES, Params, default_params, family_of
from app.training.inputs import canonical_inputs, specs
from app.training.isolation import FAMILY, Isolation
from app.training.threads import one_thread

__all__ = [
    "FAMILIES",
    "AnyModel",
    "Average",
    "Model",
    "build",
    "canonical_inputs",
    "default_params",
    "one_thread",
    "specs",
]

Labels = npt.NDArray[np.object_]
Floats = npt.NDArray[np.float64]


def build(
    family: str, params: Mapping[str, int | float | str], inputs: Sequence[InputSpec], task: Task, seed: int
) -> AnyModel:
    """A model not fitted yet. KeyError for an unknown family; missing ``params`` take their defaults. A blend's
    ``members`` and several ``copies`` of a family, which differ in their seeds, are averaged; with ``calibration``
    the probabilities are mapped."""
    if family == FAMILY:
        return Isolation(params, inputs, seed)
    if CALIBRATION in params:
        inner = {key: setting for key, setting in params.items() if key != CALIBRATION}
        return Calibrated(_plain(family, inner, inputs, task, seed), sigmoid_of(str(params[CALIBRATION])))
    return _plain(family, params, inputs, task, seed)


def _plain(
    family: str, params: Mapping[str, int | float | str], inputs: Sequence[InputSpec], task: Task, seed: int
) -> Model | Average:
    if family == BLEND:
        told = json.loads(str(params["members"]))
        built = [(_plain(m["family"], m["params"], inputs, task, seed), float(m["weight"])) for m in told]
        return Average([(one, w * weight) for model, weight in built for one, w in model.members], task)
    copies = int(params.get("copies", 1))
    if copies < 2:
        return Model(family, params, inputs, task, seed)
    return Average([(Model(family, params, inputs, task, seed + i), 1.0 / copies) for i in range(copies)], task)


class Model:
    """Raw columns -> matrix -> answer, fitted with one thread so that a refit gives the same bits anywhere.

    ``x``: input name -> (n, 1) canonical array. ``y``: (n,) class texts, or float64. ``classes_``: sorted.
    """

    sigmoid: Sigmoid | None = None
    cut = NO_CUT

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
        squash = bool(self.params.get("squash", 0))
        self.columns = Columns(seen, kind.style, terms=int(self.params.get("terms", 0)), squash=squash)
        self.estimator = kind.make(self.params, task, seed)

    def fit(self, x: Inputs, y: npt.NDArray[np.generic]) -> Model:
        """Fit on training rows, at most ``rows`` of them where the settings say so. With one class, or no column that
        tells rows apart, the baseline is fitted."""
        x, y = self._some(x, y)
        with one_thread(), warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # the iterations are a setting, the score tells
            target = self._learn_columns(x, y)
            if not self.columns.width or np.all(target == target[0]):
                self.estimator = _baseline(self.task)
            self.estimator.fit(self._matrix(x), target, **self.row_weights(target))
        return self

    def _some(self, x: Inputs, y: npt.NDArray[np.generic]) -> tuple[Inputs, npt.NDArray[np.generic]]:
        """Evenly, but all rows of classes that would be missing."""
        most = int(self.params.get("rows", 0))
        if not most or len(y) <= most:
            return x, y
        kept = np.zeros(len(y), dtype=bool)
        kept[:: -(-len(y) // most)] = True
        if self.task is not Task.REGRESSION:
            kept |= ~np.isin(y, np.unique(y[kept].astype(str)).astype(object))
        return {name: values[kept] for name, values in x.items()}, y[kept]

    def matrices(self, x: Inputs, y: npt.NDArray[np.generic], x_out: Inputs) -> tuple[Any, npt.NDArray[Any], Any]:
        """What the estimator would be fitted on, and what it would be asked: for those who fit it step by step."""
        target = self._learn_columns(x, y)
        return self._matrix(x), target, self._matrix(x_out)

    def _learn_columns(self, x: Inputs, y: npt.NDArray[np.generic]) -> npt.NDArray[np.generic]:
        target = self._prepare(y)
        self.columns.fit(x, target.astype(np.float64) if self._orders else None)
        return target

    def predict(self, x: Inputs) -> npt.NDArray[np.generic]:
        """(n,) class texts, the first of equally likely ones, or float64 values."""
        if self.task.classifies:
            return np.asarray(np.array(self.classes_, dtype=object)[self.predict_proba(x).argmax(axis=1)])
        with one_thread():
            answer = self.estimator.predict(self._matrix(x))
        return self.scale.back(np.asarray(answer, dtype=np.float64).reshape(-1))

    def predict_proba(self, x: Inputs) -> Floats:
        """(n, classes) in the order of ``classes_``."""
        with one_thread():
            return np.asarray(self.estimator.predict_proba(self._matrix(x)), dtype=np.float64)

    @property
    def members(self) -> Sequence[tuple[Model, float]]:
        """Itself."""
        return ((self, 1.0),)

    def row_weights(self, target: npt.NDArray[np.generic]) -> dict[str, Floats]:
        """What rows count, where ``weights`` says so: *balanced*, or a JSON object of class and weight."""
        asked = str(self.params.get("weights", ""))
        if not asked or not self.task.classifies:
            return {}
        counts = np.bincount(target, minlength=len(self.classes_))
        told = {} if asked == "balanced" else json.loads(asked)
        each = [
            told.get(c, 1.0) if told else len(target) / count for c, count in zip(self.classes_, counts, strict=True)
        ]
        weights = np.asarray(each, dtype=np.float64)[target]
        return {"sample_weight": weights / weights.mean()}

    @property
    def _orders(self) -> bool:
        """Whether categories are ordered by the target: several classes have no order."""
        return self.params.get("order") == "target" and self.task is not Task.MULTICLASS

    def _prepare(self, y: npt.NDArray[np.generic]) -> npt.NDArray[np.generic]:
        """Class indices, or values of mean zero and unit variance; remembers how to come back."""
        if not self.task.classifies:
            values = y.astype(np.float64)
            log = self.params.get("target") == "log"
            self.scale = Scale.of(values, log=log, smear=float(self.params.get("smear", 1.0)))
            return self.scale.there(values)
        self.classes_ = tuple(sorted({str(label) for label in y}))
        index = {label: code for code, label in enumerate(self.classes_)}
        return np.array([index[str(label)] for label in y], dtype=np.int64)

    def _matrix(self, x: Inputs) -> object:
        rows = len(next(iter(x.values())))
        return self.columns.transform(x) if self.columns.width else np.zeros((rows, 1))


class Average:
    """Several models whose probabilities or values are averaged by weights that sum to 1."""

    sigmoid: Sigmoid | None = None
    cut = NO_CUT

    def __init__(self, members: Sequence[tuple[Model, float]], task: Task) -> None:
        self.members = tuple(members)
        self.task = task

    def fit(self, x: Inputs, y: npt.NDArray[np.generic]) -> Average:
        """Fit every member on the same rows."""
        for member, _ in self.members:
            member.fit(x, y)
        return self

    @property
    def classes_(self) -> tuple[str, ...]:
        """Sorted, as every member's."""
        return self.members[0][0].classes_

    def predict(self, x: Inputs) -> npt.NDArray[np.generic]:
        """(n,) class texts, the first of equally likely ones, or float64 values."""
        if self.task.classifies:
            return np.asarray(np.array(self.classes_, dtype=object)[self.predict_proba(x).argmax(axis=1)])
        return np.asarray(sum(weight * member.predict(x).astype(np.float64) for member, weight in self.members))

    def predict_proba(self, x: Inputs) -> Floats:
        """(n, classes) in the order of ``classes_``."""
        return np.asarray(sum(weight * member.predict_proba(x) for member, weight in self.members))


def _baseline(task: Task) -> DummyClassifier | DummyRegressor:
    return DummyRegressor(strategy="mean") if not task.classifies else DummyClassifier(strategy="prior")


AnyModel = Model | Average | Calibrated | Isolation
