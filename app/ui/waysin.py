"""What the window itself can do: open, make, rename and close projects, choose files, paste, change the look."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit, QPlainTextEdit, QWidget

from app.ui.adding import Adder
from app.ui.problems import Problem
from app.ui.resources import resource
from app.ui.session import Session
from app.ui.theme import Appearance, theme

FILTER = "Tables (*.csv *.tsv *.txt *.parquet *.xlsx *.json *.jsonl *.ndjson *.arrow *.feather);;All files (*)"


class WaysIn(QObject):
    """The window's own commands by id. File dialogs open only here, and only when asked for."""

    def __init__(self, session: Session, adder: Adder, window: QWidget) -> None:
        super().__init__(window)
        self._session = session
        self._adder = adder
        self._window = window
        self.commands: dict[str, Callable[[], object]] = {
            "data.choose": self.choose_files,
            "data.paste": self.paste,
            "project.new": self.new_project,
            "project.open": self.choose_project,
            "project.sample": self.open_sample,
            "project.rename": lambda: session.go("home", "rename"),
            "project.close": session.close_project,
            "theme.light": lambda: self.look(Appearance.LIGHT),
            "theme.dark": lambda: self.look(Appearance.DARK),
            "theme.system": lambda: self.look(Appearance.SYSTEM),
            "help.shortcuts": lambda: session.go("settings", "shortcuts"),
        }

    def choose_files(self) -> None:
        """Ask for files with the system's own dialog."""
        names, _kind = QFileDialog.getOpenFileNames(self._window, self.tr("Add data"), "", FILTER)
        if names:
            self._adder.add_files([Path(name) for name in names])

    def choose_project(self) -> None:
        """Ask for a project's folder."""
        start = str(self._session.settings.projects_folder)
        name = QFileDialog.getExistingDirectory(self._window, self.tr("Open a project's folder"), start)
        if name:
            self._session.open(Path(name))

    def new_project(self) -> None:
        """Make an empty project; it can be renamed at once."""
        self._session.create(
            self._session.new_project_path(self.tr("Project")), lambda: self._session.go("home", "rename")
        )

    def open_sample(self) -> None:
        """Make a project of the sample's data, ready to be trained on."""
        files = sorted(resource("sample").glob("*.csv"))
        if not files:
            self._session.failed.emit(Problem(self.tr("The sample data is missing from this installation.")))
            return
        if self._session.project is not None:
            self._session.close_project()
        self._adder.add_files(files[:1])

    def paste(self) -> None:
        """Add the clipboard's table, unless the person is typing into a field."""
        focused = QApplication.focusWidget()
        if isinstance(focused, QLineEdit | QPlainTextEdit) and not focused.isReadOnly():
            focused.paste()
            return
        self._adder.add_text(QGuiApplication.clipboard().text())

    def look(self, appearance: Appearance) -> None:
        """Change the appearance, now and for the next start."""
        self._session.settings.appearance = appearance
        theme().choose(appearance)

    def is_project(self, path: Path) -> bool:
        """Whether a path is a project's folder or its pointer file."""
        names = ("project.modelyard", "modelyard.db")
        return path.suffix == ".modelyard" or any((path / name).is_file() for name in names)
