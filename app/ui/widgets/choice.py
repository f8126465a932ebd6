"""Check boxes and radio buttons with round frames of enough contrast in both themes."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QAbstractButton, QCheckBox, QRadioButton

from app.ui.theme import color

MARK = 16
GAP = 8
HEIGHT = 28


def _size(button: QAbstractButton) -> QSize:
    flags = Qt.TextFlag.TextShowMnemonic
    width = button.fontMetrics().size(flags, button.text()).width()
    return QSize(MARK + 2 + GAP + width + 4, HEIGHT)


def _frame(button: QAbstractButton, painter: QPainter, radius: float) -> QRectF:
    box = QRectF(2, (button.height() - MARK) / 2, MARK, MARK)
    edge = "accent" if button.isChecked() else "border_strong"
    painter.setPen(QPen(color(edge if button.isEnabled() else "border"), 1.5))
    painter.setBrush(color("surface2" if button.underMouse() else "surface"))
    painter.drawRoundedRect(box.adjusted(0.75, 0.75, -0.75, -0.75), radius, radius)
    return box


def _words(button: QAbstractButton, painter: QPainter) -> None:
    painter.setPen(color("text" if button.isEnabled() else "disabled"))
    place = button.rect().adjusted(MARK + 2 + GAP, 0, 0, 0)
    flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextShowMnemonic
    painter.drawText(place, flags, button.text())
    if button.hasFocus():
        painter.setPen(QPen(color("focus"), 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(QRectF(button.rect()).adjusted(1, 1, -1, -1), 6, 6)


class Radio(QRadioButton):
    """A radio button: an accent dot in a ring."""

    def sizeHint(self) -> QSize:
        """Mark, gap, words."""
        return _size(self)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Ring, dot, words."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = _frame(self, painter, MARK / 2)
        if self.isChecked():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color("accent" if self.isEnabled() else "disabled"))
            painter.drawEllipse(box.adjusted(4, 4, -4, -4))
        _words(self, painter)
        painter.end()


class Check(QCheckBox):
    """A check box: an accent tick in a round frame."""

    def sizeHint(self) -> QSize:
        """Mark, gap, words."""
        return _size(self)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Frame, tick, words."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = _frame(self, painter, 4)
        if self.isChecked():
            painter.setPen(
                QPen(
                    color("accent" if self.isEnabled() else "disabled"),
                    2,
                    Qt.PenStyle.SolidLine,
                    Qt.PenCapStyle.RoundCap,
                )
            )
            left, top = box.x(), box.y()
            painter.drawPolyline(
                QPolygonF([QPointF(left + 4, top + 8.5), QPointF(left + 7, top + 11.5), QPointF(left + 12, top + 5)])
            )
        _words(self, painter)
        painter.end()
