"""Any file opened as a raw table: its content decides how. Several files become one table. Child side."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path, PurePath

import duckdb

from app.core.data import Choice, Finding
from app.core.progress import JobContext
from app.data.findings import ask, listed, refused, shown
from app.data.formats import content
from app.data.formats.archive import check_archive, extract, unpack
from app.data.formats.arrow_source import arrow_as_parquet, open_parquet
from app.data.formats.content import Content
from app.data.formats.csv_source import open_csv
from app.data.formats.excel_source import open_excel
from app.data.formats.json_source import is_json, open_json
from app.data.formats.raw import Kind, RawTable
from app.data.formats.sight import HINT, refuse_at_sight
from app.data.formats.text import clean_text
from app.data.names import ENDINGS
from app.data.reading import ReadRequest
from app.data.wishes import Wishes, carried

MOST_CHOICES = 20
_BINARY = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods", ".parquet", ".pq", ".feather", ".arrow", ".zip")
"""A text file that is called like one of these was renamed, and is a table only if it has columns."""


def open_sources(
    connection: duckdb.DuckDBPyConnection,
    request: ReadRequest,
    wishes: Wishes,
    folder: Path,
    ctx: JobContext,
    *,
    careful: bool,
) -> RawTable:
    """Open all sources of a request; of several ones each is judged by itself, only policies hold for all.

    Raises FileRefused.
    """
    wishes = wishes if len(request.sources) == 1 else Wishes(policies=wishes.policies)
    tables: list[RawTable] = []
    for i, source in enumerate(request.sources):
        own = folder / f"source{i}"
        own.mkdir(exist_ok=True)
        tables.append(open_source(connection, source, own, wishes, ctx, careful=careful, name=request.names[i]))
    opened = tables[0] if len(tables) == 1 else _appended(tables, request.names)
    return replace(opened, recipe=carried(opened.recipe, wishes))


def open_source(
    connection: duckdb.DuckDBPyConnection,
    source: Path,
    folder: Path,
    wishes: Wishes,
    ctx: JobContext,
    *,
    careful: bool,
    name: str = "",
) -> RawTable:
    """Open one file. ``name``: what the person calls it. Raises FileRefused."""
    found = content.content_of(source, name)
    refuse_at_sight(source, found)
    if found is Content.PARQUET:
        return open_parquet(connection, source)
    if found in (Content.ARROW_FILE, Content.ARROW_STREAM):
        copy = arrow_as_parquet(source, found, folder)
        opened = open_parquet(connection, copy, code="ARROW_CORRUPT")
        return replace(opened, recipe=replace(opened.recipe, format="arrow"))
    if found is Content.EXCEL:
        return open_excel(source, folder, wishes, ctx)
    if found is Content.PACKED:
        inner = folder / "unpacked"
        inner.mkdir(exist_ok=True)
        unpack(source, inner / "file")
        _refuse_archive(inner / "file")
        return open_source(connection, inner / "file", inner, wishes, ctx, careful=careful, name=PurePath(name).stem)
    if found is Content.ZIP:
        return _open_zip(connection, source, folder, wishes, ctx, careful=careful)
    clean = clean_text(source, folder, wishes.encoding)
    if is_json(clean):
        return open_json(clean, folder, wishes, ctx)
    opened = open_csv(clean, folder, wishes, ctx, careful=careful)
    ending = PurePath(name).suffix.lower()
    if ending in _BINARY and not opened.recipe.delimiter:
        raise refused("NOT_TEXT", f"The file is called {ending}, but holds plain text without columns.", HINT)
    return opened


def _open_zip(
    connection: duckdb.DuckDBPyConnection,
    source: Path,
    folder: Path,
    wishes: Wishes,
    ctx: JobContext,
    *,
    careful: bool,
) -> RawTable:
    """The largest file in an archive, or the one an earlier reading chose; an archive in an archive is refused."""
    entries = check_archive(source, xml=False)
    files = [e for e in entries if not e.is_dir() and e.file_size and not e.filename.startswith(("__MACOSX/", "."))]
    if not files:
        raise refused("NO_ROWS", "The archive holds no files.")
    chosen = next((e for e in files if e.filename == wishes.member), None) or max(files, key=_likely)
    inner = folder / "member"
    inner.mkdir(exist_ok=True)
    copy = inner / "file"
    extract(source, chosen.filename, copy)
    _refuse_archive(copy)
    opened = open_source(connection, copy, inner, wishes, ctx, careful=careful, name=chosen.filename)
    message = f"The file is an archive of {len(files):,}; {shown(chosen.filename, 80)} was read."
    others = [e for e in sorted(files, key=_likely, reverse=True) if e is not chosen][:MOST_CHOICES]
    choices = [Choice(e.filename, f"{e.file_size:,} bytes") for e in others]
    asked = ask("IS_ZIP", message, "Choose another file, or unpack it to add several.", choices=choices)
    return replace(opened, recipe=replace(opened.recipe, member=chosen.filename), findings=(asked, *opened.findings))


def _likely(entry: zipfile.ZipInfo) -> tuple[bool, int]:
    """Larger is likelier, and what is called like a table before all else."""
    return PurePath(entry.filename).suffix.lower() in ENDINGS, entry.file_size


def _refuse_archive(unpacked: Path) -> None:
    """No archive in an archive: some of them hold themselves."""
    if content.content_of(unpacked) in (Content.ZIP, Content.PACKED, Content.BUNDLE):
        raise refused("NOT_TEXT", "The archive holds another archive.", "Unpack it and drop the table.")


def _appended(tables: Sequence[RawTable], file_names: Sequence[str]) -> RawTable:
    """The rows of all tables below each other, columns matched by name. Raises FileRefused if they differ."""
    first = tables[0]
    for table, file_name in zip(tables[1:], file_names[1:], strict=True):
        if set(table.names) != set(first.names):
            differing = sorted(set(table.names) ^ set(first.names))
            message = f"{file_name} has other columns than {file_names[0]}: {listed(differing)}."
            raise refused("COLUMNS_DIFFER", message, "Add the files separately.")
    places = [{name: at for at, name in enumerate(table.names)} for table in tables]
    kinds = tuple(_common_kind(tables, places, name) for name in first.names)
    parts = [_selection(table, first.names, kinds) for table in tables]
    rows = [table.rows for table in tables]
    findings = [_named(f, name) for table, name in zip(tables, file_names, strict=True) for f in table.findings]
    total = None if None in rows else sum(r for r in rows if r is not None)
    return RawTable(f"({' UNION ALL '.join(parts)})", first.names, kinds, first.recipe, tuple(findings), total)


def _common_kind(tables: Sequence[RawTable], places: Sequence[Mapping[str, int]], name: str) -> Kind:
    kinds = {table.kinds[place[name]] for table, place in zip(tables, places, strict=True)}
    if len(kinds) == 1:
        return kinds.pop()
    return Kind.NUMBER if kinds == {Kind.INTEGER, Kind.NUMBER} else Kind.CELL


def _selection(table: RawTable, names: Sequence[str], kinds: Sequence[Kind]) -> str:
    columns, places = [], {name: at for at, name in enumerate(table.names)}
    for i, (name, kind) in enumerate(zip(names, kinds, strict=True)):
        at = places[name]
        cast = f"c{at}::VARCHAR" if kind is Kind.CELL and table.kinds[at] is not Kind.CELL else f"c{at}"
        columns.append(f"{cast} AS c{i}")
    return f"SELECT {', '.join(columns)} FROM {table.relation}"


def _named(finding: Finding, file_name: str) -> Finding:
    return replace(finding, message=f"{file_name}: {finding.message}", rows=())
