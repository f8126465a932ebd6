"""How far the values of each column moved from one table to another. Child side.

Numbers and dates: the two-sample Kolmogorov-Smirnov distance. Everything else: the total variation of the shares.
*Beyond noise* is decided for a chance of 0.001: Kolmogorov-Smirnov's limit distribution gives D > 1.95 sqrt(1/n + 1/m)
(Smirnov 1948); shares are tested by Pearson's chi-square; missing rates by 3.29 standard errors of the difference.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import sqrt

import duckdb
import numpy as np
import numpy.typing as npt

from app.core.data import Histogram, Use
from app.core.differences import Shift, ValueShare
from app.core.progress import JobContext
from app.data import engine
from app.data.differences.comparison import ROW, TableRef
from app.data.differences.cut_pairs import cut_pairs
from app.data.differences.pair import LONGEST_SHOWN, Common, Pair

MOST_ROWS = 500_000
"""Of a larger table so many rows, chosen by a hash of their number, are enough for a distance to within 0.004."""
BINS = 20
TOP = 9
NAMED = 5
KS_FACTOR, RATE_FACTOR, NORMAL = 1.95, 3.29, 3.09
LEAST_FOR_TEST = 10
MOSTLY_UNIQUE = 0.5
BATCH = 100
HELD_CELLS = 8_000_000
AMOUNTS = ("number", "moment")

Numbers = npt.NDArray[np.float64]


def shifts(pair: Pair, ctx: JobContext) -> tuple[Shift, ...]:
    """One for each common column of the same kind that is no identifier; what is beyond noise first, then by size."""
    columns = _compared(pair)
    if len(pair.common) > engine.VERY_WIDE:
        found = [shift for block in cut_pairs(pair, [c.name for c in columns], ctx) for shift in _shifts(block, ctx)]
    else:
        found = _shifts(pair, ctx)
    return tuple(sorted(found, key=lambda shift: (not shift.beyond_noise, -shift.size)))


def _shifts(pair: Pair, ctx: JobContext) -> list[Shift]:
    columns = _compared(pair)
    before = _present(pair.connection, pair.before, [c.before for c in columns])
    after = _present(pair.connection, pair.after, [c.after for c in columns])
    found = []
    for i, (column, numbers) in enumerate(zip(columns, _numbers(pair, columns), strict=True)):
        ctx.progress(i / len(columns), f"Comparing the values of {column.name}")
        found.append(_shift(pair, column, before[i], after[i], numbers))
    return found


def _compared(pair: Pair) -> list[Common]:
    ids = {c.name for c in (*pair.before.columns, *pair.after.columns) if c.use is Use.IDENTIFIER}
    return [c for c in pair.common if c.kind != "other" and c.name not in ids]


def _present(connection: duckdb.DuckDBPyConnection, table: TableRef, values: Sequence[str]) -> list[int]:
    """How many rows have a value, for each column."""
    counts: list[int] = []
    for start in range(0, len(values), BATCH):
        parts = ", ".join(f"count({value})" for value in values[start : start + BATCH])
        counts += [int(str(n)) for n in engine.one(connection, f"SELECT {parts} FROM {table.source}")]
    return counts


def _shift(pair: Pair, column: Common, before: int, after: int, numbers: tuple[Numbers, Numbers] | None) -> Shift:
    rows = max(1, pair.before.rows), max(1, pair.after.rows)
    made = Shift(column.name, None, False, before, after, 1 - before / rows[0], 1 - after / rows[1])
    if before and after:
        made = _of_values(pair, column, made) if numbers is None else _of_numbers(pair, column, made, *numbers)
    return replace(made, beyond_noise=made.beyond_noise or _rate_moved(made, *rows))


def _rate_moved(shift: Shift, rows_before: int, rows_after: int) -> bool:
    missing = shift.missing_before * rows_before + shift.missing_after * rows_after
    pooled = missing / (rows_before + rows_after)
    error = sqrt(max(0.0, pooled * (1 - pooled)) * (1 / rows_before + 1 / rows_after))
    return abs(shift.missing_after - shift.missing_before) > RATE_FACTOR * error > 0


def _numbers(pair: Pair, columns: Sequence[Common]) -> Iterator[tuple[Numbers, Numbers] | None]:
    """The finite values of each column on both sides, sorted; None for what is no amount. Fetched for as many columns
    together as fit into the memory."""
    rows = max(1, min(MOST_ROWS, max(pair.before.rows, pair.after.rows)))
    size = max(1, min(BATCH, HELD_CELLS // rows))
    for start in range(0, len(columns), size):
        block = columns[start : start + size]
        amounts = [c for c in block if c.kind in AMOUNTS]
        a = iter(_sorted(pair.connection, pair.before, [_amount(c, c.before) for c in amounts]))
        b = iter(_sorted(pair.connection, pair.after, [_amount(c, c.after) for c in amounts]))
        for column in block:
            yield (next(a), next(b)) if column.kind in AMOUNTS else None


def _amount(column: Common, value: str) -> str:
    return f"epoch({value})" if column.kind == "moment" else value


def _of_numbers(pair: Pair, column: Common, shift: Shift, a: Numbers, b: Numbers) -> Shift:
    moment = column.kind == "moment"
    if not len(a) or not len(b):
        return shift
    distance = ks_distance(a, b)
    edges = np.histogram_bin_edges(np.array([min(a[0], b[0]), max(a[-1], b[-1])]), BINS)
    histograms = [Histogram(tuple(map(int, np.histogram(v, edges)[0])), tuple(map(float, edges))) for v in (a, b)]
    return replace(
        shift,
        distance=distance,
        beyond_noise=distance > KS_FACTOR * sqrt(1 / len(a) + 1 / len(b)),
        mean_before=None if moment else float(a.mean()),
        mean_after=None if moment else float(b.mean()),
        histogram_before=histograms[0],
        histogram_after=histograms[1],
        sampled=max(pair.before.rows, pair.after.rows) > MOST_ROWS,
    )


def ks_distance(a: Numbers, b: Numbers) -> float:
    """The largest gap between two empirical distribution functions. ``a``, ``b``: sorted, not empty."""
    both = np.concatenate([a, b])
    gaps = np.searchsorted(a, both, "right") / len(a) - np.searchsorted(b, both, "right") / len(b)
    return float(np.abs(gaps).max())


def _sorted(connection: duckdb.DuckDBPyConnection, table: TableRef, values: Sequence[str]) -> list[Numbers]:
    """The finite values of some columns, of a large table those of ``MOST_ROWS`` rows."""
    if not values:
        return []
    share = f"hash({ROW}) % {table.rows} < {MOST_ROWS}" if table.rows > MOST_ROWS else "true"
    asked = ", ".join(f"{value}::DOUBLE AS v{i}" for i, value in enumerate(values))
    held = connection.execute(f"SELECT {asked} FROM {table.source} WHERE {share}").fetchnumpy()
    found = [np.ma.compressed(held[f"v{i}"]).astype(np.float64, copy=False) for i in range(len(values))]
    return [np.sort(one[np.isfinite(one)]) for one in found]


def _of_values(pair: Pair, column: Common, shift: Shift) -> Shift:
    n, m = shift.present_before, shift.present_after
    counted = (
        f"(SELECT {value}::VARCHAR AS v, count(*) AS n FROM {table.source} WHERE {value} IS NOT NULL GROUP BY v)"
        for table, value in ((pair.before, column.before), (pair.after, column.after))
    )
    pair.connection.execute(
        "CREATE OR REPLACE TEMP TABLE shares AS SELECT v, coalesce(a.n, 0) AS na, coalesce(b.n, 0) AS nb "
        f"FROM {next(counted)} a FULL JOIN {next(counted)} b USING (v)"
    )
    told = engine.one(pair.connection, f"SELECT count(*), sum(abs(na / {n} - nb / {m})) / 2 FROM shares")
    values, distance = (float(str(v)) for v in told)
    if values > MOSTLY_UNIQUE * (n + m) and values > 100:
        return shift
    before, after = _bars(pair.connection)
    return replace(
        shift,
        distance=min(1.0, distance),
        beyond_noise=_shares_moved(pair.connection, n, m),
        appeared=_only(pair.connection, "nb", "na"),
        vanished=_only(pair.connection, "na", "nb"),
        histogram_before=before,
        histogram_after=after,
    )


def _shares_moved(connection: duckdb.DuckDBPyConnection, n: int, m: int) -> bool:
    """Pearson's test of homogeneity; rare values are taken together, as it is not exact for them."""
    apart = f"CASE WHEN na + nb < {LEAST_FOR_TEST} THEN 0 ELSE hash(v) END"
    kept = f"(SELECT sum(na) AS na, sum(nb) AS nb FROM shares GROUP BY {apart})"
    squares = f"sum((na * {float(m)} - nb * {float(n)}) ** 2 / ({float(n) * float(m)} * (na + nb)))"
    values, statistic = engine.one(connection, f"SELECT count(*), {squares} FROM {kept}")
    freedom = int(str(values)) - 1
    return freedom > 0 and float(str(statistic)) > chi_square_bound(freedom)


def chi_square_bound(freedom: int) -> float:
    """What a chi-square variable exceeds in one of 1,000 cases, to within 4 % (Wilson and Hilferty 1931)."""
    spread = 2 / (9 * freedom)
    return float(freedom * (1 - spread + NORMAL * sqrt(spread)) ** 3)


def _only(connection: duckdb.DuckDBPyConnection, here: str, there: str) -> tuple[ValueShare, ...]:
    """The most frequent values that only one side has."""
    query = (
        f"SELECT left(v, {LONGEST_SHOWN}), {here} FROM shares WHERE {there} = 0 ORDER BY {here} DESC, v LIMIT {NAMED}"
    )
    return tuple(ValueShare(str(v), int(n)) for v, n in connection.execute(query).fetchall())


def _bars(connection: duckdb.DuckDBPyConnection) -> tuple[Histogram, Histogram]:
    """The values that most rows of both have, and all others together."""
    query = f"SELECT left(v, {LONGEST_SHOWN}), na, nb FROM shares ORDER BY na + nb DESC, v LIMIT {TOP}"
    rows = [(str(v), int(a), int(b)) for v, a, b in connection.execute(query).fetchall()]
    totals = engine.one(connection, "SELECT sum(na), sum(nb) FROM shares")
    rest = int(str(totals[0])) - sum(a for _, a, _ in rows), int(str(totals[1])) - sum(b for _, _, b in rows)
    if any(rest):
        rows.append(("other values", *rest))
    labels = tuple(v for v, _, _ in rows)
    return Histogram(tuple(a for _, a, _ in rows), labels=labels), Histogram(
        tuple(b for _, _, b in rows), labels=labels
    )
