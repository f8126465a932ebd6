"""Bars: a histogram over an axis, counts beside their names, and where in a file something is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QWidget

from app.core.data import Histogram
from app.ui.charts.axes import Axes, number, ticks
from app.ui.charts.chart import Chart, PlottedTable
from app.ui.theme import color
from app.ui.words import count, percent

ROW = 24.0
MOST_ROWS = 20
EDGE_TICKS = 5


class HistogramChart(Chart):
    """Bars of equal width over the values of a column; of dates with days below."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(title, parent)
        self._histogram = Histogram(())
        self._of_days = False
        self._unit = ""

    def show_histogram(self, histogram: Histogram, *, of_days: bool = False, unit: str = "") -> None:
        """``of_days``: the edges are seconds since 1970."""
        self._histogram, self._of_days, self._unit = histogram, of_days, unit
        self.refresh()

    def table(self) -> PlottedTable:
        """One row a bar: from, up to, rows."""
        edges, counts = self._histogram.edges, self._histogram.counts
        rows = tuple((self._edge(edges[i]), self._edge(edges[i + 1]), rows) for i, rows in enumerate(counts))
        return PlottedTable((self.tr("from"), self.tr("up to"), self.tr("rows")), rows)

    def summary(self) -> str:
        """Where most rows are."""
        counts, edges = self._histogram.counts, self._histogram.edges
        if not counts or not any(counts):
            return f"{self.title}: no values."
        most = max(range(len(counts)), key=counts.__getitem__)
        return f"{self.title}: most rows between {self._words(edges[most])} and {self._words(edges[most + 1])}."

    def draw(self, painter: QPainter, area: QRectF) -> None:
        """Counts at the left, bars, values below."""
        counts, edges = self._histogram.counts, self._histogram.edges
        if not counts or not any(counts):
            return
        metrics = QFontMetricsF(painter.font())
        tallest = max(counts)
        left = metrics.horizontalAdvance(count(tallest)) + 12
        place = area.adjusted(left, metrics.height() / 2, -8, -metrics.height() - 8)
        axes = Axes(place, (edges[0], edges[-1]), (0.0, float(tallest)))
        self._draw_scale(painter, axes)
        step = place.width() / len(counts)
        gap = 1.0 if step >= 4 else 0.0
        for index, rows in enumerate(counts):
            if rows:
                high = max(1.0, place.height() * rows / tallest)
                bar = QRectF(place.left() + index * step, place.bottom() - high, step - gap, high)
                painter.fillRect(bar, color("chart1"))

    def _draw_scale(self, painter: QPainter, axes: Axes) -> None:
        metrics = QFontMetricsF(painter.font())
        for value in ticks(0.0, axes.y[1], 3):
            painter.setPen(QPen(color("border"), 1))
            row = axes.up(value)
            painter.drawLine(QPointF(axes.area.left(), row), QPointF(axes.area.right(), row))
            painter.setPen(color("text3"))
            box = QRectF(axes.area.left() - 106, row - metrics.height() / 2, 100, metrics.height())
            painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, number(value))
        painter.setPen(color("text3"))
        for value, text in self._ticks(axes.x, axes.area.width(), metrics):
            wide = metrics.horizontalAdvance(text) + 4
            middle = min(max(axes.across(value), axes.area.left() + wide / 2), axes.area.right() + 8 - wide / 2)
            box = QRectF(middle - wide / 2, axes.area.bottom() + 4, wide, metrics.height())
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)

    def _ticks(self, ends: tuple[float, float], wide: float, metrics: QFontMetricsF) -> list[tuple[float, str]]:
        if self._of_days:
            fit = int(wide / (metrics.horizontalAdvance(self._words(ends[0])) + 24))
            last = min(EDGE_TICKS, max(2, fit)) - 1
            steps = [ends[0] + (ends[1] - ends[0]) * i / last for i in range(last + 1)]
            return [(value, self._words(value)) for value in steps]
        return [(value, number(value, 6)) for value in ticks(*ends, EDGE_TICKS)]

    def _edge(self, value: float) -> str | float:
        return self._words(value) if self._of_days else value

    def _words(self, value: float) -> str:
        if self._of_days:
            return str((datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=value)).date())
        return f"{number(value, 4)} {self._unit}".rstrip()


class CountsChart(Chart):
    """Counts beside their names, the largest first."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(title, parent)
        self._items: tuple[tuple[str, int], ...] = ()
        self._total = 0

    def show_counts(self, items: tuple[tuple[str, int], ...], total: int) -> None:
        """``total``: of which the shares are told."""
        self._items, self._total = items[:MOST_ROWS], total
        self.refresh()

    def table(self) -> PlottedTable:
        """One row a value."""
        return PlottedTable((self.tr("value"), self.tr("rows")), self._items)

    def summary(self) -> str:
        """The most frequent one."""
        if not self._items:
            return f"{self.title}: none."
        name, rows = self._items[0]
        return f"{self.title}: {name} in {count(rows)} rows ({percent(rows / max(1, self._total))})."

    def sizeHint(self) -> QSize:
        """As tall as the bars need."""
        return QSize(300, round(ROW * max(1, len(self._items))) + 8)

    def minimumSizeHint(self) -> QSize:
        """The bars are never squeezed."""
        return QSize(180, self.sizeHint().height())

    def draw(self, painter: QPainter, area: QRectF) -> None:
        """Names at the left, bars, counts and shares at the right."""
        if not self._items:
            return
        metrics = QFontMetricsF(painter.font())
        figures = [f"{count(rows)}   {percent(rows / max(1, self._total))}" for _, rows in self._items]
        right = max(map(metrics.horizontalAdvance, figures)) + 10
        left = min(area.width() * 0.4, max(metrics.horizontalAdvance(name) for name, _ in self._items) + 10)
        tallest = max(rows for _, rows in self._items)
        for index, ((name, rows), figure) in enumerate(zip(self._items, figures, strict=True)):
            line = QRectF(area.left(), area.top() + index * ROW, area.width(), ROW)
            painter.setPen(color("text"))
            shown = metrics.elidedText(name, Qt.TextElideMode.ElideRight, left - 8)
            painter.drawText(line, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)
            painter.setPen(color("text2"))
            painter.drawText(line, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, figure)
            wide = max(1.0, (line.width() - left - right) * rows / tallest)
            painter.fillRect(QRectF(line.left() + left, line.top() + 5, wide, ROW - 10), color("chart1"))


class StretchChart(Chart):
    """The file from its first row to its last as a strip: the darker, the more is missing there."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(title, parent)
        self.setMinimumSize(180, 64)
        self._counts: tuple[int, ...] = ()
        self._rows, self._long = 0, 1

    def show_stretches(self, counts: tuple[int, ...], long: int, rows: int) -> None:
        """``counts``: missing values in each stretch of ``long`` rows."""
        self._counts, self._long, self._rows = counts, long, rows
        self.refresh()

    def table(self) -> PlottedTable:
        """One row a stretch: first row, last row, how many are missing."""
        ends = [(i * self._long + 1, min((i + 1) * self._long, self._rows)) for i in range(len(self._counts))]
        rows = tuple((first, last, lost) for (first, last), lost in zip(ends, self._counts, strict=True))
        return PlottedTable((self.tr("first row"), self.tr("last row"), self.tr("missing")), rows)

    def summary(self) -> str:
        """Where most are missing."""
        if not any(self._counts):
            return f"{self.title}: nothing is missing."
        most = max(range(len(self._counts)), key=self._counts.__getitem__)
        first, last, lost = self.table().rows[most]
        return f"{self.title}: most between rows {first:,} and {last:,} ({lost:,})."

    def sizeHint(self) -> QSize:
        """A strip with its ends named."""
        return QSize(300, 64)

    def draw(self, painter: QPainter, area: QRectF) -> None:
        """Bars as high as the share that is missing, over a track; first and last row named."""
        if not self._counts:
            return
        metrics = QFontMetricsF(painter.font())
        strip = QRectF(area.left(), area.top(), area.width(), max(16.0, area.height() - metrics.height() - 4))
        painter.fillRect(strip, color("surface2"))
        step = strip.width() / len(self._counts)
        for index, lost in enumerate(self._counts):
            if lost:
                share = lost / min(self._long, self._rows - index * self._long)
                high = max(2.0, strip.height() * share)
                painter.fillRect(
                    QRectF(strip.left() + index * step, strip.bottom() - high, step, high), color("chart2")
                )
        painter.setPen(color("text3"))
        below = QRectF(strip.left(), strip.bottom() + 2, strip.width(), metrics.height())
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft, self.tr("row 1"))
        painter.drawText(below, Qt.AlignmentFlag.AlignRight, self.tr("row {0}").format(count(self._rows)))
