"""The typed table as it is stored: Parquet under the columns' own names, in row groups of the size of a page
or two hundred. Child side."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from app.data import engine

# zstd at level 1: a tenth of the time of a whole reading less than at level 3, and a fifth more bytes (measured)
GROUP_CELLS = 1_000_000
GROUP_ROWS = (2_048, 40_960)
"""Rows of a row group: small enough that a page is read in milliseconds, fewer where rows are wide."""


def write_table(
    connection: duckdb.DuckDBPyConnection, columns: Sequence[str], names: Sequence[str], relation: str, out: Path
) -> None:
    """Write SQL expressions over a FROM clause as columns called ``names``. Raises duckdb.Error."""
    if len({name.casefold() for name in names}) == len(names):
        _copy(connection, columns, names, relation, out)
        return
    positional = out.with_suffix(".positional")  # DuckDB takes Age and age for one column
    _copy(connection, columns, engine.positions(len(names)), relation, positional)
    _rename(positional, names, out)
    positional.unlink()


def group_rows(width: int) -> int:
    """How many rows a row group of a table of ``width`` columns holds."""
    low, high = GROUP_ROWS
    return min(high, max(low, GROUP_CELLS // max(width, 1)))


def _copy(
    connection: duckdb.DuckDBPyConnection, columns: Sequence[str], names: Sequence[str], relation: str, out: Path
) -> None:
    selected = ", ".join(f"{c} AS {engine.name(n)}" for c, n in zip(columns, names, strict=True))
    connection.execute(
        f"COPY (SELECT {selected} FROM {relation}) TO {engine.text(str(out))} "
        f"(FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, ROW_GROUP_SIZE {group_rows(len(names))})"
    )


def _rename(source: Path, names: Sequence[str], out: Path) -> None:
    with pq.ParquetFile(source) as old:
        schema = old.schema_arrow
        for i, name in enumerate(names):
            schema = schema.set(i, schema.field(i).with_name(name))
        with pq.ParquetWriter(out, schema, compression="zstd", compression_level=1) as new:
            for group in range(old.num_row_groups):
                new.write_table(old.read_row_group(group).rename_columns(list(names)), row_group_size=1 << 20)
