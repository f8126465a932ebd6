"""Estimators that skl2onnx converts exactly: its graph, taken into ours.

For what ``estimators`` has no form of its own. In float64, where scikit-learn fits in float64 and the operators
exist in that type (networks: products, sums and activations). What comes out is proven like everything else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from onnx import ModelProto, NodeProto, numpy_helper
from sklearn.base import BaseEstimator, is_classifier

from app.export.graph import ML, ML_OPSET, OPSET, Graph

if TYPE_CHECKING:
    from collections.abc import Sequence

_MATRIX = "X"


def emit(graph: Graph, matrix: str, estimator: BaseEstimator) -> str:
    """Append what ``estimator`` computes from ``matrix`` (n, features) float64; the name of its (n, classes)
    probabilities or (n, 1) values, float64."""
    from skl2onnx import convert_sklearn
    from skl2onnx.common.data_types import DoubleTensorType

    classifies = is_classifier(estimator)
    model = convert_sklearn(
        estimator,
        initial_types=[(_MATRIX, DoubleTensorType([None, estimator.n_features_in_]))],
        target_opset={"": OPSET, ML: ML_OPSET},
        options={id(estimator): {"zipmap": False}} if classifies else None,
    )
    outputs = [output.name for output in model.graph.output]
    return _include(graph, model, {_MATRIX: matrix}, outputs[1] if classifies else outputs[0])


def _include(graph: Graph, model: ModelProto, names: dict[str, str], wanted: str) -> str:
    """Take over the nodes that ``wanted`` needs, in their order, under our numbered names. ``names``: what their
    inputs are called here; names that depend on nothing of the other graph keep its bytes the same."""
    stored = {constant.name: constant for constant in model.graph.initializer}
    for node in _needed(model.graph.node, wanted):
        for name in node.input:
            if name in stored and name not in names:
                names[name] = graph.constant(numpy_helper.to_array(stored[name]))
        taken = NodeProto()
        taken.CopyFrom(node)
        taken.name = f"{node.op_type}_{len(graph.nodes)}"
        taken.input[:] = [names.get(name, name) for name in node.input]
        for place, name in enumerate(node.output):
            names[name] = f"n{len(graph.nodes)}" if place == 0 else f"n{len(graph.nodes)}_{place}"
        taken.output[:] = [names[name] for name in node.output]
        graph.nodes.append(taken)
    return names[wanted]


def _needed(nodes: Sequence[NodeProto], wanted: str) -> list[NodeProto]:
    """The nodes behind one output; a converter's labels are not ours and stay behind."""
    kept, open_names = [], {wanted}
    for node in reversed(nodes):
        if open_names & set(node.output):
            open_names |= set(node.input)
            kept.append(node)
    return kept[::-1]
