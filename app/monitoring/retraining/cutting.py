"""Predictions cut into windows, and how good each was. Child side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from app.core.ids import time_of
from app.core.monitoring import Every, WindowScore
from app.core.progress import Part
from app.jobs.child import ChildContext
from app.monitoring.order import CutOrder, Windows
from app.monitoring.performance import labelled
from app.monitoring.watching import truth
from app.monitoring.window import WindowRows, read_window

MOST_WINDOWS = 400
"""Of more the newest: a picture shows no more."""


def cut(ctx: ChildContext, order: CutOrder) -> Windows:
    """Score each window by the labels that are known today."""
    look = order.look
    rows = read_window(look.logs, look.bundles, look.recipe, look.asked, Part(ctx, 0.0, 0.5))
    labels = truth(look.labels_path)
    ends = list(pieces(rows.ids, order.every, order.rows))[-MOST_WINDOWS:]
    scored = []
    for number, (start, end) in enumerate(ends):
        ctx.progress(0.5 + 0.5 * number / len(ends), "Scoring windows")
        scored.append(_scored(order, rows, start, end, labels))
    return Windows(tuple(scored))


def pieces(ids: Sequence[str], every: Every, rows: int) -> Iterator[tuple[int, int]]:
    """Where windows start and end. ``ids``: UUIDv7, ascending. The last window by count may be shorter."""
    if every is Every.COUNT:
        yield from ((start, min(start + rows, len(ids))) for start in range(0, len(ids), rows))
        return
    start, end_ms = 0, 0
    for place, prediction in enumerate(ids):
        at_ms = time_of(prediction)
        if at_ms >= end_ms:
            if place > start:
                yield start, place
            start, end_ms = place, _end_of(at_ms, every)
    if len(ids) > start:
        yield start, len(ids)


def _end_of(at_ms: int, every: Every) -> int:
    """When the day, week (from Monday) or month of a moment ends, in ms since 1970."""
    day = datetime.fromtimestamp(at_ms / 1000, UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    if every is Every.DAY:
        end = day + timedelta(days=1)
    elif every is Every.WEEK:
        end = day + timedelta(days=7 - day.weekday())
    else:
        end = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
    return round(end.timestamp() * 1000)


def _scored(order: CutOrder, rows: WindowRows, start: int, end: int, labels: dict[str, str]) -> WindowScore:
    look = order.look
    ids = rows.ids[start:end]
    known = labelled(look.recipe, ids, rows.predicted[start:end], {i: labels[i] for i in ids if i in labels})
    value = known.score(look.metric, look.recipe.seed)
    return WindowScore(_at(ids[0]), _at(ids[-1]), len(ids), known.answers.n, value)


def _at(prediction: str) -> str:
    return f"{datetime.fromtimestamp(time_of(prediction) / 1000, UTC):%Y-%m-%dT%H:%M:%S.%fZ}"
