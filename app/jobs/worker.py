"""The parent's side of one child: started, given tasks, heard, watched, ended."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import connection
from multiprocessing.process import BaseProcess
from pathlib import Path

from app.errors import JobCrashed, OutOfMemory
from app.jobs import child, group, starting, wire

POLL_S = 0.05
MEMORY_EVERY_S = 0.2
FAMILY_EVERY_S = 2.0  # finding a child's own children means reading the whole process table
REST_S = 0.2
LAST_WORDS_BYTES, MODULE_LIST_BYTES = 4000, 20_000
REAP_S, REAP_LOOK_S = 5.0, 0.002


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one task.

    ``memory_bytes``: what the child holds for itself (mapped files do not count), looked at five times a second;
    processes that the child started are counted in within two seconds. ``deadline_s``: from when the task is given.
    """

    memory_bytes: int | None = None
    deadline_s: float | None = None


class Worker:
    """One child. Used by one thread; on Linux a spawned child dies with the thread that made it. ``ahead``: it is
    started before there is a task, and imports what the function needs meanwhile. ``gone``: set once it was closed."""

    def __init__(
        self, function: Callable[..., object] | str, limits: Limits, output: Path, *, ahead: bool = False
    ) -> None:
        self.limits = limits
        self.gone = threading.Event()
        self._output = output
        self._eof = False
        self._at_rest = True
        self._given_at = self._memory_at = self._family_at = time.monotonic()
        context = starting.context()
        self._pipe, far_end = context.Pipe(duplex=True)
        order = child.Order(wire.name_of(function), output, starting.environment(), ahead)
        self._process: BaseProcess = context.Process(target=child.main, args=(far_end, order), daemon=True)
        try:
            with starting.table:
                self._process.start()
        except BaseException:
            self._pipe.close()
            raise
        finally:
            far_end.close()
        self._leader = int(self._process.pid or 0)
        self._family = [self._leader]

    @property
    def leader(self) -> int:
        """The process id of the child, which is also that of its group."""
        return self._leader

    @property
    def is_alive(self) -> bool:
        """Whether the child runs. Callable from any thread."""
        with starting.table:
            return self._process.is_alive()

    def give(self, arguments: Sequence[object], folder: Path) -> None:
        """Hand over the next task. Crashes that happened meanwhile show in ``hear``."""
        self._given_at = time.monotonic()
        self._at_rest = False
        message = wire.encode(wire.Kind.TASK, child.Work(str(folder), list(arguments)))
        try:
            self._pipe.send_bytes(message)
        except (BrokenPipeError, ConnectionResetError):
            self._eof = True

    @property
    def waitables(self) -> list[connection.Connection | int]:
        """What ``connection.wait`` should watch.

        After the child died its pipe stays readable for ever, so once the end was read only the process itself
        is waited for. Neither becomes ready while a grandchild holds the other ends: wait with a timeout.
        """
        return [self._process.sentinel] if self._eof else [self._pipe, self._process.sentinel]

    def hear(self) -> tuple[wire.Kind, bytes] | None:
        """The next message if one is there. JobCrashed if the child is dead or went beyond its limits."""
        if not self._eof and self._pipe.poll(0):
            try:
                kind, content = wire.split(self._pipe.recv_bytes())
                self._at_rest = kind in (wire.Kind.RESULT, wire.Kind.ERROR)
                if not self._at_rest:  # who tells much is bound, too
                    self._check_limits()
                return kind, content
            except (EOFError, ConnectionResetError):
                self._eof = True
        if not self.is_alive and (self._eof or not self._pipe.poll(0)):
            raise self._obituary()
        self._check_limits()
        return None

    def close(self) -> None:
        """End the child and everything it started; returns when all of it is gone."""
        close_all([self])

    def _check_limits(self) -> None:
        deadline = self.limits.deadline_s
        if deadline is not None and time.monotonic() - self._given_at > deadline:
            message = f"The job took longer than {deadline:g} s and was stopped."
            raise JobCrashed(message, "Give it more time or less data.")
        bound = self.limits.memory_bytes
        if bound is not None and self._memory_now() > bound:
            message = f"The job needed more than {bound / 1e9:.2g} GB of memory and was stopped."
            raise OutOfMemory(message, "Use fewer rows or columns, or a machine with more memory.")

    def _memory_now(self) -> int:
        """Bytes held by the family; 0 if they were looked at a moment ago."""
        now = time.monotonic()
        if now - self._memory_at < MEMORY_EVERY_S:
            return 0
        self._memory_at = now
        if now - self._family_at > FAMILY_EVERY_S:
            self._family_at, self._family = now, group.alive(self._leader)
        return group.memory_bytes(self._family)

    def _obituary(self) -> JobCrashed:
        """Why the child ended without an answer, in words."""
        message, hint = words_for_exit(_exit_code(self._process))
        return JobCrashed(message, hint, self._last_words())

    def _last_words(self) -> str:
        """The end of what the child printed, e.g. the stack that faulthandler wrote."""
        try:
            with self._output.open("rb") as file:
                file.seek(max(0, file.seek(0, os.SEEK_END) - LAST_WORDS_BYTES - MODULE_LIST_BYTES))
                text = file.read().decode("utf-8", "replace")
        except OSError:
            return ""
        stack, _, rest = text.partition("\nExtension modules: ")  # of thousands of letters, after the stack
        return (stack + "\n" + rest.partition("\n")[2])[-LAST_WORDS_BYTES:]

    def _release(self) -> None:
        self._pipe.close()
        _exit_code(self._process)
        with starting.table, suppress(ValueError):  # nobody told of its end yet: a later start lets go of it
            self._process.close()
        self.gone.set()


def close_all(workers: Iterable[Worker]) -> None:
    """End several children and everything they started, all at once. Those without a task leave by themselves."""
    leaving = list(workers)
    resting = [worker for worker in leaving if worker._at_rest]
    for worker in resting:
        worker._pipe.close()
    until = time.monotonic() + REST_S
    for worker in resting:
        connection.wait([worker._process.sentinel], max(0.0, until - time.monotonic()))
    group.end((w.leader for w in leaving), reap=lambda: [w.is_alive for w in leaving])
    for worker in leaving:
        worker._release()


def _exit_code(process: BaseProcess) -> int:
    """The exit code of a process that has ended, as soon as the system, or the server that forked it, tells it."""
    until = time.monotonic() + REAP_S
    while True:
        with starting.table:
            code = process.exitcode
        if code is not None or time.monotonic() > until:
            return code or 0
        time.sleep(REAP_LOOK_S)


def words_for_exit(code: int) -> tuple[str, str]:
    """A sentence and a hint for an exit code; negative codes are signals (POSIX), large ones NTSTATUS (Windows)."""
    if code == -getattr(signal, "SIGKILL", 9):
        return "The job was killed, most likely because memory ran out.", "Close other programs or use fewer rows."
    if code == -signal.SIGTERM:
        return "The job was stopped from outside.", "Start it again."
    if code < 0:
        name = signal.Signals(-code).name if -code in set(signal.Signals) else str(-code)
        reason = {"SIGSEGV": "segmentation fault", "SIGBUS": "bus error", "SIGABRT": "aborted"}.get(name, name)
        return f"The job crashed inside a library ({reason}).", "Start it again; if it happens again, copy the report."
    if code == 0xC0000005:
        return (
            "The job crashed inside a library (access violation).",
            "Start it again; if it happens again, copy the report.",
        )
    return (
        f"The job ended without an answer (exit code {code}).",
        "Start it again; if it happens again, copy the report.",
    )
