"""Golden rows: real requests with the answers that were expected when the model was approved."""

from __future__ import annotations

from pathlib import Path

import msgspec

from .contract import Contract, Value
from .logline import Output
from .model import Model
from .validate import Rules

TOLERANCE = 1e-5
"""Probabilities within this; values within this times max(1, |value|). As in the parity certificate."""

TIE = 2e-5
"""Two classes whose probabilities are this close may change places."""


class Golden(msgspec.Struct):
    """One row with its expected answer (as scikit-learn gave it, before conversion)."""

    row: dict[str, Value]
    expected: Output


class GoldenMismatch(Exception):
    """The model on this machine does not answer as it did when it was approved."""


def load(path: Path) -> list[Golden]:
    """All golden rows of a bundle."""
    return msgspec.json.Decoder(Golden).decode_lines(path.read_bytes())


def replay(model: Model, golden: list[Golden]) -> int:
    """How many rows were answered, all as expected. Raises GoldenMismatch."""
    rows = Rules(model.contract).check([g.row for g in golden])
    outputs = model.answer(rows.values).outputs
    wrong = [
        number
        for number, (output, one) in enumerate(zip(outputs, golden, strict=True), 1)
        if output is None or not agrees(output, one.expected, model.contract)
    ]
    if wrong:
        raise GoldenMismatch(
            f"{len(wrong)} of {len(golden)} golden rows are answered otherwise (first: row {wrong[0]})."
        )
    return len(golden)


def agrees(output: Output, expected: Output, contract: Contract) -> bool:
    """Whether an answer is the expected one within the tolerance of the parity certificate."""
    if contract.task == "regression":
        return _near(output.value, expected.value, TOLERANCE * max(1.0, abs(expected.value or 0.0)))
    if contract.task == "anomaly":
        return _near(output.score, expected.score, TOLERANCE) and (
            output.label == expected.label or _near(expected.score, contract.threshold, TIE)
        )
    got, wanted = output.probabilities or {}, expected.probabilities or {}
    if got.keys() != wanted.keys() or not all(_near(got[k], wanted[k], TOLERANCE) for k in wanted):
        return False
    return output.label == expected.label or _is_tie(wanted, contract)


def _is_tie(probabilities: dict[str, float], contract: Contract) -> bool:
    if contract.threshold is not None and contract.positive is not None:
        return abs(probabilities[contract.positive] - contract.threshold) <= TIE
    second, first = sorted(probabilities.values())[-2:]
    return first - second <= TIE


def _near(a: float | None, b: float | None, tolerance: float) -> bool:
    return a is not None and b is not None and abs(a - b) <= tolerance
