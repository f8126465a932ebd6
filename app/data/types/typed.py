"""The typed table as it is stored: Parquet under the columns' own names, in row groups of the size of a page
or two hundred. Child side."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from app.data import engine

# zstd at level 1: a tenth of the time of a whole reading less than at level 3, and a fifth more bytes (measured)
GROUP_CELLS = 1_000_000
GROUP_ROWS = (2_048, 40_960)
"""Rows of a row group: small enough that a page is read in milliseconds, fewer where rows are wide."""
WIDE_GROUP_CELLS = 10_000_000
"""Of a very wide table: held at once while it is written, and each group costs the footer an entry a column."""


def write_table(
    connection: duckdb.DuckDBPyConnection, columns: Sequence[str], names: Sequence[str], relation: str, out: Path
) -> None:
    """Write SQL expressions over a FROM clause as columns called ``names``. Raises duckdb.Error."""
    blocks = engine.blocks(len(names))
    if len(blocks) > 1:
        pieces = [Piece(out.with_suffix(f".{n}"), tuple(block)) for n, block in enumerate(blocks)]
        for piece in pieces:
            chosen = [columns[i] for i in piece.places]
            write_table(connection, chosen, engine.positions(len(chosen)), relation, piece.path)
        side_by_side(pieces, names, out)
        return
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


@dataclass(frozen=True, slots=True)
class Piece:
    """Some columns of a wide table as a file of their own. ``places``: where each of them stands in the whole."""

    path: Path
    places: tuple[int, ...]


def side_by_side(pieces: Sequence[Piece], names: Sequence[str], out: Path) -> None:
    """Put tables of equally many rows next to each other, their columns called ``names``. The pieces are removed."""
    with ExitStack() as stack:
        files = [stack.enter_context(pq.ParquetFile(piece.path, memory_map=True)) for piece in pieces]
        order = np.argsort([place for piece in pieces for place in piece.places]).tolist()
        found = [field.type for file in files for field in file.schema_arrow]
        types = [found[i] for i in order]
        schema = pa.schema(list(zip(names, types, strict=True)))
        texts = [name for name, type_ in zip(names, types, strict=True) if pa.types.is_string(type_)]
        writer = stack.enter_context(
            pq.ParquetWriter(
                out, schema, compression="zstd", compression_level=1,
                use_dictionary=texts or False, write_statistics=False, store_schema=False,
            )
        )  # fmt: skip
        size = max(1, WIDE_GROUP_CELLS // len(names))
        rows = [file.iter_batches(size, use_threads=False) for file in files]
        for batches in zip(*rows, strict=True):
            columns = [column for batch in batches for column in batch.columns]
            writer.write_table(pa.Table.from_arrays([columns[i] for i in order], schema=schema))
    for piece in pieces:
        piece.path.unlink()


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
