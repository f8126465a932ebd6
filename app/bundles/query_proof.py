"""Does the query that is given away answer what the run recorded? Asked of DuckDB and SQLite. In a child only."""

from __future__ import annotations

import math
import sqlite3

import duckdb
import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from app.bundles.golden_rows import GOLDEN_ROWS
from app.bundles.query_order import QueryOrder
from app.core.data import Column, ColumnType, Use
from app.core.referee import EngineProof, QueryCertificate
from app.core.runs import Task
from app.data import engine, table
from app.data.plain_values import plain_values
from app.jobs.child import ChildContext
from app.runtime.contract import Value
from app.training.sql import text

TOLERANCE = 1e-9
GOLDEN = "golden.jsonl"


Answers = list[str] | npt.NDArray[np.float64]


def prove_query(ctx: ChildContext, order: QueryOrder) -> QueryCertificate:
    """Run the query over the whole hold-out in each engine that is here; writes ``golden.jsonl`` into the child's
    folder (empty where ``order.golden`` is not set)."""
    predictions = pq.read_table(order.predictions_path)
    rows = predictions["row"].to_numpy()
    expected = _recorded(predictions, order)
    cells = _cells(order, rows)
    queries = dict(order.queries)
    ctx.progress(0.3, "Asking DuckDB")
    proven = [
        _compared("duckdb", f"DuckDB {duckdb.__version__}", expected, _duckdb(ctx, order, rows, queries["duckdb"]))
    ]
    ctx.progress(0.6, "Asking SQLite")
    lite = f"SQLite {sqlite3.sqlite_version}"
    proven.append(_compared("sqlite", lite, expected, _sqlite(order, cells, queries["sqlite"])))
    (ctx.folder / GOLDEN).write_bytes(_golden(order, cells, expected) if order.golden else b"")
    done = {proof.dialect for proof in proven}
    return QueryCertificate(TOLERANCE, tuple(proven), tuple(d for d in queries if d not in done))


def _recorded(predictions: pa.Table, order: QueryOrder) -> Answers:
    if order.task is Task.MULTICLASS:
        return [str(label) for label in predictions["predicted"].to_pylist()]
    name = f"probability:{order.positive}" if order.task.classifies else "predicted"
    return np.asarray(predictions[name].to_numpy(), np.float64)


def _cells(order: QueryOrder, rows: npt.NDArray[np.int64]) -> dict[str, list[Value]]:
    columns = [Column(name, type_, Use.INPUT) for name, type_ in order.columns]
    raw = table.load(order.table_path, columns)
    return {c.name: plain_values(raw[c.name][rows], c.type) for c in columns}


def _duckdb(ctx: ChildContext, order: QueryOrder, rows: npt.NDArray[np.int64], query: str) -> list[object]:
    with engine.connect(ctx.folder) as connection:
        connection.register("asked", pa.table({"asked_row": rows, "asked_at": np.arange(len(rows))}))
        connection.execute(
            f"CREATE TABLE {text.name(order.table_name)} AS SELECT {_names(order)} "
            f"FROM read_parquet({engine.file(order.table_path)}, file_row_number = true) "
            "JOIN asked ON file_row_number = asked_row ORDER BY asked_at"
        )
        return [row[0] for row in connection.execute(query).fetchall()]


def _sqlite(order: QueryOrder, cells: dict[str, list[Value]], query: str) -> list[object]:
    """As ``check.py`` in the bundle does it: moments as text, yes and no as 1 and 0."""
    with sqlite3.connect(":memory:") as connection:
        connection.create_function("EXP", 1, math.exp)  # older builds have no mathematics
        connection.execute(f"CREATE TABLE {text.name(order.table_name)} ({_names(order)})")
        columns = [[_lite(v, type_) for v in cells[name]] for name, type_ in order.columns]
        marks = ", ".join("?" * len(columns))
        lines = zip(*columns, strict=True)
        connection.executemany(f"INSERT INTO {text.name(order.table_name)} VALUES ({marks})", lines)
        return [row[0] for row in connection.execute(query).fetchall()]


def _lite(value: Value, type_: ColumnType) -> Value:
    if type_ is ColumnType.DATETIME and value is not None:
        return str(value).replace("T", " ").removesuffix(".000000")
    return value


def _names(order: QueryOrder) -> str:
    return ", ".join(text.name(name) for name, _ in order.columns)


def _compared(dialect: str, engine_name: str, expected: Answers, said: list[object]) -> EngineProof:
    if len(said) != len(expected):
        return EngineProof(dialect, engine_name, len(said), abs(len(said) - len(expected)), math.inf)
    if isinstance(expected, list):
        wrong = sum(str(one) != other for one, other in zip(said, expected, strict=True))
        return EngineProof(dialect, engine_name, len(said), wrong, 0.0)
    answers = np.array([float(str(value)) for value in said])
    gap = np.abs(answers - expected) / np.maximum(1.0, np.abs(expected))
    worst = float(np.nanmax(gap)) if len(gap) and not np.isnan(gap).any() else math.inf
    return EngineProof(dialect, engine_name, len(said), 0, worst if len(gap) else 0.0)


def _golden(order: QueryOrder, cells: dict[str, list[Value]], expected: Answers) -> bytes:
    """At most ``GOLDEN_ROWS`` rows with the recorded answers, evenly over the hold-out."""
    count = len(expected)
    chosen = np.unique(np.linspace(0, max(count - 1, 0), min(count, GOLDEN_ROWS)).astype(np.intp)).tolist()
    lines = [
        {
            "row": {name: cells[name][i] for name, _ in order.columns},
            "answer": expected[i] if isinstance(expected, list) else float(expected[i]),
        }
        for i in chosen
    ]
    return msgspec.json.Encoder().encode_lines(lines)
