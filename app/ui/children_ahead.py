"""Children are made ready while nothing is to be done: a dropped file and a training need not wait for their start.

Two ways, as neither serves all. A reading child in reserve (``app.jobs.reserve``) is there everywhere and at once, but
reads one file only. The server that children are forked from (``app.jobs.starting``) serves every job, but on Linux
alone, and is worth its memory only once there is a project to work on. From then on the child in reserve is one of the
server's, too, and shares its libraries.
"""

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
SERVER_AFTER_MS = 3_000
"""From the opening of a project on: the first drop has the processor for itself."""


class ChildrenAhead(QObject):
    """Keeps them from a moment after the start until the application quits. Lives as long as the application."""

    def __init__(self, application: QCoreApplication) -> None:
        super().__init__(application)
        self.reserve: Reserve | None = None
        self._has_server = self._over = False
        application.aboutToQuit.connect(self.close)
        QTimer.singleShot(FIRST_AFTER_MS, self, self.begin)

    def begin(self) -> None:
        """Have the first reading child started, beside the window."""
        self._over = False
        threading.Thread(target=self._begin, name="reader ahead", daemon=True).start()

    def serve(self) -> None:
        """There is a project: have the server started in a moment, once."""
        if not self._has_server:
            self._has_server = True
            QTimer.singleShot(SERVER_AFTER_MS, self, self.begin_server)

    def begin_server(self) -> None:
        """Have the server started, beside the window."""
        threading.Thread(target=self._serve, name="server ahead", daemon=True).start()

    def close(self) -> None:
        """No child waits any more."""
        self._over = True
        reserve, self.reserve = self.reserve, None
        if reserve is not None:
            reserve.close()

    def _begin(self) -> None:
        from app.data.reading import READER
        from app.jobs.reserve import Reserve

        self.reserve = reserve = Reserve(READER, NEXT_AFTER_S)
        reserve.fill()
        if self._over:  # the application quit meanwhile
            self.close()

    def _serve(self) -> None:
        from app.jobs.starting import warm_up

        warm_up()
        reserve = self.reserve
        if reserve is not None:
            reserve.renew()
