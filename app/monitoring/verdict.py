"""What follows from a look at a window, in one line."""

from __future__ import annotations

from collections.abc import Iterable

from app.core.effect_sizes import LARGE
from app.core.metrics import GREATER_IS_BETTER, METRIC_WORDS, STABILITY, kind_of
from app.core.monitoring import (
    ENOUGH_LABELS,
    ENOUGH_PREDICTIONS,
    ColumnDrift,
    Drift,
    Estimate,
    Measured,
    Performance,
    Verdict,
)

_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def verdict_of(found: Measured) -> tuple[Verdict, str]:
    """*Act* where the truth says so, or where the scores or a column that matters moved far; *watch* where something
    moved that may matter. Never *act* by chance more often than the drift's level and the interval's allow."""
    if not found.window.rows:
        return Verdict.UNKNOWN, "No predictions yet."
    if found.drift is None:
        return Verdict.UNKNOWN, f"Not enough predictions: {found.window.rows} of {ENOUGH_PREDICTIONS}."
    if below := below_limit(found.performance):
        return Verdict.ACT, below
    return _by_drift(found.drift, found.performance, found.estimate)


def below_limit(told: Performance) -> str:
    """That the whole interval lies beyond the limit, in words; empty if it does not."""
    if told.value is None or told.limit is None:
        return ""
    best = told.value.high if GREATER_IS_BETTER[told.metric] else told.value.low
    if not _worse(told.metric, best, told.limit):
        return ""
    side = "Below" if GREATER_IS_BETTER[told.metric] else "Above"
    return f"{side} its limit: {METRIC_WORDS[told.metric]} {told.value.value:.3g}, {told.limit_words} {told.limit:.3g}."


def below_since(first_at: str, earlier: Iterable[tuple[str, Performance]]) -> str:
    """Since when it has been below its limit without a break. ``first_at``: where the window begins that is below now;
    ``earlier``: looks before, newest first, each with where its window began. One without labels enough says neither
    that it was nor that it was not."""
    since = first_at
    for began, told in earlier:
        if told.value is None:
            continue
        if not below_limit(told):
            break
        since = min(since, began)
    return since


def inside_limit(told: Performance) -> bool:
    """Whether labels say that it is good enough; no if they are too few to say."""
    if told.value is None:
        return False
    return told.limit is None or not _worse(told.metric, told.value.value, told.limit)


def _by_drift(drift: Drift, told: Performance, estimated: Estimate | None) -> tuple[Verdict, str]:
    alarms = [c for c in drift.columns if c.alarm]
    moved = f"{counted(len(alarms))} moved"
    if told.value is not None:
        return _with_truth(told, alarms, drift.score)
    if drift.score is not None and drift.score.alarm:
        others = f" and {moved[0].lower()}{moved[1:]}" if alarms else " moved"
        if kind_of(told.metric) == STABILITY:
            return Verdict.ACT, f"The scores{others}: other rows than before are unusual, or more of them."
        return Verdict.ACT, f"The scores{others}; {_silent(told.labels)} if they are still right."
    if (far := next((c for c in alarms if c.size >= LARGE and c.importance > 0), None)) is not None:
        return Verdict.ACT, f"{far.name} moved far from what the model has seen."
    if estimated is not None and _estimated_below(told, estimated):
        if alarms:
            return Verdict.ACT, f"{moved}, and the estimate is below the limit."
        return Verdict.WATCH, "The estimate is below the limit, though nothing moved."
    if alarms:
        return Verdict.WATCH, f"{moved}, scores inside the limit."
    if told.labels >= ENOUGH_LABELS:
        return Verdict.UNKNOWN, f"{METRIC_WORDS[told.metric]} has no value on these {told.labels:,} labels."
    if told.labels:
        return Verdict.UNKNOWN, f"Not enough labels: {told.labels} of {ENOUGH_LABELS}."
    if kind_of(told.metric) == STABILITY:
        return Verdict.OK, "Rows and scores are as they were in training."
    return Verdict.OK, "Still right, as far as can be told without labels."


def _silent(labels: int) -> str:
    """Why the truth says nothing: there is none, too little, or all of it of one class."""
    if not labels:
        return "no labels tell"
    return f"{labels:,} labels are too few to tell" if labels < ENOUGH_LABELS else f"{labels:,} labels do not tell"


def _with_truth(told: Performance, alarms: list[ColumnDrift], score: ColumnDrift | None) -> tuple[Verdict, str]:
    """Once enough labels are there, what moved is worth a look and no more: the truth says that it does no harm."""
    assert told.value is not None
    names = counted(len(alarms)) if alarms else "The scores" if score is not None and score.alarm else ""
    if not inside_limit(told):
        side = "below" if GREATER_IS_BETTER[told.metric] else "above"
        also = f"; {names[0].lower()}{names[1:]} moved" if names else ""
        value = f"{METRIC_WORDS[told.metric]} {told.value.value:.3g}"
        return Verdict.WATCH, f"{value} is {side} its limit {told.limit:.3g}, but may be by chance{also}."
    if told.unknown:
        every = told.labels + told.unknown
        return Verdict.WATCH, f"{told.unknown:,} of {every:,} labels name a class that the model does not know."
    if names:
        return Verdict.WATCH, f"{names} moved, {METRIC_WORDS[told.metric]} inside the limit."
    return Verdict.OK, "Still right."


def _estimated_below(told: Performance, estimated: Estimate) -> bool:
    """Also if the estimate is as much too low as estimates were before."""
    if told.limit is None:
        return False
    sign = 1 if GREATER_IS_BETTER[told.metric] else -1
    return _worse(told.metric, estimated.value + sign * estimated.past_error, told.limit)


def _worse(metric: str, value: float, limit: float) -> bool:
    return value < limit if GREATER_IS_BETTER[metric] else value > limit


def counted(columns: int) -> str:
    """*Two columns*, *One column*."""
    number = _NUMBERS[columns] if columns < len(_NUMBERS) else f"{columns:,}"
    return f"{number.capitalize()} column{'' if columns == 1 else 's'}"
