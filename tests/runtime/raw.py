"""Raw connections: what polite client libraries would not send."""

from __future__ import annotations

import socket
import time

HEADERS = b"Host: localhost\r\nContent-Type: application/json\r\n"


def connect(port: int, timeout_s: float = 15.0) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout_s)


def question(body: bytes, path: bytes = b"/predict", extra: bytes = b"") -> bytes:
    head = b"POST " + path + b" HTTP/1.1\r\n" + HEADERS + extra
    return head + b"Content-Length: %d\r\n\r\n" % len(body) + body


def status_of(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


def read_answer(sock: socket.socket) -> bytes:
    """One whole answer (or what came before the other side closed)."""
    data = b""
    while b"\r\n\r\n" not in data:
        part = sock.recv(65536)
        if not part:
            return data
        data += part
    head, _, body = data.partition(b"\r\n\r\n")
    length = next(
        (int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")), 0
    )
    while len(body) < length:
        part = sock.recv(65536)
        if not part:
            break
        body += part
    return head + b"\r\n\r\n" + body


def seconds_until_closed(sock: socket.socket, most_s: float) -> tuple[float, bytes]:
    """How long until the other side closes, and what it said."""
    begun, said = time.monotonic(), b""
    sock.settimeout(most_s)
    try:
        while part := sock.recv(65536):
            said += part
    except ConnectionError:
        pass
    return time.monotonic() - begun, said
