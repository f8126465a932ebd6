"""A fitted model to one ONNX file; the same fit gives the same bytes in every process."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from onnx import TensorProto, ValueInfoProto

from app.core.data import ColumnType
from app.core.runs import ANOMALY, NORMAL, InputSpec, Task
from app.errors import ParityFailed
from app.export import estimators
from app.export.fitted import Fitted, Member
from app.export.graph import Graph, column, tensor

TEXT_TYPES = (ColumnType.CATEGORY, ColumnType.TEXT)


def convert(fitted: Fitted, inputs: Sequence[InputSpec], task: Task, labels: Sequence[str]) -> bytes:
    """The model as ONNX bytes: inputs ``c0, c1, ...`` (n, 1) float or string; outputs ``label`` (n,) and
    ``probabilities`` (n, classes) in the order of ``labels``, or ``value`` (n, 1), or ``label`` and ``score`` (n, 1).

    ParityFailed if the estimator is not on the list or its classes are not ``labels``.
    """
    if task.classifies and tuple(labels) != fitted.classes_:
        raise ParityFailed("The model was not trained on all classes, so it cannot answer for all of them.")
    graph = Graph(shared=len(fitted.members) > 1)
    answer = _average(graph, [(_emitted(graph, member, inputs), weight) for member, weight in fitted.members])
    declared = [column(spec.input, text=spec.type in TEXT_TYPES) for spec in inputs]
    if task is Task.ANOMALY:
        return graph.serialise(declared, _flagged(graph, answer, fitted.cut))
    if not task.classifies:
        graph.add("Identity", answer, output="value")
        return graph.serialise(declared, [tensor("value", TensorProto.FLOAT, [None, 1])])
    if fitted.sigmoid is not None:
        answer = fitted.sigmoid.emit(graph, answer)
    graph.add("Identity", answer, output="probabilities")
    likeliest = graph.add("ArgMax", answer, axis=1, keepdims=0)
    graph.add("Gather", graph.constant(list(labels)), likeliest, axis=0, output="label")
    outputs = [
        tensor("label", TensorProto.STRING, [None]),
        tensor("probabilities", TensorProto.FLOAT, [None, len(labels)]),
    ]
    return graph.serialise(declared, outputs)


def _flagged(graph: Graph, score: str, cut: float) -> list[ValueInfoProto]:
    """``label`` (n,) by the ``score`` (n, 1), and both declared."""
    graph.add("Identity", score, output="score")
    names = graph.add(
        "Where",
        graph.add("GreaterOrEqual", score, graph.constant(np.array([[cut]], np.float32))),
        graph.constant([ANOMALY]),
        graph.constant([NORMAL]),
    )
    graph.add("Squeeze", names, graph.constant(np.array([1], dtype=np.int64)), output="label")
    return [tensor("label", TensorProto.STRING, [None]), tensor("score", TensorProto.FLOAT, [None, 1])]


def _emitted(graph: Graph, member: Member, inputs: Sequence[InputSpec]) -> str:
    matrix = member.columns.emit(graph) if member.columns.width else inputs[0].input
    return member.scale.emit(graph, estimators.emit(graph, matrix, member.estimator, member.scale))


def _average(graph: Graph, answers: Sequence[tuple[str, float]]) -> str:
    """The weighted sum in float64 of float32 answers; a single one as it is."""
    if len(answers) == 1:
        return answers[0][0]
    parts = [graph.add("Mul", graph.double(name), graph.constant(np.array([[weight]]))) for name, weight in answers]
    return graph.cast(graph.add("Sum", *parts), TensorProto.FLOAT)


def input_dtype(spec: InputSpec) -> type[np.float32] | type[object]:
    """How numpy holds an input's values: float32, or str objects."""
    return object if spec.type in TEXT_TYPES else np.float32
