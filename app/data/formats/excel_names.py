"""The column names of a workbook, told while it hangs over the window: its first rows are read as a stream, without the
reader of workbooks, and never more than a few megabytes of them. Standard library only.

The parts are those of Office Open XML (ECMA-376 part 1, 18.2 workbook, 18.3 worksheets, 18.4 shared strings).
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from xml.parsers import expat

from app.data.formats.sheet_layout import LOOKED_AT, layout_of
from app.data.names import column_names

MOST_BYTES = 4 << 20
"""Of each part, unpacked: a table whose names stand further behind is told only by adding it."""
MOST_SHEETS, MOST_CELLS = 20, 200_000
CHUNK_BYTES = 1 << 16
_PLACE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_WORKBOOK, _LINKS, _STRINGS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/sharedStrings.xml"


class _Enough(Exception):
    """What was looked for is known."""


class Untold(ValueError):
    """The file is no workbook that is understood."""


@dataclass
class _Sheet:
    """The first cells of a sheet by row and column, from 1; ``shared``: places among the shared strings; ``first``,
    ``last``: rows that hold something, 0 for none."""

    cells: dict[tuple[int, int], str] = field(default_factory=dict)
    shared: dict[tuple[int, int], int] = field(default_factory=dict)
    first: int = 0
    last: int = 0

    def take(self, place: tuple[int, int], kind: str, written: str) -> None:
        """The next cell that holds something. ``kind``: as the file says (18.18.11)."""
        self.first, self.last = self.first or place[0], place[0]
        if kind == "s":
            self.shared[place] = int(written)
        else:
            self.cells[place] = {"1": "true", "0": "false"}.get(written, written) if kind == "b" else written


def excel_names(path: Path) -> tuple[str, ...] | None:
    """The names of the columns in the sheet that would be read; None if they cannot be told, as where several sheets
    hold data."""
    try:
        with zipfile.ZipFile(path) as archive:
            sheets = [_sheet(archive, part) for part in _parts(archive)]
            filled = [sheet for sheet in sheets if sheet.last > sheet.first]
            return _names(archive, filled[0]) if len(filled) == 1 else None
    except (zipfile.BadZipFile, zlib.error, expat.ExpatError, OSError, EOFError, KeyError, ValueError, RuntimeError):
        return None


def _parts(archive: zipfile.ZipFile) -> list[str]:
    """The parts that hold the sheets, in the order of the workbook."""
    order: list[str] = []
    links: dict[str, str] = {}

    def sheet(name: str, given: dict[str, str]) -> None:
        if name == "sheet":
            order.append(next((value for key, value in given.items() if key.endswith(":id")), ""))

    def link(name: str, given: dict[str, str]) -> None:
        if name == "Relationship":
            links[given["Id"]] = given["Target"]

    _parse(archive, _WORKBOOK, sheet)
    _parse(archive, _LINKS, link)
    if len(order) > MOST_SHEETS:
        raise Untold
    return [_part(links[one]) for one in order]


def _part(target: str) -> str:
    return target.lstrip("/") if target.startswith("/") else str(PurePosixPath("xl") / target)


def _sheet(archive: zipfile.ZipFile, part: str) -> _Sheet:
    """The first rows of a sheet."""
    found = _Sheet()
    cell, kind, row, column = (0, 0), "", 0, 0
    text: list[str] = []

    def begin(name: str, given: dict[str, str]) -> None:
        nonlocal cell, kind, row, column
        if name == "row":
            row, column = int(given.get("r", row + 1)), 0
            if found.first and row - found.first >= LOOKED_AT:
                raise _Enough
        elif name == "c":
            column = _column(given["r"]) if "r" in given else column + 1
            cell, kind = (row, column), given.get("t", "n")
            text.clear()

    def end(name: str) -> None:
        if name == "c" and (written := "".join(text)):
            found.take(cell, kind, written)

    _parse(archive, part, begin, end, text, inside=("v", "t"))
    return found


def _column(place: str) -> int:
    """``B7`` -> 2."""
    fits = _PLACE.fullmatch(place)
    if fits is None:
        raise Untold
    number = 0
    for letter in fits.group(1):
        number = number * 26 + ord(letter) - 64
    return number


def _names(archive: zipfile.ZipFile, sheet: _Sheet) -> tuple[str, ...] | None:
    strings = _strings(archive, max(sheet.shared.values(), default=-1))
    cells = sheet.cells | {place: strings[number] for place, number in sheet.shared.items()}
    columns = {column for _, column in cells}
    wide = range(min(columns), max(columns) + 1)
    rows = range(sheet.first, sheet.last + 1)[: max(2, MOST_CELLS // len(wide))]
    layout = layout_of([[cells.get((row, column), "") for column in wide] for row in rows], None)
    return column_names(layout.header)[0] if layout.header is not None else None


def _strings(archive: zipfile.ZipFile, last: int) -> list[str]:
    """The shared strings up to a place. Untold if they take too much room."""
    found: list[str] = []
    text: list[str] = []

    def end(name: str) -> None:
        if name == "si":
            found.append("".join(text))
            text.clear()
            if len(found) > last:
                raise _Enough

    if last >= 0:
        _parse(archive, _STRINGS, lambda _name, _given: None, end, text, inside=("t",))
    if len(found) <= last:
        raise Untold
    return found


def _parse(
    archive: zipfile.ZipFile,
    part: str,
    begin: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None] | None = None,
    text: list[str] | None = None,
    inside: tuple[str, ...] = (),
) -> None:
    """Go through a part until its end, its bound or _Enough. ``text``: gets what stands in the elements ``inside``.
    No declared entity is ever expanded: the first declaration ends it."""
    within: list[str] = []

    def started(name: str, given: dict[str, str]) -> None:
        name = name.rpartition(":")[2]
        within.append(name)
        begin(name, given)

    def ended(name: str) -> None:
        within.pop()
        if end is not None:
            end(name.rpartition(":")[2])

    def said(data: str) -> None:
        if text is not None and within and within[-1] in inside and "rPh" not in within:
            text.append(data)

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = started, ended, said
    parser.StartDoctypeDeclHandler = _refuse
    try:
        for chunk in _chunks(archive, part):
            parser.Parse(chunk, False)
    except _Enough:
        return


def _refuse(*_: object) -> None:
    raise Untold


def _chunks(archive: zipfile.ZipFile, part: str) -> Iterator[bytes]:
    with archive.open(part) as file:
        for _ in range(MOST_BYTES // CHUNK_BYTES):
            chunk = file.read(CHUNK_BYTES)
            if not chunk:
                return
            yield chunk
