"""What a window is compared with. Child side.

Columns: the rows that the model was fitted on, because drift is a move away from what it has seen, and there are four
times as many as were held out. Scores: the hold-out's, because a model is surer of rows that it was fitted on than of
any others: compared with those, every window would seem to have moved.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from app.core.data import ColumnType
from app.core.runs import InputSpec, Recipe, Task
from app.export.numbers import Inputs
from app.monitoring.drift import Cells, Column, cells_of
from app.runtime.canonical import MISSING
from app.training.answers import read_predictions
from app.training.inputs import canonical_inputs
from app.training.material import load_again
from app.training.metrics import Answers


@dataclass(frozen=True, slots=True)
class Reference:
    """``cells``: each input column of the training rows, by its name. ``holdout``: canonical inputs of the hold-out, in
    the order of its recorded answers."""

    cells: dict[str, Cells]
    holdout: Inputs


def reference(table_path: Path, recipe: Recipe) -> Reference:
    """The rows that a model was made from, divided as they were."""
    material = load_again(table_path, recipe)
    train, held = (
        dict(canonical_inputs(recipe.inputs, material.inputs(rows)))
        for rows in (material.split.train, material.split.holdout)
    )
    return Reference({name: cells_of(column) for name, column in columns_of(recipe.inputs, train).items()}, held)


def columns_of(inputs: tuple[InputSpec, ...], x: Inputs) -> dict[str, Column]:
    """Canonical inputs as drift looks at them: texts by how many words they have."""
    return {spec.name: _column(spec, x) for spec in inputs}


def holdout_answers(predictions_path: Path, recipe: Recipe) -> Answers:
    """What the model said of the hold-out, and the truth."""
    return read_predictions(predictions_path, recipe.task, recipe.labels, recipe.positive)[1]


def score_column(recipe: Recipe, predicted: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> Column:
    """The values that a model gives: P(positive), a regression's value, of several classes the likeliest."""
    if not recipe.task.classifies:
        return predicted
    if recipe.task is Task.BINARY:
        place = {label: i for i, label in enumerate(recipe.labels)}
        return np.asarray(predicted[:, place.get(recipe.positive or "", 1)])
    return [recipe.labels[i] for i in predicted.argmax(axis=1).tolist()]


def _column(spec: InputSpec, x: Mapping[str, np.ndarray[tuple[int, ...], np.dtype[np.generic]]]) -> Column:
    values = x[spec.input][:, 0]
    if spec.type is ColumnType.CATEGORY:
        return [None if value == MISSING else value for value in values.tolist()]
    if spec.type is ColumnType.TEXT:
        return np.array([np.nan if v == MISSING else v.count(" ") + bool(v) for v in values.tolist()], np.float64)
    return np.asarray(values, np.float64)
