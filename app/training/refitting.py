"""The child's side of *reproduce*: refit, then compare with what was recorded, stage by stage."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np

from app.core.proofs import Reproduction, Verdict
from app.jobs.child import ChildContext
from app.runtime.golden import TOLERANCE
from app.training.answers import read_predictions
from app.training.metrics import Answers
from app.training.refit import Refitted, refit
from app.training.reproduce import ReproduceOrder

_ORDER = (Verdict.IDENTICAL, Verdict.EQUAL, Verdict.DIFFERENT)


def compare_again(ctx: ChildContext, order: ReproduceOrder) -> Reproduction:
    """Refit the recipe and say how each stage compares."""
    ctx.progress(0.1, "Fitting the recipe again")
    again = refit(order.recipe, Path(order.table_path))
    ctx.progress(0.9, "Comparing")
    recipe = order.recipe
    rows, before = read_predictions(Path(order.predictions_path), recipe.task, recipe.labels, recipe.positive)
    split = _split_verdict(order, again, rows)
    predictions, largest = _predictions_verdict(before, again.answers)
    same_bytes = hashlib.sha256(again.onnx).hexdigest() == order.onnx_sha256
    onnx = Verdict.IDENTICAL if same_bytes else predictions if predictions is Verdict.DIFFERENT else Verdict.EQUAL
    worst = max((split, predictions, onnx), key=_ORDER.index)
    return Reproduction(worst, split, predictions, onnx, largest)


def _split_verdict(order: ReproduceOrder, again: Refitted, rows: np.ndarray) -> Verdict:
    same_rule = replace(again.rule, note="") == replace(order.recipe.split, note="")
    return Verdict.IDENTICAL if same_rule and np.array_equal(again.rows, rows) else Verdict.DIFFERENT


def _predictions_verdict(before: Answers, again: Answers) -> tuple[Verdict, float | None]:
    """Within the parity certificate's tolerance: absolute for probabilities, relative above 1 for values."""
    if before.predicted.shape != again.predicted.shape:
        return Verdict.DIFFERENT, None
    if np.array_equal(before.predicted, again.predicted):
        return Verdict.IDENTICAL, 0.0
    gaps = np.abs(before.predicted - again.predicted)
    allowed = TOLERANCE * (np.maximum(1.0, np.abs(before.predicted)) if not before.task.classifies else 1.0)
    return (Verdict.EQUAL if np.all(gaps <= allowed) else Verdict.DIFFERENT), float(gaps.max())
