"""A child and everything it started, as one: its memory, its end, and whether all of it is gone.

On POSIX the child leads its own session, so its process group is the whole family. On Windows the family
is found by walking parents.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

GRACE_S = 0.3  # between the polite and the hard signal; measured: a busy loop is gone within 72-540 ms
POLL_S = 0.01


def lead() -> None:
    """Make this process the leader of its own group. Called first thing in the child."""
    if sys.platform != "win32" and os.getpgrp() != os.getpid():
        os.setsid()


def alive(leader: int) -> list[int]:
    """The ids of the family's living processes. Zombies are dead: in a container nobody may ever reap them."""
    if sys.platform == "win32":
        return _family_by_parents(leader)
    try:
        os.killpg(leader, 0)
    except (ProcessLookupError, PermissionError):
        return [leader] if _is_alive(leader) else []
    return [pid for pid in _group_members(leader) if _is_alive(pid)]


def end(leaders: Iterable[int], reap: Callable[[], object]) -> None:
    """Stop whole families: asked at first, killed after ``GRACE_S``; returns when all of them are gone.

    All are signalled before any is waited for, so ending ten takes no longer than ending one. ``reap`` collects the
    exit codes of those leaders that are this process's children, else they stay in the table as zombies.
    """
    remaining = [leader for leader in leaders if alive(leader)]
    number = signal.SIGTERM
    while remaining:
        for leader in remaining:
            _signal(leader, number)
        remaining = _wait_gone(remaining, reap)
        number = signal.SIGTERM if sys.platform == "win32" else signal.SIGKILL


def memory_bytes(pids: Iterable[int]) -> int:
    """Memory that only these processes hold: resident without shared pages, so mapped files do not count."""
    import psutil

    total = 0
    for pid in pids:
        try:
            info = psutil.Process(pid).memory_info()
        except psutil.Error:
            continue
        total += int(getattr(info, "private", 0) or info.rss - getattr(info, "shared", 0))
    return total


def kill_own() -> None:
    """Kill the family that this process leads, itself included. For a child whose parent died."""
    if sys.platform == "win32":
        os._exit(1)
    os.killpg(os.getpgrp(), signal.SIGKILL)


def _wait_gone(leaders: Iterable[int], reap: Callable[[], object]) -> list[int]:
    """Those of ``leaders`` with somebody alive after at most ``GRACE_S``."""
    until = time.monotonic() + GRACE_S
    left = list(leaders)
    while left and time.monotonic() < until:
        time.sleep(POLL_S)
        reap()
        left = [leader for leader in left if alive(leader)]
    return left


def _signal(leader: int, number: signal.Signals) -> None:
    """Signal a family. Before the child made its group only the child itself can be reached."""
    if sys.platform == "win32":
        for pid in alive(leader):
            _kill(pid, number)
        return
    try:
        os.killpg(leader, number)
    except (ProcessLookupError, PermissionError):
        _kill(leader, number)


def _kill(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except (ProcessLookupError, PermissionError):
        return  # it ended meanwhile


def _is_alive(pid: int) -> bool:
    import psutil

    try:
        return psutil.Process(pid).status() not in (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD)
    except psutil.Error:
        return False


def _group_members(leader: int) -> Iterator[int]:
    """The ids of all processes in a group. /proc is read directly: psutil has no group and is slower."""
    proc = Path("/proc")
    if not (proc / "self" / "stat").exists():
        yield from _group_members_by_pgid(leader)
        return
    for entry in proc.iterdir():
        if entry.name.isdigit() and _group_of(entry / "stat") == leader:
            yield int(entry.name)


def _group_of(stat: Path) -> int | None:
    """The fifth field of a /proc stat line; the second is a name that may hold spaces and brackets."""
    try:
        return int(stat.read_bytes().rpartition(b")")[2].split()[2])
    except (OSError, IndexError):
        return None


def _group_members_by_pgid(leader: int) -> Iterator[int]:
    import psutil

    if sys.platform == "win32":
        return
    for pid in psutil.pids():
        try:
            if os.getpgid(pid) == leader:
                yield pid
        except (ProcessLookupError, PermissionError):
            continue


def _family_by_parents(leader: int) -> list[int]:
    import psutil

    try:
        process = psutil.Process(leader)
        return [p.pid for p in (process, *process.children(recursive=True)) if p.is_running()]
    except psutil.Error:
        return []
