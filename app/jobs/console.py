"""A job on a terminal: a progress bar on standard error, Ctrl+C cancels."""

from __future__ import annotations

import shutil
import signal
import sys
import threading
import time
from types import FrameType, TracebackType
from typing import TextIO

from app.errors import JobCancelled

BAR_CELLS = 24
REDRAW_EVERY_S = 0.1


class Console:
    """A ``JobContext`` for the command line. On a terminal one line that redraws itself; elsewhere nothing, or
    with ``lines`` each new text on its own line (for a log of a longer path).

    As a context manager it turns Ctrl+C and SIGTERM into a cancel; the second Ctrl+C interrupts at once.
    """

    def __init__(self, stream: TextIO | None = None, *, lines: bool = False) -> None:
        self._stream = stream or sys.stderr
        self._bar = self._stream.isatty()
        self._lines = lines and not self._bar
        self._text = ""
        self._drawn_at = 0.0
        self._cancelled = False
        self._before: dict[int, object] = {}

    def progress(self, fraction: float | None, text: str) -> None:
        """Show how far it is. Lines are cut at the terminal's width."""
        if self._lines and text != self._text:
            self._stream.write(text + "\n")
            self._stream.flush()
        elif self._bar and (text != self._text or time.monotonic() - self._drawn_at > REDRAW_EVERY_S):
            self._draw(bar(fraction) + " " + text)
        self._text = text

    def check_cancelled(self) -> None:
        """Raise JobCancelled after Ctrl+C."""
        if self._cancelled:
            raise JobCancelled()

    def clear(self) -> None:
        """Take the bar away, so that something else can be written."""
        if self._bar and self._drawn_at:
            self._draw("")
            self._drawn_at = 0.0

    def __enter__(self) -> Console:
        """Listen to Ctrl+C, if this is the main thread (elsewhere Python forbids it)."""
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                self._before[number] = signal.signal(number, self._cancel)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give the signals back and leave a clean line."""
        for number, handler in self._before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]
        self._before.clear()
        self.clear()

    def _cancel(self, number: int, frame: FrameType | None) -> None:
        if self._cancelled and number == signal.SIGINT:
            raise KeyboardInterrupt
        self._cancelled = True

    def _draw(self, line: str) -> None:
        width = shutil.get_terminal_size().columns - 1
        self._stream.write("\r\x1b[2K" + line[:width])
        self._stream.flush()
        self._drawn_at = time.monotonic()


def bar(fraction: float | None) -> str:
    """``[######..................]  25 %``; without a known total an empty bar."""
    if fraction is None:
        return "[" + "." * BAR_CELLS + "]   ? %"
    done = min(max(fraction, 0.0), 1.0)
    cells = round(done * BAR_CELLS)
    return "[" + "#" * cells + "." * (BAR_CELLS - cells) + f"] {int(done * 100):3d} %"
