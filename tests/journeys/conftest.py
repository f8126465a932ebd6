"""The command line as real processes, and real tables as files."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Said:
    """What a command left behind. ``json``: its one object."""

    code: int
    json: dict[str, object]
    err: str


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """As a terminal on a server has it: no display, no colours, our checkout importable."""
    kept = {k: v for k, v in os.environ.items() if k not in {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"}}
    return kept | {"PYTHONPATH": str(ROOT), "MODELYARD_ACTOR": "Ada", **(extra or {})}


def argv(*words: object) -> list[str]:
    """One command line as a process of its own."""
    return [sys.executable, "-m", "app", *map(str, words)]


@pytest.fixture
def command_line(tmp_path: Path) -> Callable[..., Said]:
    """Run a verb with ``--json`` and hand back what it said; checks that it is one object and no traceback."""

    def run(*words: object, timeout_s: float = 240, env: Mapping[str, str] | None = None) -> Said:
        done = subprocess.run(
            argv(*words, "--json"),
            capture_output=True,
            text=True,
            cwd=tmp_path,
            env=environment(env),
            timeout=timeout_s,
        )
        assert "Traceback" not in done.stderr, done.stderr
        assert done.stdout.count("\n") == 1, (done.stdout, done.stderr)
        return Said(done.returncode, json.loads(done.stdout), done.stderr)

    return run


@pytest.fixture
def background(tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start a verb and go on; whatever still runs at the end of the test is killed with its group."""
    started: list[subprocess.Popen[str]] = []

    def start(*words: object, env: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            argv(*words),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=tmp_path,
            env=environment(env),
            start_new_session=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            os.killpg(process.pid, 9)
        process.communicate()
