"""The backtest: had the model been refitted before each past window, how much better would it have been? Child side."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from app.core.progress import JobContext
from app.core.runs import Recipe, Score
from app.core.worth import PastWindow
from app.monitoring.automation.clock import Clock
from app.monitoring.retraining.learning import Rows, fitted_answers
from app.training.bench import take
from app.training.bootstrap import difference
from app.training.metrics import Answers, value

MOST_WINDOWS, LEAST_ROWS = 5, 100
"""Windows of equal size, none with fewer rows: an interval of fewer says nothing."""

Places = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Past:
    """Rows in the order of time. ``base``: what the model that was not refitted knew; ``later``: what came then,
    ``stale``: its answers to them; ``at``: their times."""

    base: Rows
    later: Rows
    stale: Answers
    at: Sequence[str]


def windows_of(rows: int) -> list[Places]:
    """The rows in windows of equal size; the first is only fitted on. Empty if there are too few for two."""
    count = min(MOST_WINDOWS, rows // LEAST_ROWS)
    return list(np.array_split(np.arange(rows), count)) if count >= 2 else []


def backtest(
    recipe: Recipe, metric: str, past: Past, clock: Clock, ctx: JobContext
) -> tuple[tuple[PastWindow, ...], Score | None]:
    """Each window but the first, and the mean of their gains; the oldest are left out if the time does not suffice."""
    parts = windows_of(len(past.later.y))
    found: list[PastWindow] = []
    for number in range(len(parts) - 1, 0, -1):
        ctx.check_cancelled()
        known = np.concatenate(parts[:number])
        if not clock.affords(len(past.base.y) + len(known)):
            break
        ctx.progress(0.55 + 0.4 * (len(parts) - number) / len(parts), f"Refitting before window {number}")
        window = _window(recipe, metric, past, known, parts[number], clock)
        if window is not None:
            found.insert(0, window)
    return tuple(found), mean_gain(found)


def _window(recipe: Recipe, metric: str, past: Past, known: Places, asked: Places, clock: Clock) -> PastWindow | None:
    """None where the metric has no value on the window."""
    fitted = Rows(
        {name: np.concatenate([past.base.x[name], past.later.x[name][known]]) for name in past.base.x},
        np.concatenate([past.base.y, past.later.y[known]]),
    )
    rows = Rows(take(past.later.x, asked), past.later.y[asked])
    stale = Answers(
        past.stale.task, past.stale.actual[asked], past.stale.predicted[asked], past.stale.labels, past.stale.positive
    )
    fresh = fitted_answers(recipe, fitted, rows, clock)
    if not all(math.isfinite(value(metric, answers)) for answers in (stale, fresh)):
        return None
    gain = difference(metric, fresh, stale, recipe.seed)
    return PastWindow(past.at[int(asked[0])], past.at[int(asked[-1])], len(asked), gain)


def mean_gain(windows: Sequence[PastWindow]) -> Score | None:
    """The mean over windows of other rows each, weighted by them; their errors are independent."""
    if not windows:
        return None
    weights = np.array([window.rows for window in windows], np.float64)
    weights /= weights.sum()
    mean = float(sum(w * one.gain.value for w, one in zip(weights, windows, strict=True)))
    halves = np.array([(one.gain.high - one.gain.low) / 2 for one in windows])
    half = float(np.sqrt(((weights * halves) ** 2).sum()))
    return Score(mean, mean - half, mean + half)
