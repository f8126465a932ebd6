"""Rows with equal inputs: on both sides of a division, or with different answers. Child side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb
import numpy as np
import numpy.typing as npt

from app.core.data import Column, ColumnType, Finding, Use
from app.core.runs import HOLDOUT, Task
from app.data.differences.row_hashes import row_hashes
from app.data.findings import SHOWN_ROWS, warn
from app.data.split import FEW_DISTINCT
from app.data.time_split import newest
from app.errors import BadInput

MOST_ROWS = 200_000
"""Rows that are looked at, the first ones of the table."""
FINE_INPUTS = 0.5
"""Different rows to rows: below it the inputs are so coarse that equal rows are no accident and say nothing."""

Hashes = npt.NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class _Rows:
    """Rows that have a target. ``numbers``: 1-based; ``group``: which rows have equal inputs; ``counts``: of each of
    these groups; ``answers``: a hash of the target; ``key``: the time or the group as a number, NaN where missing."""

    numbers: npt.NDArray[np.intp]
    group: npt.NDArray[np.intp]
    counts: npt.NDArray[np.intp]
    answers: Hashes
    key: npt.NDArray[np.float64] | None
    where: str


def equal_findings(
    connection: duckdb.DuckDBPyConnection, source: str, columns: Sequence[Column], target: int, task: Task
) -> tuple[Finding, ...]:
    """What equal inputs do to the division of the rows, and rows that contradict each other."""
    inputs = [i for i, c in enumerate(columns) if c.use is Use.INPUT]
    by = next((i for use in (Use.TIME, Use.GROUP) for i, c in enumerate(columns) if c.use is use), None)
    if not inputs:
        return ()
    rows = _rows(connection, source, columns, inputs, target, by)
    total, distinct = len(rows.numbers), len(rows.counts)
    if distinct < FEW_DISTINCT and total >= 10 * max(1, distinct):
        return (_few_different(distinct, rows.where),) if by is None else ()
    if distinct < FINE_INPUTS * total or distinct == total:
        return ()
    across = () if by is None else _across(rows, columns[by])
    return (*across, *(() if not task.classifies else _contradicting(rows, columns[target].name)))


def _rows(
    connection: duckdb.DuckDBPyConnection,
    source: str,
    columns: Sequence[Column],
    inputs: Sequence[int],
    target: int,
    by: int | None,
) -> _Rows:
    key = "NULL::DOUBLE" if by is None else _key_sql(columns[by], by)
    hashes = row_hashes(connection, source, [f"c{i}" for i in inputs], MOST_ROWS)
    asked = f"hash(c{target}) AS y, c{target} IS NULL AS l, {key} AS k"
    held = connection.execute(f"SELECT {asked} FROM {source} LIMIT {MOST_ROWS}").fetchnumpy()
    known = ~np.asarray(held["l"], dtype=bool)
    _, group, counts = np.unique(hashes[known], return_inverse=True, return_counts=True)
    keys = np.ma.filled(np.ma.asarray(held["k"], dtype=np.float64), np.nan)[known]
    where = f" among the first {MOST_ROWS:,} rows" if len(known) == MOST_ROWS else ""
    return _Rows(
        np.flatnonzero(known) + 1, group, counts, np.asarray(held["y"])[known], keys if by is not None else None, where
    )


def _key_sql(column: Column, index: int) -> str:
    if column.use is Use.GROUP:
        return f"CASE WHEN c{index} IS NOT NULL THEN (hash(c{index}) >> 11)::DOUBLE END"  # 53 bits: exact
    return f"epoch(c{index})" if column.type is ColumnType.DATETIME else f"try_cast(c{index} AS DOUBLE)"


def _few_different(distinct: int, where: str) -> Finding:
    message = (
        f"The inputs hold only {distinct:,} different rows{where}: equal rows are both trained on and tested on, "
        "so the score says little about new ones."
    )
    return warn("DUPLICATES_ACROSS_SPLIT", message, "Use more columns as inputs.")


def _across(rows: _Rows, by: Column) -> tuple[Finding, ...]:
    """Rows whose equals are on the other side, though no time or group is."""
    assert rows.key is not None
    twice = rows.counts[rows.group] > 1
    if by.use is Use.TIME:
        try:
            held = newest(rows.key, HOLDOUT)
        except BadInput:
            return ()
        late = np.zeros(len(rows.group), dtype=bool)
        late[held] = True
        old = np.zeros(len(rows.counts), dtype=bool)
        old[rows.group[~late & ~np.isnan(rows.key)]] = True
        met = late & old[rows.group]
        said = f"of the newest {len(held):,} rows have the same inputs as an older row"
    else:
        low, high = np.full(len(rows.counts), np.inf), np.full(len(rows.counts), -np.inf)
        np.fmin.at(low, rows.group, rows.key)
        np.fmax.at(high, rows.group, rows.key)
        met = twice & (low < high)[rows.group]
        said = f"rows have the same inputs as a row of another {by.name}"
    if not met.any():
        return ()
    message = f"{np.count_nonzero(met):,} {said}{rows.where}: some will be both trained on and tested on."
    hint = "Check that they were not added twice."
    return (warn("DUPLICATES_ACROSS_SPLIT", message, hint, rows=rows.numbers[met][:SHOWN_ROWS].tolist()),)


def _contradicting(rows: _Rows, target: str) -> tuple[Finding, ...]:
    """Rows that are equal in every input and differ in the target: at most one of them can be answered right."""
    first = np.zeros(len(rows.counts), dtype=np.uint64)
    first[rows.group] = rows.answers
    differs = np.zeros(len(rows.counts), dtype=bool)
    differs[rows.group[first[rows.group] != rows.answers]] = True
    places = np.flatnonzero(differs[rows.group])
    if not len(places):
        return ()
    ordered = places[np.argsort(rows.group[places], kind="stable")]
    shown = rows.numbers[ordered][:SHOWN_ROWS].tolist()
    message = (
        f"{len(places):,} rows{rows.where} have the same inputs as another row but another {target}, "
        f"for example rows {shown[0]:,} and {shown[1]:,}."
    )
    return (warn("LABEL_CONFLICT", message, f"Look whether one {target} of each is wrong.", rows=shown),)
