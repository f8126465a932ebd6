"""Proof that the exported file answers as the trained model did: all hold-out rows and probe rows.

Expected answers come from scikit-learn, given ones from ONNX Runtime, both on the same canonical values.
Tolerances (measured, see the certificate): probabilities 1e-5; values 1e-5 x max(1, |prediction|).
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from app.core.runs import ANOMALY, NORMAL, InputSpec, ParityCertificate, Task
from app.errors import ParityFailed
from app.export.fitted import Fitted
from app.export.numbers import Inputs
from app.export.onnx_model import OnnxModel

__all__ = ["TOLERANCE", "OnnxModel", "prove"]

TOLERANCE = 1e-5
TIE = 2e-5
"""Two highest probabilities as close as this: either label is right."""
FAILING_SHOWN = 5
OUTPUTS = {Task.REGRESSION: ("value",), Task.ANOMALY: ("label", "score")}
"""What a graph gives; of classes a label and probabilities."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Compared:
    """One entry a row: whether the label differs (and is no tie), how far the answer is off, whether it is NaN."""

    differs: npt.NDArray[np.bool_]
    tie: npt.NDArray[np.bool_]
    off: Floats
    nan: npt.NDArray[np.bool_]

    @property
    def failing(self) -> npt.NDArray[np.bool_]:
        """Rows that break the rule."""
        return (self.differs & ~self.tie) | ~(self.off <= TOLERANCE) | self.nan


def prove(
    fitted: Fitted,
    onnx_bytes: bytes,
    inputs: Sequence[InputSpec],
    task: Task,
    labels: Sequence[str],
    x: Inputs,
    x_probe: Inputs,
) -> ParityCertificate:
    """Compare on every row of ``x`` and ``x_probe``. ParityFailed only if the file cannot be opened or run;
    a file that answers otherwise gets a certificate that says so."""
    model = OnnxModel(onnx_bytes, width=max(len(inputs), 1, *(member.columns.width for member, _ in fitted.members)))
    _check_interface(model, inputs, task)
    rows, probes = _rows(x), _rows(x_probe)
    every = {spec.input: np.concatenate([x[spec.input], x_probe[spec.input]]) for spec in inputs}
    compared = _compared(fitted, model, every, task, labels)
    failing = np.flatnonzero(compared.failing)
    known = compared.off[~np.isnan(compared.off)]
    return ParityCertificate(
        passed=not len(failing),
        rows=rows,
        probe_rows=probes,
        label_differences=int(compared.differs.sum()),
        differences_no_ties=int((compared.differs & ~compared.tie).sum()),
        max_difference=min(float(known.max(initial=0.0)), sys.float_info.max),  # JSON knows no infinity
        nan_count=int(compared.nan.sum()),
        tolerance=TOLERANCE,
        onnx_sha256=model.sha256,
        failing=tuple(_in_words(int(i), rows, every, inputs, compared) for i in failing[:FAILING_SHOWN]),
    )


def _compared(fitted: Fitted, model: OnnxModel, x: Inputs, task: Task, labels: Sequence[str]) -> Compared:
    if task.classifies:
        return _classes(fitted, model, x, labels)
    return _scores(fitted, model, x) if task is Task.ANOMALY else _values(fitted, model, x)


def _scores(fitted: Fitted, model: OnnxModel, x: Inputs) -> Compared:
    """A score within the tolerance of probabilities; one that lies on the cut may be answered either way."""
    expected = fitted.predict(x).astype(np.float64)
    labels, given = model.predict(x)
    off = np.abs(given.astype(np.float64) - expected)
    differs = labels.astype(str) != np.where(expected >= fitted.cut, ANOMALY, NORMAL)
    return Compared(differs, np.abs(expected - fitted.cut) <= TIE, off, np.isnan(given))


def _classes(fitted: Fitted, model: OnnxModel, x: Inputs, labels: Sequence[str]) -> Compared:
    expected = fitted.predict_proba(x)
    chosen = np.array(labels, dtype=str)[expected.argmax(axis=1)]
    given_labels, given = model.predict(x)
    if given.shape != expected.shape:
        raise ParityFailed("The exported model knows other classes than the trained one.")
    top = np.sort(expected, axis=1)[:, -2:]
    off = np.abs(given.astype(np.float64) - expected).max(axis=1)
    outside = ~np.isin(given_labels.astype(str), np.array(labels, dtype=str))
    tie = (top[:, -1] - top[:, 0] <= TIE) & ~outside & (expected.shape[1] > 1)
    return Compared(given_labels.astype(str) != chosen, tie, off, np.isnan(given).any(axis=1))


def _values(fitted: Fitted, model: OnnxModel, x: Inputs) -> Compared:
    expected = fitted.predict(x).astype(np.float64)
    given = model.predict(x)[0].astype(np.float64)
    off = np.abs(given - expected) / np.maximum(1.0, np.abs(expected))
    none = np.zeros(len(given), dtype=bool)
    return Compared(none, none, off, np.isnan(given))


def _check_interface(model: OnnxModel, inputs: Sequence[InputSpec], task: Task) -> None:
    if model.inputs != tuple(spec.input for spec in inputs) or model.outputs != OUTPUTS.get(
        task, ("label", "probabilities")
    ):
        raise ParityFailed("The exported model takes or gives other columns than the trained one.")


def _in_words(row: int, rows: int, x: Inputs, inputs: Sequence[InputSpec], compared: Compared) -> str:
    where = f"hold-out row {row + 1}" if row < rows else f"probe row {row - rows + 1}"
    values = ", ".join(f"{spec.name}={_value(x[spec.input][row].tolist()[0])}" for spec in inputs[:5])
    label = ", another label" if compared.differs[row] else ""
    return f"{where}: off by {compared.off[row]:.3g}{label} ({values}{', ...' if len(inputs) > 5 else ''})"


def _value(value: float | str) -> str:
    return repr(value) if isinstance(value, str) else f"{value:.6g}"


def _rows(x: Inputs) -> int:
    return len(next(iter(x.values())))
