"""What will be trained: the kind of answer, the metric, the positive class; or why it cannot be, in words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from app.core.data import Column, ColumnProfile, ColumnType, DataVersion, Finding, Profile, Reading
from app.core.runs import DEFAULT_METRIC, METRIC_WORDS, Plan, Task
from app.errors import BadInput, NotAllowed

if TYPE_CHECKING:
    from app.registry.project import Project

METRICS = {
    Task.BINARY: ("roc_auc", "log_loss", "accuracy"),
    Task.MULTICLASS: ("log_loss", "accuracy"),
    Task.REGRESSION: ("rmse", "mae", "r2"),
}
FEWEST_ROWS = 10
MOST_CLASSES = 100
MOST_ROWS, LEAST_ROWS = 200_000, 10_000
CELLS_PER_SECOND = 60_000
"""Above so many cells for each second of a plan training samples rows (measured: all candidates with a fold or two and
parity in 20 s on two busy cores with 120,000 rows of 10 columns)."""
TEXT_COLUMNS = 5
"""A text column costs as much as so many others."""
FEW_NUMBERS = 10
"""A number with at most so many distinct values, all whole, is taken for a class (digits, stars, grades)."""

_NUMBERS = (ColumnType.NUMBER, ColumnType.INTEGER)
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
) -> Plan:
    """The plan for this data version read in this way. NotAllowed, with the reason, where a check blocks training;
    BadInput for a metric or a time that makes no sense."""
    refuse_blocked(reading)
    target = _target(reading)
    profile = _profile(project, reading, target.name)
    task = guess_task(target, profile)
    _refuse_thin(version, target, profile, task)
    if not (math.isfinite(seconds) and seconds > 0):
        raise BadInput("The time for training must be a number of seconds above zero.")
    return Plan(
        version_id=version.id,
        reading_id=reading.id,
        target=target.name,
        task=task,
        metric=_metric(task, metric),
        positive=positive_class(reading, target, profile) if task is Task.BINARY else None,
        seconds=seconds,
        seed=seed,
        max_rows=rows_in_time(reading.inputs, seconds),
    )


def rows_in_time(inputs: Sequence[Column], seconds: float) -> int:
    """Above how many rows training samples: fewer for wide tables and short times."""
    width = sum(TEXT_COLUMNS if column.type is ColumnType.TEXT else 1 for column in inputs)
    return min(MOST_ROWS, max(LEAST_ROWS, int(seconds * CELLS_PER_SECOND / width)))


def blocking(reading: Reading) -> tuple[Finding, ...]:
    """The checks of this reading that block training."""
    return tuple(f for f in reading.findings if f.blocks_training)


def refuse_blocked(reading: Reading) -> None:
    """NotAllowed with the first check that blocks training, if any."""
    for finding in blocking(reading):
        raise NotAllowed(finding.message, finding.hint, finding.code)


def guess_task(target: Column, profile: ColumnProfile) -> Task:
    """The kind of answer that the target asks for. NotAllowed for a date/time."""
    if target.type is ColumnType.DATETIME:
        raise NotAllowed(f"{target.name!r} is a date/time, which cannot be predicted.", "Choose another target.")
    if profile.distinct == 2:
        return Task.BINARY
    if target.type in _NUMBERS and not _few_whole_numbers(target, profile):
        return Task.REGRESSION
    return Task.MULTICLASS


def positive_class(reading: Reading, target: Column, profile: ColumnProfile) -> str:
    """The class whose probability is the score, as the label's text: the reading's, else a guess: a word that
    says yes, else the rarer class."""
    if reading.positive is not None:
        return label_of(reading.positive, target.type)
    if target.type is ColumnType.BOOLEAN:
        return "true"
    if target.type in _NUMBERS and profile.maximum is not None:
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


def _target(reading: Reading) -> Column:
    name = reading.target
    if name is None:
        raise NotAllowed("No column is used as target.", "Choose the column to predict.")
    if not reading.inputs:
        raise NotAllowed("No column is used as input.", "Set at least one column's use to input.")
    return reading.column(name)


def _profile(project: Project, reading: Reading, name: str) -> ColumnProfile:
    profile = project.objects.read_json(reading.profile_sha256, Profile)
    return next(c for c in profile.columns if c.name == name)


def _few_whole_numbers(target: Column, profile: ColumnProfile) -> bool:
    if profile.distinct > FEW_NUMBERS or profile.minimum is None or profile.maximum is None:
        return False
    if target.type is ColumnType.INTEGER:
        return True
    return all(float(text).is_integer() for text, _ in profile.top)


def _refuse_thin(version: DataVersion, target: Column, profile: ColumnProfile, task: Task) -> None:
    present = version.rows - profile.missing
    if profile.distinct < 2:
        raise NotAllowed(
            f"{target.name!r} has only one value, so there is nothing to predict.", "Choose another target."
        )
    if present < FEWEST_ROWS:
        raise NotAllowed(f"{present} rows have a target; at least {FEWEST_ROWS} are needed.", "Add more rows.")
    if task is not Task.REGRESSION and profile.distinct > min(MOST_CLASSES, present // 2):
        raise NotAllowed(
            f"{target.name!r} has {profile.distinct:,} different values in {present:,} rows: too many for classes.",
            "Choose another target, or set its type to number.",
        )


def _metric(task: Task, metric: str | None) -> str:
    if metric is None:
        return DEFAULT_METRIC[task]
    if metric not in METRICS[task]:
        fitting = ", ".join(METRIC_WORDS[m] for m in METRICS[task])
        raise BadInput(f"{METRIC_WORDS.get(metric, metric)} does not fit this target.", f"Choose one of: {fitting}.")
    return metric
