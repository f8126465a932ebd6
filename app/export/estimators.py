"""What a fitted scikit-learn estimator computes from a matrix, as nodes of a graph.

An allow-list: what is not in it cannot be exported, and nothing is exported on faith (see ``parity``).
Classifiers give (n, classes) float32 probabilities, regressors (n, 1) float32 values.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
from onnx import TensorProto
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.ensemble import (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    IsolationForest,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from app.errors import ParityFailed
from app.export import general, isolation, trees
from app.export.graph import Graph
from app.export.kernel import KernelMachine
from app.export.scale import Scale

Floats = npt.NDArray[np.float64]
Emitter = Callable[[Graph, str, object, Scale], str]
IDENTITY_LOSSES = ("squared_error", "absolute_error", "quantile")


def emit(graph: Graph, matrix: str, estimator: object, scale: Scale) -> str:
    """Append what ``estimator`` computes from ``matrix`` (n, features) float64; a regression's is still what
    ``Scale.raw`` gives. ParityFailed if not on the list."""
    emitter: Emitter | None = _EMITTERS.get(type(estimator))
    if emitter is None:
        raise ParityFailed(f"{type(estimator).__name__} cannot be exported exactly.", "Choose another candidate.")
    return emitter(graph, matrix, estimator, scale)


def _constant(graph: Graph, matrix: str, row: Floats) -> str:
    """``row`` (1, k) repeated for every row of ``matrix``, whatever that holds."""
    rows = graph.add("Gather", graph.add("Shape", matrix), graph.constant(np.array([0], dtype=np.int64)))
    shape = graph.add("Concat", rows, graph.constant(np.array([row.shape[1]], dtype=np.int64)), axis=0)
    return graph.add("Expand", graph.constant(row.astype(np.float32)), shape)


def _dummy_classifier(graph: Graph, matrix: str, model: DummyClassifier, scale: Scale) -> str:
    return _constant(graph, matrix, np.asarray(model.class_prior_)[None, :])


def _dummy_regressor(graph: Graph, matrix: str, model: DummyRegressor, scale: Scale) -> str:
    return _constant(graph, matrix, scale.raw(np.asarray(model.constant_).reshape(1, 1)))


def _linear(graph: Graph, matrix: str, weights: Floats, intercept: Floats) -> str:
    product = graph.add("MatMul", matrix, graph.constant(np.ascontiguousarray(weights)))
    return graph.add("Add", product, graph.constant(intercept[None, :]))


def _logistic(graph: Graph, matrix: str, model: LogisticRegression, scale: Scale) -> str:
    weights = np.asarray(model.coef_, dtype=np.float64).T
    return _probabilities(
        graph, _linear(graph, matrix, weights, np.asarray(model.intercept_, dtype=np.float64)), weights
    )


def _ridge(graph: Graph, matrix: str, model: Ridge, scale: Scale) -> str:
    weights = np.asarray(model.coef_, dtype=np.float64).reshape(-1, 1) * scale.factor
    intercept = scale.raw(np.asarray(model.intercept_, dtype=np.float64).reshape(1))
    return graph.cast(_linear(graph, matrix, weights, intercept), TensorProto.FLOAT)


def _probabilities(graph: Graph, scores: str, like: Floats) -> str:
    """float64 scores to probabilities: one column is the log odds of the second class, else softmax."""
    if like.shape[1] == 1:
        zeros = graph.add("Mul", scores, graph.constant(np.zeros((1, 1))))
        scores = graph.concat([zeros, scores])
    return graph.cast(graph.add("Softmax", scores, axis=1), TensorProto.FLOAT)


def _tree(graph: Graph, matrix: str, model: DecisionTreeClassifier | DecisionTreeRegressor, scale: Scale) -> str:
    return _averaged(graph, matrix, [model], scale)


def _forest(graph: Graph, matrix: str, model: RandomForestClassifier | RandomForestRegressor, scale: Scale) -> str:
    return _averaged(graph, matrix, model.estimators_, scale)


def _averaged(
    graph: Graph, matrix: str, members: list[DecisionTreeClassifier | DecisionTreeRegressor], scale: Scale
) -> str:
    nodes = [trees.of_tree(member.tree_, scale.factor / len(members)) for member in members]
    return trees.emit(graph, matrix, nodes, np.full(nodes[0].weight.shape[1], scale.shift))


def _boosted(
    graph: Graph, matrix: str, model: HistGradientBoostingClassifier | HistGradientBoostingRegressor, scale: Scale
) -> str:
    base = scale.raw(np.asarray(model._baseline_prediction, dtype=np.float64).ravel())
    nodes = [
        trees.of_boosting(predictor, target, len(base), scale.factor)
        for iteration in model._predictors
        for target, predictor in enumerate(iteration)
    ]
    return trees.emit(graph, matrix, nodes, base)


def _boosting_regressor(graph: Graph, matrix: str, model: HistGradientBoostingRegressor, scale: Scale) -> str:
    if model.loss not in IDENTITY_LOSSES:
        raise ParityFailed(f"Boosting with the loss {model.loss} cannot be exported exactly.")
    return _boosted(graph, matrix, model, scale)


def _boosting_classifier(graph: Graph, matrix: str, model: HistGradientBoostingClassifier, scale: Scale) -> str:
    scores = graph.double(_boosted(graph, matrix, model, scale))
    return _probabilities(graph, scores, np.asarray(model._baseline_prediction).reshape(1, -1))


def _network_classifier(graph: Graph, matrix: str, model: MLPClassifier, scale: Scale) -> str:
    return graph.cast(general.emit(graph, matrix, model), TensorProto.FLOAT)


def _network_regressor(graph: Graph, matrix: str, model: MLPRegressor, scale: Scale) -> str:
    scaled = graph.add("Mul", general.emit(graph, matrix, model), graph.constant(np.array([[scale.factor]])))
    return graph.cast(graph.add("Add", scaled, graph.constant(np.array([[scale.shift]]))), TensorProto.FLOAT)


def _kernel(graph: Graph, matrix: str, model: KernelMachine, scale: Scale) -> str:
    if model.classes_ is None:
        value = model.emit(graph, matrix, scale.factor, scale.shift)
        return graph.cast(value, TensorProto.FLOAT)
    return _probabilities(graph, model.emit(graph, matrix, 1.0, 0.0), model.weights)


def _isolation(graph: Graph, matrix: str, model: IsolationForest, scale: Scale) -> str:
    depths = graph.double(trees.emit(graph, matrix, isolation.nodes(model), np.zeros(1)))
    return graph.cast(graph.add("Pow", graph.constant(np.array([[2.0]])), graph.add("Neg", depths)), TensorProto.FLOAT)


_EMITTERS: dict[type, Any] = {
    DummyClassifier: _dummy_classifier,
    DummyRegressor: _dummy_regressor,
    LogisticRegression: _logistic,
    Ridge: _ridge,
    DecisionTreeClassifier: _tree,
    DecisionTreeRegressor: _tree,
    RandomForestClassifier: _forest,
    RandomForestRegressor: _forest,
    ExtraTreesClassifier: _forest,
    ExtraTreesRegressor: _forest,
    HistGradientBoostingClassifier: _boosting_classifier,
    HistGradientBoostingRegressor: _boosting_regressor,
    MLPClassifier: _network_classifier,
    MLPRegressor: _network_regressor,
    KernelMachine: _kernel,
    IsolationForest: _isolation,
}
