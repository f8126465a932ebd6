"""A reading child in reserve while the window is open: a dropped file need not wait for its start."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QObject, QTimer

if TYPE_CHECKING:
    from app.jobs.reserve import Reserve

FIRST_AFTER_MS = 2_000
"""From the start on: the first paint and the first clicks go before."""
NEXT_AFTER_S = 2.0
"""From a reading's end on: showing it goes before."""


class ReaderAhead(QObject):
    """Keeps one from a moment after the start until the application quits. Lives as long as the application."""

    def __init__(self, application: QCoreApplication) -> None:
        super().__init__(application)
        self.reserve: Reserve | None = None
        application.aboutToQuit.connect(self.close)
        QTimer.singleShot(FIRST_AFTER_MS, self, self.begin)

    def begin(self) -> None:
        """Have the first one started, beside the window."""
        threading.Thread(target=self._begin, name="reader ahead", daemon=True).start()

    def close(self) -> None:
        """No child waits any more."""
        reserve, self.reserve = self.reserve, None
        if reserve is not None:
            reserve.close()

    def _begin(self) -> None:
        from app.data.reading import READER
        from app.jobs.reserve import Reserve

        self.reserve = Reserve(READER, NEXT_AFTER_S)
        self.reserve.fill()
