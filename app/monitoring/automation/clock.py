"""A clock for fits of known growth: the next one is begun only if it should be done in time. Child side."""

from __future__ import annotations

import time
from dataclasses import dataclass, field


@dataclass
class Clock:
    """``seconds``: from now on. A fit is taken to grow with its rows, as those before it did."""

    seconds: float
    started: float = field(default_factory=time.monotonic)
    per_row: float = 0.0

    @property
    def left(self) -> float:
        """Seconds left, never negative."""
        return max(0.0, self.seconds - (time.monotonic() - self.started))

    def affords(self, rows: int) -> bool:
        """Whether a fit on so many rows should be done in time; the first one is always tried."""
        return self.per_row * rows <= self.left and self.left > 0

    def took(self, seconds: float, rows: int) -> None:
        """A fit ended."""
        self.per_row = max(self.per_row, seconds / max(rows, 1))
