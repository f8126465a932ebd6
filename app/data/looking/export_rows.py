"""The rows that are shown, all of them, as a CSV file that a spreadsheet opens without running anything in it.

A child writes it, however large the table is; the file takes its place once it is whole.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from app.core.data import Column, ColumnType, Reading
from app.core.progress import JobContext
from app.data import engine
from app.data.looking.order import Wanted, select
from app.data.looking.row_filter import parse, where
from app.errors import EnvironmentProblem
from app.jobs.child import ChildContext
from app.jobs.supervise import run_in_child

if TYPE_CHECKING:
    from app.registry.project import Project

BATCH_ROWS = 50_000
CSV_FILE = "rows.csv"
FORMULA = r"(?s)[=+@\t\r-].*"
PLAIN_NUMBER = r"[+-]?[0-9][0-9.,]*([eE][+-]?[0-9]+)?"
_TEXTS = (ColumnType.CATEGORY, ColumnType.TEXT)


def export_csv(project: Project, reading: Reading, rows: int, wanted: Wanted, out: Path, ctx: JobContext) -> int:
    """Write the rows that ``wanted`` leaves, in its order, to ``out``; how many. ``rows``: of the whole table.

    BadInput for a mistake in the filter, EnvironmentProblem if it cannot be written there.
    """
    terms = where(parse(wanted.filter, reading.columns))
    names = [column.name for column in reading.columns]
    sort = wanted.sort if wanted.sort in names else None
    project.objects.size(reading.table_sha256)
    cells = ", ".join(_cell(f"c{i}", column) for i, column in enumerate(reading.columns))
    table = project.objects.path(reading.table_sha256)
    query = select(cells, table, reading.columns, terms, sort, wanted.descending)
    with project.scratch("export") as folder:
        written = run_in_child(
            "app.data.looking.export_rows:write_csv", query, tuple(names), rows, ctx=ctx, returns=int, folder=folder
        )
        _put(folder / CSV_FILE, out)
    return written


def write_csv(child: ChildContext, query: str, names: tuple[str, ...], rows: int) -> int:
    """Write what a query yields as ``CSV_FILE``, batch by batch; how many rows. ``rows``: at most."""
    import pyarrow as pa
    from pyarrow import csv

    written = 0
    with engine.connect(child.folder) as connection, (child.folder / CSV_FILE).open("wb") as file:
        reader = connection.sql(query).to_arrow_reader(BATCH_ROWS)
        titles = [_harmless(name) for name in names]
        schema = pa.schema([field.with_name(name) for field, name in zip(reader.schema, titles, strict=True)])
        with csv.CSVWriter(file, schema) as writer:
            for batch in reader:
                writer.write_batch(pa.RecordBatch.from_arrays(batch.columns, schema=schema))
                written += batch.num_rows
                child.progress(min(1.0, written / max(1, rows)), f"{written:,} rows written")
    return written


def _cell(column: str, about: Column) -> str:
    """A cell as text or number; text that would run as a formula gets an apostrophe in front."""
    if about.type is ColumnType.DATETIME:
        return f"replace({column}::VARCHAR, ' 00:00:00', '')"
    if about.type not in _TEXTS:
        return column
    text = f"{column}::VARCHAR"
    dangerous = f"regexp_full_match({text}, {engine.text(FORMULA)})"
    number = f"regexp_full_match({text}, {engine.text(PLAIN_NUMBER)})"
    return f"CASE WHEN {dangerous} AND NOT {number} THEN '''' || {text} ELSE {text} END"


def _harmless(name: str) -> str:
    return "'" + name if name.startswith(("=", "+", "-", "@", "\t", "\r")) else name


def _put(made: Path, out: Path) -> None:
    """Beside its place first, so that there is never half a file under the name."""
    part = out.with_name(out.name + ".part")
    try:
        shutil.copyfile(made, part)
        part.replace(out)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise EnvironmentProblem(
            f"{out} could not be written: {error.strerror or error}.", "Choose another folder or make room."
        ) from error
