"""What a rule said, as every candidate's answers are kept. Light: the referee's child imports it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from app.core.runs import Task

Floats = npt.NDArray[np.float64]


def predicted_by(answer: Floats, task: Task, labels: tuple[str, ...], positive: int, right: float) -> Floats:
    """(n, k) probabilities in the order of ``labels``, or (n,) values, of what ``rules.Rule`` answered. ``positive``:
    its column, of two classes.

    A query names one of several classes without a probability: the class gets ``right``, the others share the rest.
    """
    if not task.classifies:
        return np.asarray(answer, np.float64)
    if task is Task.BINARY:
        share = np.clip(answer, 0.0, 1.0)
        return np.column_stack([share if place == positive else 1 - share for place in range(len(labels))])
    predicted = np.full((len(answer), len(labels)), (1 - right) / max(1, len(labels) - 1))
    predicted[np.arange(len(answer)), answer.astype(np.intp)] = right
    return predicted
