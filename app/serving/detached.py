"""Processes that outlive us: started in a session of their own, found again by process id and command line."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import psutil

POLL_S = 0.02

_ours: set[int] = set()
"""Whom we started and whose exit status nobody took yet. A process id out of a file may by now be that of another
child of ours, which has somebody who waits to learn how it ended."""


def spawn(command: Sequence[str], errors: Path, environment: Mapping[str, str]) -> int:
    """Start a process that lives on when we end; its id. Its standard error is appended to ``errors``.

    Raises OSError if it cannot be started.
    """
    if sys.platform == "win32":
        with errors.open("ab") as file:
            flags = subprocess.DETACHED_PROCESS | subprocess.CREATE_NEW_PROCESS_GROUP
            quiet = subprocess.DEVNULL
            return subprocess.Popen(
                command, stdin=quiet, stdout=quiet, stderr=file, env=dict(environment), creationflags=flags
            ).pid
    append = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    actions = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
        (os.POSIX_SPAWN_OPEN, 2, str(errors), append, 0o600),
    ]
    defaults = [
        signal.SIGINT,
        signal.SIGTERM,
        signal.SIGPIPE,
    ]  # what a shell or test runner made us ignore is not theirs
    words = list(command)
    pid = os.posix_spawn(command[0], words, environment, file_actions=actions, setsid=True, setsigdef=defaults)
    _ours.add(pid)
    return pid


def find(pid: int | None, is_it: Callable[[Sequence[str]], bool]) -> psutil.Process | None:
    """The living process with this id, if the words that it was started with say so: another may have got the id
    since."""
    if pid is None:
        return None
    _reap(pid)
    return _alive(pid, is_it)


def _alive(pid: int, is_it: Callable[[Sequence[str]], bool]) -> psutil.Process | None:
    try:
        process = psutil.Process(pid)
        alive = process.status() != psutil.STATUS_ZOMBIE and is_it(process.cmdline())
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return None
    return process if alive else None


def words_of(process: psutil.Process) -> list[str] | None:
    """What a process was started with; None if it is gone or may not be asked."""
    try:
        return process.cmdline() or None
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return None


def find_all(is_it: Callable[[Sequence[str]], bool]) -> list[psutil.Process]:
    """Every living process that was started with such words. Looks at all of the machine: not for each second. Takes
    nobody's exit status: another child of ours that died just now has a thread that waits to learn how."""
    return [process for pid in psutil.pids() if (process := _alive(pid, is_it)) is not None]


def listens(process: psutil.Process) -> bool:
    """Whether a process takes connections. One that may not be asked is believed not to."""
    try:
        return any(one.status == psutil.CONN_LISTEN for one in process.net_connections("inet"))
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return False


def has_ended(pid: int) -> bool:
    """Whether a process that ``spawn`` has just started is gone. (Its command line may not be readable yet.)"""
    _reap(pid)
    try:
        return bool(psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True


def end_just_started(pid: int, within_s: float) -> None:
    """End a process that ``spawn`` has just started, whatever its command line says so far."""
    with contextlib.suppress(psutil.NoSuchProcess):
        end(psutil.Process(pid), within_s)


def end(process: psutil.Process, within_s: float) -> bool:
    """Ask a process to end, kill it if it has not after ``within_s``; whether it ended by itself."""
    with contextlib.suppress(psutil.NoSuchProcess):
        process.terminate()
        if wait_gone(process, within_s):
            return True
        process.kill()
        wait_gone(process, within_s)
        return False
    return True


def wait_gone(process: psutil.Process, within_s: float) -> bool:
    """Whether a process is gone within that time. It may be our child or anybody's."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        _reap(process.pid)
        if not process.is_running() or _is_zombie(process):
            return True
        time.sleep(POLL_S)
    return False


def _is_zombie(process: psutil.Process) -> bool:
    try:
        return bool(process.status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True


def _reap(pid: int) -> None:
    """Take the exit status of one that ``spawn`` started here, if it has ended."""
    if sys.platform == "win32" or pid not in _ours:
        return
    try:
        ended = os.waitpid(pid, os.WNOHANG)[0] == pid
    except ChildProcessError:  # another thread took it
        ended = True
    if ended:
        _ours.discard(pid)
