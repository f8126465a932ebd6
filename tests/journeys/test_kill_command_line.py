"""kill -9 inside each step of the path: the project stays whole, nothing confirmed is lost, every step can be done
again. ``MODELYARD_KILLS`` sets the kills a step (default 1; 20 for the figures in the notes)."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

pytestmark = pytest.mark.skipif(os.name != "posix", reason="SIGKILL")

ROOT = Path(__file__).parents[2]
KILLS = int(os.environ.get("MODELYARD_KILLS", "1"))
GONE_WITHIN_S = 20.0  # measured: at once; on a machine that has other things to do somebody has to get his turn


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """The sample data."""
    (source,) = (ROOT / "resources" / "sample").glob("*.csv")
    path = tmp_path / "churn.csv"
    path.write_bytes(source.read_bytes())
    return path


def moments(step: str, seconds: float) -> list[float]:
    """When to kill: spread over the whole step, the same every time."""
    chance = random.Random(step)
    return [seconds * (number + chance.random()) / KILLS for number in range(KILLS)]


def kill_at(process: subprocess.Popen[str], after_s: float) -> bool:
    """Kill the command (not its children) after that time; whether it was still at it."""
    try:
        process.wait(after_s)
    except subprocess.TimeoutExpired:
        process.kill()
    process.communicate()
    killed = process.returncode == -9
    if killed:
        assert_no_orphans(process.pid)
    return killed


def hit_by(start: Callable[[], subprocess.Popen[str]], after_s: float) -> bool:
    """Kill a command after that time; where a quick machine was done before, once more at half of it."""
    return any(kill_at(start(), after_s / divisor) for divisor in (1, 2, 4, 8))


def assert_no_orphans(session: int) -> None:
    """Children of a killed command end too; a service would not be in its session."""
    deadline = time.monotonic() + GONE_WITHIN_S
    left = [session]
    while left and time.monotonic() < deadline:
        left = [p.pid for p in psutil.process_iter() if _session_of(p.pid) == session]
    assert not left, [psutil.Process(pid).cmdline() for pid in left]


def _session_of(pid: int) -> int | None:
    try:
        return os.getsid(pid)
    except ProcessLookupError:
        return None


def assert_whole(command_line: Callable, project: Path) -> None:
    verified = command_line("verify", project)
    assert (verified.code, verified.json["problems"]) == (0, []), verified
    assert list((project / "tmp").iterdir()) == []


def repeat_killed(
    command_line: Callable, background: Callable, project: Path, step: str, seconds: float, *words: object
) -> int:
    """Do a step again and again, killed at another moment each time; how often it was hit."""
    hit = 0
    for after_s in moments(step, seconds):
        hit += hit_by(lambda: background(*words, "--json"), after_s)
        assert_whole(command_line, project)
    return hit


def test_a_killed_path_can_always_be_walked_to_its_end(
    table: Path, tmp_path: Path, command_line: Callable, background: Callable
) -> None:
    project = tmp_path / "p"
    assert command_line("new", project).code == 0
    hit = {}
    quick = ("--seconds", 30, "--no-search", "--families", "linear")

    def killed(step: str, seconds: float, *words: object) -> None:
        hit[step] = repeat_killed(command_line, background, project, step, seconds, *words)

    killed("add", 1.5, "add", project, table, "--target", "churned")
    added = command_line("add", project, table, "--target", "churned")
    assert (added.code, added.json["version"]) == (0, 1)

    killed("train", 5.0, "train", project, "churn", *quick)
    trained = command_line("train", project, "churn", *quick)
    assert trained.code == 0, trained
    states = [run["state"] for run in command_line("runs", project).json["runs"]]
    assert states[0] == "finished"
    assert set(states[1:]) <= {"interrupted", "finished"}

    killed("approve", 1.0, "approve", project, trained.json["run"], "--reason", "Good")
    approved = command_line("approve", project, trained.json["run"], "--reason", "Good")
    assert approved.code in {0, 6}  # 6: a killed one had got through

    killed("bundle", 1.2, "bundle", project, "churn@1")
    bundle = command_line("bundle", project, "churn@1")
    assert bundle.code == 0
    check = [sys.executable, "-I", Path(bundle.json["path"]) / "serve.py", "--check"]
    assert subprocess.run(check, capture_output=True, timeout=60, check=False).returncode == 0

    out = tmp_path / "answers.csv"
    killed("predict", 2.0, "predict", project, "churn@1", table, out)
    done = command_line("predict", project, "churn@1", table, out)
    assert done.code == 0
    assert len(out.read_text("utf-8").splitlines()) == done.json["rows"] + 1
    assert_whole(command_line, project)
    assert sum(hit.values()) >= len(hit), hit
