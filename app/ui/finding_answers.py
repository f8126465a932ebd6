"""What can be answered to a finding, with one click each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from app.core.data import ColumnEdit, ColumnType, Finding, ParseRecipe, Reading, Use

Words = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Change:
    """A new reading that a person asks for. ``effect`` names it for the undo; ``recipe``: read the bytes with
    other settings; ``missing``: cells that do not fit a new type become missing; ``lossy``: they may lose digits."""

    effect: str
    edits: tuple[ColumnEdit, ...] = ()
    recipe: ParseRecipe | None = None
    missing: bool = False
    lossy: bool = False
    positive: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """A button's text and what it does."""

    text: str
    change: Change


def answers(finding: Finding, reading: Reading, tr: Words) -> list[Answer]:
    """The answers to a finding, the likeliest first; none where there is nothing to decide."""
    make = _BY_CODE.get(finding.code)
    known = finding.column is None or any(column.name == finding.column for column in reading.columns)
    return make(finding, reading, tr) if make is not None and known else []


def _use_anyway(finding: Finding, reading: Reading, tr: Words) -> list[Answer]:
    name = finding.column or ""
    if reading.column(name).use is Use.INPUT:
        return []
    edits = (ColumnEdit(name, use=Use.INPUT),)
    return [Answer(tr("Use it anyway"), Change(tr("use of {0}").format(name), edits))]


def _day_first(finding: Finding, reading: Reading, tr: Words) -> list[Answer]:
    name = finding.column or ""
    edits = (ColumnEdit(name, type=ColumnType.DATETIME),)
    return [
        Answer(text, Change(tr("dates of {0}").format(name), edits, replace(reading.recipe, day_first=first)))
        for text, first in ((tr("Day first"), True), (tr("Month first"), False))
    ]


def _decimal(finding: Finding, reading: Reading, tr: Words) -> list[Answer]:
    name = finding.column or ""
    other = "." if reading.recipe.decimal == "," else ","
    text = tr("It separates thousands") if other == "." else tr("It separates decimals")
    edits = (ColumnEdit(name, type=ColumnType.NUMBER),)
    return [Answer(text, Change(tr("decimals of {0}").format(name), edits, replace(reading.recipe, decimal=other)))]


def _mixed(finding: Finding, reading: Reading, tr: Words) -> list[Answer]:
    name = finding.column or ""
    type_ = next((t for words, t in _INTENDED.items() if words in finding.message), ColumnType.NUMBER)
    effect = tr("type of {0}").format(name)
    return [
        Answer(tr("Set to missing"), Change(effect, (ColumnEdit(name, type=type_, use=Use.INPUT),), missing=True)),
        Answer(tr("Keep as text"), Change(effect, (ColumnEdit(name, type=ColumnType.TEXT, use=Use.INPUT),))),
    ]


def _as_number(finding: Finding, reading: Reading, tr: Words) -> list[Answer]:
    name = finding.column or ""
    edits = (ColumnEdit(name, type=ColumnType.NUMBER),)
    return [Answer(tr("Read as number"), Change(tr("type of {0}").format(name), edits, lossy=True))]


def _header(finding: Finding, reading: Reading, tr: Words) -> list[Answer]:
    now = reading.recipe.header_line
    if now <= 1:
        return []
    recipe = replace(reading.recipe, header_line=1)
    return [Answer(tr("Line 1 is the header"), Change(tr("the header's line"), recipe=recipe))]


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
    "DATES_AMBIGUOUS": _day_first,
    "DELIMITER_DECIMAL": _decimal,
    "MIXED_TYPES": _mixed,
    "LEADING_ZEROS": _as_number,
    "INT_OVERFLOW": _as_number,
    "PREAMBLE": _header,
    "TARGET_LEAK": _ignore,
    "TARGET_LEAK_LIKELY": _ignore,
    "TARGET_IN_TEXT": _ignore,
    "TIME_SPLIT_SUGGESTED": _by_time,
    "GROUP_SPLIT_SUGGESTED": _by_group,
}
