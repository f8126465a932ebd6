"""A run's context: it says how long it will take, and ends the run when the time is up."""

from __future__ import annotations

import time
from collections.abc import Callable

from app.core.progress import JobContext
from app.errors import JobCancelled

ETA_AFTER_S = 3.0


class TimeUp(JobCancelled):
    """The time is up: what is still running is ended like a cancelled job, and what is done is kept."""


class TimedContext:
    """Another context, with an estimate of the seconds left behind each text.

    ``check_cancelled`` raises ``TimeUp`` beyond ``most_s`` as soon as ``may_end`` allows it. ``started``: by
    ``time.monotonic``; ``seconds``: no estimate is longer than what is left of them.
    """

    def __init__(
        self, whole: JobContext, started: float, seconds: float, most_s: float, may_end: Callable[[], bool]
    ) -> None:
        self._whole = whole
        self._started = started
        self._seconds = seconds
        self._until = started + most_s
        self._may_end = may_end

    def progress(self, fraction: float | None, text: str) -> None:
        """Tell the whole."""
        elapsed = time.monotonic() - self._started
        if fraction is None:
            fraction = min(0.99, elapsed / self._seconds)
        if not fraction or elapsed < ETA_AFTER_S:
            self._whole.progress(fraction, text)
            return
        left = min(elapsed / fraction - elapsed, self._seconds - elapsed)
        self._whole.progress(fraction, f"{text} · about {max(1, round(left))} s left")

    def check_cancelled(self) -> None:
        """Ask the whole, then the clock."""
        self._whole.check_cancelled()
        if time.monotonic() > self._until and self._may_end():
            raise TimeUp("The time is up.")
