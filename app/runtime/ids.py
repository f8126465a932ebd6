"""Prediction ids that sort by the time they were made (UUID version 7, RFC 9562 section 5.7)."""

from __future__ import annotations

import os
import time

_VERSION_AND_VARIANT = (0x7 << 76) | (0b10 << 62)
_RANDOM_BITS = ((1 << 80) - 1) & ~((0xF << 76) | (0b11 << 62))


def new_ids(count: int) -> list[str]:
    """``count`` new ids as text, all of this millisecond, from one read of the system's randomness."""
    base = ((time.time_ns() // 1_000_000) << 80) | _VERSION_AND_VARIANT
    random = os.urandom(10 * count)
    return [_text(base | (int.from_bytes(random[i : i + 10], "big") & _RANDOM_BITS)) for i in range(0, 10 * count, 10)]


def _text(value: int) -> str:
    digits = f"{value:032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
