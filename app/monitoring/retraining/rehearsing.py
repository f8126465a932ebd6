"""The child's side of a rehearsal: requests as they were logged in, both models' answers and times out."""

from __future__ import annotations

import heapq
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from app.core.challenges import Pace, Rehearsal, Replayed
from app.core.progress import JobContext
from app.core.runs import Recipe, Task
from app.export.numbers import Inputs
from app.export.onnx_model import OnnxModel
from app.jobs.child import ChildContext
from app.monitoring.retraining.changes import Both, decided, score_of_row, word
from app.monitoring.retraining.flag_contest import flag_answers
from app.monitoring.retraining.rehearse_order import RehearsalOrder
from app.runtime import logline
from app.runtime.canonical import canonical
from app.runtime.logline import Line
from app.training.answers import aligned, onnx_predicted
from app.training.metrics import Answers, Floats

MOST_LISTED = 200
TIMED_ROWS, WARM = 300, 5


def rehearse_requests(ctx: ChildContext, order: RehearsalOrder) -> Rehearsal:
    """The champion's answers are those that it gave; both models are timed here."""
    lines = sorted(_newest(order, ctx), key=lambda line: line.id)
    ctx.progress(0.5, "Asking the challenger")
    before, now = order.champion.recipe, order.challenger.recipe
    models = [OnnxModel(Path(who.onnx_path).read_bytes()) for who in (order.champion, order.challenger)]
    x_before, x_now = _inputs(before, lines), _inputs(now, lines)
    labels = tuple(sorted({*before.labels, *now.labels}))
    given = _answers(before, _logged(before, lines), labels)
    told = _answers(now, onnx_predicted(models[1], x_now), labels)
    thresholds = (order.champion.threshold, order.challenger.threshold)
    two = Both(given, told, decided(given, thresholds[0]), decided(told, thresholds[1]), order.moved)
    ctx.progress(0.8, "Timing both")
    took = np.array([line.ms for line in lines], np.float64)
    shift = score_of_row(told, two.now) - score_of_row(given, two.before)
    return Rehearsal(
        asked=order.rows,
        rows=len(lines),
        first_at=lines[0].at,
        last_at=lines[-1].at,
        changed=int(two.changed.sum()),
        shift=float(shift.mean()),
        moved=order.moved,
        champion_ms=_pace(_timed(models[0], x_before)),
        challenger_ms=_pace(_timed(models[1], x_now)),
        logged_ms=_pace(took),
        listed=_listed(two, lines),
    )


def _newest(order: RehearsalOrder, ctx: JobContext) -> list[Line]:
    """The newest requests, each once: ids sort by time."""
    seen: set[str] = set()
    newest: list[tuple[str, int, Line]] = []
    for number, line in enumerate(_lines(order, ctx)):
        if line.id in seen:
            continue
        seen.add(line.id)
        heapq.heappush(newest, (line.id, number, line))
        if len(newest) > order.rows:
            seen.discard(heapq.heappop(newest)[0])
    return [line for _, _, line in newest]


def _lines(order: RehearsalOrder, ctx: JobContext) -> Iterator[Line]:
    for number, path in enumerate(order.logs):
        ctx.progress(0.5 * number / len(order.logs), "Reading requests")
        for entry in logline.read(Path(path)):
            line = entry.line
            if line is not None and line.bundle in order.bundles and line.shadow_of is None:  # else nobody was answered
                yield line


def _inputs(recipe: Recipe, lines: Sequence[Line]) -> Inputs:
    return {s.input: canonical(s.type.value, [line.inputs.get(s.name) for line in lines]) for s in recipe.inputs}


def _logged(recipe: Recipe, lines: Sequence[Line]) -> Floats:
    if recipe.task is Task.ANOMALY:
        return np.array([line.output.score for line in lines], np.float64)
    if recipe.task is Task.REGRESSION:
        return np.array([line.output.value for line in lines], np.float64)
    return np.array([[(line.output.probabilities or {}).get(label, 0.0) for label in recipe.labels] for line in lines])


def _answers(recipe: Recipe, predicted: Floats, labels: tuple[str, ...]) -> Answers:
    """Answers whose truth is not known: it is not looked at."""
    nobody = np.zeros(len(predicted), np.intp)
    if recipe.task is Task.ANOMALY:
        return flag_answers(recipe, predicted)
    if recipe.task is Task.REGRESSION:
        return Answers(recipe.task, nobody, predicted)
    positive = labels.index(recipe.positive) if recipe.positive in labels else 1
    return Answers(recipe.task, nobody, aligned(predicted, recipe.labels, labels), labels, positive)


def _timed(model: OnnxModel, x: Inputs) -> Floats:
    """Milliseconds of single rows; the first, slower ones are left out."""
    rows = len(next(iter(x.values())))
    taken = []
    for number in range(-WARM, min(rows, TIMED_ROWS)):
        at = number % rows
        one = {name: values[at : at + 1] for name, values in x.items()}
        started = time.perf_counter()
        model.predict(one)
        if number >= 0:
            taken.append((time.perf_counter() - started) * 1000)
    return np.array(taken)


def _pace(milliseconds: Floats) -> Pace:
    return Pace(float(np.median(milliseconds)), float(np.percentile(milliseconds, 95)))


def _listed(two: Both, lines: Sequence[Line]) -> tuple[Replayed, ...]:
    before, now = score_of_row(two.champion, two.before), score_of_row(two.challenger, two.now)
    places = np.flatnonzero(two.changed)
    places = places[np.argsort(-np.abs(now[places] - before[places]), kind="stable")][:MOST_LISTED]
    return tuple(
        Replayed(
            lines[i].id, lines[i].at, word(two.champion, two.before[i]), word(two.champion, two.now[i]),
            float(before[i]), float(now[i]),
        )
        for i in places.tolist()
    )  # fmt: skip
