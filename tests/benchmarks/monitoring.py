"""Drift of 100,000 rows x 20 columns against 100,000, beside Evidently: ``python tests/benchmarks/monitoring.py``.

The same two tables, each side in a process of its own; three rounds, interleaved, the median counts. Evidently's drift
preset needs pandas below 3 and so an environment of its own, made in ``--cache`` (once, with the network). Null bands,
which it does not have, stand on a line of their own.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

PEERS = Path(__file__).parent / "peers"
PINS = PEERS / "evidently_pins.txt"
ROWS, ROUNDS = 100_000, 3
GOAL_FASTER, GOAL_COLD_S, GOAL_WARM_S = 9.0, 10.0, 0.1
sys.path.insert(0, str(PEERS))

from drift import NUMBERS, SIDES, TEXTS  # noqa: E402 -- runs without being installed


def _evidently_python(folder: Path) -> Path:
    """The interpreter of Evidently's environment, made if it is not there or has other pins."""
    python, stamp = folder / "bin" / "python", folder / "pins.txt"
    if not (stamp.exists() and stamp.read_text() == PINS.read_text()):
        print(f"Setting up Evidently in {folder} (once, needs the network)", file=sys.stderr, flush=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
        pip = [python, "-m", "pip", "install", "--disable-pip-version-check", "--quiet", "-r", PINS]
        subprocess.run(pip, check=True, stdout=sys.stderr)
        shutil.copyfile(PINS, stamp)
    return python


def _write(folder: Path, rows: int) -> None:
    """Half of the columns moved a little, the others not at all."""
    random, arrays = np.random.default_rng(5), {}
    for side in SIDES:
        moved = side == "now"
        for i in range(NUMBERS):
            shift = 0.03 * (i % 2) * moved
            arrays[f"{side}.n{i}"] = random.normal(shift, 1, rows) if i < 10 else random.gamma(2 + shift, 1, rows)
        for i in range(TEXTS):
            shares = np.linspace(1, 2 + 0.2 * moved * (i % 2), 5 + 4 * i)
            picked = random.choice(len(shares), rows, p=shares / shares.sum())
            arrays[f"{side}.c{i}"] = np.array([f"value {k}" for k in range(len(shares))])[picked]
    np.savez(folder / "tables.npz", **arrays)


def _run(python: Path | str, system: str, folder: Path) -> dict[str, object]:
    surroundings = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "DO_NOT_TRACK": "1"}
    done = subprocess.run(
        [python, PEERS / "drift.py", system, folder], check=True, capture_output=True, text=True, env=surroundings
    )
    return json.loads(done.stdout.splitlines()[-1])


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    cached = Path.home() / ".cache" / "modelyard-peers"
    parser.add_argument("--cache", type=Path, default=cached, help="of Evidently's environment (default: %(default)s)")
    parser.add_argument("--rows", type=int, default=ROWS)
    args = parser.parse_args()
    peer = _evidently_python((args.cache / "evidently").absolute())
    told: dict[str, list[dict]] = {"ours": [], "evidently": []}
    for _ in range(ROUNDS):
        with tempfile.TemporaryDirectory() as folder:
            _write(Path(folder), args.rows)
            told["ours"].append(_run(sys.executable, "ours", Path(folder)))
            told["evidently"].append(_run(peer, "evidently", Path(folder)))
    print(f"{args.rows:,} rows x {NUMBERS + TEXTS} columns, load {os.getloadavg()[0]:.1f}")
    seconds = {name: statistics.median(r["seconds"] for r in runs) for name, runs in told.items()}
    for name, runs in told.items():
        memory = statistics.median(r["memory_mb"] for r in runs)
        print(f"{name:<12} {seconds[name]:8.3f} s  {memory:7.0f} MB over the data")
    faster = seconds["evidently"] / seconds["ours"]
    print(f"faster       {faster:8.1f} x  (goal {GOAL_FASTER:g}: {'met' if faster >= GOAL_FASTER else 'MISSED'})")
    one, other = told["ours"][-1]["values"], told["evidently"][-1]["values"]
    apart = max(abs(one[name] - other[name]) for name in other)
    print(f"{len(other)} values both compute; greatest difference {apart:.1e}")
    for word, goal in (("cold", GOAL_COLD_S), ("warm", GOAL_WARM_S)):
        took = statistics.median(r[word]["bands_s"] for r in told["ours"])
        print(f"null bands, {word}: {took:.3f} s (goal {goal:g} s: {'met' if took < goal else 'MISSED'})")


if __name__ == "__main__":
    main()
