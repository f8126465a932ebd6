"""The reading child of one drop, and the digest of its bytes: both at work while the files are still being copied.

Parent side: nothing heavy is imported here. Measured with a CSV file of 950 MB on two cores: copied in 0.6 s, hashed
in 0.6 s, which the child's work hides.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Self

from app.core.data import Source
from app.core.progress import JobContext
from app.data.arrival import Copy
from app.data.findings import refused
from app.data.reading import (
    MEMORY_BYTES,
    READER,
    FirstLook,
    ReaderAnswer,
    ReaderTask,
    ReadRequest,
    ReadResult,
    deadline_s,
)
from app.errors import JobCancelled, JobCrashed, ModelyardError, OutOfMemory
from app.registry.objects import hash_file

if TYPE_CHECKING:
    from app.jobs.supervise import Worker

LOOK_FROM_BYTES = 50_000_000
"""Smaller files are read whole in a few seconds: a look would only delay the exact figures."""

OnFirst = Callable[[FirstLook], None]

_DEADLY = {
    "parquet": "PARQUET_CORRUPT",
    "arrow file": "ARROW_CORRUPT",
    "arrow stream": "ARROW_CORRUPT",
    "excel": "ARCHIVE_CORRUPT",
}


class Hashing:
    """The digests of copies, found on a thread while others read them. To be left with ``with``."""

    def __init__(self, copies: Sequence[Copy]) -> None:
        self._copies = copies
        self._stopped = Event()
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="hash")
        self._digests = [self._pool.submit(hash_file, copy.path, self) for copy in copies]

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Hash no further."""
        self._stopped.set()
        self._pool.shutdown(wait=True, cancel_futures=True)

    @property
    def done(self) -> bool:
        """Whether all digests are known."""
        return all(digest.done() for digest in self._digests)

    def sources(self) -> tuple[Source, ...]:
        """The copies with their digests; waits for them."""
        return tuple(Source(c.name, *d.result()) for c, d in zip(self._copies, self._digests, strict=True))

    def progress(self, fraction: float | None, text: str) -> None:
        """Reading tells where it stands, this does not."""

    def check_cancelled(self) -> None:
        """JobCancelled once nobody waits any more."""
        if self._stopped.is_set():
            raise JobCancelled


class Reader:
    """One child for one drop. It starts with the first task and is gone at the end of ``with``."""

    def __init__(self, folder: Path, size_bytes: int) -> None:
        self._folder = folder
        self._size_bytes = size_bytes
        self._stack = ExitStack()
        self._worker: Worker | None = None
        self._on_first: OnFirst | None = None

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """The child is gone."""
        self._stack.close()

    def look(self, request: ReadRequest, on_first: OnFirst) -> None:
        """Have the files themselves looked at; ``on_first`` is told in this thread, while ``attentive`` or ``read``
        listens."""
        self._on_first = on_first
        self._hired().give([ReaderTask(look=request)], self._folder)

    def hire(self) -> None:
        """Have the child start while the files are still being copied."""
        if self._worker is None:
            self._hired()

    def _hired(self) -> Worker:
        from app.jobs.supervise import Limits, hired

        limits = Limits(MEMORY_BYTES, deadline_s(self._size_bytes))
        self._worker = self._stack.enter_context(hired(READER, folder=self._folder, limits=limits))
        return self._worker

    def attentive(self, ctx: JobContext) -> JobContext:
        """A context whose asking for a cancel also listens to the look."""
        return _Attentive(ctx, self)

    def listen(self) -> None:
        """Take what the look has to tell by now. Its failure is no news: reading the copies will say it."""
        from app.jobs import wire
        from app.jobs.supervise import pass_on

        try:
            while self._worker is not None and self._on_first is not None:
                message = self._worker.hear()
                if message is None:
                    return
                if message[0] is wire.Kind.RESULT:
                    self._on_first = None
                    return
                pass_on(*message, _nobody, FirstLook, self._on_first)
        except ModelyardError:
            self._end()

    def read(self, request: ReadRequest, ctx: JobContext, on_exact: OnFirst | None = None) -> ReadResult:
        """Read the copies. ``on_exact`` is told the figures of a large table before it is checked. Raises as
        ``read_in_child``."""
        from app.jobs.supervise import answer

        self._finish_look(ctx)
        request = replace(request, announce=on_exact is not None)
        worker = self._worker or self._hired()
        worker.give([ReaderTask(read=request)], self._folder)
        try:
            found = answer(worker, ctx, ReaderAnswer, FirstLook, on_exact).read
        except JobCrashed as error:
            raise _refusal(request, error) from error
        assert found is not None
        return found

    def _finish_look(self, ctx: JobContext) -> None:
        from app.jobs.supervise import answer

        if self._worker is None or self._on_first is None:
            return
        ctx.progress(0.0, "Looking at the first rows")
        try:
            answer(self._worker, _Unheard(ctx), ReaderAnswer, FirstLook, self._on_first)
        except JobCancelled:
            raise
        except ModelyardError:
            self._end()

    def _end(self) -> None:
        self._stack.close()
        self._worker = self._on_first = None


class _Unheard:
    """A context for the rest of a look: its progress is nobody's, its cancel everybody's."""

    def __init__(self, ctx: JobContext) -> None:
        self._ctx = ctx

    def progress(self, fraction: float | None, text: str) -> None:
        """Tell nobody."""

    def check_cancelled(self) -> None:
        """Ask the whole."""
        self._ctx.check_cancelled()


class _Attentive:
    def __init__(self, ctx: JobContext, reader: Reader) -> None:
        self._ctx = ctx
        self._reader = reader

    def progress(self, fraction: float | None, text: str) -> None:
        """Tell the whole."""
        self._ctx.progress(fraction, text)

    def check_cancelled(self) -> None:
        """Ask the whole, after listening."""
        self._reader.listen()
        self._ctx.check_cancelled()


def _nobody(fraction: float | None, text: str) -> None:
    """Progress of a look."""


def read_in_child(request: ReadRequest, folder: Path, size_bytes: int, ctx: JobContext) -> ReadResult:
    """Read files in a child with a memory limit and a deadline; the table and the profile are in ``folder``.

    Raises FileRefused (also of a binary file that kills its reader, and for lack of memory), BadInput, JobCrashed,
    JobCancelled.
    """
    with Reader(folder, size_bytes) as reader:
        return reader.read(request, ctx)


def _refusal(request: ReadRequest, error: JobCrashed) -> ModelyardError:
    """A file of a binary kind that kills its reader is damaged; any other crash stays what it is. To need more memory
    is no damage."""
    from app.data.formats.content import content_of

    if isinstance(error, OutOfMemory):
        bound = f"the {MEMORY_BYTES >> 30} GB of memory that its reader may take"
        refusal = refused("TOO_LARGE", f"Reading the file needs more than {bound}.", "Add less of it.")
        refusal.details = f"{error.message}\n{error.details}"
        return refusal
    code = _DEADLY.get(str(content_of(request.sources[0])))
    if code is None:
        return error
    refusal = refused(code, "The file could not be read: its reader stopped.", "Make or download it again.")
    refusal.details = f"{error.message}\n{error.details}"
    return refusal
