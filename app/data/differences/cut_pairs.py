"""Two tables of thousands of columns as pairs of narrow ones, for what is asked column by column. Child side.

A query about one column of ten thousand spends its time on the names of the others.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from app.core.progress import JobContext
from app.data import engine
from app.data.differences.comparison import TableRef
from app.data.differences.pair import Pair


def cut_pairs(pair: Pair, names: Sequence[str], ctx: JobContext) -> Iterator[Pair]:
    """Pairs that have ``names`` in blocks, each made when it is asked for and gone with the next."""
    for start in range(0, len(names), engine.BLOCK):
        ctx.progress(start / len(names), "Comparing the values")
        block = names[start : start + engine.BLOCK]
        before, after = pair.folder / "before.parquet", pair.folder / "after.parquet"
        yield Pair(pair.connection, _cut(pair.before, block, before), _cut(pair.after, block, after), pair.folder)


def _cut(table: TableRef, names: Sequence[str], out: Path) -> TableRef:
    by_name = {column.name: column for column in table.columns}
    with pq.ParquetFile(table.path, memory_map=True) as file:
        whole = file.schema_arrow  # made anew each time it is asked for
        schema = pa.schema([whole.field(name) for name in names])
        with pq.ParquetWriter(out, schema, compression="snappy", use_dictionary=False) as writer:
            for group in range(file.num_row_groups):
                writer.write_table(file.read_row_group(group, columns=list(names)).select(list(names)))
    return TableRef(out, tuple(by_name[name] for name in names), table.rows)
