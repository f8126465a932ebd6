"""One line of text that ends in an ellipsis where it does not fit; the whole of it is the tooltip."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

LEAST = 60


class Elided(QLabel):
    """A plain text label in one of the style sheet's roles that may be narrower than its text."""

    def __init__(
        self, text: str = "", role: str = "", parent: QWidget | None = None, *, gives_way: bool = False
    ) -> None:
        """``gives_way``: takes the width of its text at most, less where something else needs it; else all there is."""
        super().__init__(text, parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("role", role)
        wide = QSizePolicy.Policy.Preferred if gives_way else QSizePolicy.Policy.Expanding
        self.setSizePolicy(wide, QSizePolicy.Policy.Preferred)

    def minimumSizeHint(self) -> QSize:
        """A few letters, less for a shorter text."""
        return QSize(min(LEAST, super().sizeHint().width()), super().minimumSizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The text, shortened to the width there is."""
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        text = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
        painter.end()
