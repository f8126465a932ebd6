"""Thousands of runs with everything that tells them apart: columns by need, sorted and filtered in
milliseconds. No Qt."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from app.core.run_lines import Question, RunLine
from app.core.runs import METRIC_WORDS, Plan
from app.ui.train.run_words import STATE_WORDS, predicts_words
from app.ui.words import ends, figure, seconds_words, size_words, when

if TYPE_CHECKING:
    from app.registry.project import Project

Cell = str | float | None
_ASKED = ("version_id", "reading_id", "target", "metric", "gates")
"""Fields of a plan that are ids, or stand in a column of their own."""


@dataclass(frozen=True)
class GridColumn:
    """``value``: what a run's cell is sorted and compared by; ``text``: what it says. ``always``: shown also where all
    runs are alike. ``source``: what of a run the value is made of alone; there are far fewer of these than runs."""

    title: str
    value: Callable[[RunLine], Cell]
    text: Callable[[RunLine], str]
    numeric: bool = False
    always: bool = False
    source: Callable[[RunLine], object] | None = None


class RunGrid:
    """``lines`` newest first; ``environments``: facts by the digest of where a run was made; ``baselines``: lines that
    stand on top of the runs of a question."""

    def __init__(
        self,
        lines: Sequence[RunLine],
        environments: Mapping[str, Mapping[str, str]],
        baselines: Mapping[Question, Sequence[RunLine]] | None = None,
    ) -> None:
        self.lines = tuple(lines)
        self.columns = (*_own(), *_plans(), *_scores(lines), *_facts(environments))
        self._baselines = baselines or {}
        self._found: list[str] | None = None
        self._each: dict[Callable[[RunLine], object], tuple[RunLine, ...]] = {}

    def differing(self) -> list[int]:
        """Columns that tell at least two runs apart, with those that always stand there."""
        return [i for i, column in enumerate(self.columns) if column.always or self._differs(column)]

    def order(self, column: int | None, *, falling: bool, text: str = "") -> list[int]:
        """Positions of the runs that hold every word of ``text``, sorted by a column, runs without a value last."""
        words = text.casefold().split()
        rows = list(range(len(self.lines)))
        if words:
            if self._found is None:
                self._found = [_haystack(line) for line in self.lines]
            rows = [i for i, hay in enumerate(self._found) if all(word in hay for word in words)]
        if column is None:
            return rows
        value = self.columns[column].value
        told = {i: value(self.lines[i]) for i in rows}
        known = [i for i in rows if told[i] is not None]
        known.sort(key=lambda i: told[i], reverse=falling)  # type: ignore[arg-type,return-value]
        return known + [i for i in rows if told[i] is None]

    def to_beat(self, question: Question) -> list[RunLine]:
        """The baseline, the SQL rule and the champion (the newest approved run) of a question."""
        champion = next((line for line in self.lines if line.approved and line.question == question), None)
        return [*self._baselines.get(question, ()), *([champion] if champion is not None else [])]

    def _differs(self, column: GridColumn) -> bool:
        lines = self.lines if column.source is None else self._one_each(column.source)
        first = column.value(lines[0]) if lines else None
        return any(column.value(line) != first for line in lines)

    def _one_each(self, source: Callable[[RunLine], object]) -> Sequence[RunLine]:
        """A run for each different source."""
        if source not in self._each:
            self._each[source] = tuple({source(line): line for line in self.lines}.values())
        return self._each[source]


def read_grid(project: Project) -> RunGrid:
    """All runs of a project. Environments are few: most runs are made in the same one."""
    from app.registry.run_lines import baseline_lines, run_lines

    lines = run_lines(project)
    digests = dict.fromkeys(line.environment_sha256 for line in lines)
    environments = {digest: _told(json.loads(project.objects.read(digest))) for digest in digests}
    return RunGrid(lines, environments, baseline_lines(project, lines))


def _told(environment: Mapping[str, object]) -> dict[str, str]:
    """Each fact by its name; packages and thread settings by theirs."""
    facts: dict[str, str] = {}
    for name, value in environment.items():
        if isinstance(value, list):
            facts |= {str(key): str(told) for key, told in value}
        else:
            facts[name] = str(value)
    return facts


def _own() -> Iterable[GridColumn]:
    yield GridColumn("Run", lambda r: r.number, lambda r: str(r.number), numeric=True, always=True)
    yield GridColumn("Data", lambda r: r.data, lambda r: r.data, always=True)
    yield GridColumn("Predicts", lambda r: predicts_words(r.plan), lambda r: predicts_words(r.plan))
    yield _plain("Metric", lambda r: METRIC_WORDS[r.plan.metric])
    yield GridColumn("Best", _best, lambda r: _best(r) or "–", always=True)
    yield GridColumn("Score", _score, lambda r: figure(_score(r)), numeric=True, always=True)
    yield GridColumn("Interval", _low, _interval, numeric=True, always=True)
    yield GridColumn("Over folds", _cv, lambda r: figure(_cv(r)), numeric=True, always=True)
    yield GridColumn("Baseline", lambda r: r.baseline, lambda r: figure(r.baseline), numeric=True)
    yield GridColumn("Gates", _gates, _gates_words, always=True)
    yield _plain("Approved", lambda r: r.approved)
    yield _plain("State", lambda r: STATE_WORDS[r.state])
    yield GridColumn("Started", lambda r: r.created_at, lambda r: when(r.created_at), always=True)
    yield GridColumn("Fitted in", _seconds, lambda r: _words(_seconds(r), seconds_words), numeric=True)
    yield GridColumn("Size", _size, lambda r: _words(_size(r), lambda b: size_words(int(b))), numeric=True)


def _plans() -> Iterable[GridColumn]:
    for field in fields(Plan):
        if field.name not in _ASKED:
            yield _plan(field.name)


def _plan(name: str) -> GridColumn:
    def value(line: RunLine) -> Cell:
        told = getattr(line.plan, name)
        if isinstance(told, bool) or told is None:
            return str(told)
        return float(told) if isinstance(told, int | float) else str(told)

    def text(line: RunLine) -> str:
        told = getattr(line.plan, name)
        if isinstance(told, tuple):
            return ", ".join(map(str, told))
        return f"{told:,.6g}" if isinstance(told, float) else "–" if told in (None, "") else str(told)

    return GridColumn(
        name.replace("_", " ").capitalize(), value, text, name in ("seconds", "seed", "max_rows"), False, _of_plan
    )


def _scores(lines: Sequence[RunLine]) -> Iterable[GridColumn]:
    for name in dict.fromkeys(name for line in lines for name in line.scores):
        yield GridColumn(name, lambda r, n=name: r.scores.get(n), lambda r, n=name: figure(r.scores.get(n)), True)  # type: ignore[misc]


def _facts(environments: Mapping[str, Mapping[str, str]]) -> Iterable[GridColumn]:
    for name in dict.fromkeys(name for facts in environments.values() for name in facts):

        def value(line: RunLine, name: str = name) -> str:
            return environments[line.environment_sha256].get(name, "")

        yield GridColumn(name, value, value, source=_of_environment)


def _of_plan(line: RunLine) -> int:
    """Equal plans are one object (see ``registry.run_lines``)."""
    return id(line.plan)


def _of_environment(line: RunLine) -> str:
    return line.environment_sha256


def _plain(title: str, told: Callable[[RunLine], str]) -> GridColumn:
    return GridColumn(title, told, told)


def _haystack(line: RunLine) -> str:
    best = line.best.name if line.best else ""
    parts = (
        str(line.number),
        line.data,
        predicts_words(line.plan),
        METRIC_WORDS[line.plan.metric],
        best,
        line.approved,
    )
    return " ".join((*parts, STATE_WORDS[line.state])).casefold()


def _best(line: RunLine) -> str | None:
    return line.best.name if line.best else None


def _score(line: RunLine) -> float | None:
    return line.best.holdout.value if line.best and line.best.holdout else None


def _low(line: RunLine) -> float | None:
    return line.best.holdout.low if line.best and line.best.holdout else None


def _interval(line: RunLine) -> str:
    return ends(line.best.holdout if line.best else None) or "–"


def _cv(line: RunLine) -> float | None:
    return line.best.cv if line.best else None


def _gates(line: RunLine) -> float | None:
    return line.best.passed - line.best.gates if line.best and line.best.gates else None


def _gates_words(line: RunLine) -> str:
    return f"{line.best.passed} of {line.best.gates}" if line.best and line.best.gates else "–"


def _seconds(line: RunLine) -> float | None:
    return line.best.seconds if line.best else None


def _size(line: RunLine) -> float | None:
    return float(line.best.onnx_bytes) if line.best else None


def _words(value: float | None, told: Callable[[float], str]) -> str:
    return "–" if value is None else told(value)
