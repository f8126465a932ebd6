"""Data built of predictions whose outcomes came home: a table's own rows, then one a prediction. Child side.

What was not sent with a request is missing, but for the time: a prediction happened when it was made.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from app.core.data import Column, ColumnType, Use
from app.core.progress import JobContext
from app.data.target import label_value
from app.jobs.child import ChildContext
from app.monitoring.retraining.gather_order import GATHERED, Gathered, GatherOrder
from app.runtime import logline
from app.runtime.canonical import moment
from app.runtime.logline import Line

BLOCK_ROWS = 20_000
_TEXTS = (ColumnType.CATEGORY, ColumnType.TEXT)


def gather(ctx: ChildContext, order: GatherOrder) -> Gathered:
    """Write the table with the labelled predictions below its own rows."""
    labels = _labels(order.labels)
    rows, ats = 0, list[str]()
    with pq.ParquetFile(order.table, memory_map=True) as source:
        schema = _wide(source.schema_arrow)
        with pq.ParquetWriter(ctx.folder / GATHERED, schema, compression="zstd") as out:
            for batch in source.iter_batches(BLOCK_ROWS, use_threads=False):
                ctx.check_cancelled()
                out.write_table(pa.Table.from_batches([batch]).cast(schema))
            lines = _labelled(order, labels, ctx)
            while block := list(islice(lines, BLOCK_ROWS)):
                out.write_table(_table(order, schema, block, labels))
                rows += len(block)
                ats += [min(line.at for line in block), max(line.at for line in block)]
    return Gathered(rows, min(ats, default=""), max(ats, default=""))


def _labels(path: Path) -> dict[str, str]:
    with path.open(encoding="utf-8") as lines:
        return dict(json.loads(line) for line in lines)


def _wide(schema: pa.Schema) -> pa.Schema:
    """Numbers as wide as they come, so that a prediction's fit in as well; as raw values nothing changes."""
    return pa.schema([field.with_type(_wide_type(field.type)) for field in schema])


def _wide_type(type_: pa.DataType) -> pa.DataType:
    if pa.types.is_integer(type_) and type_ != pa.uint64():
        return pa.int64()
    return pa.float64() if pa.types.is_floating(type_) else type_


def _labelled(order: GatherOrder, labels: dict[str, str], ctx: JobContext) -> Iterator[Line]:
    """Each labelled prediction once, log after log."""
    seen: set[str] = set()
    for number, path in enumerate(order.logs):
        ctx.progress(number / len(order.logs), "Reading predictions")
        for entry in logline.read(Path(path)):
            line = entry.line
            if line is None or line.bundle not in order.bundles or line.id not in labels or line.id in seen:
                continue
            seen.add(line.id)
            yield line


def _table(order: GatherOrder, schema: pa.Schema, lines: Sequence[Line], labels: dict[str, str]) -> pa.Table:
    columns = {column.name: column for column in order.columns}
    arrays = []
    for field in schema:
        column = columns[field.name]
        if field.name == order.target:
            values: list[object] = [label_value(labels[line.id], column.type) for line in lines]
        else:
            values = [_value(column, line) for line in lines]
        arrays.append(pa.array(values, type=field.type))
    return pa.table(arrays, schema=schema)


def _value(column: Column, line: Line) -> object:
    value = line.inputs.get(column.name)
    if column.type is ColumnType.DATETIME:
        if value is None and column.use is Use.TIME:
            value = line.at
        return moment(value)
    if value is None:
        return None
    if column.type is ColumnType.INTEGER and isinstance(value, float):
        return int(value) if value.is_integer() else None
    return str(value) if column.type in _TEXTS else value
