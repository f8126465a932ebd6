"""Figures of *Compare* with very many runs: ``python tests/benchmarks/runs.py [--runs 10000] [--facts 180]``. Not part
of any timed test run. Opening the page and all runs, sorting and filtering them, each with the loop's worst gap."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).parents[2]))

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from app.ui.compare.compare_page import ComparePage
from app.ui.settings import Settings
from app.ui.window import MainWindow
from tests.ui.helpers import Heartbeat, turn, wait_until
from tests.ui.many_runs import make_runs


def main() -> None:
    """Measure everything once and print it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--facts", type=int, default=180, help="packages, each a column")
    args = parser.parse_args()
    print(f"load average {os.getloadavg()[0]:.1f}")
    app = QApplication.instance() or QApplication([])
    with tempfile.TemporaryDirectory() as folder:
        make_runs(Path(folder), args.runs, args.facts).close()
        window = MainWindow(Path(folder) / "project", Settings(Path(folder) / "config"))
        window.show()
        wait_until(lambda: window.session.project is not None, 60, "the project")
        turn(1500)
        _measure(window, args.runs)
        window.session.shut()
        window.close()
    assert app is not None


def _measure(window: MainWindow, runs: int) -> None:
    _timed("Compare opens", lambda: window.show_page("compare"), lambda: _page(window).table.candidates.records)
    page = _page(window)
    table = page.runs.table
    _timed("all runs, to first rows painted", page.turn.click, lambda: page.runs.model.found == runs and table.grab())
    by = page.runs.model.titles().index("Score")
    _timed("sorted", lambda: table.sortByColumn(by, Qt.SortOrder.DescendingOrder), table.grab)
    _timed("filtered", lambda: page.runs.field.setText("boosting"), table.grab)
    _timed("all columns", lambda: page.runs.only.setChecked(False), table.grab)
    print(f"{page.runs.model.columnCount()} columns")


def _page(window: MainWindow) -> ComparePage:
    assert isinstance(window.page, ComparePage)
    return window.page


def _timed(what: str, do: Callable[[], object], done: Callable[[], object]) -> None:
    beat, begun, worked = Heartbeat(5), time.perf_counter(), time.process_time()
    do()
    wait_until(done, 120, what)
    took, processor = time.perf_counter() - begun, time.process_time() - worked
    turn(50)
    print(f"{what:34} {took:.3f} s, processor {processor:.3f} s, worst gap {max(beat.stop(), default=0):.0f} ms")
    turn(500)


if __name__ == "__main__":
    main()
