"""How good the answers were whose truth came, and how good they should be without it. Child side."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from app.core.monitoring import ENOUGH_LABELS
from app.core.runs import Recipe, Score
from app.monitoring.distances import Floats
from app.training.bootstrap import scores
from app.training.metrics import Answers, value

PARTS = 5
"""The hold-out is divided so often to see how far estimates without labels are off."""


def parts(rows: int, seed: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """(n,) the part of each row of the hold-out, 0 to ``PARTS`` - 1."""
    return np.random.default_rng(seed).integers(0, PARTS, rows)


def mean_of_defined(errors: Sequence[float]) -> float:
    """The mean of those that have a value; not a number without one."""
    known = [error for error in errors if math.isfinite(error)]
    return float(np.mean(known)) if known else math.nan


@dataclass(frozen=True, slots=True)
class Labelled:
    """``places``: (m,) rows of the window whose truth is known; ``answers``: those rows'; ``unknown``: rows whose truth
    is a class that the model cannot answer."""

    places: np.ndarray[tuple[int], np.dtype[np.intp]]
    answers: Answers
    unknown: int = 0

    def score(self, metric: str, seed: int) -> Score | None:
        """The metric with its 95 % interval; None with too few labels, or where it has no value on them."""
        if self.answers.n < ENOUGH_LABELS or not math.isfinite(value(metric, self.answers)):
            return None
        return scores([metric], self.answers, seed)[0]


def labelled(recipe: Recipe, ids: Sequence[str], predicted: Floats, truth: Mapping[str, str]) -> Labelled:
    """The rows whose truth the model could have said. ``truth``: label as text by prediction id."""
    known = _known(recipe, truth)
    places = np.array([i for i, prediction in enumerate(ids) if prediction in known], np.intp)
    actual = [known[ids[i]] for i in places]
    dtype = np.intp if recipe.task.classifies else np.float64
    positive = recipe.labels.index(recipe.positive) if recipe.positive in recipe.labels else 1
    answers = Answers(recipe.task, np.array(actual, dtype), predicted[places], recipe.labels, positive)
    unknown = sum(prediction in truth and prediction not in known for prediction in ids)
    return Labelled(places, answers, unknown if recipe.task.classifies else 0)


def _known(recipe: Recipe, truth: Mapping[str, str]) -> dict[str, float]:
    if not recipe.task.classifies:
        values = {prediction: float(text) for prediction, text in truth.items()}
        return {prediction: value for prediction, value in values.items() if math.isfinite(value)}
    place = {label: i for i, label in enumerate(recipe.labels)}
    return {prediction: place[text] for prediction, text in truth.items() if text in place}
