"""Whether rows can be divided by chance, or time and groups would tell the test what training knew. Child side."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from app.core.data import Choice, Column, ColumnProfile, ColumnType, Finding, Profile, Use
from app.core.moments import FORM_WORDS, MOST_UNDATED, TimeForm, bare_name, fits, time_form
from app.core.runs import HOLDOUT, Task
from app.core.split_words import since_words
from app.data import table
from app.data.checking import single_scores as scores
from app.data.checking.sample import Sample
from app.data.findings import note, warn
from app.data.target import label_texts, read_target
from app.data.task import NUMBERS
from app.data.time_split import cut_of
from app.errors import BadInput

IN_ORDER = 0.95
"""Spearman's |r| of a row's place and its time: days in their order, whatever the order within a day."""
LEAST_MOMENTS = 20
DRIFT = 0.5
"""|r| of target and time from which the target moves with it (a large effect, Cohen 1988, section 3.2)."""

LEAST_GROUPS = 20
"""With fewer groups a hold-out is one or two of them (Cameron, Gelbach and Miller 2008 on few clusters)."""
ROWS_A_GROUP = 1.5
"""On average: from here on many rows meet another of their group on the other side."""

CUT_ROWS = 100_000
"""In larger tables fewer than a fifth of the rows are held out: the cut would be another one."""
_WHOM = re.compile(
    r"(^|_)(id|uuid|guid)(_|$)"
    r"|^(customer|client|patient|user|person|account|household|employee|student|device|machine)(_(no|nr|number|key|code))?$"
)


@dataclass(frozen=True, slots=True)
class _Dated:
    column: Column
    form: TimeForm
    in_order: bool
    drift: float


@dataclass(frozen=True, slots=True)
class _Cutting:
    """A table whose rows may be divided by a time; those without a target take no part."""

    path: Path
    rows: int
    target: Column
    task: Task

    def since(self, column: Column) -> tuple[Choice, ...]:
        """Dividing by this column as ``--split`` says it, and where it cuts; nothing where it cannot, or where a
        training would read only some rows."""
        if self.rows > CUT_ROWS:
            return ()
        held = table.load(self.path, (column, self.target))
        try:
            known = read_target(held, self.target.name, self.target.type, self.task).rows
            return (Choice(f"time:{column.name}", since_words(*cut_of(held[column.name][known], HOLDOUT))),)
        except BadInput:
            return ()


def may_tell_time(column: Column, held: ColumnProfile) -> bool:
    """Whether a column may be suggested to divide by, or does divide: its values have to be looked at."""
    return column.use is Use.TIME or (
        column.use in (Use.INPUT, Use.IDENTIFIER) and time_form(column, held) not in (None, TimeForm.YEAR)
    )


def time_findings(
    sample: Sample, path: Path, columns: Sequence[Column], profile: Profile, target: Column, task: Task
) -> tuple[Finding, ...]:
    """Suggest a split by time where a date orders the rows, or the target moves with it; where one is used, say where
    the cut lies. ``path``: the table that the sample is of."""
    cutting = _Cutting(path, sample.total, target, task)
    used = {c.use: c for c in columns if c.use in (Use.TIME, Use.GROUP)}
    cut = _cut_found(cutting, used[Use.TIME], profile) if Use.TIME in used else ()
    if len(used) == 2:
        return (_time_decides(used[Use.TIME].name, used[Use.GROUP].name), *cut)
    if used:
        return cut
    dated = [
        _dated(sample, c, target, task, form)
        for c, held in zip(columns, profile.columns, strict=True)
        if may_tell_time(c, held) and (form := time_form(c, held)) is not None
    ]
    able = [d for d in dated if d is not None and (d.in_order or d.drift >= DRIFT)]
    if not able:
        return ()
    best = max(able, key=lambda d: (d.in_order, d.drift))
    return (_suggested(cutting, best, target, _missing(profile, best.column) > MOST_UNDATED * profile.rows),)


def _missing(profile: Profile, column: Column) -> int:
    return next((held.missing for held in profile.columns if held.name == column.name), 0)


def _suggested(cutting: _Cutting, best: _Dated, target: Column, undated: bool) -> Finding:
    """``undated``: many rows have no such time, so that it does not divide unless somebody says so."""
    name = best.column.name
    why = f"The rows are in the order of {name}" if best.in_order else f"{target.name} moves with the date {name}"
    if best.form is not TimeForm.DATE:
        why += f" ({FORM_WORDS[best.form]})"
    days = "Divided by chance, a model would be tested on days that it was trained on"
    held_out = "so the newest rows are held out; keep this to divide by chance"
    message = f"{why}. {days}, {held_out}." if not undated else f"{why}. {days}; those without it would be left out."
    hint = "Split by time: train on the past, test on the newest rows."
    return warn("TIME_SPLIT_SUGGESTED", message, hint, name, choices=cutting.since(best.column))


def _cut_found(cutting: _Cutting, column: Column, profile: Profile) -> tuple[Finding, ...]:
    """Where the chosen time cuts, and how many rows have none."""
    if column.type is not ColumnType.DATETIME and column.type not in NUMBERS:
        return ()
    since = cutting.since(column)
    where = f", {since[0].hint}" if since else ""
    missing = _missing(profile, column)
    without = f" {missing:,} rows without one are left out." if missing else ""
    message = f"The newest rows by {column.name} are held out{where}.{without}"
    if missing <= MOST_UNDATED * profile.rows:
        return (replace(note("SPLIT_BY_TIME", message, column.name), choices=since),)
    hint = "Use another column as time, or none."
    return (warn("SPLIT_BY_TIME", message, hint, column.name, choices=since),)


def _time_decides(time: str, group: str) -> Finding:
    """Known ones come again in the future: to take them out of the past would leave hardly anything to train on."""
    return note(
        "TIME_BEFORE_GROUP",
        f"The rows are divided by {time}, so rows of the same {group} may be trained on and tested on.",
    )


def group_findings(columns: Sequence[Column], profile: Profile) -> tuple[Finding, ...]:
    """Suggest to keep the rows of one id together where an id repeats; nothing once a group or a time is used."""
    if any(c.use in (Use.TIME, Use.GROUP) for c in columns):
        return ()
    able = [
        (p.distinct, c, p)
        for c, p in zip(columns, profile.columns, strict=True)
        if c.use in (Use.INPUT, Use.IDENTIFIER) and _WHOM.search(bare_name(c.name)) and _repeats(p, profile.rows)
    ]
    if not able:
        return ()
    _, column, held = max(able, key=lambda entry: entry[0])
    present = profile.rows - held.missing
    about = "about " if held.distinct_is_estimate else ""
    message = (
        f"{column.name} repeats: {about}{held.distinct:,} values in {present:,} rows. Rows of the same {column.name} "
        "are trained on and tested on, so the score may be of recognising them."
    )
    hint = "Keep them together, unless the same ones will be met again when predicting."
    return (warn("GROUP_SPLIT_SUGGESTED", message, hint, column.name),)


def _repeats(held: ColumnProfile, rows: int) -> bool:
    return held.distinct >= LEAST_GROUPS and rows - held.missing >= ROWS_A_GROUP * held.distinct


def _dated(sample: Sample, column: Column, target: Column, task: Task, form: TimeForm) -> _Dated | None:
    moments = scores.numbers_of(sample.values[column.name])
    known = np.unique(moments[~np.isnan(moments)])
    if len(known) < LEAST_MOMENTS or not (form is TimeForm.DATE or all(fits(form, n) for n in known.tolist())):
        return None
    in_order = scores.correlation(moments, np.arange(len(moments), dtype=np.float64)) >= IN_ORDER
    return _Dated(column, form, in_order, _drift(moments, sample, target, task))


def _drift(moments: scores.Floats, sample: Sample, target: Column, task: Task) -> float:
    raw = sample.values[target.name]
    if not task.classifies:
        return scores.correlation(moments, scores.numbers_of(raw))
    if task is Task.MULTICLASS:
        return 0.0
    texts = label_texts(raw, target.type)
    codes = scores.codes_of(texts).astype(np.float64)
    codes[np.array([text is None for text in texts])] = np.nan
    return scores.correlation(moments, codes)
