"""What will be trained: the kind of answer, the metric, the positive class; or why it cannot be, in words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from app.core.data import Column, ColumnProfile, ColumnType, DataVersion, Reading, Use
from app.core.dividing import ORDERED
from app.core.metrics import COST, METRIC_WORDS, PINBALL, STABILITY, costs_of, kind_of, quantile_of, share_of
from app.core.moments import MOST_UNDATED
from app.core.runs import DEFAULT_METRIC, FAMILIES, HOLDOUT, Plan, SplitKind, Task
from app.data.looking import profile as profiles
from app.data.standing import blocking, standing_findings
from app.data.task import NUMBERS, guess_task
from app.errors import BadInput, NotAllowed
from app.registry.gates import gate_set_of
from app.training.column_budget import columns_in_time, texts_in_time
from app.training.lineup import ISOLATION
from app.training.offered import METRICS

if TYPE_CHECKING:
    from app.registry.project import Project

MOST_ROWS, LEAST_ROWS = 200_000, 10_000
CELLS_PER_SECOND = 60_000
"""Above so many cells for each second of a plan training samples rows (measured: all candidates with a fold or two and
parity in 20 s on two busy cores with 120,000 rows of 10 columns)."""
SEARCH_ROWS, SEARCH_CELLS_PER_SECOND, SEARCH_CELLS = 500_000, 300_000, 20_000_000
"""A search tries most settings on few rows and fits the best few on all of these."""
SEARCH_FROM_S = 6.0
"""With less there is time for each family once, and no more."""
HOLDOUT_ROWS = 20_000
"""More would narrow intervals that are narrow enough, and cost seconds of every candidate and rows of training."""
TEXT_COLUMNS = 5
"""A text column costs as much as so many others."""

_YES = ("1", "1.0", "true", "t", "yes", "y", "on", "ja", "oui", "si", "sí")
_POSITIVE_WORDS = (*_YES, "positive", "pos", "bad", "churned", "churn", "default", "fraud", "died", "dead", "malignant")


def make_plan(
    project: Project,
    version: DataVersion,
    reading: Reading,
    *,
    seconds: float = 20.0,
    seed: int = 0,
    metric: str | None = None,
    split: SplitKind | None = None,
    search: bool = False,
    families: Sequence[str] = FAMILIES,
) -> Plan:
    """The plan for this data version read in this way; without a target it looks for anomalies. ``search``,
    ``families``: see ``Plan``. ``split``: None for what the columns' uses say, else by
    the date that orders the rows. NotAllowed, with the reason, where a
    check blocks training; BadInput for a metric or a time that makes no sense."""
    refuse_blocked(project, reading)
    task, target, positive = _asked(project, reading)
    if not (math.isfinite(seconds) and seconds > 0):
        raise BadInput("The time for training must be a number of seconds above zero.")
    kind, column = split_of(reading, split)
    if split is None and kind is SplitKind.STRATIFIED and (moment := ordering_date(project, reading)):
        kind, column = SplitKind.TIME, moment
    looks = searches(seconds, search)
    max_rows = rows_in_time(reading.inputs, seconds, search=looks, every=task is Task.ANOMALY)
    return Plan(
        version_id=version.id,
        reading_id=reading.id,
        target=target,
        task=task,
        metric=_metric(task, metric),
        positive=positive,
        seconds=seconds,
        seed=seed,
        holdout=_holdout(min(version.rows, max_rows)) if looks else HOLDOUT,
        max_rows=max_rows,
        split=kind,
        split_column=column,
        gates=held.number if (held := gate_set_of(project, version.dataset_id)) else 0,
        search=search and task is not Task.ANOMALY,
        families=tuple(families) if task is not Task.ANOMALY else (ISOLATION,),
    )


def searches(seconds: float, asked: bool) -> bool:
    """Whether a plan looks for better settings: it was asked to, and there is time for it."""
    return asked and seconds >= SEARCH_FROM_S


def rows_in_time(inputs: Sequence[Column], seconds: float, *, search: bool = False, every: bool = False) -> int:
    """Above how many rows training samples: fewer for wide tables and short times. ``every``: all columns are taken,
    as none tells more than another where there is no target."""
    texts = sum(column.type is ColumnType.TEXT for column in inputs)
    kept = texts if every else texts_in_time(texts, seconds)
    columns = len(inputs) - texts + kept
    width = (columns if every else columns_in_time(columns, seconds)) + kept * (TEXT_COLUMNS - 1)
    if search:
        cells = min(SEARCH_CELLS, seconds * SEARCH_CELLS_PER_SECOND)
        return min(SEARCH_ROWS, max(LEAST_ROWS, int(cells / width)))
    return min(MOST_ROWS, max(LEAST_ROWS, int(seconds * CELLS_PER_SECOND / width)))


def _holdout(rows: int) -> float:
    """The share to hold out."""
    return min(HOLDOUT, round(HOLDOUT_ROWS / max(1, rows), 4))


def refuse_blocked(project: Project, reading: Reading) -> None:
    """NotAllowed with the first check that blocks training and is not waived, if any."""
    for finding in blocking(project, reading):
        raise NotAllowed(finding.message, finding.hint, finding.code)


def split_of(reading: Reading, asked: SplitKind | None = None) -> tuple[SplitKind, str | None]:
    """How the rows will be divided and by which column: by time where a column is used as time, else by group.
    NotAllowed for a time that is neither date nor number, or where no column has the use that is asked for."""
    if asked is SplitKind.STRATIFIED:
        return asked, None
    for kind, use in ((SplitKind.TIME, Use.TIME), (SplitKind.GROUP, Use.GROUP)):
        found = next((c for c in reading.columns if c.use is use), None)
        if asked is kind and found is None:
            raise NotAllowed(f"No column is used as {use}.", f"Choose the column to use as {use}.")
        if found is not None and asked in (None, kind):
            _refuse_no_time(found)
            return kind, found.name
    return SplitKind.STRATIFIED, None


def ordering_date(project: Project, reading: Reading) -> str | None:
    """The date that orders the rows or that the target moves with, which nobody has decided about: to divide by chance
    would test on days that were trained on. None without one, where nothing else would be left to learn from, and where
    more than a few rows have no date: they would be left out."""
    for standing in standing_findings(project, reading):
        found = standing.finding
        if found.code == ORDERED and standing.decision is None and any(c.name != found.column for c in reading.inputs):
            return found.column if _is_nearly_full(project, reading, found.column) else None
    return None


def _is_nearly_full(project: Project, reading: Reading, name: str | None) -> bool:
    profile = profiles.load(project, reading)
    return any(c.name == name and c.missing <= MOST_UNDATED * profile.rows for c in profile.columns)


def _refuse_no_time(column: Column) -> None:
    if column.use is Use.TIME and column.type not in (ColumnType.DATETIME, *NUMBERS):
        raise NotAllowed(
            f"{column.name} is used as time, but it is neither a date nor a number.",
            "Set its type to date/time, or use it as something else.",
        )


def positive_class(reading: Reading, target: Column, profile: ColumnProfile) -> str:
    """The class whose probability is the score, as the label's text: the reading's, else a guess: a word that
    says yes, else the rarer class."""
    if reading.positive is not None:
        return label_of(reading.positive, target.type)
    if target.type is ColumnType.BOOLEAN:
        return "true"
    if target.type in NUMBERS and profile.maximum is not None:
        return label_of(profile.maximum, target.type)
    known = [text for text, _ in profile.top if text.strip().lower() in _POSITIVE_WORDS]
    return known[0] if known else min(profile.top, key=lambda t: (t[1], t[0]))[0]


def label_of(text: str, type_: ColumnType) -> str:
    """A value as a person or the profile writes it, as the label that ``data.target`` makes of it."""
    if type_ is ColumnType.BOOLEAN:
        return "true" if text.strip().lower() in _YES else "false"
    if type_ is ColumnType.INTEGER:
        return str(int(float(text)))
    return repr(float(text)) if type_ is ColumnType.NUMBER else text


def task_of(project: Project, reading: Reading) -> Task:
    """The kind of answer that this reading asks for. NotAllowed for a target that is a date."""
    if reading.target is None:
        return Task.ANOMALY
    return guess_task(reading.column(reading.target), _profile(project, reading, reading.target))


def _asked(project: Project, reading: Reading) -> tuple[Task, str, str | None]:
    """What is predicted, of which column, with which positive class; without a target rows that are unlike others."""
    if not reading.inputs:
        raise NotAllowed("No column is used as input.", "Set at least one column's use to input.")
    if reading.target is None:
        return Task.ANOMALY, "", None
    target, profile = reading.column(reading.target), _profile(project, reading, reading.target)
    task = guess_task(target, profile)
    return task, target.name, positive_class(reading, target, profile) if task is Task.BINARY else None


def _profile(project: Project, reading: Reading, name: str) -> ColumnProfile:
    profile = profiles.load(project, reading)
    return next(c for c in profile.columns if c.name == name)


def _metric(task: Task, metric: str | None) -> str:
    if metric is None:
        return DEFAULT_METRIC[task]
    if metric not in METRICS[task] and not _fits_with_setting(task, metric):
        fitting = ", ".join(METRIC_WORDS[m] for m in METRICS[task])
        fits = "does not fit this target" if task is not Task.ANOMALY else "needs a target"
        raise BadInput(f"{METRIC_WORDS.get(metric, metric)} {fits}.", f"Choose one of: {fitting}.")
    return metric


def _fits_with_setting(task: Task, metric: str) -> bool:
    """Whether a metric that carries a setting fits. BadInput if the setting makes no sense."""
    if kind_of(metric) == STABILITY and task is Task.ANOMALY:
        return bool(share_of(metric))
    if kind_of(metric) == PINBALL and not task.classifies:
        return bool(quantile_of(metric))
    return kind_of(metric) == COST and task.classifies and bool(costs_of(metric))
