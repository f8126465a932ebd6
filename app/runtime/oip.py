"""The Open Inference Protocol v2 (REST), as KServe, Triton and their clients speak it.

A request holds one tensor a column, shape [n] or [n, 1], nested or flat; null stands for a missing value.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import msgspec
from msgspec import UNSET, UnsetType

from .answers import Answered, Prediction
from .contract import Contract
from .http import JSON_TYPE, Headers, media_type
from .jsonrows import parse
from .problems import Refusal
from .rows import Rows
from .validate import Rules

DATATYPES = {
    "number": "FP64",
    "integer": "INT64",
    "boolean": "BOOL",
    "category": "BYTES",
    "text": "BYTES",
    "datetime": "BYTES",
}
_ACCEPTED = frozenset({"BOOL", "BYTES", "FP16", "FP32", "FP64", "BF16"}) | {
    f"{kind}{bits}" for kind in ("INT", "UINT") for bits in (8, 16, 32, 64)
}


class Tensor(msgspec.Struct):
    """A named, flat array."""

    name: str
    shape: list[int]
    datatype: str
    data: list[str | int | float | bool]


class InferAnswer(msgspec.Struct):
    """What ``infer`` answers; ``id`` is the request's own."""

    model_name: str
    model_version: str
    outputs: list[Tensor]
    id: str | UnsetType = UNSET


class Described(msgspec.Struct):
    """A tensor that the model takes or gives."""

    name: str
    datatype: str
    shape: list[int]


class ModelMetadata(msgspec.Struct):
    """What ``GET /v2/models/{name}`` answers."""

    name: str
    versions: list[str]
    platform: str
    inputs: list[Described]
    outputs: list[Described]


class Oip:
    """The protocol for one model, which is known by its name with and without its version."""

    route = "/v2/infer"
    oip = True

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._rules = Rules(contract)
        self.name, _, self.version = contract.model.partition("@")
        self.version = self.version or "1"
        self._label_type = _label_type(contract)

    def paths(self) -> list[str]:
        """Every path under which this model is found, without ``/infer``."""
        names = dict.fromkeys((self.name, self._contract.model))
        return [p for n in names for p in (f"/v2/models/{n}", f"/v2/models/{n}/versions/{self.version}")]

    def read(self, headers: Headers, body: bytes) -> Rows:
        """Raises Refusal."""
        if media_type(headers) not in (JSON_TYPE, b"application/octet-stream", b""):
            raise Refusal(415, "The content type must be application/json.", code="content_type")
        content = parse(body)
        if not isinstance(content, dict) or not isinstance(content.get("inputs"), list):
            raise Refusal(422, 'The request must hold a list of "inputs".', code="no_rows")
        rows = self._rules.check(_rows(content["inputs"]))
        request_id = content.get("id")
        rows.request_id = request_id[:200] if isinstance(request_id, str) else None
        return rows

    def write(self, headers: Headers, rows: Rows, answered: Answered) -> tuple[bytes, bytes]:
        """One tensor for each part of the answer, and our prediction ids."""
        answer = InferAnswer(self.name, self.version, self._outputs(answered.predictions), rows.request_id or UNSET)
        return JSON_TYPE, msgspec.json.encode(answer)

    def metadata(self) -> ModelMetadata:
        """The tensors by name and type."""
        inputs = [Described(f.name, DATATYPES[f.type], [-1]) for f in self._contract.inputs]
        outputs = [Described(n, t, [-1, *more]) for n, t, more in self._described_outputs()]
        return ModelMetadata(self.name, [self.version], "onnx_onnxruntime", inputs, outputs)

    def _described_outputs(self) -> list[tuple[str, str, list[int]]]:
        ids: tuple[str, str, list[int]] = ("prediction_id", "BYTES", [])
        if self._contract.task == "regression":
            return [("value", "FP64", []), ids]
        if not self._contract.has_probabilities:
            return [("label", self._label_type, []), ("score", "FP64", []), ids]
        width = len(self._contract.labels)
        return [("label", self._label_type, []), ("score", "FP64", []), ("probabilities", "FP64", [width]), ids]

    def _outputs(self, predictions: list[Prediction]) -> list[Tensor]:
        parts: dict[str, Callable[[Prediction], list[object]]] = {
            "value": lambda p: [p.value],
            "label": lambda p: [p.label],
            "score": lambda p: [p.score],
            "probabilities": lambda p: list(cast(dict[str, float], p.probabilities).values()),
            "prediction_id": lambda p: [p.id],
        }
        tensors = []
        for name, type_, more in self._described_outputs():
            data = [value for p in predictions for value in parts[name](p)]
            tensors.append(Tensor(name, [len(predictions), *more], type_, cast(list[str | int | float | bool], data)))
        return tensors


def _label_type(contract: Contract) -> str:
    kinds = {type(label.value) for label in contract.labels}
    by_kind = {bool: "BOOL", int: "INT64", float: "FP64"}
    return by_kind.get(kinds.pop(), "BYTES") if len(kinds) == 1 else "BYTES"


def _rows(tensors: list[object]) -> list[object]:
    """Tensors -> one object a row. Raises Refusal where they do not fit together."""
    columns: dict[str, list[object]] = {}
    for tensor in tensors:
        name, data = _column(tensor)
        if name in columns:
            raise Refusal(400, "Two tensors have the same name.", code="duplicate_key")
        columns[name] = data
    lengths = {len(data) for data in columns.values()}
    if len(lengths) != 1:
        raise Refusal(
            422, "All inputs must have the same first dimension, and there must be one at least.", code="ragged"
        )
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _column(tensor: object) -> tuple[str, list[object]]:
    if not isinstance(tensor, dict):
        raise Refusal(422, "Each input must be an object.", code="no_tensor")
    name, shape, data = tensor.get("name"), tensor.get("shape"), tensor.get("data")
    if not isinstance(name, str) or not isinstance(shape, list) or not isinstance(data, list):
        raise Refusal(422, "Each input must have a name, a shape, a datatype and data.", code="no_tensor")
    if tensor.get("datatype") not in _ACCEPTED:
        raise Refusal(422, "An input's datatype is none of the protocol's.", code="no_tensor")
    flat = [v[0] if isinstance(v, list) and len(v) == 1 else v for v in data]
    if shape not in ([len(flat)], [len(flat), 1]):
        raise Refusal(422, "An input's shape must be [n] or [n, 1] and fit its data.", code="no_tensor")
    return name, flat
