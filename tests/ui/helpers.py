"""What window tests need again and again: real drops and clicks, counted; names, contrast, freezes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEvent, QEventLoop, QMimeData, QObject, QPoint, QPointF, Qt, QTimer, QUrl
from PySide6.QtGui import QAccessible, QColor, QDragEnterEvent, QDragMoveEvent, QDropEvent, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QTabBar,
    QWidget,
)

from app.ui.data.data_page import DataPage
from app.ui.window import MainWindow

ROOT = Path(__file__).parents[2]
PATIENCE_S = 60.0
"""Nobody waits so long on a machine that is well, and on one that has other things to do it may take some of it."""
INTERACTIVE = (QAbstractButton, QComboBox, QLineEdit, QPlainTextEdit, QTabBar, QAbstractItemView)


class ClickCounter(QObject):
    """Counts presses of the mouse that reach a widget, and remembers every modal window that ever was."""

    def __init__(self) -> None:
        super().__init__()
        self.clicks = 0
        self.dialogs = 0
        QApplication.instance().installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if (
            event.type() == QEvent.Type.MouseButtonPress
            and isinstance(event, QMouseEvent)
            and isinstance(watched, QWidget)
        ):
            self.clicks += event.spontaneous() or watched is self._aimed
        if (
            event.type() == QEvent.Type.Show
            and isinstance(watched, QWidget)
            and watched.isWindow()
            and watched.isModal()
        ):
            self.dialogs += 1
        return False

    _aimed: QWidget | None = None

    def click(self, widget: QWidget) -> None:
        """One real press and release at the widget's centre."""
        assert widget.isVisible(), f"{widget.objectName()} is not visible"
        assert widget.isEnabled(), f"{widget.objectName()} is not enabled: {widget.toolTip()}"
        self._aimed = widget
        QTest.mouseClick(widget, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, widget.rect().center())
        self._aimed = None

    def stop(self) -> None:
        QApplication.instance().removeEventFilter(self)


class Heartbeat(QObject):
    """A timer on the window's thread that remembers the gaps between its beats, in ms."""

    def __init__(self, every_ms: int = 5) -> None:
        super().__init__()
        self.gaps: list[float] = []
        self._last = time.perf_counter()
        self._timer = QTimer(self, interval=every_ms, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)
        self._timer.start()

    def _beat(self) -> None:
        now = time.perf_counter()
        self.gaps.append((now - self._last) * 1000)
        self._last = now

    def stop(self) -> list[float]:
        self._timer.stop()
        return sorted(self.gaps)


def wait_until(condition: Callable[[], object], seconds: float = PATIENCE_S, what: str = "") -> None:
    """Turn the event loop until a condition holds; fails after a deadline, which is never less than ``PATIENCE_S``:
    this is no place to promise how quick something is (see ``tests.patience``)."""
    seconds = max(seconds, PATIENCE_S)
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited {seconds} s in vain for {what or condition}"
        turn(10)


def turn(milliseconds: int) -> None:
    """Turn the event loop as the application does: ``QTest.qWait`` keeps Python's lock while it waits, so that a
    thread beside the window gets on by one step every 10 ms."""
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


def activate(window: QWidget, seconds: float = 60.0) -> None:
    """Make a window the active one; asks again, because a window that is just closing may take it back."""
    deadline = time.monotonic() + seconds
    while not window.isActiveWindow():
        assert time.monotonic() < deadline, f"the window was not active within {seconds} s"
        window.activateWindow()
        turn(50)


def files_mime(paths: Sequence[Path]) -> QMimeData:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return mime


def drag_over(window: QWidget, paths: Sequence[Path], at: QPoint | None = None) -> QMimeData:
    """Real drag events to the window; the data must be kept alive by the caller."""
    mime, place = files_mime(paths), at or window.rect().center()
    for kind in (QDragEnterEvent, QDragMoveEvent):
        event = kind(place, Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(window, event)
    return mime


def drop_files(window: QWidget, paths: Sequence[Path], at: QPoint | None = None) -> bool:
    """Drag files over the window and drop them; whether the window took them."""
    mime = drag_over(window, paths, at)
    place = QPointF(at or window.rect().center())
    event = QDropEvent(place, Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(window, event)
    return event.isAccepted()


def drop_table(window: MainWindow, file: Path, text: str) -> DataPage:
    """Drop a small table on an active window; the Data page once it shows the version."""
    file.write_text(text)
    assert drop_files(window, [file])
    wait_until(lambda: isinstance(window.page, DataPage) and window.page.view is not None, 60, "data")
    assert isinstance(window.page, DataPage)
    activate(window)
    return window.page


def visible_button(window: QWidget, name: str) -> QAbstractButton:
    """The one visible button of an action."""
    found = [b for b in window.findChildren(QAbstractButton, name) if b.isVisible()]
    assert len(found) == 1, f"{len(found)} visible buttons are called {name}"
    return found[0]


def walk_widgets(window: QWidget) -> Iterator[QWidget]:
    """Every visible, enabled widget that a person acts on."""
    for widget in window.findChildren(QWidget):
        inside = widget.parentWidget()
        is_part = isinstance(inside, QAbstractItemView | QComboBox) or widget.objectName().startswith("qt_")
        if isinstance(widget, INTERACTIVE) and widget.isVisible() and widget.isEnabled() and not is_part:
            yield widget


def accessible_name(widget: QWidget) -> str:
    """What a screen reader says for a widget; for a combo box its current item counts."""
    interface = QAccessible.queryAccessibleInterface(widget)
    name = interface.text(QAccessible.Text.Name)
    if not name and isinstance(widget, QComboBox):
        return widget.currentText()
    return name


def luminance(color: QColor) -> float:
    """WCAG 2.2 relative luminance."""
    parts = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in color.getRgbF()[:3]]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one: QColor, other: QColor) -> float:
    """WCAG 2.2 contrast ratio, 1 to 21."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def start_window(config: Path, *arguments: object) -> subprocess.Popen[str]:
    """The window as a process of its own; returns once it was painted."""
    env = os.environ | {
        "QT_QPA_PLATFORM": "offscreen",
        "MODELYARD_MARK_PAINT": "1",
        "MODELYARD_CONFIG_DIR": str(config),
        "MODELYARD_PROJECTS_DIR": str(config / "projects"),
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "app", *map(str, arguments)],
        cwd=ROOT,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line.strip() == "modelyard: painted", process.stderr.read() if process.stderr else line
    return process


def modules_in(code: str, env: dict[str, str]) -> set[str]:
    """Names in ``sys.modules`` of a fresh process after ``code``, which prints them as a JSON list."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=os.environ | env,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return set(json.loads(done.stdout.splitlines()[-1]))
