"""An ONNX file as ONNX Runtime answers it; the only judge of whether a file is a model at all."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime
from google.protobuf.message import DecodeError
from onnx.external_data_helper import uses_external_data
from onnxruntime.capi import onnxruntime_pybind11_state as failures

from app.errors import ParityFailed
from app.export.numbers import Inputs

BATCH_CELLS = 4_000_000
"""Rows a batch x widest tensor: bounds memory (32 MB in float64) however many columns words make."""

_ERRORS = (
    failures.Fail,
    failures.InvalidArgument,
    failures.InvalidGraph,
    failures.InvalidProtobuf,
    failures.NotImplemented,
    failures.RuntimeException,
)


class OnnxModel:
    """A model that ONNX Runtime has opened, with one thread. ParityFailed if it is none or refers to other files."""

    def __init__(self, model: bytes, *, width: int = 1000) -> None:
        refuse_external_data(model)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        try:
            self._session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        except _ERRORS as error:
            raise ParityFailed("The exported model cannot be opened.", details=str(error)) from error
        self.sha256 = hashlib.sha256(model).hexdigest()
        self.inputs = tuple(node.name for node in self._session.get_inputs())
        self.outputs = tuple(node.name for node in self._session.get_outputs())
        self._batch = max(64, BATCH_CELLS // max(1, width))

    def predict(self, x: Inputs) -> tuple[npt.NDArray[np.generic], ...]:
        """``(labels (n,) texts, probabilities (n, classes) or scores (n,))`` or ``(values (n,),)``, in batches.

        ParityFailed if the graph cannot run on these rows.
        """
        rows = len(next(iter(x.values())))
        parts = [self._run({n: v[i : i + self._batch] for n, v in x.items()}) for i in range(0, rows, self._batch)]
        whole = [np.concatenate(of_output) for of_output in zip(*parts, strict=True)]
        if self.outputs == ("value",):
            return (whole[0].reshape(-1),)
        named = dict(zip(self.outputs, whole, strict=True))
        return named["label"], named["score"].reshape(-1) if "score" in named else named["probabilities"]

    def _run(self, x: Inputs) -> list[npt.NDArray[np.generic]]:
        try:
            answers = self._session.run(None, {name: x[name] for name in self.inputs})
        except _ERRORS as error:
            raise ParityFailed("The exported model cannot run.", details=str(error)) from error
        return [np.asarray(answer) for answer in answers]


def refuse_external_data(model: bytes) -> None:
    """ParityFailed if the bytes are no ONNX model or any tensor in them, at any depth, lives in another file."""
    try:
        proto = onnx.load_model_from_string(model)
    except DecodeError as error:
        raise ParityFailed("This is not an ONNX model.", details=str(error)) from error
    bodies = [proto.graph, *proto.functions]
    if any(uses_external_data(tensor) for body in bodies for tensor in tensors_of(body)):
        raise ParityFailed("The model keeps some of its numbers in another file.", "Export it as one single file.")


def tensors_of(body: onnx.GraphProto | onnx.FunctionProto) -> Iterable[onnx.TensorProto]:
    """Every tensor of a graph or function, at any depth."""
    if isinstance(body, onnx.GraphProto):
        yield from body.initializer
        for sparse in body.sparse_initializer:
            yield from (sparse.values, sparse.indices)
    for node in body.node:
        for attribute in node.attribute:
            yield from _attribute_tensors(attribute)


def _attribute_tensors(attribute: onnx.AttributeProto) -> Iterable[onnx.TensorProto]:
    if attribute.HasField("t"):
        yield attribute.t
    yield from attribute.tensors
    for graph in ([attribute.g] if attribute.HasField("g") else []) + list(attribute.graphs):
        yield from tensors_of(graph)
