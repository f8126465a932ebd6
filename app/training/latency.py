"""How long the exported model takes for one row and for many, on this machine. In a child only."""

from __future__ import annotations

import time

import numpy as np

from app.core.runs import Score
from app.export.numbers import Inputs
from app.export.onnx_model import OnnxModel

ASKED = 101
LOW, HIGH = 40, 60
"""The order statistics (from 0) between which the median lies in 95 % of cases (David and Nagaraja 2003, 7.1)."""
WARM = 5
MOST_SCORED = 20_000
"""Rows whose scoring is timed; more take proportionally longer."""


def one_row_ms(model: OnnxModel, x: Inputs) -> Score:
    """The median of ``ASKED`` single rows with its 95 % interval, in milliseconds; without the first, slower ones."""
    rows = len(next(iter(x.values())))
    taken = np.empty(ASKED)
    for number in range(-WARM, ASKED):
        row = number % rows
        one = {name: values[row : row + 1] for name, values in x.items()}
        started = time.perf_counter()
        model.predict(one)
        taken[number] = (time.perf_counter() - started) * 1000
    ordered = np.sort(taken)
    return Score(float(ordered[ASKED // 2]), float(ordered[LOW]), float(ordered[HIGH]))


def scoring_s(model: OnnxModel, x: Inputs) -> float:
    """Seconds that all these rows take at once, worked out from at most ``MOST_SCORED`` of them."""
    rows = len(next(iter(x.values())))
    some = {name: values[:MOST_SCORED] for name, values in x.items()}
    started = time.perf_counter()
    model.predict(some)
    return (time.perf_counter() - started) * max(1.0, rows / MOST_SCORED)
