"""What people decided about findings. A decision never changes the finding; a later one takes its place."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Decision(StrEnum):
    """``KEEP``: seen, it is right as it is. ``WAIVE``: it blocks, and training is allowed all the same, for the
    reason given. ``REOPEN``: an earlier decision no longer holds."""

    KEEP = "keep"
    WAIVE = "waive"
    REOPEN = "reopen"


@dataclass(frozen=True, slots=True)
class FindingDecision:
    """What was decided about a finding of a data version. ``column``: empty for one about the whole table."""

    version_id: str
    code: str
    column: str
    decision: Decision
    reason: str
    actor: str
    at: str
