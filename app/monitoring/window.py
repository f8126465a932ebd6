"""The logged predictions of a window as columns: what the model was asked and what it said. Child side.

Logs are read line by line and turned into arrays some thousand lines at a time, so memory holds the window's figures
and never its text.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import numpy as np

from app.core.monitoring import Window
from app.core.progress import JobContext
from app.core.runs import InputSpec, Recipe, Task
from app.export.numbers import Inputs
from app.monitoring.asked import MOST_ROWS, Asked
from app.monitoring.distances import Floats
from app.runtime import logline
from app.runtime.canonical import canonical
from app.runtime.logline import Line

BLOCK_LINES = 8_192


@dataclass(frozen=True, slots=True)
class WindowRows:
    """``ids``: by time, oldest first. ``x``: canonical inputs as ``training.inputs`` makes them, (n, 1) each.
    ``predicted``: (n, k) probabilities in the order of the recipe's labels, or (n,) values."""

    window: Window
    ids: tuple[str, ...]
    x: Inputs
    predicted: Floats


@dataclass(slots=True)
class _Parts:
    ids: list[str] = field(default_factory=list)
    ats: list[str] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    x: list[Inputs] = field(default_factory=list)
    predicted: list[Floats] = field(default_factory=list)

    def add(self, lines: Sequence[Line], recipe: Recipe) -> None:
        fresh = [line for line in lines if line.id not in self.seen]
        self.seen.update(line.id for line in fresh)
        if fresh:
            self.ids += [line.id for line in fresh]
            self.ats += [line.at for line in fresh]
            self.x.append({spec.input: _column(spec, fresh) for spec in recipe.inputs})
            self.predicted.append(_predicted(recipe, fresh))


def read_window(
    logs: Sequence[str], bundles: Sequence[str], recipe: Recipe, asked: Asked, ctx: JobContext
) -> WindowRows:
    """The window in these logs, of predictions by these bundles (``sha256:...``); each prediction once."""
    parts = _Parts()
    for number, path in enumerate(logs):
        ctx.progress(number / max(len(logs), 1), "Reading predictions")
        for lines in _blocks(Path(path)):
            ours = [line for line in lines if line.bundle in bundles and line.at >= asked.since]
            parts.add(ours, recipe)
    kept = sorted(range(len(parts.ids)), key=parts.ids.__getitem__)[-min(asked.rows, MOST_ROWS) :]  # UUIDv7: by time
    ids, ats = [parts.ids[i] for i in kept], [parts.ats[i] for i in kept]
    window = Window(min(ats, default=""), max(ats, default=""), len(ids))
    if not ids:
        return WindowRows(window, (), {}, np.zeros(0))
    x = {spec.input: np.concatenate([part[spec.input] for part in parts.x])[kept] for spec in recipe.inputs}
    return WindowRows(window, tuple(ids), x, np.concatenate(parts.predicted)[kept])


def _blocks(path: Path) -> Iterator[list[Line]]:
    told = (entry.line for entry in logline.read(path) if entry.line is not None)
    lines = (line for line in told if line.shadow_of is None)  # nobody was answered those
    while block := list(islice(lines, BLOCK_LINES)):
        yield block


def _column(spec: InputSpec, lines: Sequence[Line]) -> np.ndarray[tuple[int, ...], np.dtype[np.generic]]:
    return canonical(spec.type.value, [line.inputs.get(spec.name) for line in lines])


def _predicted(recipe: Recipe, lines: Sequence[Line]) -> Floats:
    if recipe.task is Task.ANOMALY:
        return np.array([line.output.score for line in lines], np.float64)
    if not recipe.task.classifies:
        return np.array([line.output.value for line in lines], np.float64)
    return np.array([[(line.output.probabilities or {}).get(label, 0.0) for label in recipe.labels] for line in lines])
