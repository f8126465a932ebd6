"""uvicorn's httptools protocol, with deadlines and a bound on connections.

One sweep a second looks at all connections, so that a deadline costs a request nothing.
Measured on a plain uvicorn: 0 of 200 half-open connections were closed after 20 s.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol
from uvicorn.server import Server

from .limits import BODY_DEADLINE_S, HEADER_DEADLINE_S, IDLE_DEADLINE_S, MAX_CONNECTIONS
from .listening import RETIRE, SERVE, STOP
from .problems import PROBLEM_TYPE, Refusal, problem_json

if TYPE_CHECKING:
    from .server import Service

HALF_OPEN_S = 1.0
"""A connection that has sent no whole header for so long makes room for a new one when all places are taken."""

SWEEP_EVERY_S = 0.5
RETIRE_LOOK_S = 0.2
TLS_HANDSHAKE_S = 10.0
_REFUSED_DEADLINE_S = 2.0
_REFUSED_PLACES = 64
"""Connections beyond the bound that may stay until they were told 503; beyond these too, the oldest is cut off."""

_FRESH, _HEADER, _BODY, _ANSWER, _IDLE = range(5)
_DEADLINES_S = {_FRESH: HEADER_DEADLINE_S, _HEADER: HEADER_DEADLINE_S, _BODY: BODY_DEADLINE_S, _IDLE: IDLE_DEADLINE_S}
_TIMEOUT = Refusal(408, "The request did not arrive in time.", code="too_slow")
_MALFORMED = Refusal(400, "This is not a valid HTTP request.", code="malformed_http")


class BoundedProtocol(HttpToolsProtocol):
    """One connection. ``phase`` and ``since`` are what the sweep looks at."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a place, or be refused once the request's header is there."""
        super().connection_made(transport)
        self.phase = _FRESH
        self.since = self.loop.time()
        self.service: Service = self.config.app  # type: ignore[assignment]
        self.refused = not _make_room(self.connections, self.since)
        self._whole = True
        self._in_header = False
        if self.refused:
            self.service.metrics.refused_connections += 1
            _make_room_to_refuse(self.connections)

    def on_message_begin(self) -> None:
        """A request begins: its header has to be whole in time."""
        super().on_message_begin()
        self._whole = False
        self._in_header = True
        if self.phase in (_FRESH, _IDLE):
            self._enter(_HEADER)

    def on_headers_complete(self) -> None:
        """The header is there: answer, or refuse where no place is left."""
        self._in_header = False
        self._enter(_BODY)
        if self.refused:
            self.app = self.service.full
        before = self.cycle
        super().on_headers_complete()
        if self.service.retiring:
            if before is not None and not before.response_started:
                before.keep_alive = True  # one more was sent behind it: that one is the last
            self.retire()

    def on_message_complete(self) -> None:
        """The whole request is there."""
        super().on_message_complete()
        self._whole = True
        if self.cycle.response_complete:
            self._enter(_IDLE)
            if self.refused:
                self.transport.close()
        else:
            self._enter(_ANSWER)

    def on_response_complete(self) -> None:
        """Wait for the next request, or for the rest of a body that was answered early."""
        super().on_response_complete()
        if not self._whole:
            self._enter(_HEADER if self._in_header else _BODY)
        elif not self.cycle.response_complete:
            self._enter(_ANSWER)  # one more had arrived meanwhile
        else:
            self._enter(_IDLE)
            if self.refused:
                self.transport.close()

    def send_400_response(self, msg: str) -> None:
        """What is no HTTP gets problem JSON too."""
        self._say(_MALFORMED)

    def shutdown(self) -> None:
        """The server stops: what did not arrive whole by now is not waited for."""
        if not self._whole and (self.cycle is None or self.phase in (_HEADER, _BODY)):
            self.transport.close()
        else:
            super().shutdown()

    def retire(self) -> None:
        """The server takes no more connections: the answer to the newest request tells the client to close this one.
        An idle connection stays for its usual time, because a request may be on its way."""
        if self.cycle is not None and not self.cycle.response_started:
            self.cycle.keep_alive = False

    def sweep(self, now: float) -> None:
        """Close if the deadline of the phase is over."""
        deadline = _REFUSED_DEADLINE_S if self.refused else _DEADLINES_S.get(self.phase)
        if self.transport.is_closing():
            if now - self.since > BODY_DEADLINE_S:
                self.transport.abort()
            return
        if self.flow.write_paused and now - self.since > BODY_DEADLINE_S:
            self.transport.abort()  # the client does not read its answer
        elif deadline is not None and now - self.since > deadline:
            if self.phase == _HEADER or (self.phase == _BODY and not self.cycle.response_started):
                self._say(_TIMEOUT)
            else:
                self.transport.close()

    def _enter(self, phase: int) -> None:
        self.phase = phase
        self.since = self.loop.time()

    def _say(self, refusal: Refusal) -> None:
        """An answer outside of any request, then close."""
        body = problem_json(refusal)
        head = [STATUS_LINE[refusal.status], b"content-type: ", PROBLEM_TYPE, b"\r\nconnection: close\r\n"]
        head += [b"content-length: ", str(len(body)).encode(), b"\r\n\r\n"]
        self.transport.write(b"".join(head) + body)
        self.transport.close()
        self.service.metrics.request("none", refusal.status, self.loop.time() - self.since)


def _make_room(connections: set[Any], now: float) -> bool:
    """Whether the newest connection has a place; the longest half-open one makes room if need be."""
    placed = [c for c in connections if getattr(c, "refused", False) is False]
    if len(placed) <= MAX_CONNECTIONS:
        return True
    half_open = [c for c in placed if getattr(c, "phase", _IDLE) in (_FRESH, _HEADER) and now - c.since > HALF_OPEN_S]
    if not half_open:
        return False
    oldest = min(half_open, key=lambda c: float(c.since))
    oldest.transport.abort()
    connections.discard(oldest)
    return True


def _make_room_to_refuse(connections: set[Any]) -> None:
    """The newest may always hear its 503; the oldest that did not come to the point goes."""
    refused = [c for c in connections if getattr(c, "refused", False)]
    if len(refused) > _REFUSED_PLACES:
        oldest = min(refused, key=lambda c: float(c.since))
        oldest.transport.abort()
        connections.discard(oldest)


class BoundedServer(Server):
    """uvicorn's server: sweeps, exits with 0 after SIGTERM, tells when it is ready."""

    def __init__(self, config: Config, service: Service, on_ready: Callable[[], None], kept: bool) -> None:
        """``kept``: take words on standard input (see ``listening``)."""
        super().__init__(config)
        self.service = service
        self._on_ready = on_ready
        self._kept = kept

    def handle_exit(self, sig: int, frame: Any) -> None:  # noqa: ANN401
        """Stop cleanly. uvicorn would raise the signal again afterwards and end by it."""
        self.service.stopping = True
        if self.should_exit:
            self.force_exit = True
        self.should_exit = True

    def retire(self) -> None:
        """Leave new connections to whoever else has the socket; end once the open ones are done."""
        if self.service.retiring:
            return
        self.service.retiring = True
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            if isinstance(connection, BoundedProtocol):
                connection.retire()
        loop = asyncio.get_running_loop()
        unseen_s = TLS_HANDSHAKE_S if self.config.ssl else RETIRE_LOOK_S
        loop.call_later(unseen_s, self._end_when_alone, loop)

    def _end_when_alone(self, loop: asyncio.AbstractEventLoop) -> None:
        """Not at once: a connection that was just taken shows up a turn later, or after its handshake."""
        if self.server_state.connections or self.server_state.tasks:
            loop.call_later(RETIRE_LOOK_S, self._end_when_alone, loop)
        else:
            self.should_exit = True

    async def startup(self, sockets: Sequence[socket.socket] | None = None) -> None:
        """Listen on the bound sockets, with a bound on TLS handshakes."""
        if self.should_exit:  # asked to stop before it had begun
            return
        loop = asyncio.get_running_loop()

        def protocol() -> asyncio.Protocol:
            return BoundedProtocol(self.config, self.server_state, {}, loop)

        tls, handshake = self.config.ssl, TLS_HANDSHAKE_S if self.config.ssl else None
        self.servers = [
            await loop.create_server(
                protocol, sock=sock, backlog=self.config.backlog, ssl=tls, ssl_handshake_timeout=handshake
            )
            for sock in sockets or ()
        ]
        self.lifespan = self.config.lifespan_class(self.config)
        self._sweep_later(loop)
        self.started = True
        self.service.connections = self.server_state.connections
        self.service.ready = True
        if self._kept:
            _listen_to_keeper(loop, self)
        self._on_ready()

    def _sweep_later(self, loop: asyncio.AbstractEventLoop) -> None:
        now = loop.time()
        for connection in list(self.server_state.connections):
            if isinstance(connection, BoundedProtocol):
                connection.sweep(now)
        loop.call_later(SWEEP_EVERY_S, self._sweep_later, loop)


def _listen_to_keeper(loop: asyncio.AbstractEventLoop, server: BoundedServer) -> None:
    """Words come seldom, so a thread waits for them; on every system in the same way."""
    verbs = {RETIRE: server.retire, STOP: lambda: server.handle_exit(signal.SIGTERM, None)}

    def do(word: bytes) -> None:
        if word in verbs:
            with contextlib.suppress(RuntimeError):  # the loop has just ended by itself
                loop.call_soon_threadsafe(verbs[word])

    def listen() -> None:
        rest, serves = b"", False
        while data := os.read(0, 256):
            *lines, rest = (rest + data).split(b"\n")
            serves = serves or SERVE in lines
            for word in lines:
                do(word)
        if not serves:
            do(STOP)

    threading.Thread(target=listen, name="keeper's words", daemon=True).start()
