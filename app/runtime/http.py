"""Reading a request's body within its bounds and writing an answer, on bare ASGI."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from .limits import MAX_BODY_BYTES, MAX_PENDING_BYTES
from .problems import PROBLEM_TYPE, Refusal, problem_json

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Headers = dict[bytes, bytes]

JSON_TYPE = b"application/json"


class ClientGone(Exception):
    """Nobody waits for the answer any more."""


class Bodies:
    """Reads bodies; knows how many bytes of unfinished ones are held in memory."""

    def __init__(self) -> None:
        self.pending = 0

    async def read(self, headers: Headers, receive: Receive) -> bytes:
        """The whole body. Raises Refusal (413 too large, 503 too many large ones at once), ClientGone."""
        _check_announced(headers)
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        if not message["more_body"]:
            return _within(message["body"])
        return await self._read_rest([message["body"]], receive)

    async def _read_rest(self, parts: list[bytes], receive: Receive) -> bytes:
        size = len(parts[0])
        self.pending += size
        try:
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise ClientGone
                parts.append(message["body"])
                size += len(message["body"])
                self.pending += len(message["body"])
                self._check(size)
                if not message["more_body"]:
                    return b"".join(parts)
        finally:
            self.pending -= size

    def _check(self, size: int) -> None:
        if size > MAX_BODY_BYTES:
            raise _too_large()
        if self.pending > MAX_PENDING_BYTES:
            raise Refusal(503, "Too many large requests at once.", headers=((b"retry-after", b"1"),), code="busy")


def _check_announced(headers: Headers) -> None:
    """Refuse by what the header says. With ``Expect`` the client then sends no body, so the connection ends."""
    length = headers.get(b"content-length", b"0")
    if len(length) > 9 or int(length or 0) > MAX_BODY_BYTES:
        raise _too_large(close=b"expect" in headers)
    if headers.get(b"content-encoding", b"identity").lower() != b"identity":
        raise Refusal(415, "Compressed requests are not taken.", code="content_encoding")


def _within(body: bytes) -> bytes:
    if len(body) > MAX_BODY_BYTES:
        raise _too_large()
    return body


def _too_large(close: bool = False) -> Refusal:
    headers = ((b"connection", b"close"),) if close else ()
    return Refusal(413, f"A request may have at most {MAX_BODY_BYTES >> 20} MiB.", headers=headers, code="too_large")


def media_type(headers: Headers) -> bytes:
    """The content type without its parameters, in lower case; empty if there is none."""
    return headers.get(b"content-type", b"").partition(b";")[0].strip().lower()


async def send_bytes(
    send: Send, status: int, content_type: bytes, body: bytes, headers: tuple[tuple[bytes, bytes], ...] = ()
) -> None:
    """One whole answer."""
    length = str(len(body)).encode("ascii")
    fixed = [(b"content-type", content_type), (b"content-length", length), *headers]
    await send({"type": "http.response.start", "status": status, "headers": fixed})
    await send({"type": "http.response.body", "body": body})


async def send_refusal(send: Send, refusal: Refusal, *, oip: bool = False) -> None:
    """Problem JSON."""
    await send_bytes(send, refusal.status, PROBLEM_TYPE, problem_json(refusal, oip=oip), refusal.headers)
