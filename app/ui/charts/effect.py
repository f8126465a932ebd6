"""What a column says about the target: a rate or a mean for each group of rows, with its interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QWidget

from app.ui.charts.axes import number, spread, ticks
from app.ui.charts.chart import Chart, PlottedTable
from app.ui.theme import color
from app.ui.words import count, percent

ROW = 24.0


@dataclass(frozen=True, slots=True)
class Effect:
    """A group of rows: what it is called, how many, its figure and the interval; None where there is none."""

    label: str
    rows: int
    value: float | None
    low: float | None
    high: float | None


class EffectChart(Chart):
    """A dot a group on one scale, its interval as a line, how many rows at the right."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(title, parent)
        self._effects: tuple[Effect, ...] = ()
        self._is_rate = True
        self._right = 0.0

    def show_effects(self, effects: Sequence[Effect], *, is_rate: bool) -> None:
        """``is_rate``: the figures are shares of 1, shown as per cent."""
        self._effects, self._is_rate = tuple(effects), is_rate
        self.refresh()

    def table(self) -> PlottedTable:
        """One row a group."""
        rows = tuple((e.label, e.rows, *(_cell(v) for v in (e.value, e.low, e.high))) for e in self._effects)
        value = self.tr("rate") if self._is_rate else self.tr("mean")
        return PlottedTable((self.tr("group"), self.tr("rows"), value, self.tr("low"), self.tr("high")), rows)

    def summary(self) -> str:
        """The lowest and the highest group."""
        known = [e for e in self._effects if e.value is not None]
        if not known:
            return f"{self.title}: nothing known."
        low, high = min(known, key=_value), max(known, key=_value)
        ends = [f"{self._figure(_value(e))} ({e.label})" for e in (low, high)]
        return f"{self.title}: from {ends[0]} to {ends[1]}."

    def sizeHint(self) -> QSize:
        """As tall as the groups need."""
        return QSize(300, round(ROW * (max(1, len(self._effects)) + 1)) + 12)

    def minimumSizeHint(self) -> QSize:
        """The groups are never squeezed."""
        return QSize(200, self.sizeHint().height())

    def draw(self, painter: QPainter, area: QRectF) -> None:
        """Labels at the left, dots with intervals, counts at the right, the scale below."""
        if not self._effects:
            return
        metrics = QFontMetricsF(painter.font())
        counts = [count(effect.rows) for effect in self._effects]
        left = min(area.width() * 0.5, max(metrics.horizontalAdvance(e.label) for e in self._effects) + 14)
        right = max(map(metrics.horizontalAdvance, [*counts, self.tr("rows")])) + 14
        track = area.adjusted(left, 0, -right, -ROW)
        ends = [v for e in self._effects for v in (e.low, e.high, e.value) if v is not None] or [0.0, 1.0]
        low, high = spread(ends)
        low, high = (max(0.0, low), min(1.0, high)) if self._is_rate else (low, high)
        self._right = area.right()
        self._draw_scale(painter, track, low, high)
        for index, effect in enumerate(self._effects):
            line = QRectF(area.left(), area.top() + index * ROW, area.width(), ROW)
            painter.setPen(color("text"))
            shown = metrics.elidedText(effect.label, Qt.TextElideMode.ElideRight, left - 10)
            painter.drawText(line, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)
            painter.setPen(color("text2"))
            painter.drawText(line, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, counts[index])
            self._draw_dot(painter, QRectF(track.left(), line.top(), track.width(), ROW), effect, low, high)

    def _draw_scale(self, painter: QPainter, track: QRectF, low: float, high: float) -> None:
        metrics = QFontMetricsF(painter.font())
        for value in ticks(low, high, 4):
            column = track.left() + (value - low) / (high - low) * track.width()
            painter.setPen(QPen(color("border"), 1))
            painter.drawLine(QPointF(column, track.top()), QPointF(column, track.bottom()))
            painter.setPen(color("text3"))
            box = QRectF(column - 40, track.bottom() + 4, 80, metrics.height())
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, self._figure(value))
        painter.setPen(color("text3"))
        corner = QRectF(
            track.right(), track.bottom() + 4, metrics.horizontalAdvance(self.tr("rows")) + 2, metrics.height()
        )
        corner.moveRight(self._right)
        painter.drawText(corner, Qt.AlignmentFlag.AlignRight, self.tr("rows"))

    def _draw_dot(self, painter: QPainter, line: QRectF, effect: Effect, low: float, high: float) -> None:
        if effect.value is None:
            return

        def at(value: float) -> float:
            return line.left() + max(0.0, min((value - low) / (high - low), 1.0)) * line.width()

        middle = line.center().y()
        if effect.low is not None and effect.high is not None:
            painter.setPen(QPen(color("chart1"), 2))
            painter.drawLine(QPointF(at(effect.low), middle), QPointF(at(effect.high), middle))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color("chart1"))
        painter.drawEllipse(QPointF(at(effect.value), middle), 4, 4)

    def _figure(self, value: float) -> str:
        return percent(value) if self._is_rate else number(value)


def _value(effect: Effect) -> float:
    return effect.value if effect.value is not None else 0.0


def _cell(value: float | None) -> str | float:
    return "" if value is None else value
