"""A choice from a list, drawn round: a styled combo box would show square corners."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QComboBox, QCompleter, QListView, QWidget

from app.ui.icons import paint
from app.ui.theme import color

HEIGHT = 32
SEARCHED_FROM = 100
"""Items: above it the field is typed into."""


class Combo(QComboBox):
    """A combo box with a round frame. ``says``: its accessible name."""

    def __init__(self, says: str, *, name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(says)
        self.setObjectName(name)
        self.setFixedHeight(HEIGHT)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.setMaxVisibleItems(16)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def search_if_long(self) -> None:
        """Let a person type a part of the name where there are more items than anybody scrolls through."""
        long = self.count() > SEARCHED_FROM
        if long == self.isEditable():
            return
        self.setEditable(long)
        edit = self.lineEdit()
        if edit is None:
            return
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        edit.setTextMargins(8, 0, 0, 0)
        edit.setPlaceholderText(self.placeholderText())
        edit.setAccessibleName(self.accessibleName())
        edit.editingFinished.connect(self._back_to_chosen)
        completer = QCompleter(self.model(), self)
        completer.setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setMaxVisibleItems(self.maxVisibleItems())
        self.setCompleter(completer)
        view = self.view()
        if isinstance(view, QListView):
            view.setUniformItemSizes(True)

    def _back_to_chosen(self) -> None:
        """What was typed and is no item is no choice."""
        if self.findText(self.currentText()) < 0:
            self.setEditText(self.itemText(self.currentIndex()))

    def sizeHint(self) -> QSize:
        """Wide enough for the longest of the first items, at most 360 px."""
        metrics = self.fontMetrics()
        widths = (metrics.horizontalAdvance(self.itemText(i)) for i in range(min(self.count(), 100)))
        invited = metrics.horizontalAdvance(self.placeholderText()) if self.currentIndex() < 0 else 40
        return QSize(min(max(max(widths, default=40) + 46, invited + 46, 88), 360), HEIGHT)

    def minimumSizeHint(self) -> QSize:
        """Never narrower than a short word."""
        return QSize(min(self.sizeHint().width(), 120), HEIGHT)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll the page and not the choice, which would be made by whoever scrolls past it. Also with the keyboard,
        unlike a number: a combo box keeps that when something was chosen, and one scrolls on from there."""
        event.ignore()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Frame, current text, arrow."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._frame(painter)
        if not self.isEditable():
            self._words(painter)
        tint = color("text2" if self.isEnabled() else "disabled")
        paint(painter, "down", tint, QRectF(self.width() - 25, (self.height() - 16) / 2, 16, 16))
        painter.end()

    def _words(self, painter: QPainter) -> None:
        painter.setPen(color("text" if self.isEnabled() else "disabled"))
        place = self.rect().adjusted(11, 0, -30, 0)
        text = self.currentText() if self.currentIndex() >= 0 else self.placeholderText()
        shown = self.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, place.width())
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)

    def _frame(self, painter: QPainter) -> None:
        focused = self.hasFocus()
        border = "focus" if focused else "border_strong" if self.isEnabled() else "border"
        width = 2.0 if focused else 1.0
        painter.setPen(QPen(color(border), width))
        painter.setBrush(color("surface2" if self.underMouse() and self.isEnabled() else "surface"))
        inset = width / 2
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(inset, inset, -inset, -inset), 6, 6)
