"""Work beside the window: one thread a job, its progress and its end told on the window's thread.

A job's function gets a ``JobContext`` and may supervise a child process. What it returns or raises
comes back here, once. This is the one place in the window where any exception is caught.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Generic, TypeVar

from PySide6.QtCore import QObject, Qt, Signal
from shiboken6 import isValid

from app.errors import JobCancelled
from app.ui.problems import Problem, problem_of

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

T = TypeVar("T")
_numbers = itertools.count(1)

ETA_AFTER_S = 3.0


class JobState(StrEnum):
    """How a job stands."""

    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"


class Job:
    """One piece of work. Written by its thread, read by the window; ``fraction`` None: total unknown. ``about``: what
    a page that shows this kind of job wants to know of it."""

    def __init__(self, title: str, kind: str, about: object = None) -> None:
        self.id = next(_numbers)
        self.title = title
        self.kind = kind
        self.about = about
        self.state = JobState.RUNNING
        self.fraction: float | None = None
        self.text = ""
        self.started = time.monotonic()
        self.problem: Problem | None = None
        self.cancel_asked = threading.Event()

    def cancel(self) -> None:
        """Ask to stop; the job ends within a second."""
        self.cancel_asked.set()

    @property
    def elapsed_s(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self.started

    @property
    def eta_s(self) -> float | None:
        """Seconds left at the pace so far; None in the first seconds or when the total is unknown."""
        if not self.fraction or self.elapsed_s < ETA_AFTER_S:
            return None
        return self.elapsed_s * (1 - self.fraction) / self.fraction


class Mailbox(QObject):
    """Carries calls from any thread to the window's thread, in order."""

    _arrived = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._open = True
        self._arrived.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def post(self, call: Callable[[], None]) -> None:
        """Have ``call`` called on the window's thread; nothing happens once the mailbox is shut."""
        if self._open and isValid(self):
            self._arrived.emit(call)

    def shut(self) -> None:
        """Deliver nothing any more."""
        self._open = False

    def _deliver(self, call: Callable[[], None]) -> None:
        if self._open:
            call()


@dataclass(frozen=True, slots=True)
class Settled(Generic[T]):
    """How a call ended: with a ``value``, or with an ``error``."""

    value: T | None = None
    error: Exception | None = None


def settle(call: Callable[[], T]) -> Settled[T]:
    """Call, and give back what came of it instead of raising."""
    try:
        return Settled(value=call())
    except Exception as error:
        return Settled(error=error)


class _Context:
    """The ``JobContext`` of a job in the window; coalesces progress so that the window is never flooded."""

    def __init__(self, job: Job, tell: Callable[[], None]) -> None:
        self._job = job
        self._tell = tell

    def progress(self, fraction: float | None, text: str) -> None:
        """Note where the job stands and let the window know."""
        self._job.fraction = None if fraction is None else min(max(fraction, 0.0), 1.0)
        self._job.text = text
        self._tell()

    def check_cancelled(self) -> None:
        """Raise ``JobCancelled`` once somebody asked to stop."""
        if self._job.cancel_asked.is_set():
            raise JobCancelled


def workers(most: int, name: str) -> ThreadPoolExecutor:
    """A pool of threads. Its library is imported when the first is needed: it costs the first paint 30 ms."""
    from concurrent.futures import ThreadPoolExecutor

    return ThreadPoolExecutor(max_workers=most, thread_name_prefix=name)


class JobRunner(QObject):
    """Starts jobs and tells of them. All signals come on the window's thread."""

    started = Signal(object)
    moved = Signal(object)
    ended = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.mailbox = Mailbox(self)
        self.running: list[Job] = []
        self._threads: dict[int, threading.Thread] = {}
        self._untold: set[int] = set()
        self._askers: ThreadPoolExecutor | None = None

    def start(
        self,
        title: str,
        work: Callable[[_Context], T],
        *,
        kind: str = "",
        about: object = None,
        then: Callable[[T], None] | None = None,
        failed: Callable[[Problem], None] | None = None,
        finally_: Callable[[Job], None] | None = None,
    ) -> Job:
        """Run ``work`` on a thread of its own. ``then`` gets its value, ``failed`` the problem (a cancelled
        job gets neither), ``finally_`` the ended job in every case."""
        job = Job(title, kind, about)
        context = _Context(job, lambda: self._tell(job))

        def body() -> None:
            outcome = settle(lambda: work(context))
            self.mailbox.post(lambda: self._end(job, outcome, then, failed, finally_))

        thread = threading.Thread(target=body, name=f"job {title}", daemon=True)
        self.running.append(job)
        self._threads[job.id] = thread
        self.started.emit(job)
        thread.start()
        return job

    def ask(self, read: Callable[[], T], then: Callable[[T], None], failed: Callable[[Problem], None]) -> None:
        """Run a short read beside the window and hand its answer back."""

        def body() -> None:
            outcome = settle(read)
            self.mailbox.post(lambda: _hand_over(outcome, then, failed))

        if self._askers is None:
            self._askers = workers(3, "query")
        self._askers.submit(body)

    def post(self, call: Callable[[], None]) -> None:
        """Have ``call`` called on the window's thread. Callable from any thread."""
        self.mailbox.post(call)

    def after_all(self, call: Callable[[], None]) -> None:
        """Cancel every running job and call once all of them have ended, on a thread of its own."""
        threads = list(self._threads.values())
        for job in self.running:
            job.cancel()

        def body() -> None:
            for thread in threads:
                thread.join()
            outcome = settle(call)
            if outcome.error is not None:
                _logged(outcome.error)

        threading.Thread(target=body, name="closing", daemon=True).start()

    def stop_all(self, wait_s: float = 3.0) -> None:
        """Cancel everything and wait for it; used when the window closes."""
        for job in self.running:
            job.cancel()
        self.mailbox.shut()
        deadline = time.monotonic() + wait_s
        for thread in list(self._threads.values()):
            thread.join(max(0.0, deadline - time.monotonic()))
        if self._askers is not None:
            self._askers.shutdown(wait=True, cancel_futures=True)

    def _tell(self, job: Job) -> None:
        if job.id not in self._untold:
            self._untold.add(job.id)
            self.mailbox.post(lambda: self._moved(job))

    def _moved(self, job: Job) -> None:
        self._untold.discard(job.id)
        if job.state is JobState.RUNNING:
            self.moved.emit(job)

    def _end(
        self,
        job: Job,
        outcome: Settled[T],
        then: Callable[[T], None] | None,
        failed: Callable[[Problem], None] | None,
        finally_: Callable[[Job], None] | None,
    ) -> None:
        self.running.remove(job)
        self._threads.pop(job.id, None)
        job.state = _state_of(outcome)
        if job.state is JobState.FAILED and outcome.error is not None:
            job.problem = _logged(outcome.error)
        self.ended.emit(job)
        if finally_ is not None:
            finally_(job)
        if job.state is JobState.DONE and then is not None:
            then(outcome.value)  # type: ignore[arg-type]
        elif job.problem is not None and failed is not None:
            failed(job.problem)


def _state_of(outcome: Settled[T]) -> JobState:
    if outcome.error is None:
        return JobState.DONE
    return JobState.CANCELLED if isinstance(outcome.error, JobCancelled) else JobState.FAILED


def _hand_over(outcome: Settled[T], then: Callable[[T], None], failed: Callable[[Problem], None]) -> None:
    if outcome.error is not None:
        failed(_logged(outcome.error))
    else:
        then(outcome.value)  # type: ignore[arg-type]


def _logged(error: Exception) -> Problem:
    problem = problem_of(error)
    if problem.is_bug:
        import logging

        logging.getLogger(__name__).error("%s", problem.details)
    return problem
