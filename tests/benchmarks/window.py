"""Figures of the window: ``python tests/benchmarks/window.py [--rows N]``. Not part of any timed test run.

First paint beside a bare Qt window's on this machine, memory at rest, the worst gaps of the window's loop while a
large file is added and while a run trains, cancel, and the way from a dropped file to an answered request.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402
import psutil  # noqa: E402 -- runs without being installed
from PySide6.QtWidgets import QAbstractButton, QApplication, QScrollBar  # noqa: E402

from app.ui.data.data_page import DataPage  # noqa: E402
from app.ui.data.data_rows import RowsTable  # noqa: E402
from app.ui.settings import Settings  # noqa: E402
from app.ui.window import MainWindow  # noqa: E402
from tests.ui.helpers import (  # noqa: E402
    ClickCounter,
    Heartbeat,
    drop_files,
    start_window,
    turn,
    visible_button,
    wait_until,
)

ORANGE_S = 4.5
PAINTED_MS = 300
"""Nobody drops a file on a window that was not painted yet."""
COLUMNS = 20
WIDE_ROWS = 200
BARE = "from PySide6.QtWidgets import QApplication, QLabel; a = QApplication([]); w = QLabel('x'); w.show(); w.grab()"


def main() -> None:
    """Measure everything once and print it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=1_000_000, help="of the CSV file")
    parser.add_argument("--table-rows", type=int, default=10_000_000, help="of the Parquet table; 0 leaves it out")
    parser.add_argument("--columns", type=int, default=10_000, help="of a wide CSV file; 0 leaves it out")
    parser.add_argument("--only-table", action="store_true")
    parser.add_argument("--only-wide", action="store_true")
    args = parser.parse_args()
    print(f"load average {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory() as folder:
        others = not (args.only_table or args.only_wide)
        if others:
            _start(Path(folder))
        app = QApplication.instance() or QApplication([])
        if others:
            _path(Path(folder))
            _large(Path(folder), args.rows)
        if args.table_rows and not args.only_wide:
            _table(Path(folder), args.table_rows)
        if args.columns and not args.only_table:
            _wide(Path(folder), args.columns)
        assert app is not None


def _start(folder: Path) -> None:
    bare = statistics.median(_timed(lambda: subprocess.run([sys.executable, "-c", BARE], check=True)) for _ in range(5))
    paints, memory = [], 0.0
    for number in range(9):
        begun = time.perf_counter()
        process = start_window(folder / f"start{number}")
        paints.append(time.perf_counter() - begun)
        memory = psutil.Process(process.pid).memory_info().rss / 1e6
        process.kill()
        process.communicate()
    paint = statistics.median(paints)
    _tell("exec to first paint, median of 9", f"{paint:.2f} s", f"{paint / bare:.1f} x a bare Qt window")
    _tell("", f"{paint / ORANGE_S:.2f} x", f"Orange's {ORANGE_S} s as noted on a like machine")
    _tell("memory at rest", f"{memory:.0f} MB", "")


def _path(folder: Path) -> None:
    window, clicks = _window(folder / "path"), ClickCounter()
    begun = time.perf_counter()
    drop_files(window, [ROOT / "resources" / "sample" / "churn.csv"])
    for step in ("run.train", "model.approve", "service.start"):
        wait_until(lambda s=step: _ready(window, s), 120, step)
        clicks.click(visible_button(window, step))
    wait_until(lambda: _ready(window, "service.stop"), 60, "the service")
    _tell("dropped file to running service", f"{time.perf_counter() - begun:.1f} s", f"{clicks.clicks} clicks")
    clicks.click(visible_button(window, "service.stop"))
    wait_until(lambda: _ready(window, "service.start"), 60, "the end of the service")
    beat = Heartbeat(10)
    clicks.click(visible_button(window, "run.train"))
    wait_until(lambda: _ready(window, "run.cancel"), 20, "the run")
    wait_until(lambda: any(job.text.count("fold") for job in window.session.jobs.running), 30, "a fold")
    begun = time.perf_counter()
    clicks.click(visible_button(window, "run.cancel"))
    wait_until(lambda: not window.session.jobs.running, 10, "the end")
    _tell("cancel, click to end", f"{time.perf_counter() - begun:.2f} s", f"{_children()} children left")
    _gaps("while training and cancelling", beat)
    window.close()


def _large(folder: Path, rows: int) -> None:
    source = folder / "large.csv"
    with source.open("w") as file:
        file.write("a,b,c,d,y\n")
        file.writelines(f"{n},{n % 97 / 7:.3f},{'xyz'[n % 3]},{n * 7919 % 1000},{n % 2}\n" for n in range(rows))
    window = _window(folder / "large")
    turn(PAINTED_MS)
    beat, begun = Heartbeat(10), time.perf_counter()
    drop_files(window, [source])
    wait_until(lambda: _ready(window, "run.train"), 300, "the data")
    _tell(f"add {rows:,} rows ({source.stat().st_size / 1e6:.0f} MB)", f"{time.perf_counter() - begun:.1f} s", "")
    _gaps("while adding", beat)
    window.close()


def _table(folder: Path, rows: int) -> None:
    """A wide Parquet table: from the Rows tab to its first rows, then jumps to far rows."""
    source = folder / "table.parquet"
    _write_parquet(source, rows)
    window = _window(folder / "table")
    begun = time.perf_counter()
    drop_files(window, [source])
    wait_until(lambda: isinstance(window.page, DataPage) and window.page.view is not None, 1800, "the data")
    size = f"{source.stat().st_size / 1e6:.0f} MB"
    _tell(f"add {rows:,} x {COLUMNS} Parquet", f"{time.perf_counter() - begun:.1f} s", size)
    tabs, before = window.page.tabs, psutil.Process().memory_info().rss
    begun = time.perf_counter()
    tabs.tab_bar.setCurrentIndex(1)
    wait_until(lambda: tabs.rows.model_.is_here(0), 60, "the first rows")
    tabs.rows.grab()
    _tell("rows tab to first rows painted", f"{time.perf_counter() - begun:.2f} s", "")
    far = _jumps(tabs.rows, rows)
    added = (psutil.Process().memory_info().rss - before) / 1e6
    _tell("page jump, p95 of 20", f"{far:.0f} ms", f"{added:.0f} MB more memory")
    begun = time.perf_counter()
    tabs.rows_view.sort_by("c3")
    wait_until(lambda: tabs.rows.model_.order is not None, 120, "the order")
    tabs.rows.scrollToTop()
    tabs.rows.grab()
    wait_until(lambda: tabs.rows.model_.is_here(0), 60, "the first rows in order")
    _tell("sorted by a column, to first rows", f"{time.perf_counter() - begun:.2f} s", "")
    _tell("page jump when sorted, p95 of 20", f"{_jumps(tabs.rows, rows):.0f} ms", "")
    window.close()


def _wide(folder: Path, columns: int) -> None:
    """Thousands of columns: their table opens and scrolls, the rows scroll sideways."""
    source = folder / "wide.csv"
    random = np.random.default_rng(0).normal(size=(WIDE_ROWS, columns - 1)).round(4)
    with source.open("w") as file:
        file.write(",".join([*(f"feature_{i:05}" for i in range(columns - 1)), "y"]) + "\n")
        file.writelines(f"{','.join(map(str, row))},{int(row[0] > 0)}\n" for row in random.tolist())
    window = _window(folder / "wide")
    turn(PAINTED_MS)
    beat, begun = Heartbeat(5), time.perf_counter()
    drop_files(window, [source])
    wait_until(lambda: isinstance(window.page, DataPage) and window.page.view is not None, 600, "the data")
    took = time.perf_counter() - begun
    _tell(f"add {WIDE_ROWS:,} x {columns:,} CSV", f"{took:.1f} s", f"{source.stat().st_size / 1e6:.0f} MB")
    _gaps("while adding it", beat)
    page = window.page
    assert isinstance(page, DataPage)
    page.clear()
    beat, begun = Heartbeat(5), time.perf_counter()
    page.refresh()
    wait_until(lambda: page.view is not None, 60, "the column table")
    page.tabs.grab()
    _tell("column table opens and is painted", f"{time.perf_counter() - begun:.2f} s", "at most 2 s is asked for")
    _gaps("while it opens", beat)
    beat = Heartbeat(5)
    _scrolled(page.tabs.columns.verticalScrollBar())
    _gaps("while it scrolls", beat)
    page.tabs.tab_bar.setCurrentIndex(1)
    wait_until(lambda: page.tabs.rows.model_.is_here(0), 60, "the first rows")
    beat = Heartbeat(5)
    _scrolled(page.tabs.rows.horizontalScrollBar())
    _gaps("while the rows scroll sideways", beat)
    window.close()


def _scrolled(bar: QScrollBar) -> None:
    """A hundred steps from one end to the other, painted each."""
    for step in range(101):
        bar.setValue(bar.maximum() * step // 100)
        turn(10)


def _jumps(table: RowsTable, rows: int) -> float:
    """Milliseconds from scrolling to a far row until its page is there, p95 of 20."""
    jumps = []
    for number in range(1, 21):
        begun = time.perf_counter()
        table.scrollTo(table.model_.index(rows * number // 21, 0))
        table.grab()
        wait_until(lambda n=number: table.model_.is_here(rows * n // 21), 60, "a far row")
        jumps.append((time.perf_counter() - begun) * 1000)
    return sorted(jumps)[18]


def _write_parquet(path: Path, rows: int) -> None:
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    random, piece = np.random.default_rng(0), 50_000
    writer = None
    for _ in range(0, rows, piece):
        block = {f"c{i}": random.integers(0, 1000, piece) / (1 + i % 3) for i in range(COLUMNS - 1)}
        table = pa.table(block | {"y": random.integers(0, 2, piece)})
        writer = writer or pq.ParquetWriter(path, table.schema)
        writer.write_table(table)
    if writer is not None:
        writer.close()


def _window(folder: Path) -> MainWindow:
    settings = Settings(folder / "config")
    settings.projects_folder = folder / "projects"
    window = MainWindow(None, settings)
    window.show()
    return window


def _ready(window: MainWindow, name: str) -> bool:
    return any(b.isVisible() and b.isEnabled() for b in window.findChildren(QAbstractButton, name))


def _children() -> int:
    return len([p for p in psutil.Process().children(recursive=True) if p.status() != psutil.STATUS_ZOMBIE])


def _gaps(what: str, beat: Heartbeat) -> None:
    gaps = beat.stop()
    _tell(f"loop gap {what}", f"p99 {gaps[int(len(gaps) * 0.99)]:.0f} ms", f"worst {gaps[-1]:.0f} ms")


def _timed(do: Callable[[], object]) -> float:
    begun = time.perf_counter()
    do()
    return time.perf_counter() - begun


def _tell(what: str, figure: str, beside: str) -> None:
    print(f"{what:<46}{figure:>12}   {beside}", flush=True)


if __name__ == "__main__":
    main()
