"""Some rows of a stored table, in their order and spread over it, for checks whose cost would grow. Child side.

Which rows is told by a hash of their positions: as if by chance, so that no pattern of the rows hides from it, and the
same rows every time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from app.core.data import Column
from app.data import engine, table
from app.data.differences.row_hashes import GOLDEN, mixed
from app.data.table import Raw

MOST_ROWS = 20_000
"""A share near 1 is told from 0.99 with an error of 0.0007 (binomial): more rows would not say more."""
MOST_CELLS, LEAST_ROWS = 2_000_000, 500
"""Of a wide table fewer rows, so that the checks cost about the same for every table."""
MOST_GROUPS = 4
"""Of the file's row groups so many are read, spread evenly, the first and the last among them."""


@dataclass(frozen=True, slots=True)
class Sample:
    """``values``: column name -> (n,) raw values (see ``data.table``); ``rows``: (n,) positions in the table,
    ascending; ``total``: rows of the table."""

    values: dict[str, Raw]
    rows: npt.NDArray[np.intp]
    total: int

    @property
    def of_all(self) -> str:
        """What to add to a message if not every row was looked at."""
        return f" (in a sample of {len(self.rows):,} rows)" if len(self.rows) < self.total else ""


def take_sample(path: Path, columns: Sequence[Column]) -> Sample:
    """At most ``MOST_ROWS`` rows of the columns: all of a small table."""
    most = max(LEAST_ROWS, min(MOST_ROWS, MOST_CELLS // max(1, len(columns))))
    with pq.ParquetFile(path, memory_map=True) as file:
        total = file.metadata.num_rows
        if total <= most:
            return Sample(table.load(path, columns), np.arange(total), total)
        chosen = _spread(file, most)
        values: dict[str, Raw] = {}
        for start in range(0, len(columns), engine.BLOCK):  # whole row groups of ten thousand columns fill the memory
            values |= _values(file, columns[start : start + engine.BLOCK], chosen)
        starts = _starts(file)
    return Sample(values, np.concatenate([starts[group] + places for group, places in chosen.items()]), total)


def some_of(count: int, most: int, start: int = 0) -> npt.NDArray[np.intp]:
    """At most ``most`` of ``count`` places, ascending: those that hash lowest. Every n-th place would be in step with
    whatever repeats in the rows, such as a target that alternates. ``start``: of the first place in the whole."""
    if count <= most:
        return np.arange(count)
    hashes = mixed(np.arange(start + 1, start + count + 1, dtype=np.uint64) * GOLDEN)
    return np.sort(np.argpartition(hashes, most)[:most])


def _starts(file: pq.ParquetFile) -> npt.NDArray[np.intp]:
    """The position of each row group's first row, and of the end."""
    return np.cumsum([0, *(file.metadata.row_group(i).num_rows for i in range(file.num_row_groups))])


def _spread(file: pq.ParquetFile, most: int) -> dict[int, npt.NDArray[np.intp]]:
    """Rows of evenly spaced row groups, of each its share: their places within the group."""
    starts = _starts(file)
    sizes = np.diff(starts)
    groups = np.unique(np.linspace(0, len(sizes) - 1, min(len(sizes), MOST_GROUPS)).round().astype(int))
    total = int(sizes[groups].sum())
    return {int(g): some_of(int(sizes[g]), max(1, most * int(sizes[g]) // total), int(starts[g])) for g in groups}


def _values(
    file: pq.ParquetFile, columns: Sequence[Column], chosen: Mapping[int, npt.NDArray[np.intp]]
) -> dict[str, Raw]:
    names = [column.name for column in columns]
    parts = [
        file.read_row_group(group, columns=names, use_threads=True).take(table.arrow_places(places))
        for group, places in chosen.items()
    ]
    taken = pa.concat_tables(parts)
    return {c.name: table.raw_values(taken.column(c.name), c.type) for c in columns}
