"""One function in one watched child process, called like a function."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import connection
from pathlib import Path
from typing import Any, TypeVar

from app.core.progress import JobContext
from app.jobs import wire
from app.jobs.decoding import decode
from app.jobs.reserve import reserve_of
from app.jobs.worker import POLL_S, Limits, Worker

__all__ = ["Limits", "Worker", "answer", "hired", "run_in_child"]

T = TypeVar("T")
OUTPUT_NAME = ".output.txt"


def run_in_child(
    function: Callable[..., T] | str,
    *args: object,
    ctx: JobContext,
    returns: type[T],
    folder: Path,
    limits: Limits = Limits(),  # noqa: B008 -- frozen
    emits: type[Any] | None = None,
    on_emit: Callable[[Any], None] | None = None,
) -> T:
    """Call ``function(child_context, *args)`` in a spawned child and return its result.

    ``function`` stands at the top of a module, or is named ``"package.module:function"`` so that this process need
    not import the module. Arguments and result travel as JSON and are rebuilt from the function's annotations and
    ``returns``; big things are files in ``folder``, which must exist. What the child emits is given to ``on_emit``
    in this thread, as ``emits``.

    Whatever happens, the child and all it started are gone when this returns or raises: errors of ``app.errors``
    as the child raised them, JobCancelled within a second of ``ctx.check_cancelled`` saying so, JobCrashed for
    everything else, in words. Callable from any thread.
    """
    with hired(function, folder=folder, limits=limits) as worker:
        worker.give(args, folder)
        return answer(worker, ctx, returns, emits, on_emit)


@contextmanager
def hired(
    function: Callable[..., object] | str,
    *,
    folder: Path,
    limits: Limits = Limits(),  # noqa: B008 -- frozen
) -> Iterator[Worker]:
    """A child that is given one task after the other (``Worker.give``, then ``answer``); gone at the end, whatever
    happens. For work that begins before all of it is known. Used by one thread. The one in reserve, if there is one."""
    reserve = reserve_of(wire.name_of(function))
    worker = reserve.take(limits) if reserve is not None else None
    worker = worker or Worker(function, limits, folder / OUTPUT_NAME)
    try:
        yield worker
    finally:
        worker.close()
        if reserve is not None:
            reserve.fill()


def answer(
    worker: Worker,
    ctx: JobContext,
    returns: type[T],
    emits: type[Any] | None = None,
    on_emit: Callable[[Any], None] | None = None,
) -> T:
    """Wait for the answer to the task given first. Raises as ``run_in_child``."""
    while True:
        connection.wait(worker.waitables, POLL_S)
        message = worker.hear()
        if message is not None:
            kind, content = message
            if kind is wire.Kind.RESULT:
                return decode(content, returns)
            pass_on(kind, content, ctx.progress, emits, on_emit)
        ctx.check_cancelled()


def pass_on(
    kind: wire.Kind,
    content: bytes,
    progress: Callable[[float | None, str], None],
    emits: type[Any] | None,
    on_emit: Callable[[Any], None] | None,
) -> None:
    """Give a message that is not a result to whom it concerns; an error is raised."""
    if kind is wire.Kind.PROGRESS:
        progress(*decode(content, tuple[float | None, str]))
    elif kind is wire.Kind.EMIT and on_emit is not None:
        on_emit(decode(content, emits or object))
    elif kind is wire.Kind.ERROR:
        raise wire.restore(decode(content, wire.ErrorReport))
