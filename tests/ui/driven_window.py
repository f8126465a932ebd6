"""The real window in a process of its own: clicked by orders on standard input, telling what it shows on its output.

Run as ``python -m tests.ui.driven_window [PROJECT]``; ``tests.ui.window_process`` is the other end. One JSON object a
line in both directions. Qt is imported only when run: the window's children import this module again.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.ui.window import MainWindow

LOOK_MS = 15
CLICKABLE_WITHIN_S = 30.0


def main() -> int:
    """Open the window as the application does, then obey until killed or told to quit."""
    from PySide6.QtWidgets import QApplication

    from app.ui import main as application
    from app.ui.children_ahead import ChildrenAhead

    app = QApplication(["modelyard"])
    windows = application.Windows(app, ChildrenAhead(app))
    windows.open([Path(word) for word in sys.argv[1:]])
    driver = Driver(windows._open[0])
    threading.Thread(target=driver.obey_input, daemon=True).start()
    return app.exec()


class Driver:
    """Does what it is told to the window with real events, and tells whenever it shows something else."""

    def __init__(self, window: MainWindow) -> None:
        from PySide6.QtCore import QTimer

        from app.ui.jobs import Mailbox
        from tests.ui.helpers import Heartbeat

        self._window = window
        self._mailbox = Mailbox(window)
        self._told: dict[str, object] = {}
        self._beat: Heartbeat | None = None
        self._timer = QTimer(window, interval=LOOK_MS)
        self._timer.timeout.connect(self.look)
        self._timer.start()

    def obey_input(self) -> None:
        """Read orders on a thread of its own and have them done on the window's."""
        for line in sys.stdin:
            order = json.loads(line)
            self._mailbox.post(lambda order=order: self.obey(order))  # type: ignore[misc]

    def obey(self, order: dict[str, object]) -> None:
        """Do one thing."""
        do, what = order["do"], order.get("what")
        if do == "drop":
            from tests.ui.helpers import drop_files

            self.say("did", {"do": do, "what": what, "took": drop_files(self._window, [Path(p) for p in what])})  # type: ignore[union-attr,attr-defined]
        elif do == "click":
            self._click(str(what), time.monotonic() + CLICKABLE_WITHIN_S)
        elif do == "page":
            self._window.show_page(str(what))
        elif do == "seconds":
            self._give_seconds(float(what))  # type: ignore[arg-type]
        elif do == "beat":
            self._start_beating()
        elif do == "gaps":
            self.say("gaps", self._beat.stop() if self._beat is not None else [])
        elif do == "tab":
            self._window.page_named("data").tabs.tab_bar.setCurrentIndex(int(what))  # type: ignore[attr-defined,call-overload]
        elif do == "scroll":
            self._scroll(float(what))  # type: ignore[arg-type]
        elif do == "quit":
            self._window.close()

    def say(self, kind: str, what: object) -> None:
        """One line to the other end, with the time of this machine's monotonic clock."""
        print(json.dumps({"kind": kind, "at": time.monotonic(), "what": what}), flush=True)

    def look(self) -> None:
        """Tell what is shown if it is something else than before."""
        shown = shown_by(self._window)
        if shown != self._told:
            self._told = shown
            self.say("shown", shown)

    def _click(self, name: str, until: float) -> None:
        """Click the one visible, enabled button of an action once there is one."""
        from PySide6.QtCore import Qt, QTimer
        from PySide6.QtTest import QTest
        from PySide6.QtWidgets import QAbstractButton

        able = [b for b in self._window.findChildren(QAbstractButton, name) if b.isVisible() and b.isEnabled()]
        if able:
            self.say("did", {"do": "click", "what": name})
            button = able[0]
            QTest.mouseClick(button, Qt.MouseButton.LeftButton, pos=button.rect().center())
        elif time.monotonic() < until:
            QTimer.singleShot(LOOK_MS, self._window, lambda: self._click(name, until))
        else:
            self.say("failed", f"no button {name} could be clicked")

    def _give_seconds(self, seconds: float) -> None:
        """Another effort than the three that are offered."""
        self._window.page_named("data").bar.effort.choose(seconds)  # type: ignore[attr-defined]

    def _start_beating(self) -> None:
        from tests.ui.helpers import Heartbeat

        if self._beat is not None:
            self._beat.stop()
        self._beat = Heartbeat(10)

    def _scroll(self, share: float) -> None:
        """Jump to a place of the rows, and say when its cells are there."""
        rows = self._window.page_named("data").tabs.rows  # type: ignore[attr-defined]
        bar = rows.verticalScrollBar()
        bar.setValue(round(bar.maximum() * share))
        begun = time.monotonic()
        self._tell_when_filled(rows, begun)

    def _tell_when_filled(self, rows: object, begun: float) -> None:
        from PySide6.QtCore import QPoint, QTimer

        first = rows.rowAt(QPoint(0, 1).y())  # type: ignore[attr-defined]
        if first >= 0 and rows.model_.text(first, 0) is not None:  # type: ignore[attr-defined]
            self.say("filled", {"row": first, "seconds": time.monotonic() - begun})
        else:
            QTimer.singleShot(1, self._window, lambda: self._tell_when_filled(rows, begun))


def shown_by(window: MainWindow) -> dict[str, object]:
    """What a person can see by now, by its names in the registry."""
    page, data = window.page.objectName(), window.page_named("data")
    view = data.view  # type: ignore[attr-defined]
    result = view.result if view is not None else None
    project = window.session.project
    shown: dict[str, object] = {
        "page": page,
        "project": str(project.path) if project is not None else None,
        "version": view.version.id if view is not None else None,
        "candidates": [c.id for c in data.progress.candidates],  # type: ignore[attr-defined]
        "training": data.progress.job is not None,  # type: ignore[attr-defined]
        "run": [result.run.id, result.run.state.value] if result is not None else None,
        "model": result.model.label if result is not None and result.model is not None else None,
        "bundle": result.bundle.path if result is not None and result.bundle is not None else None,
        "url": _url(window, result),
        "interrupted": data.interrupted.message if data.interrupted.isVisible() else "",  # type: ignore[attr-defined]
        "predicted": _predicted(window),
        "services": len(window.page_named("services").model.records),  # type: ignore[attr-defined]
        "jobs": [job.title for job in window.session.jobs.running],
        "problem": _problem(window),
        "rows": _rows_painted(window),
    }
    return shown


def _url(window: MainWindow, result: object) -> str | None:
    service = getattr(result, "service", None)
    return service.url if service is not None else None


def _predicted(window: MainWindow) -> str:
    banner = window.page_named("services").predicted  # type: ignore[attr-defined]
    return banner._hint.text() if banner.isVisible() else ""


def _problem(window: MainWindow) -> str:
    banners = (window.banner, window.page.problem_banner)
    return " ".join(banner.message for banner in banners if banner.isVisible())


def _rows_painted(window: MainWindow) -> bool:
    """Whether the rows tab is shown and its first cell is there."""
    rows = window.page_named("data").tabs.rows  # type: ignore[attr-defined]
    return bool(rows.isVisible() and rows.model_.rowCount() and 0 in rows.model_._pages)


if __name__ == "__main__":
    sys.exit(main())
