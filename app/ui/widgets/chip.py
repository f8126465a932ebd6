"""A status, always as shape and word and colour."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.ui.theme import color

HEIGHT = 22
SHAPE = 10.0


def draw_shape(painter: QPainter, status: str, rect: QRectF) -> None:
    """The shape of ok | warn | fail | running | info, in its colour, in a square of about 10 px."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(color(status), 1.75, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
    {"ok": _tick, "warn": _triangle, "fail": _octagon, "running": _ring, "info": _letter}[status](painter, rect)
    painter.restore()


def _at(rect: QRectF, x: float, y: float) -> QPointF:
    return QPointF(rect.x() + x * rect.width(), rect.y() + y * rect.height())


def _tick(painter: QPainter, rect: QRectF) -> None:
    painter.drawPolyline(QPolygonF([_at(rect, 0.08, 0.55), _at(rect, 0.38, 0.85), _at(rect, 0.95, 0.2)]))


def _triangle(painter: QPainter, rect: QRectF) -> None:
    painter.setBrush(painter.pen().color())
    painter.drawPolygon(QPolygonF([_at(rect, 0.5, 0.1), _at(rect, 0.98, 0.9), _at(rect, 0.02, 0.9)]))


def _octagon(painter: QPainter, rect: QRectF) -> None:
    near, far = 0.29, 0.71
    corners = [(near, 0), (far, 0), (1, near), (1, far), (far, 1), (near, 1), (0, far), (0, near)]
    pen = painter.pen()
    pen.setWidthF(1.4)
    painter.setPen(pen)
    painter.drawPolygon(QPolygonF([_at(rect, x, y) for x, y in corners]))
    painter.drawLine(_at(rect, 0.33, 0.33), _at(rect, 0.67, 0.67))
    painter.drawLine(_at(rect, 0.67, 0.33), _at(rect, 0.33, 0.67))


def _ring(painter: QPainter, rect: QRectF) -> None:
    painter.drawArc(rect.adjusted(0.5, 0.5, -0.5, -0.5), 0, 270 * 16)
    painter.setBrush(painter.pen().color())
    painter.drawEllipse(rect.center(), 1.2, 1.2)


def _letter(painter: QPainter, rect: QRectF) -> None:
    painter.drawEllipse(rect.adjusted(0.2, 0.2, -0.2, -0.2))
    painter.drawLine(_at(rect, 0.5, 0.5), _at(rect, 0.5, 0.72))
    painter.drawPoint(_at(rect, 0.5, 0.27))


class StatusMark(QWidget):
    """Only the shape, beside words that say the same."""

    def __init__(self, status: str = "info", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.status = status
        self.setFixedSize(16, 18)

    def set_status(self, status: str) -> None:
        """Show another status."""
        self.status = status
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the shape in the middle."""
        painter = QPainter(self)
        left, top = (self.width() - SHAPE) / 2, (self.height() - SHAPE) / 2
        draw_shape(painter, self.status, QRectF(left, top, SHAPE, SHAPE))
        painter.end()


class Chip(QWidget):
    """A round label with a status's shape, word and colour."""

    def __init__(self, status: str, text: str, *, name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.status = status
        self.text = text
        self.setObjectName(name)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.say(status, text)

    def say(self, status: str, text: str) -> None:
        """Show another status and word."""
        self.status, self.text = status, text
        self.setAccessibleName(text)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """As wide as shape, gap, word and round ends."""
        return QSize(round(self._font_metrics_width()) + 33, HEIGHT)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw capsule, shape and word."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color(f"{self.status}_soft"))
        painter.drawRoundedRect(QRectF(self.rect()), HEIGHT / 2, HEIGHT / 2)
        draw_shape(painter, self.status, QRectF(9, (self.height() - SHAPE) / 2, SHAPE, SHAPE))
        painter.setPen(color(self.status))
        painter.setFont(self._font())
        words = self.rect().adjusted(24, 0, -8, 0)
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self.text)
        painter.end()

    def _font(self) -> QFont:
        font = QFont(self.font())
        font.setPixelSize(12)
        font.setWeight(QFont.Weight.DemiBold)
        return font

    def _font_metrics_width(self) -> float:
        return QFontMetricsF(self._font()).horizontalAdvance(self.text)
