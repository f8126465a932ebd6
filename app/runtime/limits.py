"""The bounds of what a client may ask (SERVING.md) in one place."""

from __future__ import annotations

MAX_BODY_BYTES = 8 << 20
MAX_ROWS = 10_000
MAX_DEPTH = 32
MAX_CONNECTIONS = 128
HEADER_DEADLINE_S = 10.0
BODY_DEADLINE_S = 30.0
IDLE_DEADLINE_S = 30.0
STOP_DEADLINE_S = 8.0
"""Running requests get this long after SIGTERM; the process is gone within 10 s."""

MAX_PENDING_BYTES = 64 << 20
"""Bodies of all requests being read at one time; above it 503, so that 128 big clients cannot fill the memory."""

HEAVY_BYTES = 128 << 10
"""Larger bodies than this are handled in a thread of their own, one at a time: they do not hold up small ones."""
