"""Data built of predictions whose outcomes came home: a table's own rows, then one a prediction. Child side.

What was not sent with a request is missing, but for the time: a prediction happened when it was made.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from app.core.data import Column, ColumnType, Use
from app.core.progress import JobContext
from app.data.target import label_value
from app.jobs.child import ChildContext
from app.monitoring.retraining.already_there import already_there
from app.monitoring.retraining.gather_order import GATHERED, Gathered, GatherOrder
from app.runtime import logline
from app.runtime.canonical import moment
from app.runtime.logline import Line

BLOCK_ROWS = 20_000
_TEXTS = (ColumnType.CATEGORY, ColumnType.TEXT)


@dataclass(slots=True)
class _Made:
    """Rows of predictions in a file. ``sent``: the columns that came with every one of them."""

    file: Path
    ats: list[str] = field(default_factory=list)
    sent: set[str] | None = None

    def add(self, lines: Sequence[Line]) -> None:
        """Note times and columns."""
        self.ats += [line.at for line in lines]
        for line in lines:
            self.sent = set(line.inputs) if self.sent is None else self.sent & line.inputs.keys()


def gather(ctx: ChildContext, order: GatherOrder) -> Gathered:
    """Write the table with the labelled predictions below its own rows, but for those that it has already."""
    with pq.ParquetFile(order.table, memory_map=True) as source:
        schema = _wide(source.schema_arrow)
    made = _predictions(ctx, order, schema)
    there = np.zeros(len(made.ats), np.bool_)
    if made.sent:
        there = already_there(order.table, made.file, schema, made.sent | {order.target}, ctx.folder)
    with pq.ParquetWriter(ctx.folder / GATHERED, schema, compression="zstd") as out:
        for batch in _batches(order.table, ctx):
            out.write_table(pa.Table.from_batches([batch]).cast(schema))
        begin = 0
        for batch in _batches(made.file, ctx):
            new = ~there[begin : begin + len(batch)]
            out.write_table(pa.Table.from_batches([batch.filter(pa.array(new))]))
            begin += len(batch)
    made.file.unlink()
    ats = [at for at, known in zip(made.ats, there, strict=True) if not known]
    return Gathered(len(ats), min(ats, default=""), max(ats, default=""), int(there.sum()))


def _predictions(ctx: ChildContext, order: GatherOrder, schema: pa.Schema) -> _Made:
    made, labels = _Made(ctx.folder / "predictions.parquet"), _labels(order.labels)
    lines = _labelled(order, labels, ctx)
    with pq.ParquetWriter(made.file, schema, compression="zstd") as out:
        while block := list(islice(lines, BLOCK_ROWS)):
            out.write_table(_table(order, schema, block, labels))
            made.add(block)
    return made


def _batches(file: Path, ctx: JobContext) -> Iterator[pa.RecordBatch]:
    with pq.ParquetFile(file, memory_map=True) as source:
        for batch in source.iter_batches(BLOCK_ROWS, use_threads=False):
            ctx.check_cancelled()
            yield batch


def _labels(path: Path) -> dict[str, str]:
    with path.open(encoding="utf-8") as lines:
        return dict(json.loads(line) for line in lines)


def _wide(schema: pa.Schema) -> pa.Schema:
    """Numbers as wide as they come, so that a prediction's fit in as well; as raw values nothing changes."""
    return pa.schema([one.with_type(_wide_type(one.type)) for one in schema])


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
    for wide in schema:
        column = columns[wide.name]
        if wide.name == order.target:
            values: list[object] = [label_value(labels[line.id], column.type) for line in lines]
        else:
            values = [_value(column, line) for line in lines]
        arrays.append(pa.array(values, type=wide.type))
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
