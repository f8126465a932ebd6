"""What the mistakes cost at each threshold, with the threshold that is chosen and the cheapest one."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from app.ui.charts.axes import fit, number
from app.ui.charts.chart import Chart, PlottedTable
from app.ui.theme import color

HEIGHT = 94


class CostChart(Chart):
    """A line from threshold 0 to 1; the chosen threshold is a line upwards, the cheapest a dot."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(title, parent)
        self._line: tuple[tuple[float, float], ...] = ()
        self._chosen = self._best = (0.0, 0.0)
        self.setMinimumHeight(HEIGHT)

    def show_costs(
        self, line: Sequence[tuple[float, float]], chosen: tuple[float, float], best: tuple[float, float]
    ) -> None:
        """Pairs of threshold and cost, rising by threshold."""
        self._line, self._chosen, self._best = tuple(line), chosen, best
        self.refresh()

    def table(self) -> PlottedTable:
        """One row a threshold."""
        return PlottedTable((self.tr("threshold"), self.tr("cost")), self._line)

    def summary(self) -> str:
        """The cheapest and the chosen threshold."""
        best, chosen = (f"{number(cost)} at {number(at)}" for at, cost in (self._best, self._chosen))
        return f"{self.title}: cheapest {best}, chosen {chosen}."

    def sizeHint(self) -> QSize:
        """Low: it stands below a form, and grows where there is room."""
        return QSize(320, HEIGHT)

    def draw(self, painter: QPainter, area: QRectF) -> None:
        """Axes, line, dot and the chosen threshold."""
        if not self._line:
            return
        axes = fit(painter, area, (0.0, 1.0), (0.0, max(cost for _at, cost in self._line) or 1.0))
        axes.draw(painter, self.tr("Threshold"), self.tr("Cost of all mistakes, €"))
        painter.setPen(QPen(color("chart1"), 2))
        painter.drawPolyline(QPolygonF([axes.point(min(at, 1.0), cost) for at, cost in self._line]))
        chosen = axes.across(min(self._chosen[0], 1.0))
        painter.setPen(QPen(color("text"), 1, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(chosen, axes.area.top()), QPointF(chosen, axes.area.bottom()))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color("chart1"))
        painter.drawEllipse(axes.point(min(self._best[0], 1.0), self._best[1]), 5, 5)
