"""The ways of asking: our own, the Open Inference Protocol, and what MLflow and SageMaker clients send.

Each turns a body into checked rows and predictions into a body; what lies between is the same for all.
"""

from __future__ import annotations

from typing import Protocol

import msgspec
from msgspec import UNSET, UnsetType

from . import csvrows
from .answers import Answered, Prediction
from .contract import Contract
from .http import JSON_TYPE, Headers, media_type
from .jsonrows import JsonRows, parse
from .problems import Refusal
from .rows import Rows
from .validate import Rules

CSV_TYPE = b"text/csv; charset=utf-8"


class Dialect(Protocol):
    """One way of asking. ``route``: its name in the metrics."""

    route: str
    oip: bool

    def read(self, headers: Headers, body: bytes) -> Rows:
        """Raises Refusal."""

    def write(self, headers: Headers, rows: Rows, answered: Answered) -> tuple[bytes, bytes]:
        """Content type and body."""


class OwnAnswer(msgspec.Struct):
    """The answer of ``/predict``."""

    model: str
    bundle: str
    predictions: list[Prediction]
    dropped: dict[str, int] | UnsetType = UNSET


class Own:
    """``{"rows": [{column: value}]}`` or a CSV table at ``/predict``."""

    route = "/predict"
    oip = False

    def __init__(self, contract: Contract, bundle: str) -> None:
        self._contract = contract
        self._bundle = bundle
        self._json = JsonRows(contract)
        self._csv = csvrows.CsvRows(contract)
        self._encode = msgspec.json.Encoder().encode

    def read(self, headers: Headers, body: bytes) -> Rows:
        """By content type. Raises Refusal."""
        type_ = media_type(headers)
        if type_ == JSON_TYPE:
            return self._json.read(body)
        if type_ == b"text/csv":
            return self._csv.read(body)
        raise _wrong_type(type_)

    def write(self, headers: Headers, rows: Rows, answered: Answered) -> tuple[bytes, bytes]:
        """A table for a table unless JSON is asked for; JSON otherwise."""
        if media_type(headers) == b"text/csv" and JSON_TYPE not in headers.get(b"accept", b""):
            return CSV_TYPE, csvrows.write(answered.predictions, self._contract)
        answer = OwnAnswer(self._contract.model, self._bundle, answered.predictions, answered.dropped or UNSET)
        return JSON_TYPE, self._encode(answer)


class MlflowAnswer(msgspec.Struct):
    """The answer of ``/invocations``: bare labels or values, and beside them the ids to trace them by."""

    predictions: list[str | int | float | bool]
    ids: list[str]


class Mlflow:
    """``dataframe_split``, ``dataframe_records``, ``instances``, ``inputs`` or a CSV table at ``/invocations``."""

    route = "/invocations"
    oip = False

    def __init__(self, contract: Contract) -> None:
        self._rules = Rules(contract)
        self._csv = csvrows.CsvRows(contract)

    def read(self, headers: Headers, body: bytes) -> Rows:
        """Raises Refusal."""
        type_ = media_type(headers)
        if type_ == b"text/csv":
            return self._csv.read(body)
        if type_ != JSON_TYPE:
            raise _wrong_type(type_)
        content = parse(body)
        if not isinstance(content, dict):
            raise _no_frame()
        return self._rules.check(_records(content))

    def write(self, headers: Headers, rows: Rows, answered: Answered) -> tuple[bytes, bytes]:
        """Bare labels or values."""
        plain = [p.value if p.label is UNSET else p.label for p in answered.predictions]
        answer = MlflowAnswer(plain, [p.id for p in answered.predictions])  # type: ignore[arg-type]
        return JSON_TYPE, msgspec.json.encode(answer)


def _records(content: dict[str, object]) -> list[object]:
    """The rows of whatever kind of frame was sent. Raises Refusal."""
    for key in ("dataframe_records", "instances"):
        records = content.get(key)
        if isinstance(records, list):
            return records
    split, inputs = content.get("dataframe_split"), content.get("inputs")
    if isinstance(split, dict):
        return _split_records(split.get("columns"), split.get("data"))
    if isinstance(inputs, dict):
        return _column_records(inputs)
    raise _no_frame()


def _split_records(columns: object, data: object) -> list[object]:
    if not isinstance(columns, list) or not isinstance(data, list) or not all(isinstance(c, str) for c in columns):
        raise _no_frame()
    if len(set(columns)) != len(columns):
        raise Refusal(400, '"columns" names a column twice.', code="duplicate_key")
    for number, row in enumerate(data, 1):
        if not isinstance(row, list) or len(row) != len(columns):
            raise Refusal(422, f"Row {number} does not have one value for each column.", code="ragged")
    return [dict(zip(columns, row, strict=True)) for row in data]


def _column_records(columns: dict[str, object]) -> list[object]:
    lists = {name: values for name, values in columns.items() if isinstance(values, list)}
    lengths = {len(values) for values in lists.values()}
    if len(lists) != len(columns) or len(lengths) != 1:
        raise Refusal(422, '"inputs" must hold one list of equal length for each column.', code="ragged")
    return [dict(zip(lists, row, strict=True)) for row in zip(*lists.values(), strict=True)]


def _no_frame() -> Refusal:
    return Refusal(
        422,
        'The request must hold "dataframe_split", "dataframe_records", "instances" or "inputs".',
        code="no_rows",
    )


def _wrong_type(type_: bytes) -> Refusal:
    given = f" (not {type_[:40].decode('latin-1')})" if type_ else ""
    return Refusal(415, f"The content type must be application/json or text/csv{given}.", code="content_type")
