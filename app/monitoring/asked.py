"""Which predictions a look is about."""

from __future__ import annotations

from dataclasses import dataclass

MOST_ROWS = 500_000
"""Of more predictions the newest: a band does not get narrower in any way that matters."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The newest ``rows`` predictions of those made at ``since`` or later (ISO 8601, UTC; empty: ever)."""

    rows: int = MOST_ROWS
    since: str = ""
