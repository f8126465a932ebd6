"""kill -9 of the window at random moments inside each step: what it showed is in the project, nothing of it lives on
but services, the project is whole, and the step can be done (again) in the next window.

One kill in two of the steps; ``MODELYARD_LONG=1`` makes it 20 in every step, for the figures in the notes (about a
quarter of an hour).
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import psutil
import PySide6  # noqa: F401 -- by this line the suites know that the file needs a window
import pytest

from app.bundles.verify import verify_bundle
from app.core.progress import Silent
from app.core.runs import Run, RunState
from app.errors import EnvironmentProblem
from app.registry import audit, datasets, deploy, models, runs, watch
from app.registry.project import Project, is_project
from app.registry.verify import verify
from app.serving import client, keeping, local
from tests.journeys.window_steps import (
    ACTOR,
    FOLDER,
    SAMPLE,
    STEPS,
    Stages,
    Step,
    open_window,
    reopen,
    start_service,
    stop_services,
)
from tests.ui.window_process import Shown, WindowProcess

pytestmark = pytest.mark.skipif(os.name != "posix", reason="SIGKILL")

KILLS = 20 if os.environ.get("MODELYARD_LONG") else 1
GONE_WITHIN_S = 20.0  # measured: at once; on a machine that has other things to do somebody has to get his turn
REOPENED_WITHIN_S = 20.0  # the goal is 3 s on a calm machine; the benchmark tells it


@pytest.fixture(scope="module")
def stages(tmp_path_factory: pytest.TempPathFactory) -> Stages:
    return Stages(tmp_path_factory.mktemp("path"))


@pytest.fixture
def ended() -> Iterator[list[WindowProcess]]:
    """Windows that must be gone at the end of the test, with all that they started."""
    windows: list[WindowProcess] = []
    yield windows
    for window in windows:
        if window.process.poll() is None:
            window.kill()
        for left in window.family():
            left.kill()


def moments(step: Step, seconds: float) -> list[float]:
    """When to kill: spread over the whole step and a little beyond, the same every time."""
    chance = random.Random(f"{step.name} {KILLS}")
    return [1.1 * seconds * (number + chance.random()) / KILLS for number in range(KILLS)]


EVERY_DAY = ("add", "bundle")
"""By the window; by the command line every step is killed every day."""
CHOSEN = [step for step in STEPS if os.environ.get("MODELYARD_LONG") or step.name in EVERY_DAY]


@pytest.mark.parametrize("step", CHOSEN, ids=lambda step: step.name)
def test_a_kill_inside_a_step_loses_nothing(step: Step, stages: Stages, tmp_path: Path, ended: list[WindowProcess]):
    base = stages.before(step)
    stages.walked(step)
    for number, after_s in enumerate(moments(step, stages.seconds[step.name])):
        config = tmp_path / str(number)
        window = open_window(config, base)
        ended.append(window)
        project = config / "projects" / FOLDER
        answering = _serving(project, window) if step.serving else None
        step.begin(window)
        window.let_run(after_s)
        window.kill()
        _go_on_after(step, number, config, project, window, ended)
        if answering is not None:
            assert client.is_ready(answering)
        if _was_begun(project):
            stop_services(project)
        assert_gone(window, project)


def _serving(project: Path, window: WindowProcess) -> str:
    url = start_service(project)
    window.tell("page", "services")
    window.wait_shown(lambda s: s["services"], what="the service")
    return url


def _go_on_after(
    step: Step, number: int, config: Path, project: Path, killed: WindowProcess, ended: list[WindowProcess]
) -> None:
    """Look at what the kill left, then do the step in a new window."""
    interrupted: list[Run] = []
    has_data = False
    if _was_begun(project):
        with Project.open(project, actor=ACTOR) as opened:
            assert_whole(opened)
            assert_confirmed(opened, killed.shown)
            assert_gone(killed, project)
            interrupted = [run for run in runs.runs(opened) if run.state is RunState.RUNNING]
            has_data = bool(datasets.datasets(opened))
    else:
        assert step.name == "add"
        assert not killed.shown["project"]
        assert_gone(killed, project)
    begun = time.monotonic()
    window = reopen(config, project, has_data=has_data) if _was_begun(project) else WindowProcess(config)
    ended.append(window)
    window.wait_shown(lambda s: s["page"], what="a window")
    assert time.monotonic() - begun < REOPENED_WITHIN_S
    if interrupted:
        _decide(interrupted, number, project, window)
    elif step.name != "train" or window.shown["run"] is None:
        _do_again(step, window)
    window.kill()
    assert_gone(window, project)


def _was_begun(project: Path) -> bool:
    """Whether there is a project: before its first row is written nothing was confirmed, and opening it says so."""
    if not is_project(project):
        return False
    try:
        Project.open(project, actor=ACTOR).close()
    except EnvironmentProblem as problem:
        assert "nothing is in it yet" in problem.message
        return False
    return True


def _do_again(step: Step, window: WindowProcess) -> None:
    """The same step, unless the killed window got through; of a training the beginning is enough."""
    if not step.done(window.shown) or step.serving:
        step.begin(window)
    window.wait_shown(lambda s: s["training"] if step.name == "train" else step.done(s), 120, step.name)


def _decide(interrupted: list[Run], number: int, project: Path, window: WindowProcess) -> None:
    """Answer the banner: discard every other time, train again the others."""
    (lost,) = interrupted
    window.wait_shown(lambda s: s["interrupted"] == f"Run {lost.number} was interrupted.", what="the banner")
    again = number % 2 == 0
    window.tell("click", "run.again" if again else "run.discard")
    window.wait_shown(lambda s: not s["interrupted"] and s["training"] == again, what="an answer")
    if again:
        _wait_for_a_second_run(project)
    with Project.open(project, actor=ACTOR) as opened:
        discarded, *others = reversed(runs.runs(opened))
        assert (discarded.id, discarded.state) == (lost.id, RunState.DISCARDED)
        assert {c.id for c in discarded.candidates} >= {c.id for c in lost.candidates}
        assert [run.state for run in others] == [RunState.RUNNING] * again


def _wait_for_a_second_run(project: Path) -> None:
    deadline = time.monotonic() + 30
    with Project.open(project, actor=ACTOR) as opened:
        while len(runs.runs(opened)) < 2:
            assert time.monotonic() < deadline, "no new run was recorded"


def assert_whole(project: Project) -> None:
    """Chain and objects are what was recorded, nothing is half there, and states follow each other."""
    report = verify(project, Silent())
    assert report.ok, report.problems
    assert list((project.path / "tmp").iterdir()) == []
    for bundle in deploy.bundles(project):
        verify_bundle(project.path / bundle.path)
    numbers = [entry.seq for entry in audit.entries(project)]
    assert all(newer - older == 1 for newer, older in pairwise(numbers))


def assert_confirmed(project: Project, shown: Shown) -> None:
    """Everything that the killed window showed is recorded."""
    if shown["version"]:
        assert datasets.version(project, shown["version"]).rows == len(SAMPLE.read_bytes().splitlines()) - 1
    for id_ in shown["candidates"]:
        assert runs.candidate(project, id_).id == id_
    if shown["run"]:
        id_, state = shown["run"]
        assert runs.run(project, id_).state == state
    if shown["model"]:
        approved = models.model_version_by_label(project, shown["model"])
        assert len(models.approvals(project, approved.id)) == 1
    if shown["bundle"]:
        assert shown["bundle"] in {bundle.path for bundle in deploy.bundles(project)}
    if shown["url"]:
        assert client.is_ready(shown["url"])
    for answers in project.path.glob("predictions/*"):
        assert_answered(project, answers)
    assert not shown["predicted"] or Path(shown["predicted"]).is_file()


def assert_answered(project: Project, answers: Path) -> None:
    """A file of answers is there only when it is whole, and its predictions are recorded."""
    head, *lines = answers.read_text("utf-8").splitlines()
    assert len(lines) == len(SAMPLE.read_bytes().splitlines()) - 1
    at = head.split(",").index("prediction_id")
    assert watch.find_prediction(project, lines[-1].split(",")[at]) is not None


def assert_gone(window: WindowProcess, project: Path) -> None:
    """Nothing that the window started lives on, except services that the project knows."""
    deadline = time.monotonic() + GONE_WITHIN_S
    while (left := [p for p in window.family() if p.pid not in _known(project)]) and time.monotonic() < deadline:
        psutil.wait_procs(left, timeout=0.1)
    assert not left, [p.cmdline() for p in left]


def _known(project: Path) -> set[int]:
    if not _was_begun(project):
        return set()
    with Project.open(project, actor=ACTOR) as opened:
        kept = [keeping.look(project, status.service) for status in local.statuses(opened)]
    return {process.pid for k in kept for process in (k.keeper, k.server) if process is not None}
