"""One model behind HTTP: the routes, who may ask, and what is counted.

Questions that ask for predictions take the short way on bare ASGI; everything else goes through Starlette.
"""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import msgspec
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware.errors import ServerErrorMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from . import sharing
from .answers import Answered
from .challenger import Challenger, Side
from .dialects import Dialect
from .http import Bodies, ClientGone, Headers, Receive, Scope, Send, send_bytes, send_refusal
from .keys import Keys
from .limits import HEAVY_BYTES, MAX_CONNECTIONS
from .log import LogWriter
from .metrics import CONTENT_TYPE, Metrics, challenger_text
from .oip import Oip
from .openapi import document
from .problems import PROBLEM_TYPE, Refusal, problem_json
from .sharing import Question, Told

LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
_OPEN = frozenset({"/", "/ping", "/v2/health/live", "/v2/health/ready"})
_PAGE_POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; connect-src 'self'; img-src data:"
)
_STOPPING = Refusal(503, "The service is stopping.", headers=((b"retry-after", b"5"),), code="stopping")
_FULL = Refusal(
    503, f"All {MAX_CONNECTIONS} connections are taken.", headers=((b"retry-after", b"1"),), code="too_many_connections"
)


@dataclass(frozen=True, slots=True)
class Served:
    """What a service answers with and for whom. ``only_loopback``: questions from web pages of other hosts are
    refused."""

    champion: Side
    log: LogWriter | None
    keys: Keys | None
    page: bytes
    only_loopback: bool
    challenger: Challenger | None = None
    metrics: Metrics = field(default_factory=Metrics)


class Service:
    """The ASGI application."""

    def __init__(self, served: Served) -> None:
        self.metrics = served.metrics
        self.connections: set[Any] = set()
        self.ready = False
        self.stopping = False
        self.retiring = False
        self._served = served
        self._bodies = Bodies()
        self._heavy = ThreadPoolExecutor(1, "large requests")
        self._oip = Oip(served.champion.contract)
        self._dialects = served.champion.dialects
        self._challenger = served.challenger
        self._others = self._starlette()
        self._app = ServerErrorMiddleware(self._dispatch, handler=_bug)
        self._schema = b""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI. What goes wrong on our side is logged and answered as a bare 500."""
        await self._app(scope, receive, send)

    async def full(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI for connections beyond the bound."""
        self.metrics.request("none", 503, 0.0)
        await send_refusal(send, _FULL)

    def close(self) -> None:
        """After the last answer."""
        self._heavy.shutdown()
        if self._challenger is not None:
            self._challenger.close()

    async def _dispatch(self, scope: Scope, receive: Receive, send: Send) -> None:
        dialect = self._dialects.get(scope["path"])
        if dialect is not None and scope["method"] == "POST":
            await self._predict(dialect, scope, receive, send)
        else:
            await self._other(scope, receive, send)

    async def _predict(self, dialect: Dialect, scope: Scope, receive: Receive, send: Send) -> None:
        started = time.perf_counter()
        status = 200
        try:
            headers: Headers = dict(scope["headers"])
            self._admit(headers, scope["path"])
            body = await self._bodies.read(headers, receive)
            told = await self._answer(scope["path"], headers, body, started)
            content_type, answer = told.dialect.write(headers, told.rows, told.answered)
            await send_bytes(send, 200, content_type, answer)
            self._count(told.answered)
            if self._challenger is not None:
                self._challenger.follow(scope["path"], headers, body, told.answered, started)
        except Refusal as refusal:
            status = refusal.status
            await send_refusal(send, refusal, oip=dialect.oip)
        except ClientGone:
            status = 499  # as nginx counts it
        self.metrics.request(dialect.route, status, time.perf_counter() - started)

    def _count(self, answered: Answered) -> None:
        self.metrics.rows += len(answered.predictions)
        if answered.violations:
            self.metrics.violated(answered.violations)

    async def _answer(self, path: str, headers: Headers, body: bytes, started: float) -> Told:
        """By champion or challenger, or each its rows. Raises Refusal."""
        if self._challenger is None and len(body) <= HEAVY_BYTES:  # the usual case, without the steps' microseconds
            dialect = self._dialects[path]
            rows = dialect.read(headers, body)
            return Told(dialect, rows, await self._served.champion.answerer.answer(rows, started))
        steps = sharing.steps(self._served.champion, self._challenger, Question(path, headers, body))
        if len(body) <= HEAVY_BYTES:
            return await sharing.answer(steps, lambda answerer, rows: answerer.answer(rows, started))

        def heavy() -> Told:
            return sharing.answer_now(steps, lambda answerer, rows: answerer.answer_now(rows, started))

        return await asyncio.get_running_loop().run_in_executor(self._heavy, heavy)

    def _admit(self, headers: Headers, path: str) -> None:
        """Raises Refusal: 503 while stopping, 401 and 429 by key, 403 for a foreign web page."""
        if self.stopping:
            raise _STOPPING
        if self._served.keys is not None and path not in _OPEN:
            self._served.keys.admit(headers)
        origin = headers.get(b"origin")
        if origin and self._served.only_loopback and urlsplit(origin.decode("latin-1")).hostname not in LOOPBACK_NAMES:
            raise Refusal(403, "Pages of other hosts may not ask this service.", code="foreign_page")

    async def _other(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = time.perf_counter()
        status = 500

        async def counted(message: Any) -> None:  # noqa: ANN401
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            self._admit(dict(scope["headers"]), scope["path"])
            await self._others(scope, receive, counted)
        except Refusal as refusal:
            await send_refusal(counted, refusal)
        self.metrics.request("other", status, time.perf_counter() - started)

    def _starlette(self) -> Starlette:
        routes = [
            Route("/", self._page),
            Route("/openapi.json", self._openapi),
            Route("/metrics", self._metrics),
            Route("/ping", self._ready),
            Route("/v2/health/live", _live),
            Route("/v2/health/ready", self._ready),
            Route("/v2", self._server_metadata),
        ]
        for path in self._oip.paths():
            routes += [Route(path, self._model_metadata), Route(f"{path}/ready", self._ready)]
        routes += [Route(path, _never, methods=["POST"]) for path in self._dialects]
        return Starlette(routes=routes, exception_handlers={HTTPException: _http_problem})

    async def _page(self, request: Request) -> Response:
        headers = {"content-security-policy": _PAGE_POLICY, "x-content-type-options": "nosniff"}
        return Response(self._served.page, media_type="text/html", headers=headers)

    async def _openapi(self, request: Request) -> Response:
        if not self._schema:
            served, champion = self._served, self._served.champion
            content = document(champion.contract, champion.bundle, with_keys=served.keys is not None)
            self._schema = msgspec.json.encode(content)
        return Response(self._schema, media_type="application/json")

    async def _metrics(self, request: Request) -> Response:
        served = self._served
        champion = served.champion
        text = self.metrics.text(champion.contract.model, champion.bundle, len(self.connections), served.log)
        if served.challenger is not None:
            text += challenger_text(served.challenger)
        return Response(text, media_type=CONTENT_TYPE)

    async def _ready(self, request: Request) -> Response:
        """Ready, with the bundle that answers; degraded where predictions are missing from the log."""
        log = self._served.log
        degraded = log is not None and log.degraded
        content: dict[str, object] = {
            "name": self._oip.name,
            "ready": self.ready and not self.stopping,
            "model": self._served.champion.contract.model,
            "bundle": self._served.champion.bundle,
            "log": "off" if log is None else "degraded" if degraded else "ok",
        }
        if log is not None and degraded:
            content |= {"log_problem": log.problem, "unlogged": log.unlogged}
        if self._challenger is not None:
            content["challenger"] = self._challenger.described()
        return _json(content, 200 if content["ready"] else 503)

    async def _server_metadata(self, request: Request) -> Response:
        return _json({"name": "modelyard", "version": "1", "extensions": []})

    async def _model_metadata(self, request: Request) -> Response:
        return _json(self._oip.metadata())


async def _live(request: Request) -> Response:
    return _json({"live": True})


async def _never(request: Request) -> Response:
    """Answers of POST take the short way; this route makes Starlette tell the method to other verbs."""
    raise AssertionError("unreachable")


async def _http_problem(request: Request, error: Exception) -> Response:
    status, headers = 500, None
    if isinstance(error, HTTPException):
        status, headers = error.status_code, dict(error.headers or {})
    sentences = {404: "There is nothing at this address.", 405: "This address does not take that method."}
    refusal = Refusal(status, sentences.get(status, "The request cannot be answered."))
    oip = request.url.path.startswith("/v2")
    return Response(problem_json(refusal, oip=oip), status, headers, media_type=PROBLEM_TYPE.decode())


async def _bug(request: Request, error: Exception) -> Response:
    refusal = Refusal(500, "Something went wrong in this service; its own log says what.", code="bug")
    return Response(problem_json(refusal), 500, media_type=PROBLEM_TYPE.decode())


def _json(content: object, status: int = 200) -> Response:
    return Response(msgspec.json.encode(content), status, media_type="application/json")
