"""What a regression said against what was true."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QWidget

from app.ui.charts.axes import fit, number, spread
from app.ui.charts.chart import Chart, PlottedTable
from app.ui.theme import color
from app.ui.words import plural


class ResidualChart(Chart):
    """A point a hold-out row: predicted across, error (predicted minus true) up; the line is no error."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(title, parent)
        self._actual: tuple[float, ...] = ()
        self._predicted: tuple[float, ...] = ()

    def show_points(self, actual: tuple[float, ...], predicted: tuple[float, ...]) -> None:
        """Both of equal length, in the target's unit."""
        self._actual, self._predicted = actual, predicted
        self.refresh()

    def table(self) -> PlottedTable:
        """One row a point: true, predicted, error."""
        pairs = zip(self._actual, self._predicted, strict=True)
        rows = tuple((actual, predicted, predicted - actual) for actual, predicted in pairs)
        return PlottedTable((self.tr("true"), self.tr("predicted"), self.tr("error")), rows)

    def summary(self) -> str:
        """How many points and how large the middle error is."""
        errors = sorted(abs(p - a) for a, p in zip(self._actual, self._predicted, strict=True))
        middle = number(errors[len(errors) // 2]) if errors else "—"
        return f"{self.title}: {plural(len(errors), 'row', 'rows')}, half of them off by no more than {middle}."

    def draw(self, painter: QPainter, area: QRectF) -> None:
        """Axes, the line of no error, the points."""
        errors = [p - a for a, p in zip(self._actual, self._predicted, strict=True)]
        axes = fit(painter, area, spread(list(self._predicted)), spread([*errors, 0.0]))
        axes.draw(painter, self.tr("Predicted"), self.tr("Error (predicted − true)"))
        painter.setPen(QPen(color("text2"), 1.5, Qt.PenStyle.DashLine))
        painter.drawLine(axes.point(axes.x[0], 0.0), axes.point(axes.x[1], 0.0))
        dot = QColor(color("chart1"))
        dot.setAlphaF(0.55)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(dot)
        for x, y in zip(self._predicted, errors, strict=True):
            painter.drawEllipse(axes.point(x, y), 2.5, 2.5)
