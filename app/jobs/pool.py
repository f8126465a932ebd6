"""Many tasks over a few children that stay warm: importing scikit-learn once a worker, not once a task."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from multiprocessing import connection
from pathlib import Path
from typing import Any, Generic, TypeVar

from app.core.progress import JobContext
from app.errors import JobCancelled, ModelyardError
from app.jobs import wire
from app.jobs.decoding import decode
from app.jobs.supervise import pass_on
from app.jobs.worker import POLL_S, Limits, Worker, close_all

T = TypeVar("T")
Task = TypeVar("Task")


def run_many(
    function: Callable[..., T] | str,
    tasks: Sequence[Task],
    ctx: JobContext,
    *,
    returns: type[T],
    folder: Path,
    workers: int,
    limits: Limits = Limits(),  # noqa: B008 -- frozen
    common: tuple[object, ...] = (),
    on_result: Callable[[Task, T | ModelyardError], None],
    emits: type[Any] | None = None,
    on_emit: Callable[[Task, Any], None] | None = None,
) -> None:
    """Call ``function(child_context, task, *common)`` for every task, in children that take the next one when free.

    Tasks start in their order. ``child_context.folder`` is ``folder / str(position of the task)``. ``on_result`` and
    ``on_emit`` are called in this thread as things finish; a task that raised or whose child died or went beyond
    ``limits`` (counted per task) gives its error to ``on_result`` and the others go on, a new child taking over.
    JobCancelled from ``ctx`` ends all children within a second; so does anything that a callback raises.
    """
    waiting = deque(tasks)
    run_dynamic(
        function,
        lambda: waiting.popleft() if waiting else None,
        ctx,
        returns=returns,
        folder=folder,
        workers=min(max(1, workers), len(tasks)),
        limits=limits,
        common=common,
        on_result=lambda task, result, _: on_result(task, result),
        emits=emits,
        on_emit=on_emit,
        total=len(tasks),
    )


def run_dynamic(
    function: Callable[..., T] | str,
    next_task: Callable[[], Task | None],
    ctx: JobContext,
    *,
    returns: type[T],
    folder: Path,
    workers: int,
    limits: Limits = Limits(),  # noqa: B008 -- frozen
    common: tuple[object, ...] = (),
    on_result: Callable[[Task, T | ModelyardError, Path], None],
    emits: type[Any] | None = None,
    on_emit: Callable[[Task, Any], None] | None = None,
    total: int | None = None,
) -> None:
    """As ``run_many``, with tasks that are thought of while others run: ``next_task`` is asked in this thread for every
    free child, soon after each result and a few times a second; None: nothing now. It ends once nothing runs and there
    is nothing to do. ``on_result`` also gets the task's folder, named by its position. ``total``: how many there will
    be, for the fraction that ``ctx`` is told; unknown without it."""
    crew = _Crew(function, next_task, total, ctx, returns, folder, limits, common, on_result, emits, on_emit)
    try:
        crew.occupy(workers)
        while crew.busy:
            connection.wait([w for worker in crew.busy for w in worker.waitables], POLL_S)
            for worker in list(crew.busy):
                crew.listen(worker)
            crew.occupy(workers)
            ctx.check_cancelled()
    finally:
        close_all(crew.staff)


@dataclass
class _Crew(Generic[T, Task]):
    function: Callable[..., T] | str
    next_task: Callable[[], Task | None]
    total: int | None
    ctx: JobContext
    returns: type[T]
    folder: Path
    limits: Limits
    common: tuple[object, ...]
    on_result: Callable[[Task, T | ModelyardError, Path], None]
    emits: type[Any] | None
    on_emit: Callable[[Task, Any], None] | None
    staff: list[Worker] = field(default_factory=list)
    busy: dict[Worker, Task] = field(default_factory=dict)
    folders: dict[Worker, Path] = field(default_factory=dict)
    shares: dict[Worker, float] = field(default_factory=dict)
    hired: int = 0
    given: int = 0
    done: int = 0

    def occupy(self, workers: int) -> None:
        """Give every free child its next task, and start children while there are tasks for them."""
        for worker in [w for w in self.staff if w not in self.busy]:
            if not self._give_next(worker):
                return
        while len(self.staff) < workers and (task := self.next_task()) is not None:
            self._give(self._hired_one(), task)

    def listen(self, worker: Worker) -> None:
        """Take what one child has to say, if anything."""
        try:
            message = worker.hear()
            if message is None:
                return
            kind, content = message
            result = decode(content, self.returns) if kind is wire.Kind.RESULT else None
        except ModelyardError as error:
            self._replace(worker, error)
            return
        if kind is wire.Kind.RESULT:
            self._finish(worker, result)  # type: ignore[arg-type]
        elif kind is wire.Kind.ERROR:
            self._finish(worker, wire.restore(decode(content, wire.ErrorReport)))
        else:
            self._pass_on(worker, kind, content)

    def _pass_on(self, worker: Worker, kind: wire.Kind, content: bytes) -> None:
        task, on_emit = self.busy[worker], self.on_emit
        pass_on(
            kind,
            content,
            lambda fraction, text: self._progress(worker, fraction, text),
            self.emits,
            None if on_emit is None else lambda value: on_emit(task, value),
        )

    def _progress(self, worker: Worker, fraction: float | None, text: str) -> None:
        if fraction is not None:
            self.shares[worker] = fraction
        done = None if self.total is None else (self.done + sum(self.shares.values())) / self.total
        self.ctx.progress(done, text)

    def _finish(self, worker: Worker, result: T | ModelyardError) -> None:
        """Report a task's end and give the worker the next one."""
        task = self.busy.pop(worker)
        self.shares.pop(worker, None)
        if isinstance(result, JobCancelled):
            raise result
        self.done += 1
        self.on_result(task, result, self.folders[worker])
        self._give_next(worker)

    def _replace(self, worker: Worker, error: ModelyardError) -> None:
        """Report a dead worker's task; ``occupy`` lets a new worker take over."""
        task = self.busy.pop(worker)
        self.shares.pop(worker, None)
        self.staff.remove(worker)
        worker.close()
        self.done += 1
        self.on_result(task, error, self.folders.pop(worker))

    def _hired_one(self) -> Worker:
        self.hired += 1
        self.folder.mkdir(parents=True, exist_ok=True)  # a child of the warm server opens its output at once
        worker = Worker(self.function, self.limits, self.folder / f".output-{self.hired}.txt")
        self.staff.append(worker)
        return worker

    def _give_next(self, worker: Worker) -> bool:
        task = self.next_task()
        if task is not None:
            self._give(worker, task)
        return task is not None

    def _give(self, worker: Worker, task: Task) -> None:
        own = self.folder / str(self.given)
        self.given += 1
        own.mkdir(parents=True, exist_ok=True)
        self.busy[worker] = task
        self.folders[worker] = own
        worker.give([task, *self.common], own)
