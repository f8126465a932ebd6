"""The child that relates columns: a sample of rows, the columns that say most about the target, all their pairs."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from app.core.data import Column, ColumnType, Use
from app.data import engine
from app.data.looking.associations import Association, Kinds, Numbers, association, kinds, numbers
from app.data.looking.relations import MOST_COLUMNS, SAMPLE_ROWS, Pair, Relations
from app.jobs.child import ChildContext

MOST_CELLS = 10_000_000
"""Of a very wide table only so many cells are looked at to find the columns that are shown."""
BATCH = 500
_AMOUNTS = (ColumnType.NUMBER, ColumnType.INTEGER, ColumnType.DATETIME)


def relate(
    child: ChildContext, table: Path, columns: tuple[Column, ...], places: tuple[int, ...], width: int, rows: int
) -> Relations:
    """Relate ``columns`` (the target first, if there is one), which stand at ``places`` of a table of ``width``."""
    target = columns[0].name if columns[0].use is Use.TARGET else None
    with engine.connect(child.folder) as connection:
        chosen = list(range(len(columns)))
        if len(columns) > MOST_COLUMNS:
            few = min(SAMPLE_ROWS, max(1_000, MOST_CELLS // len(columns)))
            chosen = _most_related(child, connection, _source(table, width, rows, few), columns, places)
        child.progress(0.5, "Relating the columns")
        source = _source(table, width, rows, SAMPLE_ROWS)
        taken = _load(connection, source, [columns[i] for i in chosen], [places[i] for i in chosen])
    used = len(next(iter(taken)).there)
    names = [columns[i].name for i in chosen]
    pairs = _pairs(child, names, taken)
    by_target = {p.second: abs(p.value or 0.0) for p in pairs if p.first == target}
    if target is not None:
        names = [target, *sorted(names[1:], key=lambda name: -by_target.get(name, 0.0))]
    ranked = sorted(pairs, key=lambda pair: -abs(pair.value or 0.0))
    return Relations(tuple(names), target, tuple(ranked), rows, used, len(columns))


def _source(table: Path, width: int, rows: int, sample: int) -> str:
    """The table, or about ``sample`` of its rows by a hash of their numbers: the same ones every time."""
    names = (*engine.positions(width), "file_row_number")
    whole = f"read_parquet({engine.file(table)}, file_row_number = true) AS t({', '.join(names)})"
    return whole if rows <= sample else f"{whole} WHERE hash(file_row_number) % {-(-rows // sample)} = 0"


def _most_related(
    child: ChildContext,
    connection: duckdb.DuckDBPyConnection,
    source: str,
    columns: Sequence[Column],
    places: Sequence[int],
) -> list[int]:
    """The columns that say most about the first, which is the target; without a target the first ones."""
    if columns[0].use is not Use.TARGET:
        return list(range(MOST_COLUMNS))
    (target,) = _load(connection, source, columns[:1], places[:1])
    strength = np.zeros(len(columns))
    for start in range(1, len(columns), BATCH):
        child.progress(0.5 * start / len(columns), "Looking for related columns")
        batch = _load(connection, source, columns[start : start + BATCH], places[start : start + BATCH])
        strength[start : start + BATCH] = [abs(association(target, one).value or 0.0) for one in batch]
    best = np.argsort(-strength[1:], kind="stable")[: MOST_COLUMNS - 1] + 1
    return [0, *sorted(int(i) for i in best)]


def _load(
    connection: duckdb.DuckDBPyConnection, source: str, columns: Sequence[Column], places: Sequence[int]
) -> list[Numbers | Kinds]:
    parts = [_expression(column, place) for column, place in zip(columns, places, strict=True)]
    selected = ", ".join(f"{part} AS v{i}" for i, part in enumerate(parts))
    table = connection.sql(f"SELECT {selected} FROM {source}").to_arrow_table()
    return [_values(table.column(i), column.type) for i, column in enumerate(columns)]


def _expression(column: Column, place: int) -> str:
    if column.type is ColumnType.DATETIME:
        return f"CASE WHEN isfinite(c{place}) THEN epoch(c{place}) END"
    return f"c{place}::DOUBLE" if column.type in _AMOUNTS else f"c{place}::VARCHAR"


def _values(values: pa.ChunkedArray, type_: ColumnType) -> Numbers | Kinds:
    if type_ in _AMOUNTS:
        return numbers(np.asarray(values.to_numpy(), dtype=np.float64))
    codes = values.combine_chunks().dictionary_encode().indices.fill_null(-1)
    return kinds(np.asarray(codes.to_numpy(zero_copy_only=False), dtype=np.int64))


def _pairs(child: ChildContext, names: Sequence[str], taken: Sequence[Numbers | Kinds]) -> list[Pair]:
    every = list(combinations(range(len(names)), 2))
    found = []
    for done, (i, j) in enumerate(every):
        if done % 20 == 0:
            child.progress(0.6 + 0.4 * done / len(every), "Relating the columns")
        one: Association = association(taken[i], taken[j])
        found.append(Pair(names[i], names[j], str(one.measure), one.value, one.rows, one.pearson))
    return found
