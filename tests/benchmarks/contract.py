"""How long a contract takes: judging a large table and suggesting from it, and what it adds to one request.

``python -m tests.benchmarks.contract [ROWS]`` prints figures and the machine's load; run it by hand.
"""

from __future__ import annotations

import os
import sys
import tempfile
import threading
import time
from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from app.core.data import Column, ColumnType, Use
from app.core.progress import Silent
from app.data import engine
from app.data.contracts.judging import judge
from app.data.contracts.suggest import suggest
from app.data.looking.profiling import profile_table
from app.data.types.typed import group_rows
from app.runtime.contract import Field
from app.runtime.judge import RowJudge
from app.runtime.rules import Rule

BATCH = 500_000


class Here(Silent):
    """A child's context without a child."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder


def own_mb() -> float:
    """Memory that belongs to this process alone (Linux); the mapped table does not."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("RssAnon"))


class Peak:
    """Looks every 20 ms how much memory is held."""

    def __init__(self) -> None:
        self._most, self._end = own_mb(), threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def _look(self) -> None:
        while not self._end.wait(0.02):
            self._most = max(self._most, own_mb())

    def stop(self) -> float:
        self._end.set()
        self._thread.join()
        return self._most


def columns() -> tuple[Column, ...]:
    """An identifier, fourteen numbers, three categories, two dates: twenty columns."""
    numbers = [Column(f"n{i}", ColumnType.NUMBER, Use.INPUT) for i in range(14)]
    words = [Column(f"w{i}", ColumnType.CATEGORY, Use.INPUT) for i in range(3)]
    dates = [Column(name, ColumnType.DATETIME, Use.INPUT) for name in ("start", "end")]
    return (Column("id", ColumnType.TEXT, Use.IDENTIFIER), *numbers, *words, *dates)


def write(path: Path, rows: int) -> None:
    """A typed table as the application stores it."""
    random = np.random.default_rng(1)
    kinds = pa.array(["basic", "plus", "pro", "free"])
    writer: pq.ParquetWriter | None = None
    for first in range(0, rows, BATCH):
        n = min(BATCH, rows - first)
        start = np.datetime64("2020-01-01", "us") + random.integers(0, 86_400 * 1000, n).astype("timedelta64[s]")
        data: dict[str, object] = {"id": pa.array([f"C{first + i:09d}" for i in range(n)])}
        data |= {f"n{i}": random.normal(i, 1, n) for i in range(14)}
        data |= {f"w{i}": kinds.take(pa.array(random.integers(0, 4, n))) for i in range(3)}
        data |= {"start": start, "end": start + random.integers(0, 86_400, n).astype("timedelta64[s]")}
        table = pa.table(data)
        writer = writer or pq.ParquetWriter(path, table.schema, compression="zstd")
        writer.write_table(table, row_group_size=group_rows(20))
    assert writer is not None
    writer.close()


def one_request() -> float:
    """What judging one row of fifteen inputs by forty rules takes, in microseconds."""
    fields = [Field(f"n{i}", "number", "input") for i in range(14)] + [Field("w", "category", "input")]
    rules = [Rule("range", f.name, -9, 9) for f in fields[:14]] + [Rule("missing", f.name, maximum=0.0) for f in fields]
    rules += [Rule("relation", f"n{i}", operator="<=", other=f"n{i + 1}") for i in range(10)]
    rules += [Rule("categories", "w", values=("a", "b"))]
    row, judging = ((*map(float, range(14)), "a"),), RowJudge(rules, fields)
    begun = time.perf_counter()
    for _ in range(20_000):
        judging.judge(row, {})
    return (time.perf_counter() - begun) / 20_000 * 1e6


def main() -> None:
    """Print the figures."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000
    print(f"one row by forty rules: {one_request():.1f} us, load {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "table.parquet"
        write(path, rows)
        with engine.connect(folder) as connection:
            profile = profile_table(connection, engine.parquet(path, 20), [c.name for c in columns()], Silent())
        (folder / "profile.json").write_bytes(msgspec.json.encode(profile))
        begun = time.perf_counter()
        rules = suggest(Here(folder), path, columns(), folder / "profile.json")  # type: ignore[arg-type]
        print(f"suggest {len(rules)} rules from {rows:,} x 20: {time.perf_counter() - begun:.1f} s")
        begun = time.perf_counter()
        broken = judge(path, columns(), [r for r in rules if r.kind != "unique"], Silent()).broken
        print(f"judge without uniqueness: {time.perf_counter() - begun:.1f} s, {len(broken)} broken")
        begun = time.perf_counter()
        before, peak = own_mb(), Peak()
        judge(path, columns(), rules, Silent())
        took = time.perf_counter() - begun
        print(f"judge by all rules: {took:.1f} s; {peak.stop():.0f} MB of its own at most, {before:.0f} before")
        print(f"load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
