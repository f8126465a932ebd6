"""Where the shown data come from, in one line, with *Refresh* and *Add from…*."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtGui import QShortcut
from PySide6.QtWidgets import QWidget

from app.core.addresses import is_sql, shown
from app.core.origins import Origin, OriginKind, why_not_refresh
from app.ui.actions import Actions
from app.ui.data.data_view import DataView
from app.ui.menus import add_from_menu
from app.ui.widgets.buttons import ActionButton, Button
from app.ui.widgets.card import row
from app.ui.widgets.elided import Elided
from app.ui.widgets.field import field
from app.ui.words import plain_tip


class AddFromButton(Button):
    """Opens the list of places that data can come from."""

    def __init__(self, actions: Actions, *, role: str = "", parent: QWidget | None = None) -> None:
        text = QCoreApplication.translate("AddFromButton", "Add from ▾")
        says = QCoreApplication.translate("AddFromButton", "Add data from a database, a web address, S3 or a folder")
        super().__init__(text, self.open_menu, name="data.add_from", role=role, icon="add", says=says, parent=parent)
        self._menu = add_from_menu(actions, self)

    def open_menu(self) -> None:
        """Show the list below the button."""
        self._menu.popup(self.mapToGlobal(self.rect().bottomLeft()))


class SourceLine(QWidget):
    """A quiet line above the page's cards. ``renamed``: a data set's id and the name that a person gave it."""

    renamed = Signal(str, str)

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._actions = actions
        self._words = Elided("", "quiet")
        self._words.setObjectName("data.source")
        self._name, self._id, self._edited = "", "", ""
        self.edit = field("data.name", self.tr("Name of the data set"), most_px=360)
        self.edit.setMaxLength(200)
        self.edit.returnPressed.connect(self._named)
        self.edit.editingFinished.connect(self.edit.hide)
        QShortcut(Qt.Key.Key_Escape, self.edit, self.edit.hide, context=Qt.ShortcutContext.WidgetShortcut)
        self.edit.hide()
        rename = ActionButton(actions["data.rename"], role="icon", icon="edit")
        refresh = ActionButton(actions["data.refresh"], role="flat", icon="refresh")
        line = row(self.edit, self._words, rename, refresh, AddFromButton(actions, role="flat"))
        line.setStretch(1, 1)
        self.setLayout(line)

    def rename(self) -> None:
        """Edit the data set's name in place."""
        self._edited = self._id
        self.edit.setText(self._name)
        self.edit.show()
        self.edit.setFocus()
        self.edit.selectAll()

    def _named(self) -> None:
        name = self.edit.text().strip()
        self.edit.hide()
        if name and name != self._name:
            self.renamed.emit(self._edited, name)

    def show_view(self, view: DataView) -> None:
        """Say where a version comes from; allow *Refresh* where it can be fetched again."""
        self._name, self._id = view.dataset.name, view.dataset.id
        if self._edited != self._id:
            self.edit.hide()
        words = origin_words(view.origin, ", ".join(source.name for source in view.version.sources))
        self._words.setText(words)
        query = view.origin.query if view.origin is not None else ""
        self._words.setToolTip(plain_tip(query or words))
        self._actions.forbid("data.refresh", why_not_refresh(view.origin))


def origin_words(origin: Origin | None, names: str) -> str:
    """Where a version comes from. ``names``: of its files."""

    def tr(text: str) -> str:
        return QCoreApplication.translate("SourceLine", text)

    if origin is None:
        return tr("From {0}").format(names)
    if origin.kind is OriginKind.PASTE:
        return tr("Pasted")
    if origin.kind is OriginKind.QUERY:
        used = ", ".join(dict.fromkeys(one.name for one in origin.inputs))
        return tr("Made by a query of {0}").format(used) if used else tr("Made by a query")
    if origin.kind is OriginKind.PREDICTIONS:
        return tr("Built from {0} by {1}").format(", ".join(one.name for one in origin.inputs), origin.query)
    place = shown(origin.address)
    if origin.kind is OriginKind.DATABASE and origin.query:
        what = tr("a query") if is_sql(origin.query) else origin.query
        return tr("From {0} in {1}").format(what, place)
    return tr("From {0}").format(under_home(place) if origin.kind is OriginKind.FILE else place)


def under_home(place: str) -> str:
    """A path below the person's own folder as ``~/Downloads/churn.csv``; any other as it is."""
    path, home = Path(place), Path.home()
    return f"~/{path.relative_to(home).as_posix()}" if path.is_relative_to(home) else place
