"""Modelyard beside the AutoML tools at equal seconds: ``python tests/benchmarks/training.py [--seconds 15 60]``.

Twenty real data sets that packages ship (eight of them were added when the search was done, and nothing was tuned on
them: ``--only fresh``); every system gets the same training rows and answers rows it never saw, in a
process of its own on two cores, one after the other. The peers live in an environment of their own, which is made in
``--cache`` (once, with the network). What was measured is appended to ``--results`` at once: an interrupted run goes
on where it was, and ``--again Modelyard`` measures a changed system anew beside figures that are kept.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT, PEERS = Path(__file__).parents[2], Path(__file__).parent / "peers"
sys.path[:0] = [str(ROOT), str(PEERS)]

from environment import peers_python  # noqa: E402 -- runs without being installed
from job import THREADS, Job  # noqa: E402
from results import Cell, Key, Results, Truth  # noqa: E402
from table import OURS, Table, body, lines  # noqa: E402

from app.jobs.child import NICENESS  # noqa: E402

SETS = (
    "OJ", "Default", "Caravan", "Affairs", "Parties", "Airline",
    "Wage", "Carseats", "College", "Bikeshare", "Doctor", "Arrival",
)  # fmt: skip
FRESH = ("Khan", "Rain", "Delayed", "Auto", "Hitters", "Credit", "Wind", "Life")
SYSTEMS = (OURS, "FLAML", "AutoGluon", "Optuna", "LightGBM", "linear", "dummy")
WITHOUT_BUDGET = ("LightGBM", "linear", "dummy")
"""Fitted once for all budgets: they take no notice of the seconds."""
CACHED = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "modelyard-benchmark"
QUICK = {"only": ["OJ", "Carseats"], "seconds": [5.0], "seeds": 1}


@dataclass(frozen=True)
class Bench:
    """Where things are. ``peers``: the interpreter of the peers' environment."""

    peers: Path
    data: Path
    results: Results

    def set(self, name: str, seed: int) -> Path:
        """The folder of a set, written first if it is not there."""
        folder = self.data / f"{name}-{seed}"
        if not (folder / "info.json").exists():
            subprocess.run([self.peers, PEERS / "data.py", folder, name, str(seed)], check=True)
        return folder

    def measure(self, key: Key) -> Cell:
        """One system on one set in a process of its own."""
        data, out = self.set(key.set, key.seed), self.results.folder / key.folder
        out.mkdir(exist_ok=True)
        info = json.loads((data / "info.json").read_text())
        job = Job(
            key.system, str(data), str(out), key.seconds, key.seed,
            info["task"], info["target"], info["metric"], tuple(info["labels"]),
        )  # fmt: skip
        (out / "told.json").unlink(missing_ok=True)
        load, begun = os.getloadavg()[0], time.perf_counter()
        problem = self._run(job)
        wall_s = time.perf_counter() - begun
        if problem:
            return Cell(key, None, wall_s=wall_s, load=load, note=problem)
        error = Truth.read(data).error(self.results.predicted(key))
        return Cell(key, error, wall_s=wall_s, load=load, **json.loads((out / "told.json").read_text()))

    def _run(self, job: Job) -> str:
        """Why there is no answer, empty if there is one."""
        python, file = (sys.executable, "modelyard.py") if job.system == OURS else (self.peers, "systems.py")
        limit_s = 5 * job.seconds + 180
        with tempfile.TemporaryFile() as told:
            child = subprocess.Popen(
                [*_modest(job.system), python, PEERS / file, job.write()], stdout=told, stderr=told,
                env=_surroundings(job.system), start_new_session=True, cwd=job.out,
            )  # fmt: skip
            try:
                code = child.wait(limit_s)
            except subprocess.TimeoutExpired:
                os.killpg(child.pid, signal.SIGKILL)
                child.wait()
                return f"stopped after {limit_s:g} s"
            told.seek(0)
            words = told.read().decode("utf-8", "replace").strip().splitlines()
        return "" if code == 0 else (words or [f"exit code {code}"])[-1]


def _modest(system: str) -> list[str]:
    """Our children fit at a low priority so that the window comes first; on a machine that does other things as well
    the peers would get several times as much of it."""
    return [] if system == OURS or not shutil.which("nice") else ["nice", "-n", str(NICENESS)]


def _surroundings(system: str) -> dict[str, str]:
    """Threads as each system likes them: Optuna runs two fits at a time."""
    told = dict(os.environ) | {"PYTHONWARNINGS": "ignore"}
    return told | {"OMP_NUM_THREADS": "1"} if system == "Optuna" else told


def _two_cores() -> None:
    """This process and all that it starts (Linux)."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:THREADS])


def _fill(bench: Bench, keys: list[Key], again: list[str]) -> None:
    for key in keys:
        if key in bench.results.cells and key.system not in again:  # a failure is a result, too
            continue
        cell = _of_another_budget(bench.results, key) or bench.measure(key)
        bench.results.add(cell)
        told = f"error {cell.error:.5g}, fit {cell.fit_s:.1f} s" if cell.error is not None else f"failed: {cell.note}"
        print(f"{key.folder}: {told}, process {cell.wall_s:.1f} s, {cell.note}", file=sys.stderr, flush=True)


def _of_another_budget(results: Results, key: Key) -> Cell | None:
    if key.system not in WITHOUT_BUDGET:
        return None
    found = [c for k, c in results.cells.items() if (k.set, k.seed, k.system) == (key.set, key.seed, key.system)]
    if not found or found[0].error is None:
        return None
    folder, source = results.folder / key.folder, results.folder / found[0].key.folder
    folder.mkdir(exist_ok=True)
    (folder / "answer.npz").write_bytes((source / "answer.npz").read_bytes())
    told = found[0]
    return Cell(key, told.error, told.fit_s, told.wall_s, told.predict_ms, told.model_bytes, told.load, told.note)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, nargs="+", default=[15.0, 60.0], help="budgets (default: 15 60)")
    parser.add_argument("--seeds", type=int, default=3, help="how many splits and seeds, of which the median counts")
    every = [*SETS, *FRESH]
    known = ", ".join(every)
    parser.add_argument(
        "--only", nargs="+", choices=[*every, "fresh"], default=every, metavar="SET", help=f"{known}, or fresh"
    )
    parser.add_argument("--systems", nargs="+", choices=SYSTEMS, default=list(SYSTEMS), metavar="SYSTEM")
    parser.add_argument("--again", nargs="+", choices=SYSTEMS, default=[], metavar="SYSTEM", help="measure these anew")
    parser.add_argument("--quick", action="store_true", help="two small sets, 5 seconds, one seed")
    parser.add_argument("--show", action="store_true", help="measure nothing, show what is there")
    parser.add_argument("--cache", type=Path, default=CACHED, help="of the peers and the sets (default: %(default)s)")
    parser.add_argument("--peers", type=Path, help="the folder of the peers' environment (default: in --cache)")
    parser.add_argument("--results", type=Path, help="the folder of what was measured (default: in --cache)")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of the tables")
    args = parser.parse_args()
    if args.only == ["fresh"]:
        args.only = list(FRESH)
    if args.quick:
        vars(args).update(QUICK)
    return args


def main() -> None:
    """Measure what is missing, then print."""
    args = _arguments()
    args.cache.mkdir(parents=True, exist_ok=True)
    python = peers_python((args.peers or args.cache / "environment").absolute())
    bench = Bench(
        python, (args.cache / "data").absolute(), Results((args.results or args.cache / "results").absolute())
    )
    seeds = range(args.seeds)
    keys = [
        Key(name, seconds, seed, system)
        for seconds in args.seconds for name in args.only for seed in seeds for system in args.systems
    ]  # fmt: skip
    if not args.show:
        _two_cores()
        _fill(bench, keys, args.again)
    truth = cache(lambda name, seed: Truth.read(bench.set(name, seed)))
    tables = [Table(bench.results, args.only, args.systems, seconds, seeds, truth) for seconds in args.seconds]
    if args.json:
        print(json.dumps({"tables": [body(table) for table in tables]}))
        return
    print("\n\n".join("\n".join(lines(table)) for table in tables))


if __name__ == "__main__":
    main()
