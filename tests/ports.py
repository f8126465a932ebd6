"""Ports that no other process of the suites takes, and the system gives to nobody."""

from __future__ import annotations

import socket

FIRST, LAST, EACH = 20_000, 32_000, 100
"""Below those that the system gives to whoever connects (32,768 and more on Linux): a port of theirs that was free a
moment ago is a client's the next, or still its closed connection's for a minute, and a service that starts again on its
address gets another one (seen under load)."""

_claims: list[socket.socket] = []


def first_own_port() -> int:
    """The first of a hundred that are this process's as long as it lives: it listens on the one before."""
    for port in range(FIRST, LAST, EACH):
        claim = socket.socket()
        try:
            claim.bind(("127.0.0.1", port))
            claim.listen()
        except OSError:
            claim.close()
            continue
        _claims.append(claim)
        return port + 1
    raise AssertionError(f"every hundredth port from {FIRST} to {LAST} is taken")
