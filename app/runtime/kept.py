"""A server as its keeper sees it: a process that says when it is ready and when it has ended. Standard library only."""

from __future__ import annotations

import contextlib
import os
import queue
import subprocess
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

from .listening import STOP


class Child:
    """A process of ours. Told to the keeper's queue from a thread of its own."""

    def __init__(self, words: Sequence[str], events: queue.SimpleQueue[Event], descriptor: int | None) -> None:
        """``descriptor``: of the listening socket that it inherits, None: it gets none."""
        self.begun = time.monotonic()
        self.was_ready = False
        inherited = () if descriptor is None else (descriptor,)
        self._process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, pass_fds=inherited)
        threading.Thread(target=self._watch, args=(events,), name="watching a server", daemon=True).start()

    @property
    def age_s(self) -> float:
        """How long ago it was started."""
        return time.monotonic() - self.begun

    def say(self, word: bytes) -> None:
        """A word of ``listening``; one that has ended does not hear it."""
        assert self._process.stdin is not None
        with contextlib.suppress(OSError, ValueError):
            self._process.stdin.write(word + b"\n")
            self._process.stdin.flush()

    def end(self) -> None:
        """Ask it to stop. Windows ends whom it terminates at once, so a server is told in words there."""
        if os.name == "nt" and self.was_ready:
            self.say(STOP)
        elif self._process.poll() is None:
            self._process.terminate()

    def kill(self) -> None:
        """End it now."""
        if self._process.poll() is None:
            self._process.kill()

    def _watch(self, events: queue.SimpleQueue[Event]) -> None:
        assert self._process.stdout is not None and self._process.stdin is not None
        line = self._process.stdout.readline()
        if line.endswith(b"\n"):
            self.was_ready = True
            events.put(Ready(self, line))
        code = self._process.wait()
        self._process.stdout.close()
        with contextlib.suppress(OSError):
            self._process.stdin.close()
        events.put(Ended(self, code))


@dataclass(frozen=True, slots=True)
class Ready:
    """A server said its line."""

    child: Child
    line: bytes


@dataclass(frozen=True, slots=True)
class Ended:
    """A server is gone."""

    child: Child
    code: int


@dataclass(frozen=True, slots=True)
class Stopped:
    """The keeper itself was asked to stop."""


Event = Ready | Ended | Stopped
