"""Which process owns what, and whether it is still there."""

from __future__ import annotations

import hashlib
import os
import platform
from dataclasses import dataclass
from functools import cache

import psutil

_SAME_START_S = 60.0
"""A clock that is set while a process lives shifts the start time that the system tells. A process id is
not given out again within a minute, so a difference below it means the same process."""


@dataclass(frozen=True, slots=True)
class ProcessMark:
    """A process that no other can be taken for. ``started``: seconds since 1970."""

    host: str
    pid: int
    started: float


@cache
def _started_of_this(pid: int) -> float:
    return float(psutil.Process(pid).create_time())


def this_process() -> ProcessMark:
    """The mark of the calling process (right after a fork, too)."""
    pid = os.getpid()
    return ProcessMark(platform.node(), pid, _started_of_this(pid))


def is_alive(mark: ProcessMark) -> bool | None:
    """Whether the process still runs; None if it ran on another host, which cannot be told from here."""
    if mark.host != platform.node():
        return None
    try:
        process = psutil.Process(mark.pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return False
        return bool(abs(process.create_time() - mark.started) < _SAME_START_S)
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return True


def host_tag(host: str) -> str:
    """Eight characters that stand for a host in a file's name."""
    return hashlib.sha256(host.encode()).hexdigest()[:8]
