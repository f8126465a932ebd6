"""A million logged predictions come home: ``python tests/benchmarks/collecting.py [--predictions N]``.

Logs of a bundle with ten inputs, in segments as the server closes them, are collected into a new project by the command
line, in a process of its own whose time and greatest resident memory are told; then once more: all of them are known.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import msgspec
import numpy as np

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from app.core.ids import new_id  # noqa: E402 -- runs without being installed
from app.core.runs import RunState  # noqa: E402
from app.registry import runs  # noqa: E402
from app.registry.project import Project  # noqa: E402
from app.runtime.log import MAX_SEGMENT_BYTES  # noqa: E402
from app.runtime.logline import Header, Line, Output  # noqa: E402

GOAL_S = 60.0
FIRST_MS = 1_790_000_000_000
COMMAND = """
import resource, sys
from app.cli import main
code = main(sys.argv[1:])
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)
sys.exit(code)
"""


def _story() -> ModuleType:
    """The registry tests' small true histories."""
    spec = importlib.util.spec_from_file_location("registry_story", ROOT / "tests" / "registry" / "story.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def _project(path: Path) -> str:
    """A project with one bundle; its digest."""
    story = _story()
    with Project.create(path, actor="Ada") as project:
        run = story.start(project, *story.add(project, "a"))
        candidate = story.fit(project, run)
        runs.end_run(project, run.id, RunState.FINISHED)
        return str(story.bundle(project, story.approve(project, run, candidate)).sha256)


def _lines(bundle: str, count: int) -> Iterator[bytes]:
    encode = msgspec.json.Encoder().encode
    random = np.random.default_rng(7)
    for number in range(count):
        inputs = {f"amount {i}": float(v) for i, v in enumerate(random.normal(50, 10, 8).round(3))}
        inputs |= {"plan": "premium", "region": f"r{number % 40}"}
        share = round(float(random.random()), 6)
        output = Output("yes", share, {"no": round(1 - share, 6), "yes": share})
        at = f"2026-11-{1 + number % 28:02}T10:00:00.{number % 1_000_000:06}Z"
        yield encode(Line(new_id(FIRST_MS + number), at, f"sha256:{bundle}", "data a@1", inputs, output, 1.25)) + b"\n"


def _write(folder: Path, bundle: str, count: int) -> int:
    """Segments as large as the server's; all bytes."""
    folder.mkdir()
    number = total = size = 0
    file = None
    for line in _lines(bundle, count):
        if file is None or size > MAX_SEGMENT_BYTES:
            number += 1
            if file is not None:
                file.close()
            file, size = (folder / f"{number:06}.jsonl").open("wb"), 0
            header = Header(number, "w", f"sha256:{bundle}", "data a@1", "2026-11-01T00:00:00.000000Z")
            file.write(msgspec.json.encode(header) + b"\n")
        file.write(line)
        size += len(line)
        total += len(line)
    if file is not None:
        file.close()
    return total


def _collect(project: Path, logs: Path) -> tuple[float, float, dict[str, int]]:
    """Seconds, greatest memory in MB, the answer."""
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", COMMAND, "collect", str(project), str(logs), "--json"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return time.perf_counter() - started, int(done.stderr.split()[-1]) / 1024, json.loads(done.stdout)


def main() -> None:
    """Write the logs, collect them twice, tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--predictions", type=int, default=1_000_000)
    count = parser.parse_args().predictions
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        bundle = _project(folder / "project")
        size = _write(folder / "logs", bundle, count)
        print(f"{count:,} predictions, {size / 1e6:,.0f} MB; load {os.getloadavg()[0]:.1f}", flush=True)
        for what in ("cold", "known"):
            seconds, memory, told = _collect(folder / "project", folder / "logs")
            print(f"{what:<6} {seconds:6.1f} s  {memory:6.0f} MB  {told}", flush=True)
        ok = seconds <= GOAL_S
        print(f"goal {GOAL_S:.0f} s {'met' if ok else 'missed'}")


if __name__ == "__main__":
    main()
