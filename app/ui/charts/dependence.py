"""What one column does to the answers: single rows as thin lines, their mean as a thick one, rows as ticks below."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from app.core.explanations import Dependence
from app.ui.charts.axes import Axes, fit, number, spread
from app.ui.charts.chart import Chart, PlottedTable
from app.ui.theme import color

GAP_PX = 8
LABEL_PX = 64
"""The least width in which a category's name can be told from the others."""


class DependenceChart(Chart):
    """The values of a column to the right, the model's answer upwards."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(title, parent)
        self._told: Dependence | None = None

    def show_dependence(self, told: Dependence) -> None:
        """Draw this column's."""
        self._told = told
        self.refresh()

    def table(self) -> PlottedTable:
        """One row a value: the value, the mean answer, the answers of the single rows."""
        told = self._told
        if told is None:
            return PlottedTable((self.tr("value"), self.tr("mean")), ())
        names = tuple(self.tr("row {0}").format(i + 1) for i in range(len(told.lines)))
        rows: list[tuple[str | float, ...]] = [
            (self._words(i), *(line[i] for line in (told.mean, *told.lines))) for i in range(len(told.at))
        ]
        return PlottedTable((told.column, self.tr("mean"), *names), tuple(rows))

    def summary(self) -> str:
        """From where to where the mean moves."""
        told = self._told
        if told is None:
            return f"{self.title}: nothing known."
        low, high = min(told.mean), max(told.mean)
        ends = [f"{number(v)} ({self._words(told.mean.index(v))})" for v in (low, high)]
        return f"{self.title}: {told.column} moves the mean answer from {ends[0]} to {ends[1]}."

    def draw(self, painter: QPainter, area: QRectF) -> None:
        """Axes, thin lines, the mean, ticks where rows are."""
        told = self._told
        if told is None:
            return
        every = [v for line in (*told.lines, told.mean) for v in line]
        low, high = spread(every)
        if told.of:
            low, high = max(0.0, low), min(1.0, high)
        ends = (told.at[0], told.at[-1]) if told.spread else (told.at[0] - 0.4, told.at[-1] + 0.4)
        axes = fit(painter, area, ends, (low, high))
        title = self.tr("Probability of {0}").format(told.of) if told.of else self.tr("Answer")
        if told.labels:
            axes.draw_up(painter, title)
            self._draw_labels(painter, axes, told)
        else:
            axes.draw(painter, told.column, title)
        thin = QColor(color("text3"))
        thin.setAlphaF(0.35)
        for line in told.lines:
            self._draw_line(painter, axes, told, line, QPen(thin, 1))
        self._draw_line(painter, axes, told, told.mean, QPen(color("chart1"), 3))
        self._draw_rows(painter, axes, told)

    def _draw_line(self, painter: QPainter, axes: Axes, told: Dependence, line: tuple[float, ...], pen: QPen) -> None:
        points = [axes.point(x, y) for x, y in zip(told.at, line, strict=True)]
        painter.setPen(pen)
        painter.drawPolyline(QPolygonF(points))
        if not told.spread and pen.width() > 1:
            painter.setBrush(pen.color())
            for point in points:
                painter.drawEllipse(point, 3, 3)

    def _draw_rows(self, painter: QPainter, axes: Axes, told: Dependence) -> None:
        """A tick at each tenth of the column's own values."""
        painter.setPen(QPen(color("text2"), 1))
        for value in told.spread:
            if axes.x[0] <= value <= axes.x[1]:
                at = axes.across(value)
                painter.drawLine(QPointF(at, axes.area.bottom()), QPointF(at, axes.area.bottom() - 6))

    def _draw_labels(self, painter: QPainter, axes: Axes, told: Dependence) -> None:
        """Names below, as many as can be read: each where it does not touch the one before it."""
        metrics = QFontMetricsF(painter.font())
        room = max(LABEL_PX, axes.area.width() / len(told.labels)) if not told.spread else axes.area.width()
        painter.setPen(color("text3"))
        free = axes.area.left() - 24
        for name, value in zip(told.labels, told.at, strict=True):
            text = metrics.elidedText(name, Qt.TextElideMode.ElideRight, room - GAP_PX)
            long = metrics.horizontalAdvance(text) + 2
            left = axes.across(value) - long / 2
            if left >= free and left + long <= axes.area.right() + 24:
                box = QRectF(left, axes.area.bottom() + 4, long, metrics.height())
                painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
                free = left + long + GAP_PX
        painter.setPen(color("text2"))
        below = axes.area.bottom() + 6 + metrics.height()
        box = QRectF(axes.area.left(), below, axes.area.width(), metrics.height())
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, told.column)

    def _words(self, index: int) -> str:
        told = self._told
        assert told is not None
        return told.labels[index] if told.labels else number(told.at[index], 6)
