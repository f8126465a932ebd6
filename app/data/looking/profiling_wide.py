"""The same figures as ``profiling``, of a table of thousands of columns: every column by itself, with numpy.

To plan a query about ten thousand columns takes DuckDB longer than it takes numpy to sort them. Everything is exact.
Child side.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from app.core.data import ColumnProfile, Histogram, Profile
from app.core.progress import JobContext
from app.data.looking.profiling import COUNTED_TOP, LONGEST_SHOWN, TOP, Facts, column_profile, edges_of
from app.data.table import plain

HELD_CELLS = 8_000_000
MOSTLY_UNIQUE = 0.9
_TICKS = 1_000_000
Values = npt.NDArray[np.generic]
Top = tuple[tuple[str, int], ...]


def profile_wide(path: Path, names: Sequence[str], ctx: JobContext) -> Profile:
    """Profile a typed table whose columns are called ``names``, as many at a time as fit into the memory."""
    columns: list[ColumnProfile] = []
    with pq.ParquetFile(path, memory_map=True) as file:
        rows = file.metadata.num_rows
        size = max(1, HELD_CELLS // max(rows, 1))
        for start in range(0, len(names), size):
            ctx.progress(start / len(names), "Looking at the columns")
            held = file.read(columns=list(names[start : start + size]), use_threads=True)
            columns += [_profiled(name, held.column(name).combine_chunks()) for name in held.column_names]
    return Profile(rows, tuple(columns))


def _profiled(name: str, column: pa.Array) -> ColumnProfile:
    rows, column = len(column), column.drop_null()
    if pa.types.is_string(column.type) or pa.types.is_boolean(column.type):
        fact, top = _of_words(column)
        return column_profile(name, fact, rows, top, None)
    fact, histogram = _of_numbers(column)
    return column_profile(name, fact, rows, (), histogram)


def _of_words(column: pa.Array) -> tuple[Facts, Top]:
    """A column of texts or of yes/no, without its missing values."""
    stored = "BOOLEAN" if pa.types.is_boolean(column.type) else "VARCHAR"
    if not len(column):
        return Facts("", stored, 0, 0, False, None, None, None), ()
    counted = column.value_counts()
    values, counts = counted.field("values"), counted.field("counts")
    ends = pc.min_max(values).as_py()
    low, high = (v[:LONGEST_SHOWN] if isinstance(v, str) else v for v in (ends["min"], ends["max"]))
    fact = Facts("", stored, len(column), len(values), False, low, high, None)
    if len(values) > COUNTED_TOP and len(values) >= MOSTLY_UNIQUE * len(column):
        return fact, ()
    return fact, _top(values.cast(pa.string()), counts)


def _top(values: pa.Array, counts: pa.Array) -> Top:
    """The most frequent values, of equally frequent ones those that come first."""
    numbers = plain(counts, np.int64, 0)
    often = np.flatnonzero(numbers >= np.sort(numbers)[-min(TOP, len(numbers))])
    ranked = sorted((-int(numbers[i]), values[int(i)].as_py()) for i in often)[:TOP]
    return tuple((value[:LONGEST_SHOWN], -count) for count, value in ranked)


def _of_numbers(column: pa.Array) -> tuple[Facts, Histogram | None]:
    """A column of numbers or of dates, without its missing values. Infinities have no place in range and bins."""
    stored = _STORED[str(column.type)]
    values = plain(column.cast(pa.int64()) if stored == "TIMESTAMP" else column, _DTYPES[stored], 0)
    ordered = np.sort(values)
    distinct = int(np.count_nonzero(ordered[1:] != ordered[:-1])) + 1 if len(ordered) else 0
    finite = ordered[np.isfinite(ordered)] if stored == "DOUBLE" else ordered
    if not len(finite):
        return Facts("", stored, len(column), distinct, False, None, None, None), None
    low, high = (_value(v, stored) for v in (finite[0], finite[-1]))
    mean = None if stored == "TIMESTAMP" else float(finite.mean(dtype=np.float64))
    fact = Facts("", stored, len(column), distinct, False, low, high, mean)
    edges = edges_of(fact)
    numbers = finite.astype(np.float64) / (_TICKS if stored == "TIMESTAMP" else 1)
    ends = np.searchsorted(numbers, edges[1:], side="right")
    return fact, Histogram(tuple(map(int, np.diff(ends, prepend=0))), tuple(edges))


def _value(value: np.generic, stored: str) -> object:
    return np.datetime64(int(value), "us").item() if stored == "TIMESTAMP" else value.item()


_STORED = {"int64": "BIGINT", "double": "DOUBLE", "timestamp[us]": "TIMESTAMP"}
_DTYPES = {"BIGINT": np.int64, "DOUBLE": np.float64, "TIMESTAMP": np.int64}
