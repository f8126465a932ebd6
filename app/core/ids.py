"""Identifiers that sort by the time they were made (UUID version 7, RFC 9562 section 5.7)."""

from __future__ import annotations

import os
import time
import uuid


def new_id(unix_ms: int | None = None) -> str:
    """A new UUIDv7 as text. ``unix_ms``: milliseconds since 1970, now if not given."""
    ms = time.time_ns() // 1_000_000 if unix_ms is None else unix_ms
    random = int.from_bytes(os.urandom(10), "big")
    value = (ms & ((1 << 48) - 1)) << 80
    value |= 0x7 << 76
    value |= ((random >> 62) & 0xFFF) << 64
    value |= 0b10 << 62
    value |= random & ((1 << 62) - 1)
    return str(uuid.UUID(int=value))


def time_of(identifier: str) -> int:
    """Milliseconds since 1970 at which a UUIDv7 was made. ValueError if it is none."""
    value = uuid.UUID(identifier)
    if value.version != 7:
        raise ValueError(f"{identifier} is not a UUID version 7")
    return value.int >> 80
