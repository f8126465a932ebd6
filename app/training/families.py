"""The families, each with its settings in bounds that keep the exported file small and the fit quick."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sklearn.base import BaseEstimator
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.ensemble import (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from app.core.runs import Task
from app.export.numbers import Style

Params = dict[str, int | float | str]


@dataclass(frozen=True, slots=True)
class Family:
    """``make``: an estimator not fitted yet; ``defaults``: settings for an ordinary table."""

    name: str
    title: str
    style: Style
    make: Callable[[Params, Task, int], BaseEstimator]
    baseline: bool = False


def family_of(name: str) -> Family:
    """The family of this name. KeyError if there is none."""
    return _BY_NAME[name]


MOST_NODES = 160_000
"""Nodes of all trees together: about 45 bytes each in the file, so it stays below some 8 MB."""


def default_params(
    family: str, task: Task, n_rows: int = 1000, seconds: float = 3.0, *, columns: int = 10, classes: int = 2
) -> Params:
    """Settings for one fit that takes at most about ``seconds`` on one core. Recorded as they are: the recipe."""
    if family == "linear":
        return {"strength": 1.0, "iterations": 200, "terms": 2000}
    if family == "forest":
        return {"kind": "extra", "trees": 100, "leaves": 500, "least": 1, "share": "sqrt", "terms": 200}
    if family == "boosting":
        return _boosting_defaults(task, n_rows, seconds, columns, classes)
    return {"depth": 3, "terms": 200} if family == "tree" else {}


def _boosting_defaults(task: Task, n_rows: int, seconds: float, columns: int, classes: int) -> Params:
    return {
        "rate": 0.1,
        "iterations": 100,
        "leaves": 31,
        "least": 20,
        "l2": 0.0,
        "terms": 200,
    }


def _dummy(params: Params, task: Task, seed: int) -> BaseEstimator:
    return DummyRegressor(strategy="mean") if task is Task.REGRESSION else DummyClassifier(strategy="prior")


def _tree(params: Params, task: Task, seed: int) -> BaseEstimator:
    kind = DecisionTreeRegressor if task is Task.REGRESSION else DecisionTreeClassifier
    return kind(max_depth=int(params["depth"]), random_state=seed)


def _linear(params: Params, task: Task, seed: int) -> BaseEstimator:
    strength = float(params["strength"])
    if task is Task.REGRESSION:
        return Ridge(alpha=strength)
    return LogisticRegression(C=1.0 / strength, max_iter=int(params["iterations"]))


def _forest(params: Params, task: Task, seed: int) -> BaseEstimator:
    share = params["share"]
    settings = {
        "n_estimators": int(params["trees"]),
        "max_leaf_nodes": int(params["leaves"]),
        "min_samples_leaf": int(params["least"]),
        "max_features": share if isinstance(share, str) else float(share),
        "n_jobs": 1,
        "random_state": seed,
    }
    extra = params["kind"] == "extra"
    if task is Task.REGRESSION:
        return ExtraTreesRegressor(**settings) if extra else RandomForestRegressor(**settings)
    return ExtraTreesClassifier(**settings) if extra else RandomForestClassifier(**settings)


def _boosting(params: Params, task: Task, seed: int) -> BaseEstimator:
    kind = HistGradientBoostingRegressor if task is Task.REGRESSION else HistGradientBoostingClassifier
    return kind(
        learning_rate=float(params["rate"]),
        max_iter=int(params["iterations"]),
        max_leaf_nodes=int(params["leaves"]),
        min_samples_leaf=int(params["least"]),
        l2_regularization=float(params["l2"]),
        categorical_features=None,
        early_stopping=False,
        random_state=seed,
    )


_ALL = (
    Family("dummy", "Baseline", Style.DIRECT, _dummy, baseline=True),
    Family("tree", "Depth-3 tree", Style.FILLED, _tree, baseline=True),
    Family("linear", "Linear model", Style.SCALED, _linear),
    Family("forest", "Forest", Style.FILLED, _forest),
    Family("boosting", "Histogram boosting", Style.DIRECT, _boosting),
)
_BY_NAME = {family.name: family for family in _ALL}
FAMILIES = tuple(_BY_NAME)
