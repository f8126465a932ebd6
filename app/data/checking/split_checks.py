"""Whether rows can be divided by chance, or time and groups would tell the test what training knew. Child side."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from app.core.data import Column, ColumnProfile, ColumnType, Finding, Profile, Use
from app.core.runs import Task
from app.data.checking import single_scores as scores
from app.data.checking.sample import Sample
from app.data.findings import note, warn
from app.data.target import label_texts

IN_ORDER = 0.95
"""Spearman's |r| of a row's place and its time: days in their order, whatever the order within a day."""
LEAST_MOMENTS = 20
DRIFT = 0.5
"""|r| of target and time from which the target moves with it (a large effect, Cohen 1988, section 3.2)."""

LEAST_GROUPS = 20
"""With fewer groups a hold-out is one or two of them (Cameron, Gelbach and Miller 2008 on few clusters)."""
ROWS_A_GROUP = 1.5
"""On average: from here on many rows meet another of their group on the other side."""

_BORN = re.compile(r"birth|born|(^|_)dob(_|$)")
_WHOM = re.compile(
    r"(^|_)(id|uuid|guid)(_|$)"
    r"|^(customer|client|patient|user|person|account|household|employee|student|device|machine)(_(no|nr|number|key|code))?$"
)


@dataclass(frozen=True, slots=True)
class _Dated:
    column: Column
    in_order: bool
    drift: float


def time_findings(sample: Sample, columns: Sequence[Column], target: Column, task: Task) -> tuple[Finding, ...]:
    """Suggest a split by time where a date orders the rows, or the target moves with it; nothing once one is used."""
    used = {c.use: c.name for c in columns if c.use in (Use.TIME, Use.GROUP)}
    if len(used) == 2:
        return (_time_decides(used[Use.TIME], used[Use.GROUP]),)
    if any(c.use in (Use.TIME, Use.GROUP) for c in columns):
        return ()
    dated = [
        _dated(sample, c, target, task)
        for c in columns
        if c.type is ColumnType.DATETIME and c.use in (Use.INPUT, Use.IDENTIFIER) and not _BORN.search(plain_name(c))
    ]
    able = [d for d in dated if d is not None and (d.in_order or d.drift >= DRIFT)]
    if not able:
        return ()
    best = max(able, key=lambda d: (d.in_order, d.drift))
    name = best.column.name
    why = f"The rows are in the order of {name}" if best.in_order else f"{target.name} moves with the date {name}"
    message = (
        f"{why}. Divided by chance, a model is tested on days that it was trained on; a prediction of the future "
        "will be harder."
    )
    hint = "Split by time: train on the past, test on the newest rows."
    return (warn("TIME_SPLIT_SUGGESTED", message, hint, name),)


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
        if c.use in (Use.INPUT, Use.IDENTIFIER) and _WHOM.search(plain_name(c)) and _repeats(p, profile.rows)
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


def plain_name(column: Column) -> str:
    """``CustomerId``, ``customer id`` and ``customer_id`` as one."""
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", column.name).lower()
    return re.sub(r"[^a-z0-9]+", "_", apart).strip("_")


def _repeats(held: ColumnProfile, rows: int) -> bool:
    return held.distinct >= LEAST_GROUPS and rows - held.missing >= ROWS_A_GROUP * held.distinct


def _dated(sample: Sample, column: Column, target: Column, task: Task) -> _Dated | None:
    moments = scores.numbers_of(sample.values[column.name])
    known = moments[~np.isnan(moments)]
    if len(np.unique(known)) < LEAST_MOMENTS:
        return None
    in_order = scores.correlation(moments, np.arange(len(moments), dtype=np.float64)) >= IN_ORDER
    return _Dated(column, in_order, _drift(moments, sample, target, task))


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
