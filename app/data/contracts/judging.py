"""A stored table judged by a contract: bounded memory, the offending rows named and shown. Child side."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from app.core.contracts import Broken, Judgement
from app.core.data import Column, Finding
from app.core.progress import JobContext
from app.data import table
from app.data.contracts.contract_findings import broken_findings
from app.data.contracts.tally import TableJudge
from app.jobs.child import ChildContext
from app.runtime.rules import Rule

BATCH_CELLS = 1_000_000
LEAST_ROWS = 1_024
LONGEST_CELL = 60


def judge_table(child: ChildContext, path: Path, columns: tuple[Column, ...], rules: tuple[Rule, ...]) -> Judgement:
    """The child's entry: a reading's table and its columns, judged."""
    return judge(path, columns, rules, child)


def judge(path: Path, columns: Sequence[Column], rules: Sequence[Rule], ctx: JobContext) -> Judgement:
    """One pass over the columns that rules are about, in batches of about a million cells."""
    types = {c.name: str(c.type) for c in columns}
    judging = TableJudge(rules, types)
    wanted = [c for c in columns if c.name in set(judging.columns)]
    with pq.ParquetFile(path, memory_map=True) as file:
        total = file.metadata.num_rows
        if not wanted:
            judging.take({}, total)
            return Judgement(judging.broken())
        size, done = max(LEAST_ROWS, BATCH_CELLS // len(wanted)), 0
        for batch in file.iter_batches(size, columns=[c.name for c in wanted], use_threads=False):
            ctx.check_cancelled()
            ctx.progress(done / max(total, 1), "Judging the rows by the contract")
            judging.take(_raw(batch, wanted), batch.num_rows)
            done += batch.num_rows
        return Judgement(_with_cells(file, rules, judging.broken()))


def judged_findings(
    path: Path, columns: Sequence[Column], rules: Sequence[Rule], ctx: JobContext
) -> tuple[Finding, ...]:
    """The broken rules of a table that was just read, as findings; none without rules."""
    if not rules:
        return ()
    types = {c.name: str(c.type) for c in columns}
    return broken_findings(rules, judge(path, columns, rules, ctx), types)


def _raw(batch: pa.RecordBatch, columns: Sequence[Column]) -> dict[str, table.Raw]:
    return {c.name: table.raw_values(pa.chunked_array([batch.column(c.name)]), c.type) for c in columns}


def _with_cells(file: pq.ParquetFile, rules: Sequence[Rule], found: Sequence[Broken]) -> tuple[Broken, ...]:
    """What stands in the shown rows: the column's cell, and the other's beside it for a relation."""
    wanted: dict[str, set[int]] = {}
    for broken in found:
        for name in _names(rules[broken.rule], broken):
            wanted.setdefault(name, set()).update(broken.rows)
    cells = {name: _cells(file, name, rows) for name, rows in wanted.items()}
    return tuple(replace(b, cells=_shown(rules[b.rule], b, cells)) for b in found)


def _names(rule: Rule, broken: Broken) -> list[str]:
    return [n for n in (rule.column, rule.other) if n is not None] if broken.rows else []


def _shown(rule: Rule, broken: Broken, cells: Mapping[str, Mapping[int, str]]) -> tuple[str, ...]:
    names = _names(rule, broken)
    return tuple(" | ".join(cells[name][row] for name in names) for row in broken.rows) if names else ()


def _cells(file: pq.ParquetFile, name: str, rows: set[int]) -> dict[int, str]:
    """The texts of some rows (from 1) of one column; only the row groups that hold them are read."""
    found: dict[int, str] = {}
    start = 0
    for group in range(file.num_row_groups):
        size = file.metadata.row_group(group).num_rows
        here = [row for row in rows if start < row <= start + size]
        if here:
            values = file.read_row_group(group, columns=[name], use_threads=False).column(name)
            found |= {row: _text(values[row - 1 - start].as_py()) for row in here}
        start += size
    return found


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and math.isfinite(value):
        return f"{value:.15g}"
    if isinstance(value, datetime):
        return value.isoformat(sep=" ").removesuffix(" 00:00:00")
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return text if len(text) <= LONGEST_CELL else text[:LONGEST_CELL] + "…"
