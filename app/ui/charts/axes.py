"""A plot area with round ticks: from numbers to pixels and back to words."""

from __future__ import annotations

import math
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen

from app.ui.theme import color

MOST_UP = 5
_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


def ticks(low: float, high: float, most: int = 5) -> list[float]:
    """At most ``most`` + 1 round numbers from ``low`` to ``high`` (steps of 1, 2, 2.5, 5 times a power of ten)."""
    if not high > low:
        return [low]
    raw = (high - low) / most
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(s * power for s in _STEPS if s * power >= raw * (1 - 1e-9))
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return [index * step for index in range(first, last + 1)]


def spread(values: list[float], pad: float = 0.05) -> tuple[float, float]:
    """The range of ``values`` with a margin; a range of one around a single value."""
    low, high = min(values, default=0.0), max(values, default=1.0)
    if high <= low:
        return low - (abs(low) * 0.5 or 0.5), high + (abs(high) * 0.5 or 0.5)
    margin = (high - low) * pad
    return low - margin, high + margin


def number(value: float, digits: int = 3) -> str:
    """A figure with ``digits`` significant digits, thousands separated, no exponent between 1e-4 and 1e7."""
    if value == 0 or not math.isfinite(value):
        return "0" if value == 0 else "—"
    size = abs(value)
    if size >= 1e7 or size < 1e-4:
        return f"{value:.{digits - 1}e}"
    decimals = max(0, digits - 1 - math.floor(math.log10(size)))
    text = f"{value:,.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


@dataclass(frozen=True, slots=True)
class Axes:
    """A rectangle on the screen that stands for ``x`` and ``y`` ranges."""

    area: QRectF
    x: tuple[float, float]
    y: tuple[float, float]

    def point(self, x: float, y: float) -> QPointF:
        """Where a pair of numbers lies on the screen."""
        return QPointF(self.across(x), self.up(y))

    def across(self, x: float) -> float:
        """The pixel column of ``x``."""
        return self.area.left() + (x - self.x[0]) / (self.x[1] - self.x[0]) * self.area.width()

    def up(self, y: float) -> float:
        """The pixel row of ``y``."""
        return self.area.bottom() - (y - self.y[0]) / (self.y[1] - self.y[0]) * self.area.height()

    def draw(self, painter: QPainter, x_title: str, y_title: str) -> None:
        """Grid, ticks and titles, in the quiet colours."""
        self._draw_x(painter, x_title)
        self.draw_up(painter, y_title)

    def _draw_x(self, painter: QPainter, title: str) -> None:
        metrics = QFontMetricsF(painter.font())
        top = self.area.bottom() + 4
        for value in ticks(*self.x):
            painter.setPen(QPen(color("border"), 1))
            column = self.across(value)
            painter.drawLine(QPointF(column, self.area.top()), QPointF(column, self.area.bottom()))
            painter.setPen(color("text3"))
            box = QRectF(column - 40, top, 80, metrics.height())
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, number(value))
        painter.setPen(color("text2"))
        box = QRectF(self.area.left(), top + metrics.height() + 2, self.area.width(), metrics.height())
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, title)

    def draw_up(self, painter: QPainter, title: str) -> None:
        """Only the lines across, for a chart that writes names below instead of numbers."""
        metrics = QFontMetricsF(painter.font())
        most = max(1, min(MOST_UP, int(self.area.height() / (1.5 * metrics.height()))))
        for value in ticks(*self.y, most):
            painter.setPen(QPen(color("border"), 1))
            row = self.up(value)
            painter.drawLine(QPointF(self.area.left(), row), QPointF(self.area.right(), row))
            painter.setPen(color("text3"))
            box = QRectF(self.area.left() - 86, row - metrics.height() / 2, 80, metrics.height())
            painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, number(value))
        painter.setPen(color("text2"))
        box = QRectF(self.area.left() - 4, self.area.top() - metrics.height() - 8, self.area.width(), metrics.height())
        painter.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, title)


def fit(painter: QPainter, area: QRectF, x: tuple[float, float], y: tuple[float, float]) -> Axes:
    """Axes that leave room for their own numbers and titles inside ``area``."""
    metrics = QFontMetricsF(painter.font())
    told = {number(value) for most in range(1, MOST_UP + 1) for value in ticks(*y, most)}  # a low chart has fewer
    widest = max((metrics.horizontalAdvance(text) for text in told), default=0.0)
    left, top, below = widest + 10, metrics.height() + 12, 2 * metrics.height() + 8
    right = metrics.horizontalAdvance(number(ticks(*x)[-1])) / 2 + 4
    return Axes(area.adjusted(left, top, -right, -below), x, y)
