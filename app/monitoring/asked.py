"""Which predictions a look is about."""

from __future__ import annotations

from dataclasses import dataclass

MOST_ROWS = 500_000
"""Of more predictions the newest: a band does not get narrower in any way that matters."""

LEVEL, LEAST_LEVEL, MOST_LEVEL = 0.01, 0.0001, 0.2
"""Of windows without drift one in a hundred has a column that moved: looked at weekly, once in two years."""
WEEKS_A_YEAR = 52


def alarms_a_year(level: float) -> float:
    """False alarms a year at this setting, looked at weekly."""
    return level * WEEKS_A_YEAR


@dataclass(frozen=True, slots=True)
class Asked:
    """The newest ``rows`` predictions of those made at ``since`` or later (ISO 8601, UTC; empty: ever). ``level``: the
    share of windows without drift in which any column moves."""

    rows: int = MOST_ROWS
    since: str = ""
    level: float = LEVEL
