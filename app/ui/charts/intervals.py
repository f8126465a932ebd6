"""A score with its interval as a small bar, on one scale for a whole table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF

from app.core.runs import Score
from app.ui.charts.axes import spread
from app.ui.theme import color


@dataclass(frozen=True, slots=True)
class Scale:
    """The range of figures that all bars of a table share."""

    low: float
    high: float

    @classmethod
    def over(cls, scores: Iterable[Score | None]) -> Scale:
        """The range that shows every interval."""
        ends = [end for score in scores if score is not None for end in (score.low, score.high, score.value)]
        return cls(*spread(ends, 0.08))

    def at(self, value: float, area: QRectF) -> float:
        """The pixel column of ``value`` in ``area``, kept inside it."""
        share = (value - self.low) / (self.high - self.low)
        return area.left() + max(0.0, min(share, 1.0)) * area.width()


def draw_interval(painter: QPainter, area: QRectF, score: Score, scale: Scale, token: str = "chart1") -> None:
    """The interval as a line with ends, the value as a dot; the track behind shows the scale's ends."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    middle = area.center().y()
    painter.setPen(QPen(color("border"), 1))
    painter.drawLine(QPointF(area.left(), middle), QPointF(area.right(), middle))
    if not scale.low <= score.value <= scale.high:
        _draw_beyond(painter, area, score.value < scale.low, token)
        painter.restore()
        return
    painter.setPen(QPen(color(token), 2))
    low, high = scale.at(score.low, area), scale.at(score.high, area)
    painter.drawLine(QPointF(low, middle), QPointF(high, middle))
    for end in (low, high):
        painter.drawLine(QPointF(end, middle - 4), QPointF(end, middle + 4))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color(token))
    painter.drawEllipse(QPointF(scale.at(score.value, area), middle), 4, 4)
    painter.restore()


def _draw_beyond(painter: QPainter, area: QRectF, is_left: bool, token: str) -> None:
    """An arrow at the end of the track: the value lies outside the scale."""
    tip, back = (area.left(), 7.0) if is_left else (area.right(), -7.0)
    middle = area.center().y()
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color(token))
    corners = [QPointF(tip, middle), QPointF(tip + back, middle - 4), QPointF(tip + back, middle + 4)]
    painter.drawPolygon(QPolygonF(corners))
