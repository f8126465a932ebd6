"""The approved model: one ONNX graph, its labels with their own types, its threshold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import onnxruntime as ort

from .canonical import canonical, number_block
from .contract import Contract, Field, Value
from .judge import RowJudge
from .logline import Output

_NUMERIC = ("number", "integer", "boolean")
_OUTPUTS = {"regression": ["value"], "anomaly": ["label", "score"]}
"""What is asked of the graph; of classes a label and probabilities."""


@dataclass(frozen=True, slots=True)
class Answers:
    """``outputs``: one a row; None where the model has no finite answer. ``violations``: see ``logline.Line``."""

    outputs: list[Output | None]
    violations: list[tuple[str, ...]]


class Model:
    """Answers rows. Safe to call from several threads."""

    def __init__(self, onnx: bytes, contract: Contract) -> None:
        """Raises ValueError if the graph does not take and give what the contract says."""
        options = ort.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self.contract = contract
        self._session = ort.InferenceSession(onnx, options, providers=["CPUExecutionProvider"])
        self._outputs = _OUTPUTS.get(contract.task, ["label", "probabilities"])
        self._check_graph()
        self._numeric = [i for i, f in enumerate(contract.inputs) if f.type in _NUMERIC]
        self._others = [(i, f) for i, f in enumerate(contract.inputs) if f.type not in _NUMERIC]
        self._numeric_names = [_input_of(contract.inputs[i]) for i in self._numeric]
        self._judge = RowJudge(contract.rules, contract.inputs)
        self._limits = _Limits(contract, self._numeric) if not contract.rules else None
        self._labels = {label.text: label.value for label in contract.labels}
        self._texts = [label.text for label in contract.labels]
        self._positive = self._texts.index(contract.positive) if contract.positive in self._texts else None

    def answer(self, values: Sequence[tuple[Value, ...]]) -> Answers:
        """``values``: checked rows, each a value for every input in the contract's order."""
        if not values:
            return Answers([], [])
        feed, violations = self._feed(values)
        return Answers(self._told(self._session.run(self._outputs, feed)), violations)

    def _told(self, results: list[npt.NDArray[np.generic]]) -> list[Output | None]:
        if self.contract.task == "regression":
            return _valued(results[0])  # type: ignore[arg-type]
        read = self._classified if self.contract.has_probabilities else self._flagged
        return read(results[0], results[1])  # type: ignore[arg-type]

    def _feed(
        self, values: Sequence[tuple[Value, ...]]
    ) -> tuple[dict[str, npt.NDArray[np.generic]], list[tuple[str, ...]]]:
        feed: dict[str, npt.NDArray[np.generic]] = {}
        if self._numeric:
            wanted = self._numeric if self._others else None
            block = number_block([[row[i] for i in wanted] for row in values] if wanted else values)
            for name, line in zip(self._numeric_names, block, strict=True):
                feed[name] = line.reshape(-1, 1)
        else:
            block = np.empty((0, len(values)), dtype=np.float32)
        found = self._limits.numbers(block) if self._limits is not None else {}
        for i, field in self._others:
            column = [row[i] for row in values]
            feed[_input_of(field)] = line = canonical(field.type, column)
            if self._limits is not None:
                self._limits.other(field, column, line, found)
        self._judge.judge(values, found)
        return feed, [tuple(found.get(row, ())) for row in range(len(values))]

    def _classified(self, labels: npt.NDArray[np.object_], table: npt.NDArray[np.float32]) -> list[Output | None]:
        finite = np.isfinite(table.min(axis=1) + table.max(axis=1)).tolist()
        return [
            self._output(text, row) if ok else None
            for text, row, ok in zip(labels.ravel().tolist(), table.tolist(), finite, strict=True)
        ]

    def _flagged(self, labels: npt.NDArray[np.object_], scores: npt.NDArray[np.float32]) -> list[Output | None]:
        flat = scores.ravel()
        finite = np.isfinite(flat).tolist()
        return [
            Output(label=self._labels[text], score=score) if ok else None
            for text, score, ok in zip(labels.ravel().tolist(), flat.tolist(), finite, strict=True)
        ]

    def _output(self, text: str, row: list[float]) -> Output:
        if self._positive is None:
            score = row[self._texts.index(text)]
        else:
            score = row[self._positive]
            if self.contract.threshold is not None:
                text = self._texts[self._positive if score >= self.contract.threshold else 1 - self._positive]
        return Output(label=self._labels[text], score=score, probabilities=dict(zip(self._texts, row, strict=True)))

    def _check_graph(self) -> None:
        inputs = {node.name for node in self._session.get_inputs()}
        outputs = {node.name for node in self._session.get_outputs()}
        if inputs != {_input_of(f) for f in self.contract.inputs} or not outputs.issuperset(self._outputs):
            raise ValueError("The model does not take or give what its contract says.")


class _Limits:
    """Finds inputs outside of what training saw. Only where the data have no contract: with one, what was agreed
    counts, not what happened to be there."""

    def __init__(self, contract: Contract, numeric: list[int]) -> None:
        fields = [contract.inputs[i] for i in numeric]
        self._names = [f"{f.name}:range" for f in fields]
        self._low = np.array([[-np.inf if f.minimum is None else f.minimum] for f in fields], dtype=np.float32)
        self._high = np.array([[np.inf if f.maximum is None else f.maximum] for f in fields], dtype=np.float32)
        self._categories = {f.name: frozenset(f.categories) for f in contract.inputs if f.type == "category"}

    def numbers(self, block: npt.NDArray[np.float32]) -> dict[int, list[str]]:
        """``block``: (columns, rows) float32 -> row -> violations."""
        found: dict[int, list[str]] = {}
        if not block.size:
            return found
        outside = (block < self._low) | (block > self._high)
        if outside.any():
            for column, row in np.argwhere(outside).tolist():
                found.setdefault(row, []).append(self._names[column])
        return found

    def other(
        self, field: Field, column: list[Value], line: npt.NDArray[np.generic], found: dict[int, list[str]]
    ) -> None:
        """Adds what a category or date column holds to ``found``."""
        if field.type == "category":
            known = self._categories[field.name]
            for row, value in enumerate(column):
                if value is not None and value not in known:
                    found.setdefault(row, []).append(f"{field.name}:other")
        elif field.type == "datetime" and field.minimum is not None and field.maximum is not None:
            for row, days in enumerate(line.ravel().tolist()):
                if days < field.minimum or days > field.maximum:
                    found.setdefault(row, []).append(f"{field.name}:range")


def _valued(values: npt.NDArray[np.float32]) -> list[Output | None]:
    flat = values.ravel()
    finite = np.isfinite(flat).tolist()
    return [Output(value=value) if ok else None for value, ok in zip(flat.tolist(), finite, strict=True)]


def _input_of(field: Field) -> str:
    if field.input is None:
        raise ValueError(f"{field.name} is an input without a place in the graph.")
    return field.input
