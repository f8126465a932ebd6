"""Names, literals and numbers as they stand in a query. Pure; DuckDB's dialect, which ``dialects`` translates."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DIGITS = 17


def name(text: str) -> str:
    """A column's name in quotes."""
    return '"' + text.replace('"', '""') + '"'


def string(text: str) -> str:
    """A text literal."""
    return "'" + text.replace("'", "''") + "'"


def number(value: float, digits: int = 4) -> str:
    """A number with so many significant digits, never in the scientific form that readers stumble over."""
    text = f"{value:.{digits}g}"
    return text if "e" not in text else f"{float(text):.{max(0, digits - 1 - math.floor(math.log10(abs(value))))}f}"


def exact(value: float) -> str:
    """A number with every digit it needs and none more."""
    return repr(value).removesuffix(".0")


def moment(days: float) -> str:
    """Days since 1970-01-01 UTC as a timestamp literal, to the second."""
    when = _EPOCH + timedelta(seconds=round(days * 86_400))
    return f"TIMESTAMP '{when:%Y-%m-%d %H:%M:%S}'"


def between(low: float, high: float) -> float:
    """The number with the fewest digits in [low, high): what a person would write between two neighbours.

    ValueError unless low < high.
    """
    if not low < high:
        raise ValueError(f"there is nothing between {low} and {high}")
    middle = low + (high - low) / 2
    for digits in range(1, _DIGITS + 1):
        candidate = float(f"{middle:.{digits}g}")
        if low <= candidate < high:
            return candidate
    return low
