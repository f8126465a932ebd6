"""Very large tables: every n-th row is enough to sample from, and reading it keeps to the time. Child side."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from app.core.data import Column
from app.data import table

Rows = npt.NDArray[np.intp]


def load_thinned(path: Path, columns: Sequence[Column], most: int) -> tuple[dict[str, table.Raw], Rows]:
    """The raw columns (see ``table.load``) and each row's position in the stored table: all rows of a table of up to
    ``most``, else every n-th from the first on, at most ``most``. KeyError if a column is not there."""
    with pq.ParquetFile(path, memory_map=True) as file:
        total = file.metadata.num_rows
        every = -(-total // most)
        if every <= 1:
            return table.load(path, columns), np.arange(total)
        thinned = pa.concat_tables(_every_nth(file, [c.name for c in columns], every))
    return {c.name: table.raw_values(thinned.column(c.name), c.type) for c in columns}, np.arange(0, total, every)


def _every_nth(file: pq.ParquetFile, names: list[str], every: int) -> list[pa.Table]:
    """One row group after another, so that memory holds what is kept and one group."""
    parts, start = [], 0
    for group in range(file.num_row_groups):
        rows = file.metadata.row_group(group).num_rows
        kept = np.arange(-start % every, rows, every)
        parts.append(file.read_row_group(group, columns=names, use_threads=False).take(pa.array(kept)))
        start += rows
    return parts
