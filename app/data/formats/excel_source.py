"""Excel workbooks (and OpenDocument sheets): the archive is judged first, then one sheet is read. Child side."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from itertools import islice
from pathlib import Path

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError

from app.core.data import Choice, Finding, ParseRecipe
from app.core.progress import JobContext
from app.data.findings import ask, listed, refused
from app.data.formats.archive import check_archive, check_xml
from app.data.formats.raw import RawTable
from app.data.formats.sheet_layout import LOOKED_AT, Layout, layout_of
from app.data.formats.text_table import Kinds, TextTable
from app.data.names import column_names
from app.data.wishes import Wishes

EXACT_WHOLE = 10**15
_TELL_EVERY = 10_000
HEADER_CHOICES = 4
"""So many rows from the header on are offered as the header."""
_PARTS = ("xl/workbook.xml", "[Content_Types].xml", "content.xml")
_DAMAGED = ("ARCHIVE_CORRUPT", "The workbook is damaged or incomplete.", "Open it in Excel and save it again.")

Cell = int | float | str | bool | time | date | datetime | timedelta


def open_excel(path: Path, folder: Path, wishes: Wishes, ctx: JobContext) -> RawTable:
    """Open one sheet of a workbook: the one that is wished for, else the first that holds data.

    Raises FileRefused (ARCHIVE_*, XML_ENTITIES, XLS_ENCRYPTED_OR_OLD, NO_ROWS).
    """
    _check(path)
    try:
        with CalamineWorkbook.from_path(str(path)) as book:
            sheet, findings = _sheet(book, wishes.sheet)
            return _table(sheet, folder, wishes, findings, ctx)
    except PasswordError as error:
        message = "The workbook is protected by a password."
        raise refused("XLS_ENCRYPTED_OR_OLD", message, "Save it without a password.") from error
    except CalamineError as error:
        raise refused(*_DAMAGED) from error


def _check(path: Path) -> None:
    names = {entry.filename for entry in check_archive(path, xml=True)}
    with zipfile.ZipFile(path) as archive:
        for part in _PARTS[:2]:
            if part in names:
                check_xml(archive.read(part), part)


def _sheet(book: CalamineWorkbook, wanted: str | None) -> tuple[CalamineSheet, tuple[Finding, ...]]:
    sheets = [book.get_sheet_by_name(name) for name in book.sheet_names]
    filled = [sheet for sheet in sheets if sheet.height > 1]
    if not filled:
        raise refused("NO_ROWS", "No sheet of the workbook has a header and rows.")
    chosen = next((sheet for sheet in filled if sheet.name == wanted), filled[0])
    if len(filled) == 1:
        return chosen, ()
    names = [sheet.name for sheet in filled]
    message = f"{len(filled)} sheets hold data ({listed(names)}); {chosen.name!r} was read."
    choices = [Choice(s.name, _sheet_hint(s)) for s in filled if s.name != chosen.name]
    return chosen, (ask("SHEET_CHOICE", message, "Choose another sheet.", choices=choices),)


def _sheet_hint(sheet: CalamineSheet) -> str:
    first = next(iter(sheet.iter_rows()), [])
    return f"{sheet.height:,} rows: {listed([str(cell) for cell in first if cell != ''], 3)}"


def _table(
    sheet: CalamineSheet, folder: Path, wishes: Wishes, findings: tuple[Finding, ...], ctx: JobContext
) -> RawTable:
    first = [_texts(row) for row in islice(sheet.iter_rows(), LOOKED_AT)]
    judged, layout = layout_of(first, None), layout_of(first, wishes.header_line)
    table = TextTable(folder)
    for column in range(layout.width):
        table.kind_of(column)
    pending: list[dict[int, str]] = []
    for row in _body(sheet, layout):
        cells = _cells(row, table)
        pending.append(cells)
        if cells:  # empty rows at the end are no rows
            for one in pending:
                table.add(one)
            pending.clear()
            if table.rows % _TELL_EVERY == 0:
                ctx.progress(min(1.0, table.rows / sheet.height), "Reading the sheet")
    if not table.rows:
        raise refused("NO_ROWS", "The sheet has a header but no rows.")
    names, doubles = column_names(layout.header or [""] * layout.width)
    names, more = (
        (names, doubles)
        if len(names) == len(table.kinds)
        else column_names([*(layout.header or ()), *[""] * (len(table.kinds) - len(names))])
    )
    found = (*findings, *_preamble(judged, layout, first), *more)
    made = ParseRecipe("excel", sheet=sheet.name, header_line=layout.skipped + 1 if layout.header is not None else 0)
    return RawTable(
        table.relation(), names, tuple(k.kind for k in table.kinds), made, found, table.rows, cells=table.cells
    )


def _body(sheet: CalamineSheet, layout: Layout) -> Iterator[Sequence[Cell]]:
    return islice(sheet.iter_rows(), layout.skipped + (layout.header is not None), None)


def _texts(row: Sequence[Cell]) -> list[str]:
    kinds = Kinds()
    return [_text(cell, kinds) or "" for cell in row]


def _cells(row: Sequence[Cell], table: TextTable) -> dict[int, str]:
    found: dict[int, str] = {}
    for column, cell in enumerate(row):
        if cell != "" and cell is not None:
            text = _text(cell, table.kind_of(column))
            if text is not None:
                found[column] = text
    return found


def _text(cell: Cell, kinds: Kinds) -> str | None:
    """A cell as the text it would have in a CSV file; whole numbers without the point that Excel stores."""
    if isinstance(cell, bool):
        kinds.booleans += 1
        return "true" if cell else "false"
    if isinstance(cell, int | float):
        kinds.numbers += 1
        return str(int(cell)) if abs(cell) < EXACT_WHOLE and cell == int(cell) else repr(cell)
    if isinstance(cell, datetime | date):
        kinds.moments += 1
        return cell.isoformat()
    if isinstance(cell, timedelta):
        kinds.numbers += 1
        return repr(cell.total_seconds())
    kinds.texts += 1
    return str(cell)


def _preamble(judged: Layout, layout: Layout, rows: Sequence[Sequence[str]]) -> tuple[Finding, ...]:
    if not judged.skipped and not layout.skipped:
        return ()
    spoken = [_spoken(row) for row in rows]
    lines = f"{layout.skipped} rows before the table were" if layout.skipped > 1 else "One row before the table was"
    left_out = [line for line in spoken[: layout.skipped] if line]
    message = f"{lines} left out." if layout.skipped else "No row before the table was left out."
    candidates = enumerate(spoken[: judged.skipped + HEADER_CHOICES], 1)
    choices = [Choice(str(n), line) for n, line in candidates if line and n != layout.skipped + 1]
    hint = "Choose another row as the header if this is not right."
    return (ask("PREAMBLE", message, hint, cells=left_out, choices=choices),)


def _spoken(row: Sequence[str]) -> str:
    return ", ".join(cell for cell in row if cell.strip())[:60]
