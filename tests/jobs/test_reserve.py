"""A child in reserve saves its start, is used once, and is gone when nobody waits any more."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from app.core.progress import Silent
from app.jobs import reserve as reserve_module
from app.jobs import starting
from app.jobs.reserve import Reserve, reserve_of
from app.jobs.supervise import Limits, answer, run_in_child
from app.jobs.worker import Worker
from tests.jobs import children

ADD = "tests.jobs.children:add"


@pytest.fixture
def reserve(until):
    made = Reserve(ADD)
    made.fill()
    assert until(lambda: made.spare is not None, 20)
    yield made
    made.close()


def added(folder: Path) -> children.Sum:
    return run_in_child(ADD, [1, 2], "sum", ctx=Silent(), returns=children.Sum, folder=folder)


def test_a_task_goes_to_the_child_in_reserve_which_is_gone_afterwards_and_replaced(reserve, tmp_path, until, gone):
    first = reserve.spare.leader
    assert added(tmp_path).total == 3 and (tmp_path / "sum").read_text() == "3"
    assert gone(first) and not (tmp_path / ".output.txt").exists()
    assert until(lambda: reserve.spare is not None, 20) and reserve.spare.leader != first


def test_other_functions_start_a_child_of_their_own(reserve, tmp_path):
    waiting, base = reserve.spare, children.Sum((), 0, Path())
    assert run_in_child(children.emit_three, base, ctx=Silent(), returns=int, folder=tmp_path) == 3
    assert reserve.spare is waiting


def test_a_child_that_died_in_reserve_is_not_given_a_task(reserve, tmp_path, until):
    dead = reserve.spare
    os.kill(dead.leader, getattr(signal, "SIGKILL", signal.SIGTERM))
    assert until(lambda: not dead.is_alive, 10)
    assert added(tmp_path).total == 3


def test_limits_are_those_of_the_task(reserve):
    worker = reserve.take(Limits(deadline_s=5.0))
    assert worker is not None and worker.limits == Limits(deadline_s=5.0)
    assert reserve.take(Limits()) is None
    worker.close()


@pytest.mark.parametrize("spawned", [True, False], ids=["spawned", "as it comes"])
def test_a_child_that_was_taken_goes_on_when_the_reserve_is_closed(until, tmp_path, monkeypatch, spawned):
    if spawned:  # such a child dies with the thread that started it
        monkeypatch.setattr(starting, "_warm", [])
    made = Reserve(ADD)
    made.fill()
    assert until(lambda: made.spare is not None, 60)
    worker = made.take(Limits())
    made.close()
    assert worker is not None
    worker.give(([1, 2], "sum"), tmp_path)
    assert answer(worker, Silent(), children.Sum).total == 3
    assert made._thread.is_alive()
    worker.close()
    made._thread.join(20)
    assert not made._thread.is_alive(), "nobody needs it any more"


def test_nothing_waits_once_the_reserve_is_closed(reserve, tmp_path, gone):
    waiting = reserve.spare.leader
    reserve.close()
    assert gone(waiting) and reserve_of(ADD) is None
    assert added(tmp_path).total == 3


def test_a_child_that_cannot_be_started_ends_no_reserve(tmp_path, until, monkeypatch):
    tried: list[str] = []

    class Refused(Worker):
        def __init__(self, function: str, *about: object, **more: object) -> None:
            tried.append(function)
            if len(tried) == 1:
                raise BlockingIOError(11, "Resource temporarily unavailable")
            super().__init__(function, *about, **more)

    monkeypatch.setattr(reserve_module, "Worker", Refused)
    made = Reserve(ADD)
    made.fill()
    assert until(lambda: tried, 20)
    made.fill()
    assert until(lambda: made.spare is not None, 60)
    made.close()
