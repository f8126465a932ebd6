"""How a candidate keeps to its time: what it may use, what is left, and how large a model fits into it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

FITTING = 0.7
"""The share of a candidate's seconds that folds and the final fit may use; the rest is for scoring,
conversion, parity and importance (measured: 10-25 % on 569 to 160,000 rows)."""


@dataclass
class Pace:
    """A clock for one candidate. ``seconds``: all that it may use from now on; ``reserve``: seconds that are needed
    after fitting in any case."""

    seconds: float
    reserve: float = 0.0
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
        return max(0.0, min(FITTING * self.seconds, self.seconds - self.reserve) - self.elapsed)

    def affords_fold(self, fold_s: float, final_s: float) -> bool:
        """Whether one more fold leaves time for the final fit."""
        return fold_s + final_s <= self.fitting_left


def affordable(steps: int, each_s: float, seconds: float, least: int) -> int:
    """How many steps (trees, iterations) of ``each_s`` fit into ``seconds``, between ``least`` and ``steps``."""
    return max(min(least, steps), min(steps, int(seconds / max(each_s, 1e-6))))
