"""Opens the window: crash traces to a file, one process a user, and a first paint before anything heavy is imported."""

from __future__ import annotations

import faulthandler
import json
import os
import sys
import threading
import zlib
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtNetwork import QLocalServer, QLocalSocket
from PySide6.QtWidgets import QApplication

from app import __version__
from app.ui.children_ahead import ChildrenAhead
from app.ui.jobs import Mailbox
from app.ui.problems import problem_of
from app.ui.settings import Settings, config_folder, log_folder
from app.ui.window import MainWindow

MARK_PAINT = "MODELYARD_MARK_PAINT"
WAIT_MS = 500
LOG_AFTER_MS = 200


def run(argv: Sequence[str]) -> int:
    """Open the window on a project's folder or on files, or hand them to the window that is open already."""
    app = QApplication(["modelyard", *argv])
    app.setApplicationName("Modelyard")
    app.setApplicationVersion(__version__)
    paths = [Path(argument).absolute() for argument in argv if not argument.startswith("-")]
    if hand_over(paths):
        return 0
    _write_crashes()
    windows = Windows(app, ChildrenAhead(app))
    windows.listen()
    windows.open(paths)
    QTimer.singleShot(LOG_AFTER_MS, app, _write_log)
    return app.exec()


class Windows(QObject):
    """The windows of this process; each holds one project. Later starts hand their paths over to it."""

    def __init__(self, app: QApplication, ahead: ChildrenAhead) -> None:
        super().__init__(app)
        self.settings = Settings()
        self._open: list[MainWindow] = []
        self._ahead = ahead
        self._server = QLocalServer(self, socketOptions=QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._received)
        self._mailbox = Mailbox(self)
        sys.excepthook = self._hook
        threading.excepthook = lambda args: self._hook(args.exc_type, args.exc_value, args.exc_traceback)

    def listen(self) -> None:
        """Be the one that later starts talk to."""
        QLocalServer.removeServer(server_name())
        self._server.listen(server_name())

    def open(self, paths: Sequence[Path]) -> None:
        """Open a window on a project, or on files to be added; bring the last one up if there is neither."""
        project = next((path for path in paths if path.is_dir() or path.suffix == ".modelyard"), None)
        files = [path for path in paths if path != project and path.is_file()]
        window = self._idle_window() if project is None else None
        if window is None:
            window = MainWindow(project, self.settings)
            window.session.project_changed.connect(self._get_ready)
            _PaintMark(window)
            self._open.append(window)
            _place(window, self.settings)
            window.show()
        else:
            window.raise_()
            window.activateWindow()
        if files:
            QTimer.singleShot(0, window, lambda: window.take_files(files))

    def _get_ready(self) -> None:
        """Once there is a project to work on, drops and trainings are to begin sooner."""
        if any(window.session.project is not None for window in self._open):
            self._ahead.serve()

    def _idle_window(self) -> MainWindow | None:
        self._open = [window for window in self._open if window.isVisible()]
        return self._open[-1] if self._open else None

    def _received(self) -> None:
        socket = self._server.nextPendingConnection()
        socket.disconnected.connect(lambda: self._read(socket))

    def _read(self, socket: QLocalSocket) -> None:
        text = bytes(socket.readAll().data()).decode()
        socket.deleteLater()
        self.open([Path(entry) for entry in json.loads(text or "[]")])

    def _hook(self, kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
        """Our bug: to the log and, readable, on the window."""
        sys.__excepthook__(kind, error or kind(), trace)
        problem = problem_of((error or kind()).with_traceback(trace))
        import logging

        logging.getLogger(__name__).error("%s", problem.details)
        window = self._open[-1] if self._open else None
        if window is not None:
            self._mailbox.post(lambda: window.show_problem(problem))


class _PaintMark(QObject):
    """Prints a line once the window was painted, for the start benchmark."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        if os.environ.get(MARK_PAINT):
            window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Wait for the paint, then let the event loop turn once."""
        if event.type() == QEvent.Type.Paint:
            watched.removeEventFilter(self)
            QTimer.singleShot(0, self, lambda: print("modelyard: painted", flush=True))
        return False


def server_name() -> str:
    """One name for each user, version and configuration folder."""
    user = os.environ.get("USER") or os.environ.get("USERNAME") or ""
    return f"modelyard-{__version__}-{zlib.crc32(f'{user} {config_folder()}'.encode()):08x}"


def hand_over(paths: Sequence[Path]) -> bool:
    """Give the paths to the process that is open already; False if there is none."""
    socket = QLocalSocket()
    socket.connectToServer(server_name())
    if not socket.waitForConnected(WAIT_MS):
        return False
    socket.write(json.dumps([str(path) for path in paths]).encode())
    socket.waitForBytesWritten(WAIT_MS)
    socket.disconnectFromServer()
    return True


def _place(window: MainWindow, settings: Settings) -> None:
    geometry = settings.geometry()
    if geometry is not None:
        window.restoreGeometry(geometry)


def _write_crashes() -> None:
    """Crash traces from now on; our own log once the window was painted."""
    folder = log_folder()
    folder.mkdir(parents=True, exist_ok=True)
    faulthandler.enable((folder / "crash.log").open("a", encoding="utf-8"))


def _write_log() -> None:
    import logging
    from logging.handlers import RotatingFileHandler

    place = log_folder() / "window.log"
    handler = RotatingFileHandler(place, maxBytes=1_000_000, backupCount=3, encoding="utf-8", delay=True)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logging.getLogger("app").addHandler(handler)
