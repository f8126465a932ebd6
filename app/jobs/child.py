"""The child's side: made harmless first, then tasks are taken, each answered with a result or an error.

Only the standard library and msgspec are imported here: the environment has to be set before anything
loads numpy (OpenBLAS and OpenMP read their thread counts once).
"""

from __future__ import annotations

import contextlib
import faulthandler
import gc
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing import connection, parent_process
from pathlib import Path

from app.errors import JobCancelled
from app.jobs import group, wire
from app.jobs.decoding import decode
from app.jobs.starting import ONE_THREAD

NICENESS = 5
PROGRESS_EVERY_S = 0.05
PR_SET_PDEATHSIG = 1  # linux/prctl.h
SHELL = "/bin/sh"


@dataclass(frozen=True, slots=True)
class Order:
    """What a child is told at its start. ``function``: as ``wire.name_of`` writes it; ``output``: where its
    standard output and error go; ``environment``: the parent's, if the child did not inherit it; ``ahead``: nobody
    waits yet, so import what the first task will need."""

    function: str
    output: Path
    environment: dict[str, str] | None = None
    ahead: bool = False


@dataclass(frozen=True, slots=True)
class Work:
    """One task. ``arguments``: JSON of the list of arguments after the context."""

    folder: str
    arguments: list[object]


@dataclass
class ChildContext:
    """What a function in a child is given first; a ``JobContext``. ``folder``: for files handed back."""

    folder: Path
    _pipe: connection.Connection = field(repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _last: tuple[float, str] = (0.0, "")

    def progress(self, fraction: float | None, text: str) -> None:
        """Tell the parent, at most every ``PROGRESS_EVERY_S`` while the text stays the same."""
        now = time.monotonic()
        if text == self._last[1] and now - self._last[0] < PROGRESS_EVERY_S:
            return
        self._last = (now, text)
        self._send(wire.Kind.PROGRESS, (None if fraction is None else float(fraction), text))

    def check_cancelled(self) -> None:
        """Nothing to ask: a cancelled child is ended by a signal, wherever it is."""

    def emit(self, value: object) -> None:
        """Hand over a part of the result now; it survives whatever happens to this child later."""
        self._send(wire.Kind.EMIT, value)

    def _send(self, kind: wire.Kind, content: object) -> None:
        message = wire.encode(kind, content)
        with self._lock:
            self._pipe.send_bytes(message)


def main(pipe: connection.Connection, order: Order) -> None:
    """Take tasks from ``pipe`` until the parent closes it. The target of every child process."""
    group.lead()
    guard = _die_with_parent(forked=order.environment is not None)
    if order.environment is not None:
        gc.freeze()  # else a collection here copies 55 MB of the server's objects, by looking at them
        os.environ.clear()
        os.environ.update(order.environment)
    _be_modest()
    _redirect_output(order.output)
    if order.ahead:
        wire.find(order.function)
    while True:
        try:
            message = pipe.recv_bytes()
        except (EOFError, ConnectionResetError):
            break
        kind, content = wire.split(message)
        assert kind is wire.Kind.TASK, kind
        _answer(pipe, order.function, decode(content, Work))
    sys.stdout.flush()
    sys.stderr.flush()
    _dismiss(guard)
    os._exit(0)  # a teardown of scikit-learn and onnx takes longer than some jobs; all files are closed


def _answer(pipe: connection.Connection, name: str, work: Work) -> None:
    """Run one task. One of the three places where Exception is caught: it goes to the parent whole."""
    context = ChildContext(Path(work.folder), pipe)
    try:
        function: Callable[..., object] = wire.find(name)
        result = function(context, *wire.typed_arguments(function, work.arguments))
        message = wire.encode(wire.Kind.RESULT, result)
    except JobCancelled as error:
        message = wire.encode(wire.Kind.ERROR, wire.report(error))
    except Exception as error:
        message = wire.encode(wire.Kind.ERROR, wire.report(error, context.folder))
    pipe.send_bytes(message)


def _die_with_parent(*, forked: bool) -> int | None:
    """Leave no orphan: a guard kills the whole group when the parent is gone. The guard's process id, if it is one.

    On POSIX the guard is a process of its own, because a thread could not run while a library holds the interpreter
    and would die first of a kill. Linux also kills this process by itself; there the parent is the *thread* that
    started it, which is why that thread waits for it to end, or the server that forked it, which ends with its own.
    """
    if sys.platform == "win32":
        threading.Thread(target=_kill_group_after_parent, name="guard", daemon=True).start()
        return None
    guard = _small_guard() if forked else None
    if guard is None:
        guard = os.fork()
        if guard == 0:
            _keep_only(_parent_sentinel())
            _kill_group_after_parent()
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if connection.wait([_parent_sentinel()], 0):  # it died before we asked
            group.kill_own()
    return guard


def _small_guard() -> int | None:
    """A shell as the guard of a child that was forked from the server: one more fork of all its libraries took 14 ms
    and counted 100 MB as this family's. None where there is no shell."""
    for descriptor in map(int, os.listdir("/proc/self/fd")):  # noqa: PTH208 -- names are wanted
        with contextlib.suppress(OSError):  # the listing's own
            os.set_inheritable(descriptor, descriptor < 3)
    nowhere = [(os.POSIX_SPAWN_OPEN, stream, os.devnull, os.O_WRONLY, 0) for stream in (1, 2)]
    actions = [(os.POSIX_SPAWN_DUP2, _parent_sentinel(), 0), *nowhere]
    try:
        return os.posix_spawn(SHELL, [SHELL, "-c", "read -r _; kill -s KILL 0"], {}, file_actions=actions)
    except OSError:
        return None


def _dismiss(guard: int | None) -> None:
    """End the guard and reap it: in a container without an init it would stay as a zombie, one a job."""
    if guard is not None and sys.platform != "win32":
        os.kill(guard, signal.SIGKILL)
        os.waitpid(guard, 0)


def _parent_sentinel() -> int:
    """A descriptor that becomes readable when the parent ends, however it ends."""
    parent = parent_process()
    assert parent is not None, "not started by multiprocessing"
    return parent.sentinel


def _kill_group_after_parent() -> None:
    connection.wait([_parent_sentinel()])
    group.kill_own()


def _keep_only(descriptor: int) -> None:
    """Close what the guard inherited: while it held the pipe, nobody would see the child's end."""
    highest = os.sysconf("SC_OPEN_MAX")
    os.closerange(0, descriptor)
    os.closerange(descriptor + 1, min(highest, 1 << 16) if highest > 0 else 1 << 16)


def _be_modest() -> None:
    """The window comes first: low priority and one thread each for BLAS and OpenMP."""
    os.environ.update(dict.fromkeys(ONE_THREAD, "1"))
    if sys.platform == "win32":
        import psutil

        psutil.Process().nice(psutil.BELOW_NORMAL_PRIORITY_CLASS)
    else:
        os.nice(NICENESS)


def _redirect_output(path: Path) -> None:
    """Libraries that print must not end in the command line's JSON; what they say last explains a crash, if the folder
    to tell it in is there."""
    try:
        target = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600)
    except FileNotFoundError:
        target = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(target, stream)
    os.close(target)
    if sys.stdout is None or sys.stderr is None:  # a windowed build without a console
        sys.stdout = sys.stderr = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    faulthandler.enable()
