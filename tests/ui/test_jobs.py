"""Jobs: progress and ends come on the window's thread, cancel is silent, late answers are dropped."""

from __future__ import annotations

import threading

from PySide6.QtWidgets import QApplication

from app.errors import BadInput
from app.ui.jobs import Job, JobRunner, JobState
from app.ui.problems import Problem
from tests.ui.helpers import wait_until


def test_a_value_comes_back_on_the_window_thread(qapp: QApplication):
    runner = JobRunner(qapp)
    got: list[tuple[int, int]] = []
    runner.start("Counting", lambda _ctx: threading.get_ident(), then=lambda i: got.append((i, threading.get_ident())))
    wait_until(lambda: got)
    worker, receiver = got[0]
    assert receiver == threading.get_ident() != worker
    runner.stop_all()


def test_progress_is_told_and_coalesced(qapp: QApplication):
    runner = JobRunner(qapp)
    told: list[float | None] = []
    runner.moved.connect(lambda job: told.append(job.fraction))

    def work(ctx: object) -> None:
        for step in range(10_000):
            ctx.progress(step / 10_000, f"step {step}")  # type: ignore[attr-defined]

    job = runner.start("Counting", work)
    wait_until(lambda: job.state is JobState.DONE)
    assert 0 < len(told) < 5_000
    assert job.text == "step 9999"
    runner.stop_all()


def test_cancel_ends_a_job_without_a_problem(qapp: QApplication):
    runner = JobRunner(qapp)
    ended: list[Job] = []
    problems: list[Problem] = []
    started = threading.Event()

    def work(ctx: object) -> None:
        started.set()
        while True:
            ctx.check_cancelled()  # type: ignore[attr-defined]

    job = runner.start("Waiting", work, failed=problems.append, finally_=ended.append)
    assert started.wait(60)
    job.cancel()
    wait_until(lambda: ended)
    assert ended[0].state is JobState.CANCELLED
    assert problems == []
    runner.stop_all()


def test_an_error_of_ours_keeps_its_words(qapp: QApplication):
    runner = JobRunner(qapp)
    problems: list[Problem] = []

    def work(_ctx: object) -> None:
        raise BadInput("Row 2 'x' is not a number.", "Keep it as text.")

    runner.start("Reading", work, failed=problems.append)
    wait_until(lambda: problems)
    assert (problems[0].message, problems[0].hint, problems[0].is_bug) == (
        "Row 2 'x' is not a number.",
        "Keep it as text.",
        False,
    )
    runner.stop_all()


def test_nothing_is_delivered_after_the_end(qapp: QApplication):
    runner = JobRunner(qapp)
    release, got = threading.Event(), []
    runner.start("Late", lambda _ctx: release.wait(5), then=got.append)
    release.set()
    runner.stop_all()
    qapp.processEvents()
    assert got == []
