"""A child in reserve: started while nothing is to be done, so that the next task need not wait for its start.

Python, numpy, DuckDB and Arrow take a child 0.3 s to import, half of what reading a file of 30 MB takes. A child in
reserve was never used: each task still gets a process of its own, which is gone afterwards. The window keeps one, the
command line none.
"""

from __future__ import annotations

import shutil
import tempfile
import threading
from contextlib import suppress
from pathlib import Path

from app.jobs.worker import Limits, Worker, close_all

LEAST_FREE_BYTES = 1 << 30
"""With less memory to spare no process waits in vain (it holds about 100 MB)."""

_reserves: dict[str, Reserve] = {}


class Reserve:
    """Keeps at most one child for one function. Callable from any thread.

    The child is started by a thread of its own that lives as long as the reserve: on Linux a child dies with the
    thread that started it. One reserve a function and process, because children belong to the process. ``delay_s``:
    from when one is wished for, so that its start does not get in the way of what a person does at that moment.
    """

    def __init__(self, function: str, delay_s: float = 0.0) -> None:
        self._function = function
        self._delay_s = delay_s
        self._spare: Worker | None = None
        self._lock = threading.Lock()
        self._wanted = threading.Event()
        self._over = threading.Event()
        self._gone = threading.Event()
        self._lent: list[Worker] = []
        self._folder = Path(tempfile.mkdtemp(prefix="modelyard-spare-"))
        self._started = 0
        _reserves[function] = self
        self._thread = threading.Thread(target=self._run, name="reserve", daemon=True)
        self._thread.start()

    def fill(self) -> None:
        """Have a child started, if none waits; returns at once."""
        self._wanted.set()

    @property
    def spare(self) -> Worker | None:
        """The child that waits, if one does."""
        return self._spare

    def take(self, limits: Limits) -> Worker | None:
        """The child that waits, from now on the caller's; None if none does."""
        with self._lock:
            spare, self._spare = self._spare, None
            if spare is None:
                return None
            self._lent = [*(worker for worker in self._lent if not worker.gone.is_set()), spare]
        if not spare.is_alive:
            spare.close()
            return None
        spare.limits = limits
        return spare

    def renew(self) -> None:
        """Have the child that waits replaced by one that is started as children are started now."""
        spare = self.take(Limits())
        self.fill()
        if spare is not None:
            spare.close()

    def close(self) -> None:
        """Nobody waits any more; returns when the child is gone. One that was taken goes on with its task."""
        _reserves.pop(self._function, None)
        self._over.set()
        self._wanted.set()
        self._gone.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _run(self) -> None:
        try:
            self._keep_one()
        finally:
            self._gone.set()
        for worker in self._lent:  # they would die with this thread
            worker.gone.wait()

    def _keep_one(self) -> None:
        while self._wanted.wait() and not self._over.wait(self._delay_s):
            self._wanted.clear()
            if self._spare is None and _free_bytes() >= LEAST_FREE_BYTES:
                with suppress(OSError):  # no room for a process now: the task that needs one says so, or there is again
                    self._start()
        with self._lock:
            last, self._spare = self._spare, None
        close_all([last] if last is not None else [])

    def _start(self) -> None:
        self._started += 1
        spare = Worker(self._function, Limits(), self._folder / f"{self._started}.txt", ahead=True)
        with self._lock:
            self._spare = spare


def reserve_of(function: str) -> Reserve | None:
    """The reserve of a function (``package.module:function``), if this process keeps one."""
    return _reserves.get(function)


def _free_bytes() -> int:
    import psutil

    return int(psutil.virtual_memory().available)
