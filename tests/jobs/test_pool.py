"""A pool keeps its children warm and loses one task to a crash, not the others."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from app.core.progress import Recorder, Silent
from app.errors import BadInput, EnvironmentProblem, JobCrashed, ModelyardError
from app.jobs import pool, worker
from app.jobs.pool import run_dynamic, run_many
from app.jobs.worker import Limits, Worker
from tests.jobs import children

posix = pytest.mark.skipif(sys.platform == "win32", reason="signals")

pytestmark = pytest.mark.usefixtures("started")


class Results:
    """What came back, by task."""

    def __init__(self) -> None:
        self.by_task: dict[object, object] = {}
        self.emitted: list[tuple[object, object]] = []

    def on_result(self, task: object, result: object) -> None:
        assert task not in self.by_task
        self.by_task[task] = result

    def on_emit(self, task: object, value: object) -> None:
        self.emitted.append((task, value))


def run(tasks, tmp_path, workers, ctx=None):
    results = Results()
    run_many(
        children.square_or_fail,
        tasks,
        ctx or Silent(),
        returns=list[int],
        folder=tmp_path,
        workers=workers,
        common=(100,),
        on_result=results.on_result,
        emits=int,
        on_emit=results.on_emit,
    )
    return results


@posix
def test_crash_and_error_fail_only_their_task(tmp_path):
    results = run(list(range(8)), tmp_path, 2)
    assert set(results.by_task) == set(range(8))
    assert isinstance(results.by_task[3], JobCrashed)
    assert "segmentation fault" in str(results.by_task[3])
    assert type(results.by_task[5]) is BadInput
    good = {task: result[0] for task, result in results.by_task.items() if not isinstance(result, ModelyardError)}
    assert good == {n: n * n + 100 for n in (0, 1, 2, 4, 6, 7)}
    assert sorted(results.emitted) == [(n, n) for n in range(8)]


def test_one_child_takes_many_tasks(tmp_path):
    results = run([0, 1, 2, 4, 6, 7], tmp_path, 1)
    assert len({result[1] for result in results.by_task.values()}) == 1


def test_never_more_children_than_workers_or_tasks(tmp_path):
    run([0, 1, 2, 4, 6, 7], tmp_path, 2)
    assert len(list(tmp_path.glob(".output-*"))) == 2
    run([0], tmp_path / "one", 4)
    assert len(list((tmp_path / "one").glob(".output-*"))) == 1


def test_free_child_takes_the_next_task_without_waiting_for_a_slow_one(tmp_path):
    order: list[str] = []
    enough = tmp_path / "enough"

    def take(task: str, _pid: object) -> None:
        order.append(task)
        if order == [""] * 3:
            enough.touch()

    slow = str(enough)
    tasks = [slow, "", "", ""]
    run_many(children.wait_for, tasks, Silent(), returns=int, folder=tmp_path, workers=2, on_result=take)
    assert order == ["", "", "", slow]


def test_each_task_has_its_own_folder(tmp_path):
    run([7, 6, 4], tmp_path, 2)
    assert [(tmp_path / str(i) / "result.txt").read_text() for i in range(3)] == ["7", "6", "4"]


def test_progress_is_told_as_one_whole(tmp_path):
    told = Recorder()
    run([0, 1, 2, 4], tmp_path, 1, told)
    assert [fraction for fraction, _ in told.lines] == [0.125, 0.375, 0.625, 0.875]


def test_no_tasks_start_no_child(tmp_path):
    assert run([], tmp_path, 3).by_task == {}
    assert list(tmp_path.iterdir()) == []


class Clock:
    """Goes on only when it is told to."""

    now, sleep = 0.0, time.sleep

    def monotonic(self) -> float:
        return self.now


def test_limit_is_counted_for_each_task(tmp_path, monkeypatch):
    """Three of six seconds each, then one that takes eleven."""
    results, clock = Results(), Clock()
    monkeypatch.setattr(worker, "time", clock)

    def on_emit(file: str, _pid: int) -> None:
        clock.now += 11 if file == never else 6

    never, there = str(tmp_path / "never"), [str(folder) for folder in (tmp_path, *tmp_path.parents[:2])]
    run_many(
        children.wait_for,
        [*there, never],
        Silent(),
        returns=int,
        folder=tmp_path,
        workers=1,
        limits=Limits(deadline_s=10.0),
        on_result=results.on_result,
        emits=int,
        on_emit=on_emit,
    )
    assert "longer than 10 s" in str(results.by_task.pop(never))
    assert {task: type(result) for task, result in results.by_task.items()} == dict.fromkeys(there, int)


def test_error_in_a_callback_ends_all_children_and_is_raised(tmp_path, gone):
    pids: list[int] = []
    both = tmp_path / "both run"

    def fail(task: str, pid: object) -> None:
        raise EnvironmentProblem("The registry is locked.")

    def on_emit(task: str, pid: int) -> None:
        pids.append(pid)
        if len(pids) == 2:
            both.touch()

    with pytest.raises(EnvironmentProblem, match="locked"):
        run_many(
            children.wait_for,
            [str(tmp_path / "never"), str(both)],
            Silent(),
            returns=int,
            folder=tmp_path,
            workers=2,
            on_result=fail,
            emits=int,
            on_emit=on_emit,
        )
    assert len(pids) == 2
    assert all(gone(pid) for pid in pids)


def test_folder_is_a_path_the_child_can_write(tmp_path: Path):
    results = run([1], tmp_path / "not" / "there" / "yet", 1)
    assert results.by_task[1][0] == 101
    assert (tmp_path / "not" / "there" / "yet" / "0" / "result.txt").exists()


def test_folder_is_there_before_the_child_that_writes_its_output_to_it(tmp_path, monkeypatch):
    """A child of the warm server is quicker than its parent's next line: one task in 400 was lost to that."""
    seen: list[bool] = []

    class Started(Worker):
        def __init__(self, function: Callable[..., object] | str, limits: Limits, output: Path) -> None:
            seen.append(output.parent.is_dir())
            super().__init__(function, limits, output)

    monkeypatch.setattr(pool, "Worker", Started)
    run([1], tmp_path / "not" / "there", 1)
    assert seen == [True]


def test_tasks_are_thought_of_while_others_run(tmp_path):
    """Each result of a number below 64 asks for its double: nothing is known beforehand but the first."""
    open_, seen, folders = [1, 2], [], []

    def take(task, result, folder):
        seen.append(task)
        folders.append(folder.name)
        if task < 64:
            open_.append(task * 4)

    run_dynamic(
        children.square_or_fail,
        lambda: open_.pop(0) if open_ else None,
        Silent(),
        returns=list[int],
        folder=tmp_path,
        workers=2,
        common=(100,),
        on_result=take,
    )
    assert sorted(seen) == [1, 2, 4, 8, 16, 32, 64, 128]
    assert sorted(map(int, folders)) == list(range(8)), "each task has a folder of its own"
    assert len(list(tmp_path.glob(".output-*"))) <= 2


def test_a_free_child_is_asked_again_when_there_is_something_to_do(tmp_path):
    """The second task appears only once the first is done; a crash in between costs that task alone."""
    waiting, seen = [3, 4], []

    def next_task():
        return waiting.pop(0) if waiting and len(seen) == 2 - len(waiting) else None

    run_dynamic(
        children.square_or_fail,
        next_task,
        Silent(),
        returns=list[int],
        folder=tmp_path,
        workers=2,
        common=(0,),
        on_result=lambda task, result, _: seen.append((task, isinstance(result, ModelyardError))),
    )
    assert seen == ([(3, True), (4, False)] if sys.platform != "win32" else seen)
