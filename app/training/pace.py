"""How a candidate keeps to its time: what it may use, what is left, and how large a model fits into it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

FITTING = 0.7
"""The share of a candidate's seconds that folds and the final fit may use; the rest is for scoring,
conversion, parity and importance (measured: 10-25 % on 569 to 160,000 rows)."""


@dataclass
class Pace:
    """A clock for one candidate. ``seconds``: all that it may use from now on."""

    seconds: float
    started: float = field(default_factory=time.monotonic)

    @property
    def elapsed(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self.started

    @property
    def left(self) -> float:
        """Seconds left of all, never negative."""
        return max(0.0, self.seconds - self.elapsed)

    @property
    def fitting_left(self) -> float:
        """Seconds left for folds and the final fit, never negative."""
        return max(0.0, FITTING * self.seconds - self.elapsed)

    def affords_fold(self, fold_s: float, final_s: float) -> bool:
        """Whether one more fold leaves time for the final fit."""
        return fold_s + final_s <= self.fitting_left


def affordable(steps: int, pilot_steps: int, pilot_s: float, seconds: float, least: int) -> int:
    """How many steps (trees, iterations) fit into ``seconds`` if ``pilot_steps`` took ``pilot_s``, between
    ``least`` and ``steps``."""
    each = max(pilot_s, 1e-6) / pilot_steps
    return max(min(least, steps), min(steps, int(seconds / each)))
