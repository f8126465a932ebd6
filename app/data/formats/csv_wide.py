"""CSV of thousands of columns: cut into cells by pyarrow, kept as Parquet text, read from there some columns at a time.

DuckDB would hold two thousand rows of all columns for each of its threads, whatever it is asked for. Child side.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pc

from app.core.progress import JobContext
from app.data import engine
from app.data.formats.cell_file import cell_schema, write_cells
from app.data.formats.csv_scan import LONGEST_LINE
from app.data.formats.raw import SourceFailed

LEAST_BLOCK_BYTES = 4 << 20
BATCH_CELLS = 1_000_000


def cells_of_even(
    source: Path, target: Path, width: int, delimiter: str, quote: str, skip: int, longest: int, *, header: bool
) -> str:
    """Cut a file whose records all have ``width`` cells; a FROM clause with c0, c1, ... ``skip``: lines before the
    records; ``longest``: bytes of the longest one. Raises SourceFailed."""
    read = pc.ReadOptions(
        column_names=engine.positions(width), skip_rows=skip, block_size=max(LEAST_BLOCK_BYTES, 2 * longest + 4096)
    )
    parse = pc.ParseOptions(delimiter=delimiter, quote_char=quote or False, newlines_in_values=bool(quote))
    convert = pc.ConvertOptions(
        column_types=cell_schema(width), null_values=[""], strings_can_be_null=True, quoted_strings_can_be_null=True
    )
    try:
        with pc.open_csv(source, read, parse, convert) as reader:
            return write_cells(reader, target, width, skipped=int(header))
    except pa.ArrowInvalid as error:
        raise SourceFailed(str(error)) from error


def cells_of_uneven(source: Path, target: Path, width: int, ctx: JobContext, *, header: bool) -> str:
    """Cut what ``csv_careful`` wrote; what a record is short of is missing."""
    csv.field_size_limit(2 * LONGEST_LINE)
    with source.open(encoding="utf-8", newline="") as file:
        return write_cells(_batches(csv.reader(file), width, ctx), target, width, skipped=int(header))


def _batches(records: Iterator[list[str]], width: int, ctx: JobContext) -> Iterator[pa.RecordBatch]:
    done, size = 0, max(1, BATCH_CELLS // width)
    while rows := list(islice(records, size)):
        ctx.progress(None, f"Reading row {done:,}")
        done += len(rows)
        columns = zip(*([cell or None for cell in row] + [None] * (width - len(row)) for row in rows), strict=True)
        yield pa.RecordBatch.from_arrays([pa.array(cells, pa.string()) for cells in columns], schema=cell_schema(width))
