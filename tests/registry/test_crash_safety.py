"""Promise 1: what the application confirmed survives ``kill -9``; 0 lost, 0 dangling, 0 unreadable."""

import hashlib
import random
import shutil
import signal

import pytest

from app.core.progress import Silent
from app.core.runs import RunState
from app.errors import EnvironmentProblem
from app.registry import datasets, deploy, models, outcomes, rows, runs, watch
from app.registry.objects import ObjectStore
from app.registry.project import Project, is_project
from app.registry.verify import verify


def _killed_at_random(story, crash, path, mutate=lambda: None):
    """Work in a child, kill it at a random moment: what it had confirmed."""

    def work(tell):
        mutate()
        story.Story(Project.open(path, actor="Child"), tell).go_on()

    child = crash.fork(work)
    child.listen(20, lines=1)
    child.listen(random.uniform(0, 0.15))
    child.kill()
    return child.confirmed


def _faults(story, path, confirmed):
    with Project.open(path, actor="Ann") as project:
        gone = [f"lost {kind} {i}" for kind, i in confirmed if story.lost(project, kind, i)]
        return gone + list(verify(project, Silent()).problems)


def test_a_killed_process_loses_nothing_it_confirmed(tmp_path, story, crash, count):
    for n in range(count(1, 50)):  # a fresh project now and then: looking through a big one takes long
        path, confirmed = tmp_path / f"p{n}", []
        Project.create(path, actor="Ann").close()
        for _ in range(20):
            confirmed += _killed_at_random(story, crash, path)
            assert _faults(story, path, confirmed) == []
        assert len(confirmed) > 20
        shutil.rmtree(path)


def _rows_first():
    """The mutant: an object is written only after the row that names it."""
    waiting = []
    put = ObjectStore.put_bytes

    def put_later(self, data):
        waiting.append((self, data))
        return hashlib.sha256(data).hexdigest()

    def later(record):
        def recorded(*args, **kwargs):
            made = record(*args, **kwargs)
            while waiting:
                put(*waiting.pop())
            return made

        return recorded

    ObjectStore.put_bytes = put_later
    for module, name in (
        (datasets, "record_version"), (runs, "start_run"), (runs, "record_candidate"),
        (models, "record_approval"), (deploy, "record_bundle"), (watch, "record_log"), (outcomes, "record_labels"),
    ):  # fmt: skip
        setattr(module, name, later(getattr(module, name)))
    for module in (datasets, runs, models, watch, outcomes):
        module.need_objects = lambda project, digests: None
    assert rows.need_objects is not datasets.need_objects


def test_the_mutant_that_writes_rows_first_is_caught(tmp_path, story, crash):
    Project.create(tmp_path / "p", actor="Ann").close()
    for _ in range(40):
        confirmed = _killed_at_random(story, crash, tmp_path / "p", _rows_first)
        if _faults(story, tmp_path / "p", confirmed):
            return
    pytest.fail("40 kills of a process that writes rows first left no dangling row")


def test_a_project_whose_making_was_killed_can_be_made_again(tmp_path, crash, count):
    for attempt in range(count(8, 200)):
        path = tmp_path / f"p{attempt}"
        child = crash.fork(lambda tell, path=path: Project.create(path, actor="Child").close())
        child.listen(random.uniform(0, 0.25))
        child.kill()
        _open_or_create(path)


def _open_or_create(path):
    """What a person can do next always works: open what is a project, or make it again in the same place."""
    if is_project(path):
        try:
            Project.open(path, actor="Ann").close()
            return
        except EnvironmentProblem as problem:
            assert "interrupted" in problem.message
    with Project.create(path, actor="Ann") as project:
        assert verify(project, Silent()).ok


def test_a_run_whose_process_was_killed_is_marked_interrupted_once(tmp_path, story, crash):
    path = tmp_path / "p"
    with Project.create(path, actor="Ann") as project:
        version, reading = story.add(project, "a")

    def work(tell):
        running = Project.open(path, actor="Child")
        run = story.start(running, version, reading)
        story.fit(running, run)
        tell("run", run.id)
        signal.pause()

    child = crash.fork(work)
    child.listen(20, lines=1)
    with Project.open(path, actor="Ann") as project:
        assert runs.mark_interrupted(project) == []  # it lives
        child.kill()
        (marked,) = runs.mark_interrupted(project)
        assert marked.id == child.confirmed[0][1]
        assert marked.state is RunState.INTERRUPTED
        assert [c.name for c in marked.candidates] == ["Linear"]
        assert runs.mark_interrupted(project) == []


def test_what_a_killed_process_left_in_tmp_is_removed_and_a_living_one_keeps_its_own(tmp_path, crash):
    path = tmp_path / "p"
    Project.create(path, actor="Ann").close()

    def work(tell):
        with Project.open(path, actor="Child").scratch("train") as folder:
            (folder / "model.onnx").write_bytes(b"half")
            tell("folder", folder.name)
            signal.pause()

    child = crash.fork(work)
    child.listen(20, lines=1)
    folder = path / "tmp" / child.confirmed[0][1]
    with Project.open(path, actor="Ann"):
        assert folder.is_dir()
    child.kill()
    with Project.open(path, actor="Ann"):
        assert not folder.exists()
