"""How long work tells where it stands and learns that it was cancelled."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol


class JobContext(Protocol):
    """What every verb takes last. Called from the job's thread or from its child process."""

    def progress(self, fraction: float | None, text: str) -> None:
        """``fraction`` done in 0..1, None when the total is unknown; ``text`` is one short line."""

    def check_cancelled(self) -> None:
        """Raise ``errors.JobCancelled`` if somebody asked to stop."""


class Silent:
    """A context for those who wait: tells nobody, is never cancelled."""

    def progress(self, fraction: float | None, text: str) -> None:
        """Tell nobody."""

    def check_cancelled(self) -> None:
        """Never cancelled."""


@dataclass
class Recorder:
    """A context for tests: remembers every line, cancels when ``cancel_at`` lines have come."""

    lines: list[tuple[float | None, str]] = field(default_factory=list)
    cancel_at: int | None = None

    def progress(self, fraction: float | None, text: str) -> None:
        """Remember the line."""
        self.lines.append((fraction, text))

    def check_cancelled(self) -> None:
        """Raise once ``cancel_at`` lines were told."""
        from app.errors import JobCancelled

        if self.cancel_at is not None and len(self.lines) >= self.cancel_at:
            raise JobCancelled()


class Part:
    """The share ``[start, end]`` of another context, so that steps can be told as one whole."""

    def __init__(self, whole: JobContext, start: float, end: float, prefix: str = "") -> None:
        self._whole = whole
        self._start = start
        self._end = end
        self._prefix = prefix

    def progress(self, fraction: float | None, text: str) -> None:
        """Tell the whole, scaled into this part's share."""
        done = self._start + (self._end - self._start) * (fraction or 0.0)
        self._whole.progress(done, self._prefix + text)

    def check_cancelled(self) -> None:
        """Ask the whole."""
        self._whole.check_cancelled()
