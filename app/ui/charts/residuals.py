"""What regressions said against what was true."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QWidget

from app.ui.charts.axes import Axes, fit, number, spread
from app.ui.charts.chart import Chart, PlottedTable
from app.ui.theme import color
from app.ui.words import plural

OPAQUE = 0.55


@dataclass(frozen=True, slots=True)
class Points:
    """One model's answers: true and predicted values of equal length, in the target's unit."""

    name: str
    actual: tuple[float, ...]
    predicted: tuple[float, ...]
    token: str = "chart1"

    @property
    def errors(self) -> list[float]:
        """Predicted less true."""
        return [p - a for a, p in zip(self.actual, self.predicted, strict=True)]


class ResidualChart(Chart):
    """A point a hold-out row: predicted across, error (predicted minus true) up; the line is no error. Of several
    models the first lies on top."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(title, parent)
        self._models: tuple[Points, ...] = ()

    def show_points(self, models: Sequence[Points]) -> None:
        """Draw these models' answers."""
        self._models = tuple(models)
        self.refresh()

    def table(self) -> PlottedTable:
        """One row a point: model, true, predicted, error."""
        rows = tuple(
            (model.name, actual, predicted, predicted - actual)
            for model in self._models
            for actual, predicted in zip(model.actual, model.predicted, strict=True)
        )
        return PlottedTable((self.tr("model"), self.tr("true"), self.tr("predicted"), self.tr("error")), rows)

    def summary(self) -> str:
        """How many points and how large the middle error is."""
        told = [self._told(model) for model in self._models]
        return f"{self.title}: {'; '.join(told)}."

    def _told(self, model: Points) -> str:
        errors = sorted(abs(error) for error in model.errors)
        middle = number(errors[len(errors) // 2]) if errors else "—"
        return f"{plural(len(errors), 'row', 'rows')}, half of them off by no more than {middle}"

    def draw(self, painter: QPainter, area: QRectF) -> None:
        """Axes, the line of no error, the points, the names of several models."""
        errors = [error for model in self._models for error in model.errors]
        across = [value for model in self._models for value in model.predicted]
        beside = self._names_width(painter) if len(self._models) > 1 else 0.0
        axes = fit(painter, area.adjusted(0, 0, -beside, 0), spread(across), spread([*errors, 0.0]))
        axes.draw(painter, self.tr("Predicted"), self.tr("Error (predicted − true)"))
        painter.setPen(QPen(color("text2"), 1.5, Qt.PenStyle.DashLine))
        painter.drawLine(axes.point(axes.x[0], 0.0), axes.point(axes.x[1], 0.0))
        for model in reversed(self._models):
            self._draw_points(painter, axes, model)
        if beside:
            self._draw_names(painter, QPointF(axes.area.right() + 12, axes.area.top()))

    def _draw_points(self, painter: QPainter, axes: Axes, model: Points) -> None:
        dot = QColor(color(model.token))
        dot.setAlphaF(OPAQUE)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(dot)
        for x, y in zip(model.predicted, model.errors, strict=True):
            painter.drawEllipse(axes.point(x, y), 2.5, 2.5)

    def _names_width(self, painter: QPainter) -> float:
        metrics = QFontMetricsF(painter.font())
        return max(metrics.horizontalAdvance(model.name) for model in self._models) + 40

    def _draw_names(self, painter: QPainter, corner: QPointF) -> None:
        line = QFontMetricsF(painter.font()).height() + 4
        box = QRectF(corner.x(), corner.y(), self._names_width(painter), line)
        for model in self._models:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color(model.token))
            painter.drawEllipse(QPointF(box.left() + 8, box.center().y()), 4, 4)
            painter.setPen(color("text2"))
            painter.drawText(box.adjusted(20, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, model.name)
            box.translate(0, line)
