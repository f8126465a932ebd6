"""Which port a service gets: the wished one, or the next free one."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Collection

from app.errors import EnvironmentProblem

_SET = os.environ.get("MODELYARD_FIRST_PORT", "")
FIRST_PORT = int(_SET) if _SET.isdecimal() else 8080
"""The first that a service gets. The variable sets it where 8080 and those after it belong to something else."""

HOST = "127.0.0.1"
_TRIES = 200


def free_port(wished: int | None = None, *, taken: Collection[int] = (), host: str = HOST) -> int:
    """``wished`` (default ``FIRST_PORT``) if nobody listens there and it is not in ``taken``, else the next free one.

    0 asks the system for any. EnvironmentProblem if 200 ports in a row are taken.
    """
    first = FIRST_PORT if wished is None else wished
    if first == 0:
        return _any(host)
    for port in range(first, min(first + _TRIES, 65536)):
        if port not in taken and is_free(port, host):
            return port
    raise EnvironmentProblem(f"No port is free from {first} on.", "Name another one with --port.")


def is_free(port: int, host: str = HOST) -> bool:
    """Whether a server could listen on this port now."""
    with _listener() as probe:
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno in {errno.EADDRINUSE, errno.EACCES, getattr(errno, "WSAEACCES", errno.EACCES)}:
                return False
            raise
    return True


def _any(host: str) -> int:
    with _listener() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def _listener() -> socket.socket:
    """A socket as a server opens it: without ``SO_REUSEADDR`` a port whose last server has just stopped looks taken
    for a minute on POSIX; with it a taken port looks free on Windows."""
    probe = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    if os.name == "posix":
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    return probe
