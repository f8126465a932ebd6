"""What can be answered to a finding, with one click each."""

from __future__ import annotations

from collections.abc import Callable

from app.core.data import ColumnEdit, ColumnType, Finding, Reading, Use
from app.ui.data.change import Answer, Change
from app.ui.data.file_answers import FILE_ANSWERS, mixed_dates

__all__ = ["Answer", "Change", "answers"]

Words = Callable[[str], str]


def answers(finding: Finding, reading: Reading, tr: Words) -> list[Answer]:
    """The answers to a finding, the likeliest first; none where there is nothing to decide."""
    make = _BY_CODE.get(finding.code) or FILE_ANSWERS.get(finding.code)
    known = finding.column is None or any(column.name == finding.column for column in reading.columns)
    return make(finding, reading, tr) if make is not None and known else []


def _use_anyway(finding: Finding, reading: Reading, tr: Words) -> list[Answer]:
    name = finding.column or ""
    if reading.column(name).use is Use.INPUT:
        return []
    edits = (ColumnEdit(name, use=Use.INPUT),)
    return [Answer(tr("Use it anyway"), Change(tr("use of {0}").format(name), edits))]


def _mixed(finding: Finding, reading: Reading, tr: Words) -> list[Answer]:
    name = finding.column or ""
    type_ = next((t for words, t in _INTENDED.items() if words in finding.message), ColumnType.NUMBER)
    effect = tr("type of {0}").format(name)
    if finding.choices:
        return mixed_dates(finding, reading, tr)
    return [
        Answer(tr("Set to missing"), Change(effect, (ColumnEdit(name, type=type_, use=Use.INPUT),), missing=True)),
        Answer(tr("Keep as text"), Change(effect, (ColumnEdit(name, type=ColumnType.TEXT, use=Use.INPUT),))),
    ]


def _as_number(finding: Finding, reading: Reading, tr: Words) -> list[Answer]:
    name = finding.column or ""
    edits = (ColumnEdit(name, type=ColumnType.NUMBER),)
    return [Answer(tr("Read as number"), Change(tr("type of {0}").format(name), edits, lossy=True))]


def _ignore(finding: Finding, reading: Reading, tr: Words) -> list[Answer]:
    name = finding.column or ""
    return [Answer(tr("Ignore it"), Change(tr("use of {0}").format(name), (ColumnEdit(name, use=Use.IGNORED),)))]


def _by_time(finding: Finding, reading: Reading, tr: Words) -> list[Answer]:
    name = finding.column or ""
    return [Answer(tr("Split by time"), Change(tr("use of {0}").format(name), (ColumnEdit(name, use=Use.TIME),)))]


def _by_group(finding: Finding, reading: Reading, tr: Words) -> list[Answer]:
    name = finding.column or ""
    return [Answer(tr("Keep together"), Change(tr("use of {0}").format(name), (ColumnEdit(name, use=Use.GROUP),)))]


_INTENDED = {"is not a date": ColumnType.DATETIME, "is not a true or false": ColumnType.BOOLEAN}

_BY_CODE: dict[str, Callable[[Finding, Reading, Words], list[Answer]]] = {
    "COLUMN_ID_LIKE": _use_anyway,
    "COLUMN_CONSTANT": _use_anyway,
    "MIXED_TYPES": _mixed,
    "LEADING_ZEROS": _as_number,
    "INT_OVERFLOW": _as_number,
    "TARGET_LEAK": _ignore,
    "TARGET_LEAK_LIKELY": _ignore,
    "TARGET_IN_TEXT": _ignore,
    "TIME_SPLIT_SUGGESTED": _by_time,
    "GROUP_SPLIT_SUGGESTED": _by_group,
}
