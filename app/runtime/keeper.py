"""Keeps a service alive: starts it, starts it again when it dies, waits longer each time it dies young.

Standard library only. ``python -I serve.py --keep [--state FILE] [other options]``. The state file is
replaced as a whole: {"state", "url", "port", "pid", "keeper_pid", "restarts", "started", "message",
"bundle", "log_dir"}; ``state`` is starting, running, restarting, failed or stopped. SIGTERM stops both.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

FIRST_DELAY_S = 0.5
LONGEST_DELAY_S = 30.0
STABLE_AFTER_S = 60.0
"""Who lived so long did not die of its start: the next restart waits the shortest time again."""

STOP_WITHIN_S = 12.0
"""A service ends within 10 s by itself (see ``limits``); after this it is killed."""

_FINAL = frozenset({2, 3})
"""Exit codes after which another try would end the same way (see ``start``)."""


@dataclass(frozen=True, slots=True)
class State:
    """What the state file tells."""

    state: str
    keeper_pid: int
    url: str | None = None
    port: int | None = None
    pid: int | None = None
    restarts: int = 0
    started: str | None = None
    message: str = ""
    bundle: str | None = None
    log_dir: str | None = None


def main(bundle: Path, argv: list[str]) -> int:
    """Keep the service of ``bundle`` until told to stop. Returns the exit code."""
    state_file, rest = _split(argv)
    command = [*_interpreter(argv), *rest]
    return Keeper(command, bundle, state_file).run()


class Keeper:
    """One service and whoever watches it."""

    def __init__(self, command: list[str], bundle: Path, state_file: Path | None) -> None:
        self._command = command
        self._bundle = bundle
        self._file = state_file
        self._state = State("starting", os.getpid())
        self._stopping = threading.Event()
        self._child: subprocess.Popen[bytes] | None = None

    def run(self) -> int:
        """Until it is told to stop or the service refuses to start."""
        for name in ("SIGTERM", "SIGINT", "SIGBREAK"):
            if hasattr(signal, name):
                signal.signal(getattr(signal, name), self._stop)
        self._tell(self._state)
        delay = FIRST_DELAY_S
        while True:
            begun = time.monotonic()
            code = self._run_once()
            if self._stopping.is_set():
                self._tell(replace(self._state, state="stopped", pid=None, message="Stopped."))
                return 0
            if code in _FINAL or self._state.started is None:
                self._tell(replace(self._state, state="failed", pid=None, message=_refused(code)))
                return code or 1
            if time.monotonic() - begun > STABLE_AFTER_S:
                delay = FIRST_DELAY_S
            message = f"The service died ({_cause(code)}); starting it again."
            restarts = self._state.restarts + 1
            self._tell(replace(self._state, state="restarting", pid=None, restarts=restarts, message=message))
            self._stopping.wait(delay)
            delay = min(delay * 2, LONGEST_DELAY_S)

    def _run_once(self) -> int:
        """Start the service, tell when it is ready, wait for its end. Returns its exit code."""
        if self._stopping.is_set():
            return 0
        port = [] if self._state.port is None else ["--port", str(self._state.port)]
        child = subprocess.Popen([*self._command, *port], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        self._child = child
        if self._stopping.is_set():  # the signal came before there was a child to hand it to
            child.terminate()
        assert child.stdout is not None
        line = child.stdout.readline()
        if line.endswith(b"\n"):
            self._ready(line)
        code = child.wait()
        child.stdout.close()
        return code

    def _ready(self, line: bytes) -> None:
        told = json.loads(line)
        first = self._state.started is None
        port = int(told["url"].rpartition(":")[2])
        moved = "" if self._state.port in (None, port) else f"Port {self._state.port} was taken; now on {port}."
        self._tell(
            replace(
                self._state,
                state="running",
                url=told["url"],
                port=port,
                pid=told["pid"],
                started=datetime.now(UTC).isoformat(timespec="seconds"),
                message=moved,
                bundle=told["bundle"],
                log_dir=told["log_dir"],
            )
        )
        if first:
            with contextlib.suppress(OSError):  # whoever started us may have closed its end
                sys.stdout.write(line.decode())
                sys.stdout.flush()

    def _stop(self, *_: object) -> None:
        self._stopping.set()
        child = self._child
        if child is not None and child.poll() is None:
            child.terminate()
            killer = threading.Timer(STOP_WITHIN_S, child.kill)
            killer.daemon = True
            killer.start()

    def _tell(self, state: State) -> None:
        self._state = state
        if self._file is None:
            return
        temporary = self._file.with_name(f"{self._file.name}.{os.getpid()}.tmp")
        temporary.write_text(json.dumps(asdict(state)), "utf-8")
        temporary.replace(self._file)


def _split(argv: list[str]) -> tuple[Path | None, list[str]]:
    """The state file and what is left for the service."""
    state: Path | None = None
    rest: list[str] = []
    waiting = iter(argv)
    for word in waiting:
        if word == "--state":
            state = Path(next(waiting)).absolute()
        elif word.startswith("--state="):
            state = Path(word.partition("=")[2]).absolute()
        elif word != "--keep":
            rest.append(word)
    return state, rest


def _interpreter(argv: list[str]) -> list[str]:
    """How this very process was started, without our own arguments: works for ``python -I serve.py`` and
    for a frozen application that runs the script with its own interpreter."""
    return [sys.executable, *sys.orig_argv[1 : len(sys.orig_argv) - len(argv)]]


def _cause(code: int) -> str:
    if code < 0:
        with contextlib.suppress(ValueError):
            return signal.Signals(-code).name
    return f"exit code {code}"


def _refused(code: int) -> str:
    return f"The service does not start ({_cause(code)}); its own messages say why."
