"""Rows added, removed and changed between two typed tables, by a key or as whole rows. Child side.

Rows are compared by a hash of 64 bits (a false *same* among ten million rows: less than one in 100,000), keys exactly.
DuckDB joins on disk where the memory does not suffice; nothing of the tables is held in Python but the examples.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import numpy as np

from app.core.data import Use
from app.core.differences import CellExample, ChangedColumn, RowDifferences, RowExample
from app.core.progress import JobContext
from app.data import engine
from app.data.differences.comparison import ROW, TableRef
from app.data.differences.digest import row_hash
from app.data.differences.pair import LONGEST_SHOWN, Common, Pair
from app.data.differences.row_hashes import row_hashes
from app.data.findings import listed
from app.errors import BadInput

EXAMPLES = 20
MOST_KEYS = 20
"""Identifiers that are tried as keys, the first ones."""
SHOWN_COLUMNS = 12
MOST_COLUMNS = 50
CELLS = 8_000_000
"""Changed rows times columns that are joined at once: about 300 MB with short texts."""


def row_differences(pair: Pair, key: tuple[str, ...] | None, ctx: JobContext) -> RowDifferences:
    """``key``: columns that tell rows apart, () for whole rows, None to find one. BadInput if a chosen key does not
    tell the rows apart."""
    if not pair.common:
        return RowDifferences((), 0, pair.after.rows, pair.before.rows, note="The two have no column in common.")
    ctx.progress(0.0, "Looking for a key")
    chosen, note = _found_key(pair) if key is None else (_checked(pair, key), "")
    ctx.progress(0.2, "Comparing the rows")
    return _by_key(pair, chosen, ctx) if chosen else _whole_rows(pair, note)


def _found_key(pair: Pair) -> tuple[tuple[str, ...], str]:
    """Identifier columns that are unique on both sides: one, else all of them, else all with the time. Why not."""
    names = {column.name for column in pair.common}
    used = {c.name: c.use for c in pair.before.columns if c.name in names}
    ids = [c.name for c in pair.after.columns if c.name in used and Use.IDENTIFIER in (c.use, used[c.name])]
    ids = ids[:MOST_KEYS]
    times = [c.name for c in pair.after.columns if c.name in used and c.use is Use.TIME]
    for key in dict.fromkeys([*((name,) for name in ids), tuple(ids), tuple(ids + times)]):
        if key and not _misses(pair, key):
            return key, ""
    if not ids:
        return (), "No column is used as an identifier, so rows are compared as a whole."
    return (), f"{listed(ids)} does not tell the rows apart, so they are compared as a whole."


def _checked(pair: Pair, key: tuple[str, ...]) -> tuple[str, ...]:
    names = [column.name for column in pair.common]
    for name in key:
        if name not in names:
            raise BadInput(f"{name} is not a column of both.", f"Common columns: {listed(names)}.")
    if key and (misses := _misses(pair, key)):
        raise BadInput(f"{' and '.join(key)} does not tell the rows apart: {misses}.", "Choose another key, or none.")
    return key


def _misses(pair: Pair, key: Sequence[str]) -> str:
    """Why columns are no key: rows without a value, or with one that others have too. Empty if they are one."""
    columns = pair.named(key)
    for table, values in ((pair.before, [c.before for c in columns]), (pair.after, [c.after for c in columns])):
        empty = " OR ".join(f"{v} IS NULL" for v in values)
        counts = f"count(*) FILTER (WHERE {empty}), count(*), count(DISTINCT ({', '.join(values)}))"
        missing, rows, distinct = map(
            int, map(str, engine.one(pair.connection, f"SELECT {counts} FROM {table.source}"))
        )
        if missing:
            return f"{missing:,} of {rows:,} rows have no value there"
        if distinct < rows:
            return f"{rows - distinct:,} of {rows:,} rows repeat an earlier one's"
    return ""


def _by_key(pair: Pair, key: tuple[str, ...], ctx: JobContext) -> RowDifferences:
    connection, columns = pair.connection, pair.named(key)
    names = [f"k{i}" for i in range(len(key))]
    for name, (table, values), keys in zip(
        ("before_keys", "after_keys"),
        pair.sides(),
        ([c.before for c in columns], [c.after for c in columns]),
        strict=True,
    ):
        own = ", ".join(f"{value} AS {k}" for value, k in zip(keys, names, strict=True))
        connection.execute(f"CREATE TEMP TABLE {name} AS {_hashed(pair, table, values, own)}")
    using = f"USING ({', '.join(names)})"
    ctx.progress(0.4, "Comparing the rows")
    connection.execute(
        f"CREATE TEMP TABLE pairs AS SELECT a.n AS na, b.n AS nb FROM before_keys a JOIN after_keys b {using} "
        "WHERE a.h <> b.h"
    )
    (matched,) = engine.one(connection, f"SELECT count(*) FROM after_keys SEMI JOIN before_keys {using}")
    (changed,) = engine.one(connection, "SELECT count(*) FROM pairs")
    matched, changed = int(str(matched)), int(str(changed))
    shown = _shown(pair, key)
    only = f"SELECT n FROM {{}} ANTI JOIN {{}} {using} ORDER BY n LIMIT {EXAMPLES}"
    added = _numbers(pair, only.format("after_keys", "before_keys"))
    removed = _numbers(pair, only.format("before_keys", "after_keys"))
    ctx.progress(0.6, "Comparing the cells")
    return RowDifferences(
        key, matched - changed, pair.after.rows - matched, pair.before.rows - matched, changed,
        _changed_columns(pair, key, changed, ctx) if changed else (), tuple(shown),
        _rows(pair, pair.after, added, shown), _rows(pair, pair.before, removed, shown),
    )  # fmt: skip


def _hashed(pair: Pair, table: TableRef, values: Sequence[str], own: str = "") -> str:
    """A query for each row's number ``n``, its hash ``h`` and what else is asked for in ``own``."""
    asked = f", {own}" if own else ""
    if len(values) <= engine.VERY_WIDE:
        return f"SELECT {ROW} AS n, {row_hash(values)} AS h{asked} FROM {table.source}"
    hashes = row_hashes(pair.connection, table.source, values)
    pair.connection.register("hashes", {"n": np.arange(len(hashes)), "h": hashes})
    pair.connection.execute("CREATE OR REPLACE TEMP TABLE hashed AS SELECT * FROM hashes")
    pair.connection.unregister("hashes")
    if not own:
        return "SELECT n, h FROM hashed"
    return f"SELECT n, h{asked} FROM (SELECT {ROW} AS n, * FROM {table.source}) JOIN hashed USING (n)"


def _changed_columns(pair: Pair, key: tuple[str, ...], changed: int, ctx: JobContext) -> tuple[ChangedColumn, ...]:
    """Counts and examples of all columns, most changed cells first; as many columns in one pass over the changed rows
    as fit into the memory."""
    others = [c for c in pair.common if c.name not in key]
    if len(others) > engine.VERY_WIDE:
        others = _differing(pair, others, ctx)
    batch = max(1, min(MOST_COLUMNS, CELLS // changed))
    found: list[ChangedColumn] = []
    for start in range(0, len(others), batch):
        ctx.progress(0.6 + 0.4 * start / len(others), "Comparing the cells")
        found += _changed_batch(pair, others[start : start + batch], pair.named(key))
    return tuple(sorted(found, key=lambda column: -column.cells))


def _differing(pair: Pair, columns: Sequence[Common], ctx: JobContext) -> list[Common]:
    """Those of thousands of columns that differ in any of the changed rows."""
    found: list[Common] = []
    for start in range(0, len(columns), engine.BLOCK):
        ctx.progress(0.6, "Looking which columns differ")
        block = columns[start : start + engine.BLOCK]
        before = ", ".join(f"{c.before} AS v{i}" for i, c in enumerate(block))
        after = ", ".join(f"{c.after} AS v{i}" for i, c in enumerate(block))
        told = engine.one(
            pair.connection,
            f"SELECT {', '.join(f'bool_or(a.v{i} IS DISTINCT FROM b.v{i})' for i in range(len(block)))} FROM pairs "
            f"JOIN (SELECT {ROW} AS n, {before} FROM {_only(pair.before, 'na')}) a ON a.n = na "
            f"JOIN (SELECT {ROW} AS n, {after} FROM {_only(pair.after, 'nb')}) b ON b.n = nb",
        )
        found += [column for column, differs in zip(block, told, strict=True) if differs]
    return found


def _changed_batch(pair: Pair, columns: Sequence[Common], key: Sequence[Common]) -> list[ChangedColumn]:
    before = ", ".join(f"{c.before} AS v{i}" for i, c in enumerate(columns))
    after = ", ".join(f"{c.after} AS v{i}" for i, c in enumerate(columns))
    differ = [f"FILTER (WHERE a.v{i} IS DISTINCT FROM b.v{i})" for i in range(len(columns))]
    told = engine.one(
        pair.connection,
        f"SELECT {', '.join(f'count(*) {d}, min(nb, {EXAMPLES}) {d}' for d in differ)} FROM pairs "
        f"JOIN (SELECT {ROW} AS n, {before} FROM {_only(pair.before, 'na')}) a ON a.n = na "
        f"JOIN (SELECT {ROW} AS n, {after} FROM {_only(pair.after, 'nb')}) b ON b.n = nb",
    )
    counts = [int(str(n)) for n in told[::2]]
    rows = [cast("list[int]", numbers or []) for numbers in told[1::2]]
    cells = _cells(pair, columns, key, sorted({n for numbers in rows for n in numbers}))
    return [
        ChangedColumn(column.name, count, tuple(cells[n, i] for n in numbers))
        for i, (column, count, numbers) in enumerate(zip(columns, counts, rows, strict=True))
        if count
    ]


def _cells(
    pair: Pair, columns: Sequence[Common], key: Sequence[Common], numbers: Sequence[int]
) -> dict[tuple[int, int], CellExample]:
    """The cells of a few changed rows, by the row's number after and the column's place."""
    if not numbers:
        return {}
    few = f"(SELECT na, nb FROM pairs WHERE nb IN ({', '.join(map(str, numbers))}))"
    pair.connection.execute(f"CREATE OR REPLACE TEMP TABLE few AS SELECT * FROM {few}")
    before = ", ".join(f"{_cut(c.text_before)} AS t{i}" for i, c in enumerate(columns))
    after = ", ".join(f"{_cut(c.text_after)} AS t{i}" for i, c in enumerate(columns))
    keys = f"[{', '.join(_cut(c.text_after) for c in key)}] AS k"
    texts = ", ".join(f"a.t{i}, b.t{i}" for i in range(len(columns)))
    rows = pair.connection.execute(
        f"SELECT na, nb, k, {texts} FROM few "
        f"JOIN (SELECT {ROW} AS n, {before} FROM {_only(pair.before, 'na', 'few')}) a ON a.n = na "
        f"JOIN (SELECT {ROW} AS n, {keys}, {after} FROM {_only(pair.after, 'nb', 'few')}) b ON b.n = nb"
    ).fetchall()
    return {
        (nb, i): CellExample(tuple(k), na + 1, nb + 1, *cells[2 * i : 2 * i + 2])
        for na, nb, k, *cells in rows
        for i in range(len(columns))
    }


def _only(table: TableRef, numbers: str, chosen: str = "pairs") -> str:
    """Some rows of one side, before anything is computed of them."""
    return f"(SELECT * FROM {table.source} WHERE {ROW} IN (SELECT {numbers} FROM {chosen}))"


def _whole_rows(pair: Pair, note: str) -> RowDifferences:
    """Every row by itself; one that is there several times counts as often as it is there."""
    for name, (table, values) in zip(("before_rows", "after_rows"), pair.sides(), strict=True):
        pair.connection.execute(
            f"CREATE TEMP TABLE {name} AS SELECT h, count(*) AS times, min(n) AS n "
            f"FROM ({_hashed(pair, table, values)}) GROUP BY h"
        )
    joined = "before_rows a FULL JOIN after_rows b USING (h)"
    extra = "coalesce({}.times, 0) > coalesce({}.times, 0)"
    (same,) = engine.one(
        pair.connection,
        f"SELECT coalesce(sum(least(a.times, b.times)) FILTER (WHERE a.n >= 0 AND b.n >= 0), 0) FROM {joined}",
    )
    same, shown = int(str(same)), _shown(pair, ())
    only = "SELECT {0}.n FROM {2} WHERE {3} ORDER BY {0}.n LIMIT {1}"
    added = _numbers(pair, only.format("b", EXAMPLES, joined, extra.format("b", "a")))
    removed = _numbers(pair, only.format("a", EXAMPLES, joined, extra.format("a", "b")))
    return RowDifferences(
        (), same, pair.after.rows - same, pair.before.rows - same, shown=tuple(shown), note=note,
        added_examples=_rows(pair, pair.after, added, shown), removed_examples=_rows(pair, pair.before, removed, shown),
    )  # fmt: skip


def _numbers(pair: Pair, query: str) -> list[int]:
    return [int(n) for (n,) in pair.connection.execute(query).fetchall()]


def _shown(pair: Pair, key: tuple[str, ...]) -> list[str]:
    """The columns that stand for a row: its key, then the first ones."""
    return [*key, *(c.name for c in pair.common if c.name not in key)][:SHOWN_COLUMNS]


def _rows(pair: Pair, table: TableRef, numbers: Sequence[int], names: Sequence[str]) -> tuple[RowExample, ...]:
    """The cells of a few rows of one side."""
    if not numbers:
        return ()
    texts = [c.text_after if table is pair.after else c.text_before for c in pair.named(names)]
    query = f"SELECT {ROW}, {', '.join(map(_cut, texts))} FROM {table.source}"
    wanted = f"{ROW} IN ({', '.join(map(str, numbers))}) ORDER BY {ROW}"
    rows = pair.connection.execute(f"{query} WHERE {wanted}").fetchall()
    return tuple(RowExample(int(row[0]) + 1, tuple(row[1:])) for row in rows)


def _cut(text: str) -> str:
    return f"left({text}, {LONGEST_SHOWN})"
