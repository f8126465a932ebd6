"""Missing, distinct, range, top values and a small histogram of every column of a typed table. Child side.

Many columns are asked about in one query: a query a column would open a wide table ten thousand times.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

import duckdb
import numpy as np

from app.core.data import ColumnProfile, Histogram, Profile
from app.core.progress import JobContext
from app.data import engine

BINS = 20
TOP = 10
LONGEST_SHOWN = 200
EXACT_ROWS = 100_000
"""Up to so many rows every count of distinct values is exact."""
EXACT_COLUMNS = 200
"""In a wider table counting exactly takes longer than everything else: near-exact estimates, said to be such."""
EXACT_DISTINCT = 20_000
"""Up to about so many distinct values they are counted exactly in a table of any size."""
MOST_FLAGS, FLAGS_A_VALUE = 64_000_000, 8
COUNTED_TOP = 1_000

_BATCH = 50
_WIDE_BATCH = 200


@dataclass(frozen=True, slots=True)
class Facts:
    """A column's figures while they are gathered. ``stored``: its DuckDB type."""

    column: str
    stored: str
    present: int
    distinct: int
    estimate: bool
    low: object
    high: object
    mean: float | None

    @property
    def numeric(self) -> bool:
        """Whether a histogram over its values makes sense (dates count as their seconds)."""
        return self.stored in ("BIGINT", "DOUBLE", "TIMESTAMP")


def profile_table(connection: duckdb.DuckDBPyConnection, source: str, names: Sequence[str], ctx: JobContext) -> Profile:
    """Profile a typed table (a FROM clause that yields c0, c1, ...) whose columns are called ``names``."""
    types = [str(row[1]) for row in connection.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()]
    (rows,) = engine.one(connection, f"SELECT count(*) FROM {source}")
    assert isinstance(rows, int)
    columns: list[ColumnProfile] = []
    for batch in _batches(list(enumerate(types)), _BATCH if len(names) <= EXACT_COLUMNS else _WIDE_BATCH):
        ctx.progress(len(columns) / len(names), "Looking at the columns")
        facts = _facts(connection, source, batch, exact=rows <= EXACT_ROWS and len(names) <= EXACT_COLUMNS)
        histograms = _histograms(connection, source, facts)
        tops = _tops(connection, source, facts)
        columns += [
            column_profile(names[index], fact, rows, tops.get(fact.column, ()), histograms.get(fact.column))
            for (index, _), fact in zip(batch, facts, strict=True)
        ]
    return Profile(rows, tuple(columns))


def _batches(items: list[tuple[int, str]], size: int) -> Iterator[list[tuple[int, str]]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


def _facts(
    connection: duckdb.DuckDBPyConnection, source: str, batch: Sequence[tuple[int, str]], *, exact: bool
) -> list[Facts]:
    parts: list[str] = []
    for index, stored in batch:
        column = f"c{index}"
        shown = f"left({column}, {LONGEST_SHOWN})" if stored == "VARCHAR" else column
        if stored in ("DOUBLE", "TIMESTAMP"):
            shown = f"CASE WHEN isfinite({column}) THEN {column} END"  # a FILTER costs more than the aggregate
        mean = f"avg({shown})" if stored in ("BIGINT", "DOUBLE") else "NULL"
        count = f"count(DISTINCT {column})" if exact else f"approx_count_distinct({column})"
        parts += [f"count({column})", count, f"min({shown})", f"max({shown})", mean]
    row = engine.one(connection, f"SELECT {', '.join(parts)} FROM {source}")
    facts = [_fact(f"c{i}", stored, row[5 * k : 5 * k + 5], exact) for k, (i, stored) in enumerate(batch)]
    return facts if exact or len(batch) > _BATCH else _counted(connection, source, facts)


def _fact(column: str, stored: str, row: Sequence[object], exact: bool) -> Facts:
    present, distinct, low, high, mean = row
    assert isinstance(present, int) and isinstance(distinct, int)
    mean = float(mean) if isinstance(mean, int | float) else None
    return Facts(column, stored, present, min(distinct, present), not exact, low, high, mean)


def _counted(connection: duckdb.DuckDBPyConnection, source: str, facts: list[Facts]) -> list[Facts]:
    """Exact counts where they are cheap, and where it matters whether every value is there only once."""
    counted: dict[str, int] = {}
    few = [f.column for f in facts if f.distinct <= EXACT_DISTINCT]
    if few:
        row = engine.one(connection, f"SELECT {', '.join(f'count(DISTINCT {c})' for c in few)} FROM {source}")
        counted.update(zip(few, map(int, map(str, row)), strict=True))
    for fact in facts:
        if fact.stored in ("BIGINT", "VARCHAR") and fact.distinct > max(EXACT_DISTINCT, 0.9 * fact.present):
            counted[fact.column] = _distinct(connection, source, fact)
    return [
        Facts(f.column, f.stored, f.present, counted[f.column], False, f.low, f.high, f.mean)
        if f.column in counted
        else f
        for f in facts
    ]


def _distinct(connection: duckdb.DuckDBPyConnection, source: str, fact: Facts) -> int:
    """The exact number of values of a column that has many. Whole numbers close together, as those that number the
    rows, are ticked off in a row of flags: a tenth of the time of a hash table."""
    low, high = fact.low, fact.high
    span = high - low + 1 if isinstance(low, int) and isinstance(high, int) and fact.stored == "BIGINT" else 0
    if not 0 < span <= min(MOST_FLAGS, FLAGS_A_VALUE * fact.present):
        (number,) = engine.one(connection, f"SELECT count(DISTINCT {fact.column}) FROM {source}")
        return int(str(number))
    seen = np.zeros(span, dtype=bool)
    query = f"SELECT {fact.column} - ({low}) AS place FROM {source} WHERE {fact.column} IS NOT NULL"
    for batch in connection.cursor().sql(query).to_arrow_reader(1 << 17):
        seen[np.from_dlpack(batch.column(0))] = True
    return int(np.count_nonzero(seen))


def _histograms(connection: duckdb.DuckDBPyConnection, source: str, facts: list[Facts]) -> dict[str, Histogram]:
    wanted = [(f, edges_of(f)) for f in facts if f.numeric and f.present and f.low is not None]
    if not wanted:
        return {}
    parts = [_histogram_sql(f, edges) for f, edges in wanted]
    row = engine.one(connection, f"SELECT {', '.join(parts)} FROM {source}")
    found: dict[str, Histogram] = {}
    for (fact, edges), counts in zip(wanted, row, strict=True):
        assert isinstance(counts, dict)
        found[fact.column] = Histogram(tuple(int(counts.get(e, 0)) for e in edges[1:]), tuple(edges))
    return found


def _histogram_sql(fact: Facts, edges: Sequence[float]) -> str:
    bounds = ", ".join(f"{edge!r}" if "e" in repr(edge) else f"{edge!r}e0" for edge in edges[1:])  # else a DECIMAL
    is_moment = fact.stored == "TIMESTAMP"
    number = f"epoch({fact.column})" if is_moment else f"{fact.column}::DOUBLE"
    finite = fact.column if is_moment else number
    return f"histogram({number}, [{bounds}]) FILTER (WHERE isfinite({finite}))"


def edges_of(fact: Facts) -> list[float]:
    """Bins of equal width that end in the largest value; one bin for each value of a short range of whole numbers.
    A value on an edge belongs to the bin below it."""
    low, high = _as_float(fact.low), _as_float(fact.high)
    if low == high:
        return [low - 0.5, high + 0.5]
    if fact.stored == "BIGINT" and high - low < BINS:
        return [low - 0.5 + i for i in range(int(high - low) + 2)]
    edges = [low + (high - low) * i / BINS for i in range(BINS)] + [high]
    return edges if all(a < b for a, b in pairwise(edges)) else [low, high]


def _as_float(value: object) -> float:
    if isinstance(value, datetime):
        return (value - datetime(1970, 1, 1)).total_seconds()
    return float(str(value))


def _tops(
    connection: duckdb.DuckDBPyConnection, source: str, facts: list[Facts]
) -> dict[str, tuple[tuple[str, int], ...]]:
    """The most frequent values of text and yes/no columns; none where every value is rare."""
    found: dict[str, tuple[tuple[str, int], ...]] = {}
    texts = [f for f in facts if f.stored in ("VARCHAR", "BOOLEAN") and f.present]
    few = [f for f in texts if f.distinct <= COUNTED_TOP]
    for start in range(0, len(few), _BATCH):  # each keeps a map for every thread
        batch = few[start : start + _BATCH]
        row = engine.one(
            connection, f"SELECT {', '.join(f'histogram({f.column}::VARCHAR)' for f in batch)} FROM {source}"
        )
        for fact, counts in zip(batch, row, strict=True):
            assert isinstance(counts, dict)
            ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:TOP]
            found[fact.column] = tuple((value[:LONGEST_SHOWN], int(count)) for value, count in ranked)
    for fact in texts:
        if fact not in few and fact.distinct < 0.9 * fact.present:
            found[fact.column] = _top(connection, source, fact.column)
    return found


def _top(connection: duckdb.DuckDBPyConnection, source: str, column: str) -> tuple[tuple[str, int], ...]:
    rows = connection.execute(
        f"SELECT {column}, count(*) AS n FROM {source} WHERE {column} IS NOT NULL "
        f"GROUP BY {column} ORDER BY n DESC, {column} LIMIT {TOP}"
    ).fetchall()
    return tuple((str(value)[:LONGEST_SHOWN], int(count)) for value, count in rows)


def column_profile(
    name: str, fact: Facts, rows: int, top: tuple[tuple[str, int], ...], histogram: Histogram | None
) -> ColumnProfile:
    """What is shown of a column: its figures as text, the bars of its values or bins."""
    if histogram is None and top:
        others = fact.present - sum(count for _, count in top)
        counts, labels = [count for _, count in top], [value for value, _ in top]
        if others:
            counts, labels = [*counts, others], [*labels, "other values"]
        histogram = Histogram(tuple(counts), labels=tuple(labels))
    shown = _SHOWN.get(fact.stored, str)
    low, high = (None if v is None else shown(v) for v in (fact.low, fact.high))
    mean = fact.mean if fact.mean is not None and abs(fact.mean) != float("inf") else None
    return ColumnProfile(name, rows - fact.present, fact.distinct, low, high, mean, top, histogram, fact.estimate)


def _moment(value: object) -> str:
    assert isinstance(value, datetime)
    return value.isoformat(sep=" ")


_SHOWN: dict[str, Callable[[object], str]] = {
    "DOUBLE": lambda value: f"{value:.15g}",
    "TIMESTAMP": _moment,
    "BOOLEAN": lambda value: str(value).lower(),
}
