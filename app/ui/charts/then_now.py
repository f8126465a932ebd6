"""A column's values then and now, as shares on one scale."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QWidget

from app.core.data import Histogram
from app.ui.charts.axes import Axes, number, ticks
from app.ui.charts.chart import Chart, PlottedTable
from app.ui.theme import color
from app.ui.words import count, percent

LEGEND = 10.0


class ThenNowChart(Chart):
    """Bars side by side: trained on, now."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(title, parent)
        self._then, self._now = Histogram(()), Histogram(())

    def show_pair(self, title: str, then: Histogram, now: Histogram) -> None:
        """Two histograms over the same edges or values. ``title``: the column."""
        self.title, self._then, self._now = title, then, now
        self.setAccessibleName(title)
        self.refresh()

    def table(self) -> PlottedTable:
        """One row a pair of bars."""
        shares = zip(_shares(self._then), _shares(self._now), strict=True)
        rows = tuple((self._name(i), then, now) for i, (then, now) in enumerate(shares))
        return PlottedTable((self.tr("values"), self.tr("share then"), self.tr("share now")), rows)

    def summary(self) -> str:
        """Where the share changed most."""
        changes = [now - then for then, now in zip(_shares(self._then), _shares(self._now), strict=True)]
        if not changes:
            return f"{self.title}: no values."
        most = max(range(len(changes)), key=lambda i: abs(changes[i]))
        then, now = _shares(self._then)[most], _shares(self._now)[most]
        return f"{self.title}: {self._name(most)} went from {percent(then)} to {percent(now)}."

    def sizeHint(self) -> QSize:
        """Wide and low: it stands below a table."""
        return QSize(420, 180)

    def draw(self, painter: QPainter, area: QRectF) -> None:
        """Legend, shares at the left, bars, values below."""
        then, now = _shares(self._then), _shares(self._now)
        top = max([*then, *now], default=0.0)
        if not top:
            return
        metrics = QFontMetricsF(painter.font())
        self._draw_legend(painter, area)
        left = metrics.horizontalAdvance("100%") + 12
        place = area.adjusted(left, metrics.height() + 12, -8, -metrics.height() - 8)
        axes = Axes(place, (0.0, 1.0), (0.0, top * 1.05))
        self._draw_scale(painter, axes)
        step = place.width() / len(then)
        for index, pair in enumerate(zip(then, now, strict=True)):
            start = place.left() + index * step
            for at, share, token in ((0.08, pair[0], "border_strong"), (0.5, pair[1], "chart2")):
                if share:
                    high = max(1.0, place.bottom() - axes.up(share))
                    painter.fillRect(QRectF(start + at * step, place.bottom() - high, 0.42 * step, high), color(token))
        self._draw_names(painter, place)

    def _draw_legend(self, painter: QPainter, area: QRectF) -> None:
        metrics = QFontMetricsF(painter.font())
        x = area.left()
        told = (
            (self.tr("Then, {0} rows").format(count(sum(self._then.counts))), "border_strong"),
            (self.tr("Now, {0}").format(count(sum(self._now.counts))), "chart2"),
        )
        for text, token in told:
            box = QRectF(x, area.top() + (metrics.height() - LEGEND) / 2, LEGEND, LEGEND)
            painter.fillRect(box, color(token))
            painter.setPen(color("text2"))
            wide = metrics.horizontalAdvance(text) + 4
            painter.drawText(
                QRectF(x + LEGEND + 6, area.top(), wide, metrics.height()), Qt.AlignmentFlag.AlignVCenter, text
            )
            x += LEGEND + wide + 24

    def _draw_scale(self, painter: QPainter, axes: Axes) -> None:
        metrics = QFontMetricsF(painter.font())
        for value in ticks(0.0, axes.y[1], 3):
            painter.setPen(QPen(color("border"), 1))
            up = axes.up(value)
            painter.drawLine(QPointF(axes.area.left(), up), QPointF(axes.area.right(), up))
            painter.setPen(color("text3"))
            box = QRectF(axes.area.left() - 66, up - metrics.height() / 2, 60, metrics.height())
            painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, percent(value))

    def _draw_names(self, painter: QPainter, place: QRectF) -> None:
        """Values below their bars, or the ends of the range."""
        metrics = QFontMetricsF(painter.font())
        painter.setPen(color("text3"))
        below = place.bottom() + 4
        if self._then.labels:
            step = place.width() / len(self._then.labels)
            for index, name in enumerate(self._then.labels):
                box = QRectF(place.left() + index * step, below, step, metrics.height())
                shown = metrics.elidedText(name, Qt.TextElideMode.ElideRight, step - 6)
                painter.drawText(box, Qt.AlignmentFlag.AlignCenter, shown)
            return
        edges = self._then.edges
        axes = Axes(place, (edges[0], edges[-1]), (0.0, 1.0))
        for value in ticks(edges[0], edges[-1], 6):
            box = QRectF(axes.across(value) - 40, below, 80, metrics.height())
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, number(value, 6))

    def _name(self, index: int) -> str:
        if self._then.labels:
            return self._then.labels[index]
        edges = self._then.edges
        return f"{number(edges[index], 4)} to {number(edges[index + 1], 4)}"


def _shares(histogram: Histogram) -> list[float]:
    return [rows / max(sum(histogram.counts), 1) for rows in histogram.counts]
