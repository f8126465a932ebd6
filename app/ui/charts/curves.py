"""Lines over one pair of axes: ROC, precision and recall."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from app.ui.charts.axes import Axes, fit
from app.ui.charts.chart import Chart, PlottedTable
from app.ui.theme import color
from app.ui.words import plural

MOST_SERIES = 5


@dataclass(frozen=True, slots=True)
class Series:
    """A named line. ``token``: its colour's name in the theme."""

    name: str
    x: tuple[float, ...]
    y: tuple[float, ...]
    token: str = "chart1"


class CurveChart(Chart):
    """At most five lines on the unit square, with a dashed line for chance."""

    def __init__(self, title: str, x_title: str, y_title: str, parent: QWidget | None = None) -> None:
        super().__init__(title, parent)
        self._titles = (x_title, y_title)
        self._series: tuple[Series, ...] = ()
        self._chance: tuple[QPointF, QPointF] | None = None

    def show_series(self, series: Sequence[Series], chance: tuple[QPointF, QPointF] | None = None) -> None:
        """Draw these lines; the first five if there are more. ``chance``: ends of the dashed line."""
        self._series = tuple(series[:MOST_SERIES])
        self._chance = chance
        self.refresh()

    def table(self) -> PlottedTable:
        """One row a point: line, x, y."""
        rows = tuple((s.name, x, y) for s in self._series for x, y in zip(s.x, s.y, strict=True))
        return PlottedTable(("line", *self._titles), rows)

    def summary(self) -> str:
        """How many lines, and their names."""
        names = ", ".join(s.name for s in self._series)
        return f"{self.title}: {plural(len(self._series), 'line', 'lines')} ({names})."

    def draw(self, painter: QPainter, area: QRectF) -> None:
        """Axes, chance, lines, legend."""
        axes = fit(painter, area, (0.0, 1.0), (0.0, 1.0))
        axes.draw(painter, *self._titles)
        if self._chance is not None:
            painter.setPen(QPen(color("text3"), 1, Qt.PenStyle.DashLine))
            painter.drawLine(*(axes.point(p.x(), p.y()) for p in self._chance))
        for series in self._series:
            self._draw_line(painter, axes, series)
        if len(self._series) > 1:
            self._draw_legend(painter, axes)

    def _draw_line(self, painter: QPainter, axes: Axes, series: Series) -> None:
        painter.setPen(QPen(color(series.token), 2))
        points = [axes.point(x, y) for x, y in zip(series.x, series.y, strict=True)]
        painter.drawPolyline(QPolygonF(points))

    def _draw_legend(self, painter: QPainter, axes: Axes) -> None:
        height = QFontMetricsF(painter.font()).height() + 4
        width = max(QFontMetricsF(painter.font()).horizontalAdvance(s.name) for s in self._series) + 32
        box = QRectF(axes.area.right() - width - 8, axes.area.bottom() - height * len(self._series) - 8, width, height)
        for series in self._series:
            painter.fillRect(box, color("surface"))
            painter.setPen(QPen(color(series.token), 2))
            middle = box.center().y()
            painter.drawLine(QPointF(box.left() + 4, middle), QPointF(box.left() + 22, middle))
            painter.setPen(color("text2"))
            painter.drawText(box.adjusted(28, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, series.name)
            box.translate(0, height)
