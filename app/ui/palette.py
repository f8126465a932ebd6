"""The command palette: everything that can be done or shown, by name (Ctrl+K)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QFrame, QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from app.ui.actions import Actions

WIDTH = 520
SHOWN = 9


@dataclass(frozen=True, slots=True)
class Entry:
    """``quiet``: said on the right, a shortcut or the reason why not."""

    text: str
    quiet: str
    do: Callable[[], object]
    enabled: bool = True


def entries_of(actions: Actions) -> list[Entry]:
    """One entry a command; what cannot be done now says why not."""
    found = []
    for action in actions:
        keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        quiet = keys if action.isEnabled() else actions.why_not(action.objectName())
        name = action.text().replace("&", "").rstrip("…")
        found.append(Entry(name, quiet, action.trigger, action.isEnabled()))
    return found


class Palette(QFrame):
    """A box over the window's upper part: type, arrow keys, Return; Esc or a click elsewhere closes it."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._over = window
        self.setObjectName("palette")
        self.setProperty("role", "card")
        self.setAccessibleName(self.tr("Commands"))
        self._entries: list[Entry] = []
        self._before: QWidget | None = None
        self.edit = QLineEdit(placeholderText=self.tr("Search or run a command"))
        self.edit.setAccessibleName(self.tr("Search or run a command"))
        self.edit.setAcceptDrops(False)
        self.list = QListWidget()
        self.list.setAccessibleName(self.tr("Matching commands"))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(8, 8, 8, 8)
        whole.addWidget(self.edit)
        whole.addWidget(self.list)
        self.edit.textChanged.connect(self._filter)
        self.edit.returnPressed.connect(self._run_current)
        self.list.itemClicked.connect(lambda _item: self._run_current())
        self.edit.installEventFilter(self)
        self.hide()

    def open(self, entries: list[Entry]) -> None:
        """Show all entries and take the keyboard."""
        self._entries = entries
        self._before = self.window().focusWidget()
        self.edit.clear()
        self._filter("")
        width = min(WIDTH, self._over.width() - 48)
        self.setGeometry((self._over.width() - width) // 2, 56, width, 56 + SHOWN * 34)
        self.show()
        self.raise_()
        self.edit.setFocus()

    def close_(self) -> None:
        """Hide, and give the keyboard back."""
        self.hide()
        if self._before is not None:
            self._before.setFocus()
            self._before = None

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Arrow keys move in the list, Esc closes, losing the keyboard closes."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() == Qt.Key.Key_Escape:
                self.close_()
                return True
            if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
                self._move(1 if event.key() == Qt.Key.Key_Down else -1)
                return True
        if event.type() == QEvent.Type.FocusOut and not self.list.hasFocus():
            self.hide()
        return super().eventFilter(watched, event)

    def _move(self, step: int) -> None:
        if self.list.count():
            self.list.setCurrentRow((self.list.currentRow() + step) % self.list.count())

    def _filter(self, text: str) -> None:
        words = text.lower().split()
        self.list.clear()
        for number, entry in enumerate(self._entries):
            if all(word in entry.text.lower() for word in words):
                item = QListWidgetItem(f"{entry.text}    {entry.quiet}" if entry.quiet else entry.text)
                item.setData(Qt.ItemDataRole.UserRole, number)
                if not entry.enabled:
                    item.setFlags(Qt.ItemFlag.NoItemFlags)
                self.list.addItem(item)
        self.list.setCurrentRow(0)

    def _run_current(self) -> None:
        item = self.list.currentItem()
        if item is None or not item.flags() & Qt.ItemFlag.ItemIsEnabled:
            return
        entry = self._entries[item.data(Qt.ItemDataRole.UserRole)]
        self.close_()
        entry.do()
