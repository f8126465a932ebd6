"""Everything about one column of a reading: distribution, top values, where it is missing, what it says about the
target. A few queries in the caller's thread, with a check for Cancel between them. Parent side, DuckDB only."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.core.data import Column, ColumnType, Histogram, Profile, Reading
from app.core.progress import JobContext
from app.data import engine
from app.data.intervals import mean_interval, phi, rate_interval
from app.data.types.schema import CATEGORY_SHARE

if TYPE_CHECKING:
    import duckdb

    from app.registry.project import Project

BINS, TOP, STRETCHES = 40, 20, 60
GROUPS, FEW_VALUES = 10, 12
MOST_OTHERS = 200
SHOWN_OTHERS = 5
EXACT_QUANTILES = 1_000_000
LONGEST = 200
MEMORY_MB = 200
AMOUNTS = (ColumnType.NUMBER, ColumnType.INTEGER, ColumnType.DATETIME)
OTHERS, MISSING = "other values", "missing"


@dataclass(frozen=True, slots=True)
class Group:
    """Rows with one value, or between two. ``value``: the rate of the class or the mean of the target, None without
    a row that has one, with its 95 % interval; ``rows``: how many have a target."""

    label: str
    rows: int
    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class TogetherMissing:
    """``both``: rows where this column and the other are missing; ``other``: rows where the other is."""

    name: str
    both: int
    other: int


@dataclass(frozen=True, slots=True)
class ColumnPage:
    """``quantiles``: 5, 25, 50, 75 and 95 % as they are shown. ``stretches``: how many are missing in each of equal
    stretches of the file, ``stretch_rows`` rows long. ``about``: the class whose rate ``groups`` tell, None if they
    tell means."""

    name: str
    rows: int
    missing: int
    histogram: Histogram | None
    top: tuple[tuple[str, int], ...]
    quantiles: tuple[str, ...]
    mean: float | None
    deviation: float | None
    stretches: tuple[int, ...]
    stretch_rows: int
    together: tuple[TogetherMissing, ...]
    target: str | None
    about: str | None
    groups: tuple[Group, ...]


def about_column(project: Project, reading: Reading, profile: Profile, name: str, ctx: JobContext) -> ColumnPage:
    """Look at one column. KeyError if it is not there; CorruptObject; JobCancelled."""
    project.objects.size(reading.table_sha256)
    place = next(i for i, c in enumerate(reading.columns) if c.name == name)
    with project.scratch("column") as folder, engine.connect(folder, MEMORY_MB) as connection:
        names = (*engine.positions(len(reading.columns)), "file_row_number")
        path = engine.file(project.objects.path(reading.table_sha256))
        source = f"read_parquet({path}, file_row_number = true) AS t({', '.join(names)})"
        return _Look(connection, source, reading, profile, place, ctx).page()


class _Look:
    """One look at one column: what all its queries share."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        source: str,
        reading: Reading,
        profile: Profile,
        place: int,
        ctx: JobContext,
    ) -> None:
        self._connection, self._source, self._reading, self._profile = connection, source, reading, profile
        self._ctx = ctx
        self._column = reading.columns[place]
        self._held = profile.columns[place]
        self._c = f"c{place}"
        self._amount = _amount(self._column, self._c)

    def page(self) -> ColumnPage:
        """All parts, in the order of their cost."""
        low, high, mean, deviation, quantiles = self._facts()
        target, about, value = self._target()
        return ColumnPage(
            self._column.name,
            self._profile.rows,
            self._held.missing,
            self._histogram(low, high),
            self._top(),
            quantiles,
            mean,
            deviation,
            *self._stretches(),
            self._together(),
            target,
            about,
            self._groups(value, about is not None) if value is not None else (),
        )

    def _rows(self, sql: str) -> list[tuple[object, ...]]:
        self._ctx.check_cancelled()
        return self._connection.execute(sql).fetchall()

    def _facts(self) -> tuple[float, float, float | None, float | None, tuple[str, ...]]:
        """Range, mean, deviation, quantiles; nothing for what is no amount."""
        if self._amount is None:
            return 0.0, 0.0, None, None, ()
        value = f"CASE WHEN isfinite({self._amount}) THEN {self._amount} END"
        exact = self._profile.rows <= EXACT_QUANTILES
        shares = [0.05, 0.25, 0.5, 0.75, 0.95]
        quantile = "quantile_disc" if exact else "approx_quantile"
        own = f"CASE WHEN isfinite({self._amount}) THEN {self._c} END" if exact else value
        spread = f"stddev_samp({value})" if self._column.type is not ColumnType.DATETIME else "NULL"
        parts = f"min({value}), max({value}), avg({value}), {spread}, {quantile}({own}, {shares})"
        ((low, high, mean, deviation, quantiles),) = self._rows(f"SELECT {parts} FROM {self._source}")
        if low is None or high is None:
            return 0.0, 0.0, None, None, ()
        shown = tuple(self._shown(q) for q in quantiles) if isinstance(quantiles, list) else ()
        no_mean = self._column.type is ColumnType.DATETIME
        return _float(low), _float(high), None if no_mean else _maybe(mean), _maybe(deviation), shown

    def _shown(self, value: object) -> str:
        """A value of the column as the rows show it."""
        if self._column.type is ColumnType.DATETIME:
            if isinstance(value, int | float):
                return _day(float(value))
            return str(value).removesuffix(" 00:00:00")
        return str(value).removesuffix(".0") if isinstance(value, int | float) else str(value)

    def _histogram(self, low: float, high: float) -> Histogram | None:
        if self._amount is None or self._held.missing >= self._profile.rows:
            return None
        edges = _edges(low, high, self._column.type is ColumnType.INTEGER)
        step = (edges[-1] - edges[0]) / (len(edges) - 1)
        last = len(edges) - 2
        bin_ = f"least({last}, greatest(0, floor(({self._amount} - {edges[0]!r}) / {step!r})))::INTEGER"
        rows = self._rows(f"SELECT {bin_} AS b, count(*) FROM {self._source} WHERE isfinite({self._amount}) GROUP BY b")
        counts = [0] * (len(edges) - 1)
        for number, count in rows:
            counts[_int(number)] = _int(count)
        return Histogram(tuple(counts), tuple(edges))

    def _top(self) -> tuple[tuple[str, int], ...]:
        """The most frequent values; none where (nearly) every row has its own."""
        present = self._profile.rows - self._held.missing
        if not present or (self._held.distinct > CATEGORY_SHARE * present and self._held.distinct > TOP):
            return ()
        rows = self._rows(
            f"SELECT {self._c}, count(*) AS n FROM {self._source} WHERE {self._c} IS NOT NULL "
            f"GROUP BY {self._c} ORDER BY n DESC, {self._c} LIMIT {TOP}"
        )
        return tuple((self._label(value), _int(count)) for value, count in rows)

    def _label(self, value: object) -> str:
        if isinstance(value, bool):
            return "yes" if value else "no"
        return self._shown(value)[:LONGEST]

    def _stretches(self) -> tuple[tuple[int, ...], int]:
        """Where in the file values are missing."""
        long = max(1, -(-self._profile.rows // STRETCHES))
        if not self._held.missing:
            return (), long
        rows = self._rows(
            f"SELECT file_row_number // {long} AS s, count(*) FROM {self._source} WHERE {self._c} IS NULL GROUP BY s"
        )
        counts = [0] * -(-self._profile.rows // long)
        for stretch, count in rows:
            counts[_int(stretch)] = _int(count)
        return tuple(counts), long

    def _together(self) -> tuple[TogetherMissing, ...]:
        """Columns that are missing in the same rows more often than by chance, the most telling first."""
        if not 0 < self._held.missing < self._profile.rows:
            return ()
        gaps = [
            (i, held)
            for i, held in enumerate(self._profile.columns)
            if 0 < held.missing < self._profile.rows and held.name != self._held.name
        ]
        gaps = sorted(gaps, key=lambda gap: -gap[1].missing)[:MOST_OTHERS]
        if not gaps:
            return ()
        parts = ", ".join(f"count(*) FILTER (WHERE c{i} IS NULL)" for i, _ in gaps)
        (row,) = self._rows(f"SELECT {parts} FROM {self._source} WHERE {self._c} IS NULL")
        found = [
            TogetherMissing(held.name, _int(both), held.missing) for (_, held), both in zip(gaps, row, strict=True)
        ]
        rows, own = self._profile.rows, self._held.missing
        tied = [one for one in found if phi(one.both, own, one.other, rows) > 0.1]
        tied.sort(key=lambda one: -phi(one.both, own, one.other, rows))
        return tuple(tied[:SHOWN_OTHERS])

    def _target(self) -> tuple[str | None, str | None, str | None]:
        """The target's name, the class whose rate is told, and SQL for a row's share in the figure."""
        name = self._reading.target
        place = next((i for i, c in enumerate(self._reading.columns) if c.name == name), None)
        if name is None or place is None or name == self._column.name:
            return None, None, None
        column, held = self._reading.columns[place], self._profile.columns[place]
        amount = _amount(column, f"c{place}")
        classes = column.type in (ColumnType.CATEGORY, ColumnType.TEXT, ColumnType.BOOLEAN)
        if not classes and self._reading.positive is None:
            if column.type is ColumnType.DATETIME or amount is None:
                return name, None, None
            return name, None, f"CASE WHEN isfinite({amount}) THEN {amount} END"
        about = self._reading.positive or (held.top[0][0] if held.top else None)
        if about is None:
            return name, None, None
        text = engine.text(about)
        return name, about, f"CASE WHEN c{place} IS NOT NULL THEN (c{place}::VARCHAR = {text})::INTEGER::DOUBLE END"

    def _groups(self, value: str, is_rate: bool) -> tuple[Group, ...]:
        """The target by ten groups of equal size, or by value where there are few; missing ones at the end."""
        by_value = self._amount is None or self._held.distinct <= FEW_VALUES
        group = self._by_value() if by_value else self._by_range()
        rows = self._rows(
            f"SELECT g, count({value}), avg({value}), stddev_samp({value}), min({self._c}), max({self._c}) "
            f"FROM (SELECT *, {group} AS g FROM {self._source}) GROUP BY g ORDER BY g NULLS LAST"
        )
        groups = []
        for number, count, mean, deviation, low, high in rows:
            label = self._group_label(number, low, high, by_value)
            ends = (
                rate_interval(_maybe(mean), _int(count))
                if is_rate
                else mean_interval(_maybe(mean), _maybe(deviation), _int(count))
            )
            groups.append(Group(label, _int(count), _maybe(mean), *ends))
        return tuple(groups)

    def _by_value(self) -> str:
        """Each of the most frequent values by its rank (amounts by their size), the others in one."""
        top = self._connection.execute(
            f"SELECT {self._c} FROM {self._source} WHERE {self._c} IS NOT NULL GROUP BY {self._c} "
            f"ORDER BY count(*) DESC, {self._c} LIMIT {FEW_VALUES}"
        ).fetchall()
        values = [value for (value,) in top]
        if self._amount is not None:
            values.sort()
        cases = " ".join(f"WHEN {self._c} = {_literal(v)} THEN {i}" for i, v in enumerate(values))
        return f"CASE WHEN {self._c} IS NULL THEN NULL {cases} ELSE {len(values)} END"

    def _by_range(self) -> str:
        """Ten groups of about equal size by the column's own quantiles."""
        value = f"CASE WHEN isfinite({self._amount}) THEN {self._amount} END"
        quantile = "quantile_disc" if self._profile.rows <= EXACT_QUANTILES else "approx_quantile"
        shares = [i / GROUPS for i in range(1, GROUPS)]
        ((cuts,),) = self._rows(f"SELECT {quantile}({value}, {shares}) FROM {self._source}")
        cuts = sorted({_float(cut) for cut in cuts}) if isinstance(cuts, list) else []
        cases = " ".join(f"WHEN {self._amount} <= {cut!r}::DOUBLE THEN {i}" for i, cut in enumerate(cuts))
        return f"CASE WHEN {self._c} IS NULL THEN NULL {cases} ELSE {len(cuts)} END"

    def _group_label(self, number: object, low: object, high: object, by_value: bool) -> str:
        if number is None:
            return MISSING
        if by_value:
            single = low == high or isinstance(low, bool)
            return self._label(low) if single else OTHERS
        return self._label(low) if low == high else f"{self._label(low)} – {self._label(high)}"


def _amount(column: Column, c: str) -> str | None:
    """SQL for a value as a double, dates as seconds since 1970; None for what is no amount."""
    if column.type is ColumnType.DATETIME:
        return f"CASE WHEN isfinite({c}) THEN epoch({c}) END"
    return f"{c}::DOUBLE" if column.type in AMOUNTS else None


def _edges(low: float, high: float, whole: bool) -> list[float]:
    """Bins of equal width; one for each whole number of a short range."""
    if not high > low:
        return [low - 0.5, low + 0.5]
    if whole and high - low < BINS:
        return [low - 0.5 + i for i in range(int(high - low) + 2)]
    return [low + (high - low) * i / BINS for i in range(BINS + 1)]


def _literal(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    return f"{value!r}::DOUBLE" if isinstance(value, float) else engine.text(str(value))


def _day(seconds: float) -> str:
    from datetime import UTC, datetime, timedelta

    return str((datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)).date())


def _maybe(value: object) -> float | None:
    number = _float(value) if value is not None else math.nan
    return number if math.isfinite(number) else None


def _float(value: object) -> float:
    return float(str(value))


def _int(value: object) -> int:
    return int(str(value))
