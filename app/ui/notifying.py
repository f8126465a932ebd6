"""New alerts reach whoever works in another window: a desktop notification, or at least a blinking entry in the
task bar. A desktop without either stops nobody."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, QProcess, QStandardPaths
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication, QMainWindow, QSystemTrayIcon

from app.core.alerts import Alert
from app.ui.home.waiting import Muted
from app.ui.icons import icon

SHOWN_MS = 10_000


class Notifier(QObject):
    """Tells each alert once. ``look``: what a click leads to."""

    def __init__(self, window: QMainWindow, tell: Callable[[str], None], look: Callable[[], None]) -> None:
        super().__init__(window)
        self._window, self._tell, self._look = window, tell, look
        self._known: set[str] | None = None
        self._tray: QSystemTrayIcon | None = None
        self.told: list[str] = []

    def forget(self) -> None:
        """Another project was opened: what is open there already is no news."""
        self._known = None

    def hear(self, alerts: Sequence[Alert], muted: Sequence[Muted] = ()) -> None:
        """All open alerts, each time they are read; what is new among them is told, unless it is muted."""
        ids, silent = {alert.id for alert in alerts}, {one.mute.model_id for one in muted}
        fresh = [alert for alert in alerts if self._known is not None and alert.id not in self._known]
        self._known = ids | (self._known or set())
        for alert in fresh if None not in silent else ():
            if alert.model_id in silent:
                continue
            self.told.append(alert.line)
            self._show(alert.line)

    def _show(self, line: str) -> None:
        """In the window if somebody works there, outside of it otherwise."""
        if self._window.isActiveWindow():
            self._tell(line)
            return
        QApplication.alert(self._window)
        if QSystemTrayIcon.isSystemTrayAvailable() and QSystemTrayIcon.supportsMessages():
            self._from_tray(line)
        elif sys.platform.startswith("linux"):
            _by_desktop(self._window.windowTitle(), line)

    def _from_tray(self, line: str) -> None:
        if self._tray is None:
            self._tray = QSystemTrayIcon(_symbol(self._window), self)
            self._tray.messageClicked.connect(self._clicked)
            self._tray.activated.connect(lambda _reason: self._clicked())
        self._tray.show()
        self._tray.showMessage(self._window.windowTitle(), line, QSystemTrayIcon.MessageIcon.Warning, SHOWN_MS)

    def _clicked(self) -> None:
        if self._tray is not None:
            self._tray.hide()
        if self._window.isMinimized():
            self._window.showNormal()
        self._window.raise_()
        self._window.activateWindow()
        self._look()


def _symbol(window: QMainWindow) -> QIcon:
    own = window.windowIcon()
    return icon("monitor", "accent") if own.isNull() else own


def _by_desktop(title: str, line: str) -> None:
    """Where panels have no tray (GNOME), the desktop's own program tells; nothing happens where there is none."""
    program = QStandardPaths.findExecutable("notify-send")
    if program:
        QProcess.startDetached(program, ["--app-name=Modelyard", "--", title, line])
