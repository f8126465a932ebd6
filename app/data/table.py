"""A reading's table as raw columns: what ``runtime.canonical`` turns into model inputs. Child side."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from app.core.data import Column, ColumnType

Raw = npt.NDArray[np.generic]


def load(path: Path, columns: Sequence[Column]) -> dict[str, Raw]:
    """The named columns of a typed table, (n,) each, in the order of the rows.

    Numbers, whole numbers and yes/no as float64 with NaN for missing (infinities stay); dates as datetime64[us]
    with NaT; categories and text as object arrays of str, None for missing. KeyError if a column is not there.
    """
    with pq.ParquetFile(path, memory_map=True) as file:
        there = set(file.schema_arrow.names)
        missing = [c.name for c in columns if c.name not in there]
        if missing:
            raise KeyError(missing[0])
        table = file.read(columns=[c.name for c in columns], use_threads=False)
    return {c.name: raw_values(table.column(c.name), c.type) for c in columns}


def raw_values(values: pa.ChunkedArray, type_: ColumnType) -> Raw:
    """One column of any stored type as its raw values."""
    if type_ in (ColumnType.CATEGORY, ColumnType.TEXT):
        return _texts(values)
    if type_ is ColumnType.DATETIME:
        ticks = values.cast(pa.timestamp("us")).cast(pa.int64())
        return plain(ticks, np.int64, np.iinfo(np.int64).min).view("datetime64[us]")  # that number is NaT
    return plain(pc.cast(values, pa.float64(), safe=False), np.float64, np.nan)


def plain(values: pa.Array | pa.ChunkedArray, dtype: npt.DTypeLike, missing: float) -> Raw:
    """Numbers of a type as wide as ``dtype`` as an array of their own, with ``missing`` where there is none. Arrow's
    ``to_numpy`` and ``fill_null`` would import pandas, which takes longer than reading a small file."""
    whole = values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
    valid, data = whole.buffers()
    start, stop = whole.offset, whole.offset + len(whole)
    found: Raw = np.frombuffer(data, dtype, count=stop)[start:].copy() if data is not None else np.zeros(stop, dtype)
    if whole.null_count:
        bits = np.unpackbits(np.frombuffer(valid, np.uint8), count=stop, bitorder="little")[start:]
        found[bits == 0] = missing
    return found


def arrow_places(places: npt.NDArray[np.intp]) -> pa.Array:
    """(n,) positions for ``take``. ``pa.array`` would import pandas: 0.13 s of a child's life."""
    return pa.Array.from_buffers(pa.int64(), len(places), [None, pa.py_buffer(np.ascontiguousarray(places, np.int64))])


def _texts(values: pa.ChunkedArray) -> npt.NDArray[np.object_]:
    """Each different text once in memory, however often it is there."""
    texts = values if pa.types.is_string(values.type) else values.cast(pa.string())
    encoded = texts.combine_chunks().dictionary_encode()
    words = np.array([*encoded.dictionary.to_pylist(), None], dtype=object)
    places = plain(encoded.indices, np.int32, len(words) - 1)
    return np.asarray(words[places], dtype=np.object_)
