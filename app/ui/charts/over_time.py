"""A figure from window to window with its intervals, beside its limit; what was said then stands below."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from app.ui.charts.axes import Axes, spread
from app.ui.charts.chart import Chart, PlottedTable
from app.ui.theme import color
from app.ui.widgets.chip import draw_shape
from app.ui.words import when

MARK, DOT = 10.0, 3.5


@dataclass(frozen=True, slots=True)
class Moment:
    """A window. ``at``: ISO 8601, UTC; ``value`` None: nothing was known; ``status`` and ``said``: the verdict, if one
    was given (see ``chip.draw_shape``)."""

    at: str
    rows: int
    labels: int
    value: float | None = None
    low: float = 0.0
    high: float = 0.0
    status: str = ""
    said: str = ""


class OverTimeChart(Chart):
    """Windows stand at equal steps, oldest at the left: by time or by count, none is squeezed."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(title, parent)
        self._moments: tuple[Moment, ...] = ()
        self._limit: float | None = None
        self._approved: float | None = None
        self._metric = ""
        self._greater = True

    def show_moments(
        self, metric: str, moments: Sequence[Moment], limit: float | None, approved: float | None, greater: bool
    ) -> None:
        """``limit``: dashed; ``approved``: the figure of the approval; ``greater``: whether more is better."""
        self._metric, self._moments, self._limit, self._approved = metric, tuple(moments), limit, approved
        self._greater = greater
        self.refresh()

    def table(self) -> PlottedTable:
        """One row a window."""
        headers = ("until", "predictions", "labels", self._metric or "value", "low", "high", "limit", "said")
        limit = self._limit if self._limit is not None else ""
        rows = tuple((m.at, m.rows, m.labels, *_figures(m), limit, m.said) for m in self._moments)
        return PlottedTable(headers, rows)

    def summary(self) -> str:
        """How many windows, and how many are beyond the limit."""
        known = [m for m in self._moments if m.value is not None]
        if not known:
            return f"{self.title}: no window has labels enough."
        beyond = sum(self._is_beyond(m) for m in known)
        return f"{self.title}: {len(known)} windows with labels, {beyond} beyond the limit."

    def sizeHint(self) -> QSize:
        """As wide as the page."""
        return QSize(640, 300)

    def draw(self, painter: QPainter, area: QRectF) -> None:
        """Scale, limit and approval, intervals, dots, verdicts, times."""
        if not self._moments:
            return
        metrics = QFontMetricsF(painter.font())
        told = any(m.status for m in self._moments)
        known = [v for m in self._moments if m.value is not None for v in (m.low, m.value, m.high)]
        known += [v for v in (self._limit, self._approved) if v is not None]
        y = spread(known, 0.08)
        below = metrics.height() + 10 + (MARK + 10 if told else 0)
        left = metrics.horizontalAdvance("0.8888") + 12
        right = metrics.horizontalAdvance(self.tr("approved")) + 14
        place = area.adjusted(left, metrics.height() + 12, -right, -below)
        axes = Axes(place, (-0.5, len(self._moments) - 0.5), y)
        axes.draw_up(painter, self._metric)
        self._draw_lines(painter, axes)
        self._draw_values(painter, axes)
        if told:
            self._draw_verdicts(painter, axes)
        self._draw_times(painter, axes, area.bottom() - metrics.height() - 2)

    def _draw_lines(self, painter: QPainter, axes: Axes) -> None:
        metrics = QFontMetricsF(painter.font())
        lines = [(self._limit, self.tr("limit"), "fail", Qt.PenStyle.DashLine)]
        lines += [(self._approved, self.tr("approved"), "text3", Qt.PenStyle.DotLine)]
        taken: list[float] = []
        for value, name, token, style in lines:
            if value is None:
                continue
            up = axes.up(value)
            painter.setPen(QPen(color(token), 1.25, style))
            painter.drawLine(QPointF(axes.area.left(), up), QPointF(axes.area.right(), up))
            middle = up
            if any(abs(middle - other) < metrics.height() for other in taken):
                middle = taken[0] - metrics.height() if up < taken[0] else taken[0] + metrics.height()
            taken.append(middle)
            box = QRectF(axes.area.right() + 6, middle - metrics.height() / 2, 120, metrics.height())
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, name)

    def _draw_values(self, painter: QPainter, axes: Axes) -> None:
        known = [(i, m) for i, m in enumerate(self._moments) if m.value is not None]
        points = [axes.point(i, m.value) for i, m in known if m.value is not None]
        painter.setPen(QPen(color("chart1"), 1.25))
        painter.drawPolyline(QPolygonF(points))
        for (index, moment), point in zip(known, points, strict=True):
            token = "fail" if self._is_beyond(moment) else "chart1"
            painter.setPen(QPen(color(token), 1.5))
            painter.drawLine(axes.point(index, moment.low), axes.point(index, moment.high))
            painter.setBrush(color(token))
            painter.drawEllipse(point, DOT, DOT)
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def _draw_verdicts(self, painter: QPainter, axes: Axes) -> None:
        step = axes.area.width() / len(self._moments)
        size = min(MARK, max(4.0, step - 3))
        for index, moment in enumerate(self._moments):
            if moment.status:
                corner = QPointF(axes.across(index) - size / 2, axes.area.bottom() + 8)
                draw_shape(painter, moment.status, QRectF(corner.x(), corner.y(), size, size))

    def _draw_times(self, painter: QPainter, axes: Axes, top: float) -> None:
        metrics = QFontMetricsF(painter.font())
        painter.setPen(color("text3"))
        wide = metrics.horizontalAdvance("2026-10-28 20:28") + 24
        every = max(1, round(wide / (axes.area.width() / len(self._moments)) + 0.5))
        for index in range(0, len(self._moments), every):
            middle = axes.across(index)
            box = QRectF(max(axes.area.left() - 40, middle - wide / 2), top, wide, metrics.height())
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, when(self._moments[index].at))

    def _is_beyond(self, moment: Moment) -> bool:
        if self._limit is None or moment.value is None:
            return False
        return moment.value < self._limit if self._greater else moment.value > self._limit


def _figures(moment: Moment) -> tuple[float | str, float | str, float | str]:
    return ("", "", "") if moment.value is None else (moment.value, moment.low, moment.high)
