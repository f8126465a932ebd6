"""A contract suggested from a table: what held in it, with the room that more such rows need. Child side."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import combinations
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from app.core.contracts import Judgement
from app.core.data import Column, ColumnProfile, ColumnType, Profile, Use
from app.data import table
from app.data.contracts.judging import judge
from app.data.types.expect import OPEN_QUESTION
from app.jobs.child import ChildContext
from app.jobs.decoding import decode
from app.runtime.judge import Cells, days_of
from app.runtime.rules import Rule, sort_of

MARGIN = 0.5
"""How far a bound lies beyond the largest value seen, in widths of what was seen. The span of n values with an
exponential tail is about ln n of its scales (Rényi 1953, On the theory of order statistics), so that the largest of n
further ones lies beyond w more spans with probability about n^-w: with a half, 3 % for 1,000 rows, 1 % for 10,000;
thinner tails (a normal distribution's) leave far less. A unit mixed up or a digit too many is still found."""

SHARE_Z = 3.0
"""Standard errors of the largest missing share: Wilson's score interval (Wilson 1927), exceeded by chance about once in
700 columns."""

MOST_CATEGORIES = 50
RARE = 0.001
"""A list of categories is suggested where the next row holds a new one with a probability below this: the share of rows
whose value was seen only once (Good 1953, The population frequencies of species)."""

LEAST_ROWS = 50
RELATED_COLUMNS = 20
MOST_RELATIONS = 10
SAMPLE_ROWS = 100_000
BY_CHANCE = 0.9
"""A relation is suggested only where it would fail in one of ten rows if the two columns had nothing to do with each
other (values paired at random); then 50 rows hold it by chance with probability 0.9^50 = 0.5 %."""

_NUMBERS = (ColumnType.NUMBER, ColumnType.INTEGER)
_CALENDAR_DAYS = 366.0


def suggest(child: ChildContext, path: Path, columns: tuple[Column, ...], profile_path: Path) -> list[Rule]:
    """The child's entry: all suggestions for a stored table, column by column."""
    profile = decode(profile_path.read_bytes(), Profile)
    rules: list[Rule] = []
    with pq.ParquetFile(path, memory_map=True) as file:
        for number, (column, held) in enumerate(zip(columns, profile.columns, strict=True)):
            child.progress(0.5 * number / len(columns), "Looking at what the columns hold")
            if column.why == OPEN_QUESTION:
                continue  # its answer may make another type of it: what it holds as text binds nobody
            rules += column_rules(column, held, profile.rows)
            if column.type is ColumnType.CATEGORY and 1 < held.distinct <= MOST_CATEGORIES:
                rules += categories_rule(column, _counts(file, column))
    rules.append(Rule("rows", minimum=float(math.ceil(profile.rows / 2)), blocks=True, on=False))
    return rules + relations(path, columns, profile, child)


def column_rules(column: Column, held: ColumnProfile, rows: int) -> Iterator[Rule]:
    """Type, range, missing share and uniqueness of one column. A column without any value is left alone."""
    present = rows - held.missing
    if not present:
        return
    yield Rule("type", column.name, values=(str(column.type),))
    if column.type in (*_NUMBERS, ColumnType.DATETIME) and held.distinct > 1 and column.use is not Use.IDENTIFIER:
        yield from _range(column, held)
    yield Rule("missing", column.name, maximum=largest_share(held.missing, rows))
    if column.use is Use.IDENTIFIER and held.distinct == present and not held.distinct_is_estimate:
        yield Rule("unique", column.name)


def largest_share(missing: int, rows: int) -> float:
    """0 where nothing was missing; else the upper end of Wilson's interval, rounded up to a tenth of a per cent."""
    if not missing:
        return 0.0
    share, z2 = missing / rows, SHARE_Z**2
    middle = share + z2 / (2 * rows)
    spread = SHARE_Z * math.sqrt(share * (1 - share) / rows + z2 / (4 * rows * rows))
    return min(1.0, math.ceil(1000 * (middle + spread) / (1 + z2 / rows)) / 1000)


def _range(column: Column, held: ColumnProfile) -> Iterator[Rule]:
    """Half a width of room on each side, but never across zero, nor beyond one for shares; whole numbers for whole
    numbers, whole days for dates, which have a year of room at least: the next version is newer."""
    if held.minimum is None or held.maximum is None:
        return
    if column.type is ColumnType.DATETIME:
        low, high = (float(days_of(np.array([v], dtype="datetime64[us]"))[0]) for v in (held.minimum, held.maximum))
        room = max(MARGIN * (high - low), _CALENDAR_DAYS)
        yield Rule("range", column.name, math.floor(low - room), math.ceil(high + room))
        return
    low, high = float(held.minimum), float(held.maximum)
    room = MARGIN * (high - low)
    if not math.isfinite(room):
        return
    least, most = low - room, high + room
    least = max(least, 0.0) if low >= 0 else least
    most = min(most, 0.0) if high <= 0 else min(most, 1.0) if low >= 0 and high <= 1 else most
    if column.type is ColumnType.INTEGER:
        yield Rule("range", column.name, float(math.floor(least)), float(math.ceil(most)))
    else:
        yield Rule("range", column.name, _rounded(least, room, up=False), _rounded(most, room, up=True))


def _rounded(bound: float, room: float, *, up: bool) -> float:
    """A bound with no more digits than its room has meaning: a hundredth of the room."""
    step = 10.0 ** (math.floor(math.log10(room)) - 1) if room > 0 else 0.0
    if not step or not math.isfinite(bound / step):
        return bound
    whole = math.ceil(bound / step) if up else math.floor(bound / step)
    return float(f"{whole * step:.12g}")


def categories_rule(column: Column, counts: dict[str, int]) -> Iterator[Rule]:
    """The list of categories, most frequent first. A new one is only said: that is what a business brings, and a
    model takes it for *other*."""
    once = sum(n == 1 for n in counts.values())
    if counts and once / sum(counts.values()) < RARE:
        yield Rule("categories", column.name, values=tuple(sorted(counts, key=lambda v: (-counts[v], v))), blocks=False)


def _counts(file: pq.ParquetFile, column: Column) -> dict[str, int]:
    found: dict[str, int] = {}
    for batch in file.iter_batches(SAMPLE_ROWS, columns=[column.name], use_threads=False):
        texts = batch.column(0).cast(pa.string())
        for entry in pc.value_counts(texts.drop_null()).to_pylist():
            found[entry["values"]] = found.get(entry["values"], 0) + entry["counts"]
    return found


def relations(path: Path, columns: Sequence[Column], profile: Profile, child: ChildContext) -> list[Rule]:
    """Pairs of numbers or of dates, of which one never is above the other: found in the first rows, then judged in all.

    Pairs whose ranges do not overlap are left out: their bounds say it already.
    """
    asked = _comparable(columns, profile)
    if profile.rows < LEAST_ROWS or len(asked) < 2:
        return []
    cells = _first_rows(path, asked)
    found = [rule for a, b in combinations(asked, 2) if (rule := _relation(a, b, cells)) is not None]
    held: Judgement = judge(path, columns, found, child)
    return [rule for place, rule in enumerate(found) if held.of(place) is None][:MOST_RELATIONS]


def _comparable(columns: Sequence[Column], profile: Profile) -> list[Column]:
    kept = [
        c
        for c, held in zip(columns, profile.columns, strict=True)
        if sort_of(str(c.type)) != "text"
        and c.type is not ColumnType.BOOLEAN
        and c.use is not Use.IDENTIFIER
        and held.distinct > 2
    ]
    return kept[:RELATED_COLUMNS]


def _first_rows(path: Path, columns: Sequence[Column]) -> dict[str, Cells]:
    with pq.ParquetFile(path, memory_map=True) as file:
        batches = file.iter_batches(SAMPLE_ROWS, columns=[c.name for c in columns], use_threads=False)
        first = next(batches)
    raw = {c.name: table.raw_values(pa.chunked_array([first.column(c.name)]), c.type) for c in columns}
    return {name: days_of(v) if v.dtype.kind == "M" else v for name, v in raw.items()}


def _relation(a: Column, b: Column, cells: dict[str, Cells]) -> Rule | None:
    if sort_of(str(a.type)) != sort_of(str(b.type)) or (a.unit and b.unit and a.unit != b.unit):
        return None
    x, y = cells[a.name], cells[b.name]
    both = np.isfinite(x) & np.isfinite(y)
    x, y = x[both], y[both]
    if len(x) < LEAST_ROWS:
        return None
    if np.array_equal(x, y):
        return Rule("relation", a.name, operator="=", other=b.name)
    at_random = y[np.random.default_rng(0).permutation(len(y))]
    for low, high, mixed, rule in (
        (x, y, x <= at_random, Rule("relation", a.name, operator="<=", other=b.name)),
        (y, x, at_random <= x, Rule("relation", b.name, operator="<=", other=a.name)),
    ):
        if bool((low <= high).all()) and float(mixed.mean()) <= BY_CHANCE:
            return rule
    return None
