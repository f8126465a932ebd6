"""Lines over one pair of axes: ROC, precision and recall, calibration, lift, costs."""

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
WIDE = 480
"""Width in px from which the legend stands beside the lines."""


@dataclass(frozen=True, slots=True)
class Series:
    """A named line. ``token``: its colour's name in the theme; ``dashed``: of a baseline."""

    name: str
    x: tuple[float, ...]
    y: tuple[float, ...]
    token: str = "chart1"
    dashed: bool = False

    @property
    def pen(self) -> QPen:
        """What it is drawn with."""
        return QPen(color(self.token), 2, Qt.PenStyle.DashLine if self.dashed else Qt.PenStyle.SolidLine)


class CurveChart(Chart):
    """At most five lines, on the unit square unless it is told otherwise, with a dashed line for chance."""

    def __init__(self, title: str, x_title: str, y_title: str, parent: QWidget | None = None) -> None:
        super().__init__(title, parent)
        self._titles = (x_title, y_title)
        self._series: tuple[Series, ...] = ()
        self._chance: tuple[QPointF, QPointF] | None = None
        self._up = (0.0, 1.0)

    def name_up(self, title: str) -> None:
        """Another title of the upright axis."""
        self._titles = (self._titles[0], title)

    def show_series(
        self,
        series: Sequence[Series],
        chance: tuple[QPointF, QPointF] | None = None,
        up: tuple[float, float] = (0.0, 1.0),
    ) -> None:
        """Draw these lines; the first five if there are more. ``chance``: ends of the dashed line; ``up``: what the
        upright axis spans."""
        self._up = up
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
        beside = self._legend_width(painter) if self._has_legend_beside(area) else 0.0
        axes = fit(painter, area.adjusted(0, 0, -beside, 0), (0.0, 1.0), self._up)
        axes.draw(painter, *self._titles)
        if self._chance is not None:
            painter.setPen(QPen(color("text3"), 1, Qt.PenStyle.DashLine))
            painter.drawLine(*(axes.point(p.x(), p.y()) for p in self._chance))
        for series in self._series:
            self._draw_line(painter, axes, series)
        if beside:
            self._draw_legend(painter, QPointF(axes.area.right() + 12, axes.area.top()))
        elif len(self._series) > 1:
            height = self._legend_line(painter) * len(self._series)
            corner = QPointF(axes.area.right() - self._legend_width(painter), axes.area.bottom() - height - 8)
            self._draw_legend(painter, corner)

    def _draw_line(self, painter: QPainter, axes: Axes, series: Series) -> None:
        painter.setPen(series.pen)
        points = [axes.point(x, y) for x, y in zip(series.x, series.y, strict=True)]
        painter.drawPolyline(QPolygonF(points))

    def _has_legend_beside(self, area: QRectF) -> bool:
        """A legend over the lines hides them: it stands at the right where there is room."""
        return len(self._series) > 1 and area.width() >= WIDE

    def _legend_line(self, painter: QPainter) -> float:
        return QFontMetricsF(painter.font()).height() + 4

    def _legend_width(self, painter: QPainter) -> float:
        metrics = QFontMetricsF(painter.font())
        return max((metrics.horizontalAdvance(s.name) for s in self._series), default=0.0) + 40

    def _draw_legend(self, painter: QPainter, corner: QPointF) -> None:
        box = QRectF(corner.x(), corner.y(), self._legend_width(painter) - 8, self._legend_line(painter))
        for series in self._series:
            painter.fillRect(box, color("surface"))
            painter.setPen(series.pen)
            middle = box.center().y()
            painter.drawLine(QPointF(box.left() + 4, middle), QPointF(box.left() + 22, middle))
            painter.setPen(color("text2"))
            painter.drawText(box.adjusted(28, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, series.name)
            box.translate(0, box.height())
