"""Home without a project: one sentence, the ways in, and the projects that were open before."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFileDialog, QFrame, QVBoxLayout, QWidget

from app.ui.actions import Actions
from app.ui.data.source_line import AddFromButton
from app.ui.page import scrolling
from app.ui.session import Session
from app.ui.settings import Recent
from app.ui.theme import color
from app.ui.widgets.buttons import ActionButton, Button
from app.ui.widgets.card import Card, column, emptied, label, row, within
from app.ui.widgets.elided import Elided
from app.ui.widgets.empty import Picture
from app.ui.words import plain_tip

WIDTH = 760


class DropHere(QFrame):
    """A dashed frame that says: drop a file. The whole window takes it."""

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        sentence = label(self.tr("Drop a CSV, Excel or Parquet file anywhere in this window."), "big", wrap=True)
        quiet = label(self.tr("Nothing leaves this computer."), "quiet")
        for words in (sentence, quiet):
            words.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        ways = row(
            1,
            ActionButton(actions["data.choose"], role="primary"),
            ActionButton(actions["data.paste"], icon="paste"),
            AddFromButton(actions),
            ActionButton(actions["project.sample"], icon="sample"),
            1,
        )
        whole = QVBoxLayout(self)
        whole.setContentsMargins(24, 32, 24, 32)
        whole.setSpacing(12)
        whole.addWidget(Picture("download"), 0, Qt.AlignmentFlag.AlignHCenter)
        whole.addWidget(sentence)
        whole.addWidget(quiet)
        whole.addSpacing(4)
        whole.addLayout(ways)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The dashed frame on the cards' ground."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(color("border_strong"), 1.5, Qt.PenStyle.DashLine))
        painter.setBrush(color("surface"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 12, 12)
        painter.end()


class StartHome(QWidget):
    """The drop frame above the recent projects."""

    def __init__(self, session: Session, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._recent = Card(self.tr("Projects"), name="home.recent")
        self._recent.head.addStretch(1)
        self._recent.head.addWidget(ActionButton(actions["project.open"], icon="folder"))
        self._recent.head.addWidget(ActionButton(actions["project.new"], icon="add"))
        self._list = column(spacing=0)
        self._recent.body.addLayout(self._list)
        inner = QWidget()
        inner.setMaximumWidth(WIDTH)
        inner.setLayout(column(DropHere(actions), self._recent, 1, spacing=16))
        line = row(1, inner, 1, spacing=0)
        line.setStretch(1, 100)
        centred = within(line)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(scrolling(centred))
        self.show_recent()

    def show_recent(self) -> None:
        """Show the recent list as it is now."""
        emptied(self._list)
        entries = self._session.settings.recent
        for entry in entries:
            self._list.addWidget(RecentRow(entry, self._session, self.show_recent))
        if not entries:
            self._list.addWidget(label(self.tr("No project yet. Dropping a file makes one."), "quiet"))


class RecentRow(QWidget):
    """One project of the recent list: open it, find it again, or take it off the list."""

    def __init__(self, entry: Recent, session: Session, changed: Callable[[], None]) -> None:
        super().__init__()
        self._entry, self._session = entry, session
        self._changed = changed
        missing = entry.missing
        path = Elided(self._place(), "caption")
        path.setToolTip(plain_tip(entry.path))
        name = Elided(entry.name, "quiet" if missing else "strong")
        if missing:
            main = Button(
                self.tr("Locate…"), self._locate, name="project.locate", says=self.tr("Locate {0}").format(entry.name)
            )
        else:
            main = Button(
                self.tr("Open"), self._open, name="project.recent", says=self.tr("Open {0}").format(entry.name)
            )
        remove = Button(
            self.tr("Remove {0} from this list").format(entry.name), self._remove, role="icon", icon="close"
        )
        line = row(column(name, path, spacing=0), main, remove)
        line.setStretch(0, 1)
        line.setContentsMargins(0, 6, 0, 6)
        self.setLayout(line)

    def _place(self) -> str:
        home = str(Path.home())
        place = "~" + self._entry.path.removeprefix(home) if self._entry.path.startswith(home) else self._entry.path
        return self.tr("{0} – not there any more").format(place) if self._entry.missing else place

    def _open(self) -> None:
        self._session.open(Path(self._entry.path))

    def _locate(self) -> None:
        near = next((str(p) for p in Path(self._entry.path).parents if p.is_dir()), "")
        name = QFileDialog.getExistingDirectory(self, self.tr("Where is {0} now?").format(self._entry.name), near)
        if name:
            self._session.open(Path(name), lambda: self._session.settings.forget(self._entry.path))

    def _remove(self) -> None:
        self._session.settings.forget(self._entry.path)
        self._changed()
