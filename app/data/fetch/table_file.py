"""Rows from anywhere become one Parquet file: batch by batch, with the types that hold for all batches. Child side.

The same rows give the same bytes. A database may change its mind about a column (SQLite stores what it is given): then
whole numbers and fractions become numbers, everything else text, so that nothing is lost.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from types import TracebackType

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

_KNOWN = frozenset({type(None), bool, int, float, str, bytes, datetime, date, time, Decimal})
_LARGEST_WHOLE = 38  # digits of a decimal128
_EXACT_WHOLE = 1 << 53


class TableFile:
    """``add`` batches, then ``finish``. What was added waits in one Arrow file for each run of equal types.

    ``rows``, ``size_bytes``: of what was added so far, the bytes as Arrow holds them."""

    def __init__(self, folder: Path, names: Sequence[str]) -> None:
        self._folder = folder
        self._names = list(names)
        self._parts: list[Path] = []
        self._schema: pa.Schema | None = None
        self._writer: pa.ipc.RecordBatchFileWriter | None = None
        self._types: list[pa.DataType] = [pa.null() for _ in names]
        self._large: set[int] = set()  # columns with whole numbers that no fraction can hold
        self.rows = 0
        self.size_bytes = 0

    def __enter__(self) -> TableFile:
        """Itself."""
        return self

    def __exit__(self, _t: type[BaseException] | None, _e: BaseException | None, _b: TracebackType | None) -> None:
        """Close what is open."""
        self._close()

    def add(self, rows: Sequence[Sequence[object]]) -> None:
        """Add rows of Python values."""
        columns = [_array(column) for column in zip(*rows, strict=True)]
        self.add_batch(pa.record_batch(columns, names=[f"c{i}" for i in range(len(columns))]))

    def add_batch(self, batch: pa.RecordBatch) -> None:
        """Add rows as Arrow columns; their names do not matter."""
        schema = pa.schema([pa.field(f"c{i}", t) for i, t in enumerate(batch.schema.types)])
        if schema != self._schema:
            self._close()
            self._parts.append(self._folder / f"part{len(self._parts)}.arrow")
            self._writer = pa.ipc.new_file(self._parts[-1], schema)
            self._schema = schema
            self._types = [_common(a, b) for a, b in zip(self._types, schema.types, strict=True)]
        self._large |= {i for i, column in enumerate(batch.columns) if _has_large(column)}
        assert self._writer is not None
        self._writer.write_batch(pa.record_batch(batch.columns, schema=schema))
        self.rows += batch.num_rows
        self.size_bytes += batch.nbytes

    def finish(self, out: Path) -> None:
        """Write all rows to ``out``."""
        self._close()
        types = [_final(t, i in self._large) for i, t in enumerate(self._types)]
        schema = pa.schema([pa.field(n, t) for n, t in zip(self._names, types, strict=True)])
        with pq.ParquetWriter(out, schema, compression="zstd", store_schema=False) as writer:
            for part in self._parts:
                self._copy(part, schema, writer)
                part.unlink()

    def _copy(self, part: Path, schema: pa.Schema, writer: pq.ParquetWriter) -> None:
        with pa.memory_map(str(part)) as source:
            file = pa.ipc.open_file(source)
            for number in range(file.num_record_batches):
                batch = file.get_batch(number)
                columns = [_cast(c, field.type) for c, field in zip(batch.columns, schema, strict=True)]
                writer.write_batch(pa.record_batch(columns, schema=schema))

    def _close(self) -> None:
        if self._writer is not None:
            self._writer.close()
        self._writer = self._schema = None


def _array(values: Sequence[object]) -> pa.Array:
    """Values of one column: dates, numbers and texts as they are; what Arrow does not know as text."""
    kinds = set(map(type, values))
    if not kinds <= _KNOWN:
        values = [_plain(value) for value in values]
        kinds = set(map(type, values))
    if len(kinds - {type(None), int, float}) > 1 or (kinds & {int, float} and kinds - {type(None), int, float}):
        return pa.array(_texts(values), pa.string())
    if {int, float} <= kinds and any(isinstance(v, int) and abs(v) > _EXACT_WHOLE for v in values):
        return pa.array(_texts(values), pa.string())
    try:
        return pa.array([float(v) if isinstance(v, int) else v for v in values] if {int, float} <= kinds else values)
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError, pa.ArrowNotImplementedError):
        return pa.array(_texts(values), pa.string())


def _plain(value: object) -> object:
    if isinstance(value, memoryview | bytearray):
        return bytes(value)
    if isinstance(value, dict | list | tuple):
        return json.dumps(value, default=str, ensure_ascii=False)
    if isinstance(value, uuid.UUID):
        return str(value)
    for kind in (bool, int, float, str, datetime, date, time, Decimal, bytes):
        if isinstance(value, kind):
            return value
    return None if value is None else str(value)


def _texts(values: Iterable[object]) -> list[str | None]:
    return [None if v is None else v.hex() if isinstance(v, bytes) else str(v) for v in values]


def _has_large(column: pa.Array) -> bool:
    if not pa.types.is_integer(column.type):
        return False
    ends = pc.min_max(column).as_py()
    return any(end is not None and abs(end) > _EXACT_WHOLE for end in ends.values())


def _final(type_: pa.DataType, large: bool) -> pa.DataType:
    return pa.string() if pa.types.is_null(type_) or (large and pa.types.is_floating(type_)) else type_


def _common(one: pa.DataType, other: pa.DataType) -> pa.DataType:
    """The type that holds both."""
    if one == other or pa.types.is_null(other):
        return one
    if pa.types.is_null(one):
        return other
    if pa.types.is_decimal(one) and pa.types.is_decimal(other):
        scale = max(one.scale, other.scale)
        digits = max(one.precision - one.scale, other.precision - other.scale) + scale
        return pa.decimal128(digits, scale) if digits <= _LARGEST_WHOLE else pa.string()
    numbers = [pa.types.is_integer(t) or pa.types.is_floating(t) for t in (one, other)]
    if all(numbers):
        return pa.float64() if pa.types.is_floating(one) or pa.types.is_floating(other) else pa.int64()
    if pa.types.is_timestamp(one) and pa.types.is_timestamp(other) and (one.tz is None) == (other.tz is None):
        return pa.timestamp("us", one.tz)
    return pa.string()


def _cast(column: pa.Array, type_: pa.DataType) -> pa.Array:
    if column.type == type_:
        return column
    if pa.types.is_binary(column.type):
        return pa.array(_texts(column.to_pylist()), type_)
    return pc.cast(column, type_, safe=False)
