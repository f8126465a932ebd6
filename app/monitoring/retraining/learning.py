"""The learning curve: the champion's recipe on growing shares of its rows, scored on the hold-out. Child side.

What the next rows will bring is judged by what the last ones brought: curves fall as a power of the rows (Hestness et
al. 2017, "Deep learning scaling is predictable, empirically"), so a further doubling gains no more than the last one.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from app.core.progress import JobContext
from app.core.runs import Recipe, Score
from app.core.worth import CurvePoint
from app.monitoring.automation.clock import Clock
from app.training.answers import answers_of
from app.training.bench import Inputs, Raw, take
from app.training.bootstrap import difference
from app.training.metrics import Answers, value
from app.training.refit import fit_recipe

SHARES = (0.125, 0.25, 0.5, 1.0)
REPEATS = 3
"""Samples of a share; all rows are fitted on once."""
NORMAL_975 = 1.959964


@dataclass(frozen=True, slots=True)
class Rows:
    """Canonical inputs and targets."""

    x: Inputs
    y: Raw


def fitted_answers(recipe: Recipe, fitted: Rows, asked: Rows, clock: Clock) -> Answers:
    """What the recipe, fitted on some rows, says of others."""
    started = time.monotonic()
    model = fit_recipe(recipe, fitted.x, fitted.y)
    answers = answers_of(model, recipe.task, asked.x, asked.y, recipe.labels, recipe.positive)
    clock.took(time.monotonic() - started, len(fitted.y))
    return answers


def learning_curve(
    recipe: Recipe, metric: str, train: Rows, holdout: Rows, clock: Clock, ctx: JobContext
) -> tuple[tuple[CurvePoint, ...], Score | None]:
    """The points that the time allowed, and what the last doubling of all rows gained."""
    points: list[CurvePoint] = []
    by_share: dict[float, list[Answers]] = {}
    for share in SHARES:
        rows = max(1, round(share * len(train.y)))
        for repeat in range(REPEATS if share < 1 else 1):
            ctx.check_cancelled()
            if not clock.affords(rows):
                break
            ctx.progress(0.1 + 0.4 * share, f"Fitting on {rows:,} rows")
            answers = _fitted_on(recipe, train, holdout, rows, repeat, clock)
            if answers is not None:
                by_share.setdefault(share, []).append(answers)
        if found := [value(metric, answers) for answers in by_share.get(share, ())]:
            points.append(CurvePoint(rows, float(np.mean(found)), float(min(found)), float(max(found))))
    return tuple(points), _doubling(metric, by_share, recipe.seed)


def _fitted_on(recipe: Recipe, train: Rows, holdout: Rows, rows: int, repeat: int, clock: Clock) -> Answers | None:
    """None of a sample that holds one class only."""
    chosen = np.sort(np.random.default_rng([recipe.seed, repeat]).permutation(len(train.y))[:rows])
    some = Rows(take(train.x, chosen), train.y[chosen])
    if recipe.labels and len(set(some.y.tolist())) < 2:
        return None
    return fitted_answers(recipe, some, holdout, clock)


def _doubling(metric: str, by_share: dict[float, list[Answers]], seed: int) -> Score | None:
    whole, halves = by_share.get(1.0), by_share.get(0.5)
    if not whole or not halves:
        return None
    return combined([difference(metric, whole[0], half, seed) for half in halves])


def combined(gains: Sequence[Score]) -> Score:
    """The mean of gains on the same rows: its interval holds the chance of the rows and that of the samples."""
    mean = float(np.mean([gain.value for gain in gains]))
    of_rows = float(np.mean([(gain.high - gain.low) / 2 for gain in gains]))
    spread = float(np.std([gain.value for gain in gains], ddof=1)) if len(gains) > 1 else 0.0
    half = math.hypot(of_rows, NORMAL_975 * spread / math.sqrt(len(gains)))
    return Score(mean, mean - half, mean + half)
