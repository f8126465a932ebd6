"""Keeps a service alive: starts it, starts it again when it dies, and hands its clients from one bundle to the next.

Standard library only. ``python -I serve.py --keep [--state FILE] [other options]``. SIGTERM stops everything.

The keeper holds the listening socket and every server inherits it (see ``listening``), so a restart or a switch
refuses nobody: who comes in between waits in the socket's queue. An order (see ``orders``) names another bundle: its
server starts beside the old one on the same socket and proves itself; then the old one retires. A server that does not
prove itself changes nothing. Where sockets cannot be handed over (Windows), the new bundle is proven with ``--check``
first; then the old server stops, finishing what it took, and the new one starts: clients are refused for about the time
of a start, but nothing accepted is dropped.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import socket
import sys
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from . import listening, options, orders
from .kept import Child, Ended, Event, Ready, Stopped
from .orders import Order, State

FIRST_DELAY_S = 0.5
LONGEST_DELAY_S = 30.0
STABLE_AFTER_S = 60.0
"""Who lived so long did not die of its start: the next restart waits the shortest time again."""

STOP_WITHIN_S = 12.0
"""A service ends within 10 s by itself (see ``limits``); after this it is killed."""

PROVE_WITHIN_S = 90.0
"""A server that was ordered is given up after this; the old one stays."""

RETIRE_WITHIN_S = 120.0
"""Longer than all deadlines of a connection together (see ``limits``)."""

LOOK_EVERY_S = 0.2

_FINAL = frozenset({2, 3})
"""Exit codes after which another try would end the same way (see ``start``)."""

_OWN = {"--keep": False, "--state": True, "--no-hand-over": False}
_COURSE = {"--challenger": True, "--share": True, "--shadow": False}


@dataclass(frozen=True, slots=True)
class Command:
    """How a server is started: the interpreter's words, a bundle's ``serve.py``, the options of a challenger, and
    those that stay through all switches."""

    interpreter: tuple[str, ...]
    entry: str
    course: tuple[str, ...]
    lasting: tuple[str, ...]

    def words(self, *more: str) -> list[str]:
        """The whole command line."""
        return [*self.interpreter, self.entry, *self.course, *self.lasting, *more]

    def under(self, order: Order) -> Command:
        """The same service by another bundle."""
        return replace(self, entry=order.entry, course=order.course)


def main(bundle: Path, argv: list[str]) -> int:
    """Keep the service of ``bundle`` until told to stop. Returns the exit code. Raises OSError without a port."""
    own, rest = orders.split(argv, _OWN)
    chosen = options.parse(rest, bundle)
    course, lasting = orders.split(orders.split(rest, {"--port": True})[1], _COURSE)
    if chosen.log_folder is not None:  # the next bundle logs where this one did
        lasting = [*orders.split(lasting, {"--log-dir": True})[1], "--log-dir", str(chosen.log_folder)]
    start = [sys.executable, *sys.orig_argv[1 : len(sys.orig_argv) - len(argv)]]
    command = Command(tuple(start[:-1]), start[-1], tuple(course), (*lasting, "--kept"))
    state = orders.value_of(own, "--state")
    hands_over = listening.HANDS_OVER and "--no-hand-over" not in own
    sock = _bound(chosen) if hands_over else None
    return Keeper(command, Path(state).absolute() if state else None, sock, chosen.port).run()


def _bound(chosen: options.Options) -> socket.socket:
    sock = listening.bind(chosen.host, chosen.port)
    port = sock.getsockname()[1]
    if port != chosen.port and chosen.port:
        print(f"serve.py: port {chosen.port} is taken; this is {port}.", file=sys.stderr)
    return sock


@dataclass(frozen=True, slots=True)
class _Trial:
    """A server that was ordered and has yet to prove itself."""

    order: Order
    command: Command
    child: Child


class Keeper:
    """One service and whoever watches it. Everything happens in one thread, event after event."""

    def __init__(self, command: Command, state_file: Path | None, sock: socket.socket | None, port: int) -> None:
        """``sock`` None: servers bind for themselves, on ``port`` or where they find a place at first."""
        self._command = command
        self._file = state_file
        self._sock = sock
        self._port = port if sock is None else sock.getsockname()[1]
        self._state = State("starting", os.getpid())
        self._untold = False
        self._events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self._current: Child | None = None
        self._trial: _Trial | None = None
        self._leaving_for: _Trial | None = None
        self._before: tuple[_Trial, Command] | None = None
        self._retired: dict[Child, float] = {}
        self._restart_at: float | None = None
        self._delay_s = FIRST_DELAY_S
        self._kill_at: float | None = None
        self._stopping = False
        self._seen = self._order_id()
        self._code: int | None = None

    def run(self) -> int:
        """Until it is told to stop or the service refuses to start."""
        for name in ("SIGTERM", "SIGINT", "SIGBREAK"):
            if hasattr(signal, name):
                signal.signal(getattr(signal, name), lambda *_: self._events.put(Stopped()))
        self._tell(self._state)
        self._current = self._spawn(self._command)
        while self._code is None:
            with contextlib.suppress(queue.Empty):
                self._handle(self._events.get(timeout=LOOK_EVERY_S))
            self._look(time.monotonic())
        return self._code

    def _handle(self, event: Event) -> None:
        if isinstance(event, Stopped):
            self._stop()
        elif isinstance(event, Ready):
            self._is_ready(event.child, json.loads(event.line), event.line)
        elif isinstance(event, Ended):
            self._has_ended(event.child, event.code)

    def _spawn(self, command: Command, *more: str) -> Child:
        if self._sock is None:
            return Child(command.words("--port", str(self._port), *more), self._events, None)
        descriptor = self._sock.fileno()
        words = command.words("--port", str(self._port), "--listen-fd", str(descriptor), *more)
        return Child(words, self._events, descriptor)

    def _is_ready(self, child: Child, told: dict[str, str | int | None], line: bytes) -> None:
        trial = self._trial
        if trial is not None and child is trial.child and self._sock is not None:
            self._trial = None
            child.say(listening.SERVE)
            self._take_over(trial)
            self._runs(told, trial.order)
        elif child is self._current:
            arrived = self._before[0].order if self._before is not None else None
            self._before = None
            first = self._state.started is None
            self._runs(told, arrived)  # before it may outlive us: whoever finds it must know of it
            child.say(listening.SERVE)
            if first:
                with contextlib.suppress(OSError):  # whoever started us may have closed its end
                    sys.stdout.write(line.decode())
                    sys.stdout.flush()

    def _take_over(self, trial: _Trial) -> None:
        """From now on the new server takes the connections; the old one finishes those that it has."""
        if self._current is not None:
            self._current.say(listening.RETIRE)
            if not self._current.was_ready:  # restarted, and slower: it must not begin to take the new one's clients
                self._current.end()
            self._retired[self._current] = time.monotonic() + RETIRE_WITHIN_S
        self._current, self._command = trial.child, trial.command
        self._restart_at, self._delay_s = None, FIRST_DELAY_S

    def _has_ended(self, child: Child, code: int) -> None:
        self._retired.pop(child, None)
        trial = self._trial
        if trial is not None and child is trial.child:
            self._trial = None
            if self._sock is None and code == 0 and not self._stopping:
                self._leave_for(trial)
            else:
                self._failed(trial.order, _cause(code))
        elif child is self._current:
            self._current = None
            if not self._stopping:
                self._current_ended(child, code)
        if self._stopping:
            self._end_when_alone()

    def _leave_for(self, trial: _Trial) -> None:
        """Its bundle is proven: where the socket cannot be handed over, the old server ends before the new begins."""
        self._leaving_for = trial
        if self._current is not None:
            self._current.end()
            self._kill_at = time.monotonic() + STOP_WITHIN_S
        else:
            self._arrive()

    def _arrive(self) -> None:
        trial = self._leaving_for
        assert trial is not None
        self._leaving_for, self._kill_at, self._restart_at = None, None, None
        self._before = trial, self._command
        self._command = trial.command
        self._current = self._spawn(self._command)

    def _current_ended(self, child: Child, code: int) -> None:
        if self._leaving_for is not None:
            self._arrive()
        elif self._before is not None:  # proven, but it does not start: back to the old one
            trial, self._command = self._before
            self._before = None
            self._failed(trial.order, _cause(code))
            self._current = self._spawn(self._command)
        elif code in _FINAL or self._state.started is None:
            for other in self._children():
                other.end()
            self._tell(replace(self._state, state="failed", pid=None, message=_refused(code)))
            self._code = code or 1
        else:
            if child.age_s > STABLE_AFTER_S:
                self._delay_s = FIRST_DELAY_S
            self._restart_later(f"The service died ({_cause(code)}); starting it again.", self._state.restarts + 1)

    def _restart_later(self, message: str, restarts: int) -> None:
        self._restart_at = time.monotonic() + self._delay_s
        self._delay_s = min(self._delay_s * 2, LONGEST_DELAY_S)
        self._tell(replace(self._state, state="restarting", pid=None, restarts=restarts, message=message))

    def _restart(self) -> None:
        """A machine that has no room for a process now may have some later."""
        self._restart_at = None
        try:
            self._current = self._spawn(self._command)
        except OSError as error:
            self._restart_later(f"The service cannot be started now ({error.strerror}).", self._state.restarts)

    def _look(self, now: float) -> None:
        """What is due."""
        if self._untold:
            self._tell(self._state)
        if self._kill_at is not None and now > self._kill_at:
            for child in self._children() if self._stopping else [self._current]:
                if child is not None:
                    child.kill()
        if self._stopping:
            return
        if self._trial is not None and self._trial.child.age_s > PROVE_WITHIN_S:
            self._trial.child.kill()
        for child, deadline in self._retired.items():
            if now > deadline + STOP_WITHIN_S:
                child.kill()
            elif now > deadline:
                child.end()
        if self._restart_at is not None and now >= self._restart_at and self._current is None:
            self._restart()
        self._look_for_order()

    def _look_for_order(self) -> None:
        busy = self._trial is not None or self._leaving_for is not None or self._before is not None
        if self._file is None or busy or self._state.started is None:
            return
        order = orders.read_order(orders.order_file(self._file))
        if order is None or order.id == self._seen:
            return
        self._seen = order.id
        command = self._command.under(order)
        try:
            child = self._spawn(command, *([] if self._sock is not None else ["--check"]))
        except OSError as error:
            self._failed(order, error.strerror or "no process could be started")
        else:
            self._trial = _Trial(order, command, child)

    def _order_id(self) -> str | None:
        """An order that was left for another keeper is not for us."""
        found = orders.read_order(orders.order_file(self._file)) if self._file is not None else None
        return found.id if found is not None else None

    def _runs(self, told: dict[str, str | int | None], order: Order | None) -> None:
        port = int(str(told["url"]).rpartition(":")[2])
        moved = "" if self._state.port in (None, port) else f"Port {self._state.port} was taken; now on {port}."
        self._port = port
        self._tell(
            replace(
                self._state,
                state="running",
                url=str(told["url"]),
                port=port,
                pid=int(str(told["pid"])),
                started=datetime.now(UTC).isoformat(timespec="seconds"),
                message=moved,
                bundle=str(told["bundle"]),
                log_dir=None if told["log_dir"] is None else str(told["log_dir"]),
                order=order.id if order is not None else self._state.order,
                outcome="done" if order is not None else self._state.outcome,
            )
        )

    def _failed(self, order: Order, cause: str) -> None:
        message = f"The new bundle does not start ({cause}); the one before goes on."
        self._tell(replace(self._state, order=order.id, outcome="failed", message=message))

    def _stop(self) -> None:
        self._kill_at = time.monotonic() + STOP_WITHIN_S
        self._restart_at = None
        self._stopping = True
        for child in self._children():
            child.end()
        self._end_when_alone()

    def _end_when_alone(self) -> None:
        if not self._children():
            self._tell(replace(self._state, state="stopped", pid=None, message="Stopped."))
            self._code = 0

    def _children(self) -> list[Child]:
        trial = [self._trial.child] if self._trial is not None else []
        return [*([self._current] if self._current is not None else []), *trial, *self._retired]

    def _tell(self, state: State) -> None:
        """A disk that does not take it now must not end the service's keeper: told again when it does."""
        self._state = state
        if self._file is not None:
            try:
                orders.write(self._file, state)
                self._untold = False
            except OSError:
                self._untold = True


def _cause(code: int) -> str:
    if code < 0:
        with contextlib.suppress(ValueError):
            return signal.Signals(-code).name
    return f"exit code {code}"


def _refused(code: int) -> str:
    return f"The service does not start ({_cause(code)}); its own messages say why."
