"""Processes that are killed, and users without rights. Children are forks: they start in a millisecond."""

from __future__ import annotations

import os
import random
import select
import signal
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field

Tell = Callable[[str, str], None]


@dataclass
class Child:
    """A forked process and what it has confirmed so far."""

    pid: int
    pipe: int
    _rest: bytes = b""
    confirmed: list[tuple[str, str]] = field(default_factory=list)

    def listen(self, seconds: float, lines: int = 1_000_000) -> None:
        """Take in confirmations for some time, or until there are enough."""
        end = time.monotonic() + seconds
        while len(self.confirmed) < lines and (left := end - time.monotonic()) > 0:
            if select.select([self.pipe], [], [], left)[0] and not self._take():
                return

    def kill(self) -> None:
        """SIGKILL; what the child had confirmed before counts."""
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        while self._take():
            pass
        os.close(self.pipe)

    def wait(self) -> int:
        """Let the child end by itself: its exit code."""
        while self._take():
            pass
        os.close(self.pipe)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])

    def _take(self) -> bool:
        data = os.read(self.pipe, 65536)
        *whole, self._rest = (self._rest + data).split(b"\n")
        for line in whole:
            kind, _, identifier = line.decode().partition(" ")
            self.confirmed.append((kind, identifier))
        return bool(data)


def fork(work: Callable[[Tell], None]) -> Child:
    """Run ``work`` in a fork. ``tell`` writes a line to the pipe at once; an error ends the child with code 1."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid:
        os.close(writing)
        return Child(pid, reading)
    code = 1
    try:
        os.close(reading)
        random.seed()
        work(lambda kind, identifier: _write(writing, f"{kind} {identifier}\n"))
        code = 0
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
    finally:
        os._exit(code)


def unprivileged(work: Callable[[], str]) -> str:
    """What ``work`` returns when it runs as a user without rights (root becomes nobody, others stay)."""

    def become(tell: Tell) -> None:
        if os.getuid() == 0:
            os.setgid(65534)
            os.setuid(65534)
        tell("said", work().replace("\n", " "))

    child = fork(become)
    code = child.wait()
    assert code == 0, f"the child ended with {code}"
    return child.confirmed[0][1]


def _write(fd: int, text: str) -> None:
    os.write(fd, text.encode())
