"""The benchmark of reading runs: figures that nobody can take any more would be believed for ever."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
SMALL = ["--csv-mb", "9", "--parquet-rows", "0", "--columns", "0", "--flights-rows", "2000"]


def test_the_benchmark_of_reading_prints_its_figures():
    done = subprocess.run(
        [sys.executable, "tests/benchmarks/data.py", *SMALL], cwd=ROOT, capture_output=True, text=True, check=True
    )
    told = {line[:46].strip() for line in done.stdout.splitlines()}
    assert {"checked and stored", "as a multiple of DuckDB", "most memory in the child"} <= told
    assert "0 files or processes left" in done.stdout or "could be cancelled" in done.stdout
