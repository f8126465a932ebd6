"""Columns of text cells that are plainly written, typed by pyarrow: for thousands of them to plan the query that reads
every way of writing takes longer than to read them.

What is not plain for certain is left to ``convert``; what is, comes out as it would there. Child side.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from app.core.data import ColumnType
from app.data.formats.raw import Kind
from app.data.types.cells import EXACT_DIGITS, FORM_OF, INFINITIES, MISSING_WORDS, Cells, Form
from app.data.types.expect import Expected
from app.data.types.measure import NOTHING, Look

HELD_CELLS = 2_000_000
_BOOLEANS = {"true", "false"}
_WORDS = "|".join(re.escape(word) for word in (*MISSING_WORDS, *INFINITIES, *_BOOLEANS) if word)
_NOT_PLAINLY_TEXT = f"(?i)[0-9]|^[\\x00-\\x20\u00a0]|[ \t\u00a0]$|^(?:{_WORDS})$"
"""A cell that may be a number, a date, yes or no, or stand for missing. Every date has a digit."""
_ZERO_IN_FRONT = "^[+-]?0[0-9]"


@dataclass(frozen=True, slots=True)
class Plain:
    """A column with its form. ``look``: as ``measure`` would see it, where that is asked for later."""

    values: pa.Array
    cells: Cells
    look: Look | None = None


def plain_columns(
    path: Path, places: Sequence[int], kinds: Sequence[Kind], expected: Mapping[int, Expected]
) -> Iterator[tuple[int, Plain]]:
    """Those of the columns c<place> of a file of texts (see ``cell_file``) that are plain. ``kinds``: of all."""
    with pq.ParquetFile(path, memory_map=True) as file:
        size = max(1, HELD_CELLS // max(file.metadata.num_rows, 1))
        for start in range(0, len(places), size):
            some = places[start : start + size]
            table = file.read(columns=[f"c{i}" for i in some], use_threads=True)
            for i in some:
                found = _as_expected(table.column(f"c{i}").combine_chunks(), kinds[i], expected.get(i))
                if found is not None:
                    yield i, found


def _as_expected(texts: pa.Array, kind: Kind, expected: Expected | None) -> Plain | None:
    """The column in the form that ``expect.expected_form`` would choose; None if that takes a closer look."""
    wanted = FORM_OF[expected.type] if expected is not None else None
    if expected is not None and expected.chosen:
        fits = wanted is Form.TEXT and kind in (Kind.CELL, Kind.TEXT) and _without_blanks(texts)
        return Plain(texts, Cells(Form.TEXT, chosen=True, lenient=expected.lenient)) if fits else None
    found = plain(texts, kind)
    if found is None or expected is None:
        return found
    if found.cells.form is Form.EMPTY:
        return replace(found, cells=Cells(Form.TEXT))
    if wanted is Form.TEXT:
        return found if found.cells.form is Form.TEXT else None
    if expected.type is ColumnType.NUMBER and found.cells.form is Form.INTEGER:
        return Plain(found.values.cast(pa.float64()), Cells(Form.NUMBER))
    return found


def _without_blanks(texts: pa.Array) -> bool:
    first = pc.min(texts).as_py()
    return first is None or first >= "!"


def plain(texts: pa.Array, kind: Kind) -> Plain | None:
    """The column if all its cells are plain numbers, whole numbers, true and false, words, or missing."""
    if texts.null_count == len(texts):
        return Plain(texts, Cells(Form.EMPTY), NOTHING)
    if kind is Kind.CELL:
        return _words(texts) or _whole(texts) or _numbers(texts)
    words = _words(texts) if kind is Kind.TEXT else None
    return words if words is not None and words.cells.form is Form.TEXT else None  # a source's text is no yes or no


def _words(texts: pa.Array) -> Plain | None:
    first = texts[texts.is_valid().index(True).as_py()].as_py()
    if first[:1].isdigit() or first[:1] in "+-.":
        return None
    different = texts.unique().drop_null()
    if len(different) <= len(_BOOLEANS) and _BOOLEANS.issuperset(different.to_pylist()):
        return Plain(pc.equal(texts, "true"), Cells(Form.BOOLEAN))
    if pc.any(pc.match_substring_regex(different, _NOT_PLAINLY_TEXT)).as_py():
        return None
    present = len(texts) - texts.null_count
    return Plain(texts, Cells(Form.TEXT), replace(NOTHING, filled=present, present=present))


def _whole(texts: pa.Array) -> Plain | None:
    try:
        numbers = texts.cast(pa.int64())
    except pa.ArrowInvalid:
        return None
    ends = pc.min_max(numbers).as_py()
    if max(-ends["min"], ends["max"]) >= 10**EXACT_DIGITS or not numbers.cast(pa.string()).equals(texts):
        return None
    return Plain(numbers, Cells(Form.INTEGER))


def _numbers(texts: pa.Array) -> Plain | None:
    """At least one of them is no whole number, so that none is taken for a name with digits."""
    try:
        numbers = texts.cast(pa.float64())
    except pa.ArrowInvalid:
        return None
    if not pc.all(pc.is_finite(numbers)).as_py() or pc.all(pc.equal(pc.floor(numbers), numbers)).as_py():
        return None
    if pc.any(pc.match_substring_regex(texts, _ZERO_IN_FRONT)).as_py():
        return None
    return Plain(numbers, Cells(Form.NUMBER))
