"""A field for SQL: coloured, with the names of tables and columns offered while one types."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QEvent, QStringListModel, Qt, Signal
from PySide6.QtGui import QColor, QFont, QKeyEvent, QTextCharFormat, QTextCursor, QTextFormat
from PySide6.QtWidgets import QCompleter, QListView, QPlainTextEdit, QTextEdit, QWidget

from app.ui.data.sql_colours import FUNCTIONS, WORDS, SqlColours
from app.ui.theme import color

FROM_LETTERS = 2
"""So many letters are typed before anything is offered."""
MONOSPACE = ("JetBrains Mono", "SF Mono", "Cascadia Mono", "DejaVu Sans Mono", "monospace")
_TAKES = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab)


class SqlEditor(QPlainTextEdit):
    """``run_wanted``: the person asked for the answer. Tab leaves the field, as everywhere in the window."""

    run_wanted = Signal()

    def __init__(self, says: str, *, name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setAccessibleName(says)
        self.setTabChangesFocus(True)
        self.setAcceptDrops(False)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.WidgetWidth)
        self.setFont(sql_font())
        self.colours = SqlColours(self.document())
        self._names = QStringListModel(self)
        self._completer = QCompleter(self._names, self)
        self._popup = QListView()
        self._completer.setPopup(self._popup)
        self._completer.setWidget(self)
        self._completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self._completer.setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
        self._completer.activated.connect(self.complete)
        self._wrong = ""
        self.textChanged.connect(self._unmark)

    def offer(self, names: Iterable[str]) -> None:
        """Offer these names of tables and columns, and the words of the language."""
        plain = dict.fromkeys([*names, *WORDS, *FUNCTIONS])
        self._names.setStringList(sorted(plain, key=str.casefold))

    def mark_line(self, number: int) -> None:
        """Mark the line where something is wrong, from 1."""
        block = self.document().findBlockByNumber(number - 1)
        if not block.isValid():
            return
        mark = QTextEdit.ExtraSelection()
        cursor, look = QTextCursor(block), QTextCharFormat()
        look.setBackground(QColor(color("fail_soft")))
        look.setProperty(QTextFormat.Property.FullWidthSelection, True)
        mark.cursor, mark.format = cursor, look
        self.setExtraSelections([mark])
        self._wrong = self.toPlainText()

    def event(self, event: QEvent) -> bool:
        """Ctrl+Return belongs to the query while one writes it, not to the page around it."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and _asks(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Offer names while one types; Return takes the one that is offered, Ctrl+Return asks for the answer."""
        if _asks(event):
            self.run_wanted.emit()
            return
        offered = self._popup.isVisible()
        if offered and event.key() in _TAKES:
            event.ignore()
            return
        super().keyPressEvent(event)
        begun = self._begun()
        if not event.text().strip() and event.key() != Qt.Key.Key_Backspace:
            self._popup.hide()
            return
        if len(begun) < FROM_LETTERS:
            self._popup.hide()
            return
        self._show(begun)

    def complete(self, name: str) -> None:
        """Put a name in place of what was typed of it."""
        cursor = self.textCursor()
        cursor.movePosition(QTextCursor.MoveOperation.Left, QTextCursor.MoveMode.KeepAnchor, len(self._begun()))
        cursor.insertText(name if name in WORDS or name in FUNCTIONS else as_written(name))
        self.setTextCursor(cursor)

    def _unmark(self) -> None:
        """Take the mark away once the text is another; new colours count as a change too."""
        if self.extraSelections() and self.toPlainText() != self._wrong:
            self.setExtraSelections([])

    def _show(self, begun: str) -> None:
        self._completer.setCompletionPrefix(begun)
        count = self._completer.completionCount()
        if not count or (count == 1 and self._completer.currentCompletion().casefold() == begun.casefold()):
            self._popup.hide()
            return
        self._popup.setCurrentIndex(self._completer.completionModel().index(0, 0))
        place = self.cursorRect()
        place.setWidth(self._popup.sizeHintForColumn(0) + 40)
        self._completer.complete(place)

    def _begun(self) -> str:
        """The letters of a word before the cursor."""
        cursor = self.textCursor()
        before = cursor.block().text()[: cursor.positionInBlock()]
        start = len(before)
        while start and (before[start - 1].isalnum() or before[start - 1] == "_"):
            start -= 1
        return before[start:]


def _asks(event: QKeyEvent) -> bool:
    """Ctrl+Return, also with Shift."""
    return event.key() in _TAKES[:2] and bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)


def sql_font() -> QFont:
    """The font that SQL is written in: all letters equally wide."""
    font = QFont()
    font.setFamilies(list(MONOSPACE))
    font.setStyleHint(QFont.StyleHint.Monospace)
    font.setPixelSize(13)
    return font


def as_written(name: str) -> str:
    """A table's or column's name as it stands in SQL: quoted unless it is a plain word."""
    plain = name.isascii() and name.isidentifier() and name.lower() not in WORDS
    return name if plain else '"' + name.replace('"', '""') + '"'
