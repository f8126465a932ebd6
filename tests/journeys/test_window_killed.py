"""kill -9 of the window inside each step: it opens again within seconds, nothing confirmed is lost, a run that was
under way is marked so and can be trained again or discarded. ``MODELYARD_KILLS`` sets the kills a step (default 1)."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from app.core.progress import Silent
from app.core.runs import RunState
from app.errors import EnvironmentProblem
from app.registry import datasets, models, runs
from app.registry.project import Project, is_project
from app.registry.verify import verify
from app.ui.data_page import DataPage
from app.ui.settings import Settings
from app.ui.window import MainWindow
from tests.ui.helpers import ROOT, ClickCounter, kill_window, visible_button, wait_until

pytestmark = pytest.mark.skipif(os.name != "posix", reason="SIGKILL")

KILLS = int(os.environ.get("MODELYARD_KILLS", "1"))
SAMPLE = ROOT / "resources" / "sample" / "churn.csv"
STEPS = {"step add": 1.5, "step train": 6.0, "candidate": 4.0, "step approve": 0.4, "step bundle": 1.5}
"""Each line that the driver says, and the seconds within which it is killed after it."""


@pytest.fixture
def drive(tmp_path: Path) -> Iterator[Callable[[str, float], Path]]:
    """Walk the path, kill the window some seconds after it said a step; the folder of its settings and projects."""
    started: list[subprocess.Popen[str]] = []

    def walk(step: str, after_s: float) -> Path:
        config = tmp_path / f"{step}-{after_s:.2f}".replace(" ", "-")
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.ui.drive", str(config), str(SAMPLE)],
            cwd=ROOT,
            env=os.environ | {"QT_QPA_PLATFORM": "offscreen"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        started.append(process)
        assert process.stdout is not None
        for line in process.stdout:
            if line.strip() == step:
                break
        assert process.poll() is None, process.stderr.read() if process.stderr else ""
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(after_s)
        kill_window(process)
        return config

    yield walk
    for process in started:
        if process.poll() is None:
            kill_window(process)


def _moments(step: str) -> list[float]:
    chance = random.Random(step)
    return [STEPS[step] * (number + chance.random()) / KILLS for number in range(KILLS)]


def _project(config: Path) -> Path | None:
    found = [path for path in (config / "projects").glob("*") if is_project(path)]
    return found[0] if found else None


def _is_half_made(folder: Path) -> bool:
    """Whether it was killed before the project's first row: nothing was confirmed, and opening it says so."""
    try:
        Project.open(folder, actor="Ada").close()
    except EnvironmentProblem as problem:
        return "nothing is in it yet" in problem.message
    return False


@pytest.mark.parametrize("step", list(STEPS))
def test_a_killed_window_leaves_a_whole_project(drive: Callable[[str, float], Path], step: str):
    for after_s in _moments(step):
        folder = _project(drive(step, after_s))
        if folder is None or _is_half_made(folder):
            assert step == "step add"
            continue
        with Project.open(folder, actor="Ada") as project:
            report = verify(project, Silent())
            assert report.ok, report.problems
            runs.mark_interrupted(project)
            assert all(run.state is not RunState.RUNNING for run in runs.runs(project))
            if step != "step add":
                assert datasets.datasets(project)
            if step == "step bundle":
                assert models.models(project)


def test_an_interrupted_run_is_offered_again_or_discarded(drive: Callable[[str, float], Path], qapp: QApplication):
    config = drive("candidate", 0.5)
    folder = _project(config)
    assert folder is not None
    started = time.monotonic()
    window = MainWindow(folder, Settings(config))
    window.show()
    wait_until(lambda: isinstance(window.page, DataPage) and window.page.interrupted.isVisible(), 30, "the banner")
    assert time.monotonic() - started < 10
    page = window.page
    assert isinstance(page, DataPage)
    assert page.interrupted.message == "Run 1 was interrupted."
    assert visible_button(window, "run.again").isEnabled()
    clicks = ClickCounter()
    clicks.click(visible_button(window, "run.discard"))
    wait_until(lambda: not page.interrupted.isVisible(), 10, "the banner to go")
    assert window.session.project is not None
    (run,) = runs.runs(window.session.project)
    assert run.state is RunState.DISCARDED
    assert run.candidates
    clicks.stop()
    window.session.shut()
    window.close()
    window.deleteLater()
