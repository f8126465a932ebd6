"""Functions that the tests of app.jobs run in children."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from app.errors import BadInput, FileRefused, JobCancelled
from app.jobs.child import ChildContext


@dataclass(frozen=True, slots=True)
class Sum:
    terms: tuple[int, ...]
    total: int
    file: Path
    ratio: float | None = None


def add(ctx: ChildContext, terms: tuple[int, ...], name: Path) -> Sum:
    ctx.progress(0.5, "adding")
    (ctx.folder / name).write_text(str(sum(terms)))
    return Sum(terms, sum(terms), name)


def emit_three(ctx: ChildContext, base: Sum) -> int:
    for n in range(3):
        ctx.emit(Sum((n,), base.total + n, base.file))
    return 3


def chatter(ctx: ChildContext, seconds: float) -> int:
    """Tell without a pause, so that somebody who listens never has to wait."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        ctx.progress(0.5, "talking")
    return 1


def emit_then_crash(ctx: ChildContext, base: Sum) -> int:
    ctx.emit(base)
    os.kill(os.getpid(), signal.SIGKILL)
    return 0


def refuse(ctx: ChildContext) -> None:
    raise FileRefused("Row 3 has 5 values.", "Mend row 3.", "ragged", code="RAGGED_ROWS")


class OwnProblem(BadInput):
    pass


def refuse_own(ctx: ChildContext) -> None:
    raise OwnProblem("No such column.", "Choose one.")


def cancel_itself(ctx: ChildContext) -> None:
    raise JobCancelled()


def divide(ctx: ChildContext) -> float:
    return 1 / len(ctx.folder.name[:0])


def disk_full(ctx: ChildContext) -> None:
    raise OSError(28, "No space left on device")


def out_of_memory(ctx: ChildContext) -> None:
    raise MemoryError


def die(ctx: ChildContext, number: int) -> None:
    os.kill(os.getpid(), number)


def segfault(ctx: ChildContext) -> None:
    import ctypes

    ctypes.string_at(0)


def leave(ctx: ChildContext, code: int) -> None:
    os._exit(code)


def unanswerable(ctx: ChildContext) -> object:
    return object()


def environment(ctx: ChildContext) -> dict[str, str]:
    import threading

    print("chatter")
    os.write(2, b"more chatter\n")
    return {
        "OMP_NUM_THREADS": os.environ["OMP_NUM_THREADS"],
        "OPENBLAS_NUM_THREADS": os.environ["OPENBLAS_NUM_THREADS"],
        "MKL_NUM_THREADS": os.environ["MKL_NUM_THREADS"],
        "pid": str(os.getpid()),
        "nice": str(os.nice(0)),
        "leads": str(os.getpgrp() == os.getpid()),
        "main": str(threading.current_thread() is threading.main_thread()),
        "modules": " ".join(sorted(sys.modules)),
        "secret": os.environ.get("MODELYARD_TEST_SECRET", ""),
    }


def busy(ctx: ChildContext) -> None:
    """Never lets go of the interpreter by itself, ignores the polite signal, starts processes."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    waiting = "import time\nwhile True: time.sleep(60)"
    stubborn = (
        "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nprint('set', flush=True)\n" + waiting
    )
    first = subprocess.Popen([sys.executable, "-c", waiting])
    second = subprocess.Popen([sys.executable, "-c", stubborn], stdout=subprocess.PIPE)
    assert second.stdout is not None
    second.stdout.readline()
    ctx.emit([os.getpid(), first.pid, second.pid])
    ctx.progress(None, "busy")
    while True:
        pass


def leave_a_process_behind(ctx: ChildContext) -> int:
    return subprocess.Popen([sys.executable, "-c", "import time\nwhile True: time.sleep(60)"]).pid


def fork_and_die(ctx: ChildContext) -> None:
    """A grandchild keeps the pipe open while the child itself dies."""
    if os.fork() == 0:
        while True:
            time.sleep(60)
    os.kill(os.getpid(), signal.SIGKILL)


def hoard(ctx: ChildContext, megabytes: int) -> int:
    """Takes memory in pieces that really are touched, then idles."""
    held = []
    for _ in range(megabytes // 10):
        held.append(bytearray(os.urandom(1) * 10_000_000))
        ctx.progress(None, f"{len(held) * 10} MB")
    while True:
        time.sleep(0.05)


def map_a_file(ctx: ChildContext, path: Path) -> int:
    import mmap

    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        total = sum(mapped[i] for i in range(0, len(mapped), 4096))
        ctx.emit(total)
        time.sleep(0.6)
    return total


def square_or_fail(ctx: ChildContext, task: int, offset: int) -> list[int]:
    ctx.emit(task)
    ctx.progress(0.5, f"task {task}")
    (ctx.folder / "result.txt").write_text(str(task))
    if task == 3:
        os.kill(os.getpid(), signal.SIGSEGV)
    if task == 5:
        raise BadInput("Five is not wanted.")
    return [task * task + offset, os.getpid()]


def wait_for(ctx: ChildContext, file: str) -> int:
    """Until a file is there; with no name, no time at all."""
    ctx.emit(os.getpid())
    until = time.monotonic() + 60
    while file and not Path(file).exists() and time.monotonic() < until:
        time.sleep(0.01)
    return os.getpid()


def linger(ctx: ChildContext, seconds: float) -> int:
    ctx.emit(os.getpid())
    time.sleep(seconds)
    return os.getpid()
