"""The cells of a table of thousands of columns as one Parquet file of text, from which some of them are read at a time.

Child side."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from app.data import engine

CELL_FILE = "cells.parquet"
GROUP_CELLS, GROUP_BYTES = 12_000_000, 100_000_000
"""Bounds of a row group, all of which is held. Small ones would hold more in the end: what a footer says of each
column's part takes a kilobyte until the file is closed."""


def cell_schema(width: int) -> pa.Schema:
    """Texts in columns c0, c1, ..."""
    return pa.schema([(name, pa.string()) for name in engine.positions(width)])


def write_cells(batches: Iterable[pa.RecordBatch], target: Path, width: int, skipped: int = 0) -> str:
    """Write batches of ``cell_schema`` but for the first ``skipped`` rows; a FROM clause of them. As few row groups as
    fit into the memory: each costs the footer an entry a column."""
    held: list[pa.RecordBatch] = []
    cells = taken = 0
    with pq.ParquetWriter(
        target, cell_schema(width), compression="snappy",
        use_dictionary=False, write_statistics=False, store_schema=False,
    ) as writer:  # fmt: skip
        for batch in batches:
            held.append(batch.slice(skipped) if skipped else batch)
            skipped = max(0, skipped - batch.num_rows)
            cells += batch.num_rows * width
            taken += batch.nbytes
            if cells >= GROUP_CELLS or taken >= GROUP_BYTES:
                _flush(writer, held)
                cells = taken = 0
        _flush(writer, held)
    return engine.parquet(target, width)


def as_one(files: Sequence[Path], target: Path, width: int) -> str:
    """Files that have some of the columns below each other."""
    return write_cells(_completed(files, width), target, width)


def _completed(files: Sequence[Path], width: int) -> Iterator[pa.RecordBatch]:
    for path in files:
        with pq.ParquetFile(path) as file:
            table = file.read(use_threads=False)
        there = set(table.column_names)
        columns = [
            table.column(name).combine_chunks() if name in there else pa.nulls(table.num_rows, pa.string())
            for name in engine.positions(width)
        ]
        yield pa.RecordBatch.from_arrays(columns, schema=cell_schema(width))


def _flush(writer: pq.ParquetWriter, held: list[pa.RecordBatch]) -> None:
    rows = [batch for batch in held if batch.num_rows]
    if rows:
        writer.write_table(pa.Table.from_batches(rows), row_group_size=1 << 20)
    held.clear()
