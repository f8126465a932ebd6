"""Figures of the path by command line: ``python tests/benchmarks/command_line.py [--rows N]``.

Not part of any timed test run. Prints seconds and, because machines differ, each as a multiple of the start of a
bare interpreter on this machine.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from app.serving.client import predict  # noqa: E402 -- runs without being installed


class Figures:
    """What was measured, in order, beside the time that a bare interpreter takes."""

    def __init__(self) -> None:
        self.bare_s = min(_timed(lambda: _run([sys.executable, "-c", "pass"])) for _ in range(5))
        self.rows: list[tuple[str, float]] = []

    @contextmanager
    def timed(self, name: str) -> Iterator[None]:
        begun = time.perf_counter()
        yield
        self.rows.append((name, time.perf_counter() - begun))

    def total(self, names: set[str]) -> float:
        return sum(seconds for name, seconds in self.rows if name in names)

    def tell(self) -> None:
        print(f"{'bare interpreter':<44}{self.bare_s:9.3f} s {1:9.1f} x")
        for name, seconds in self.rows:
            print(f"{name:<44}{seconds:9.3f} s {seconds / self.bare_s:9.1f} x")


def main() -> None:
    """Walk the path once on the sample data, then the parts that grow with the data."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=100_000, help="rows of the file to predict")
    parser.add_argument("--seconds", type=float, default=10.0, help="bound of the training")
    args = parser.parse_args()
    figures = Figures()
    with tempfile.TemporaryDirectory() as folder:
        _walk(figures, Path(folder), args.seconds)
        _grow(figures, Path(folder), args.rows)
    figures.tell()
    path = {"new", "add", "train", "approve", "bundle", "serve: exec to ready", "one answer"}
    total = figures.total(path)
    print(
        f"dropped file -> answered request: {total:.1f} s, {args.seconds:g} s of them allowed to training, 6 commands"
    )


def _walk(figures: Figures, folder: Path, seconds: float) -> None:
    project, table = folder / "p", ROOT / "resources" / "sample" / "churn.csv"
    with figures.timed("--help"):
        _run([sys.executable, "-m", "app", "--help"])
    for name, words in (
        ("new", ["new", project]),
        ("add", ["add", project, table]),
        ("train", ["train", project, "churn", "--seconds", seconds]),
        ("approve", ["approve", project, 1, "--reason", "Benchmark"]),
        ("bundle", ["bundle", project, "churn@1"]),
    ):
        with figures.timed(name):
            _verb(*words)
    with _served(figures, project / "bundles" / "churn@1", folder / "logs") as url:
        row = json.loads((project / "bundles" / "churn@1" / "golden.jsonl").read_text("utf-8").splitlines()[0])["row"]
        with figures.timed("one answer"):
            answer = predict(url, [row])
        with figures.timed("1,000 answers, one after the other"):
            for _ in range(1000):
                predict(url, [row])
    with figures.timed("collect 1,001 predictions"):
        _verb("collect", project, folder / "logs")
    with figures.timed("trace"):
        _verb("trace", project, answer["predictions"][0]["id"])  # type: ignore[index]


def _grow(figures: Figures, folder: Path, rows: int) -> None:
    source = ROOT / "resources" / "sample" / "churn.csv"
    with source.open(encoding="utf-8", newline="") as file:
        header, *lines = csv.reader(file)
    big = folder / "big.csv"
    with big.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(lines[i % len(lines)] for i in range(rows))
    with figures.timed(f"predict {rows:,} rows (the sample repeated)"):
        _verb("predict", folder / "p", "churn@1", big, folder / "answers.csv")
    with figures.timed(f"verify with {rows + 1001:,} predictions"):
        _verb("verify", folder / "p")


@contextmanager
def _served(figures: Figures, bundle: Path, logs: Path) -> Iterator[str]:
    command = [sys.executable, "-m", "app", "serve", str(bundle), "--port", "0", "--log-dir", str(logs)]
    with figures.timed("serve: exec to ready"):
        server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
        assert server.stdout
        ready = json.loads(server.stdout.readline())
    yield ready["url"]
    server.send_signal(signal.SIGTERM)
    server.communicate(timeout=20)


def _verb(*words: object) -> dict[str, object]:
    done = _run([sys.executable, "-m", "app", *map(str, words), "--json"])
    return dict(json.loads(done))


def _run(command: list[str]) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT, env=dict(os.environ)).stdout


def _timed(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


if __name__ == "__main__":
    main()
