"""What speaks against training: everything that depends on what the columns are used as. Child side."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb

from app.core.data import Column, ColumnType, Finding, Profile, Use
from app.data import engine
from app.data.checking.class_checks import target_size_findings
from app.data.checking.equal_checks import equal_findings
from app.data.checking.fewer import fewer
from app.data.checking.label_noise import label_noise_findings
from app.data.checking.leak_checks import leak_findings
from app.data.checking.sample import take_sample
from app.data.checking.screening import may_be_copies
from app.data.checking.split_checks import group_findings, may_tell_time, time_findings
from app.data.findings import warn
from app.data.reading import AboutTarget
from app.data.task import guess_task
from app.jobs.child import ChildContext
from app.jobs.decoding import decode

PERFECT = 0.999999
"""Above this correlation with a target that is a number a column is a copy of it in other units."""

LEAST_ROWS = 10
"""In fewer rows columns agree by accident."""

_TINY = "TARGET_FEW_ROWS"
"""Said when training is wished for (see ``data.standing``): a file is not worse for being short."""
_HOPELESS = ("TARGET_ONE_CLASS", "TARGET_IS_DATE", _TINY)
"""With these nothing else is worth saying."""

MOST_UNIQUE = 0.5
"""Where more than this share of rows has a value of its own, every column would map onto the target one to one."""


SCREENED_ROWS = 200_000
"""In a larger table a column is compared with the target row by row only if it is a copy in so many."""


def about_target(child: ChildContext, table: Path, profile: Path, columns: tuple[Column, ...]) -> AboutTarget:
    """Findings about a stored table whose columns have other uses now."""
    figures = decode(profile.read_bytes(), Profile)
    with engine.connect(child.folder) as connection:
        engine.plan_for(connection, len(columns))
        source = engine.parquet(table, len(columns))
        return AboutTarget(fewer(target_findings(connection, source, table, columns, figures)))


def target_findings(
    connection: duckdb.DuckDBPyConnection, source: str, path: Path, columns: Sequence[Column], profile: Profile
) -> tuple[Finding, ...]:
    """Everything that depends on what the columns are used as; nothing without a target. ``source``: a FROM clause of
    the table whose Parquet file is ``path``."""
    index = next((i for i, c in enumerate(columns) if c.use is Use.TARGET), None)
    if index is None:
        return ()
    target = columns[index]
    sized = target_size_findings(target, profile.columns[index], profile.rows)
    if any(f.code in _HOPELESS for f in sized):
        return tuple(f for f in sized if f.code != _TINY)
    task = guess_task(target, profile.columns[index])
    inputs = [i for i, c in enumerate(columns) if c.use is Use.INPUT]
    others = zip(columns, profile.columns, strict=True)
    dates = [c for c, held in others if c.use is not Use.INPUT and may_tell_time(c, held)]
    sample = take_sample(path, [*(columns[i] for i in inputs), *dates, target])
    able = may_be_copies(sample, target, columns, inputs) if len(columns) > engine.VERY_WIDE else inputs
    leaks = _leaks(connection, source, columns, profile, index, able)
    return (
        *sized,
        *(_leak(columns[i], target) for i in sorted(leaks)),
        *leak_findings(sample, target, [columns[i] for i in inputs if i not in leaks], task),
        *time_findings(sample, path, columns, profile, target, task),
        *group_findings(columns, profile),
        *equal_findings(connection, source, columns, index, task),
        *label_noise_findings(sample, target, [columns[i] for i in inputs if i not in leaks], task),
    )


def _leaks(
    connection: duckdb.DuckDBPyConnection,
    source: str,
    columns: Sequence[Column],
    profile: Profile,
    target: int,
    inputs: Sequence[int],
) -> set[int]:
    """Columns that determine the target and are determined by it, or are the target in other units."""
    of_target = profile.columns[target]
    present = profile.rows - of_target.missing
    if present < LEAST_ROWS:
        return set()
    able = [
        i
        for i in inputs
        if (_numeric(columns[i]) and _numeric(columns[target]))
        or (profile.columns[i].distinct == of_target.distinct and of_target.distinct <= MOST_UNIQUE * present)
    ]
    if profile.rows > SCREENED_ROWS:
        able = _copies(connection, f"(SELECT * FROM {source} LIMIT {SCREENED_ROWS})", columns, profile, target, able)
    return set(_copies(connection, source, columns, profile, target, able))


def _copies(
    connection: duckdb.DuckDBPyConnection,
    source: str,
    columns: Sequence[Column],
    profile: Profile,
    target: int,
    able: Sequence[int],
) -> list[int]:
    """Those of ``able`` that are copies of the target in these rows. In a part of the table a copy has no more pairs
    of values than there are values in all."""
    most = profile.columns[target].distinct
    tests = [
        f"abs(corr(c{i}::DOUBLE, c{target}::DOUBLE)) > {PERFECT}"
        if _numeric(columns[i]) and _numeric(columns[target])
        else f"count(DISTINCT hash(c{i}, c{target})) FILTER (WHERE {_both(i, target)}) <= {most}"
        for i in able
    ]
    finite = f"isfinite(c{target}::DOUBLE)" if _numeric(columns[target]) else "true"
    found: list[int] = []
    for start in range(0, len(able), 100):
        row = engine.one(connection, f"SELECT {', '.join(tests[start : start + 100])} FROM {source} WHERE {finite}")
        found += [i for i, leaks in zip(able[start : start + 100], row, strict=True) if leaks]
    return found


def _both(one: int, other: int) -> str:
    return f"c{one} IS NOT NULL AND c{other} IS NOT NULL"


def _numeric(column: Column) -> bool:
    return column.type in (ColumnType.NUMBER, ColumnType.INTEGER)


def _leak(column: Column, target: Column) -> Finding:
    message = f"{column.name} gives {target.name} away: each of its values belongs to one value of the target."
    hint = "Ignore it unless it is known before the prediction is made."
    return warn("TARGET_LEAK", message, hint, column.name)
