"""Which columns matter: a bar a column with its interval."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QWidget

from app.core.runs import Importance
from app.ui.charts.axes import number
from app.ui.charts.chart import Chart, PlottedTable
from app.ui.theme import color

MOST_BARS = 20
LEAST_WIDTH = 148
"""In px: what a card leaves free at its smallest."""
NAMES = 0.45
"""The share of the width that names may take."""
_ROW = 26.0
_ABOVE = 8.0
"""What ``Chart`` leaves free on top."""


class ImportanceChart(Chart):
    """How much the score worsens when a column is shuffled, the strongest first. A click on a bar names its column."""

    clicked = Signal(str)

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(title, parent)
        self.setMinimumSize(LEAST_WIDTH, 0)
        self._items: tuple[Importance, ...] = ()

    def show_importance(self, items: tuple[Importance, ...]) -> None:
        """Draw the ``MOST_BARS`` strongest; the numbers keep all."""
        self._items = tuple(sorted(items, key=lambda item: -item.mean))
        self.refresh()

    def table(self) -> PlottedTable:
        """One row a column: name, mean, low, high."""
        rows = tuple((item.column, item.mean, item.low, item.high) for item in self._items)
        return PlottedTable((self.tr("column"), self.tr("worsens by"), self.tr("low"), self.tr("high")), rows)

    def summary(self) -> str:
        """The strongest three."""
        names = ", ".join(item.column for item in self._items[:3])
        return f"{self.title}: {names or 'no column'} first."

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Tell which column was clicked."""
        index = int((event.position().y() - _ABOVE) // _ROW)
        if event.button() == Qt.MouseButton.LeftButton and 0 <= index < min(len(self._items), MOST_BARS):
            self.clicked.emit(self._items[index].column)
        super().mousePressEvent(event)

    def sizeHint(self) -> QSize:
        """As tall as the bars need."""
        return QSize(320, round(_ROW * min(len(self._items), MOST_BARS)) + 8)

    def minimumSizeHint(self) -> QSize:
        """The bars are never squeezed."""
        return QSize(LEAST_WIDTH, self.sizeHint().height())

    def draw(self, painter: QPainter, area: QRectF) -> None:
        """Names at the left, bars, figures at the right."""
        shown = self._items[:MOST_BARS]
        if not shown:
            return
        metrics = QFontMetricsF(painter.font())
        longest = max(metrics.horizontalAdvance(item.column) for item in shown)
        names = min(160.0, area.width() * NAMES, longest) + 12
        figures = max(metrics.horizontalAdvance(number(item.mean)) for item in shown) + 12
        bars = area.adjusted(names, 0, -figures, 0)
        reach = max([item.high for item in shown] + [1e-12])
        for index, item in enumerate(shown):
            row = QRectF(area.left(), area.top() + index * _ROW, area.width(), _ROW)
            self._draw_texts(painter, row, names, item)
            self._draw_bar(painter, QRectF(bars.left(), row.top() + 5, bars.width(), _ROW - 10), item, reach)

    def _draw_texts(self, painter: QPainter, row: QRectF, names: float, item: Importance) -> None:
        metrics = QFontMetricsF(painter.font())
        painter.setPen(color("text"))
        text = metrics.elidedText(item.column, Qt.TextElideMode.ElideMiddle, names - 12)
        painter.drawText(row, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)
        painter.setPen(color("text2"))
        painter.drawText(row, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, number(item.mean))

    def _draw_bar(self, painter: QPainter, track: QRectF, item: Importance, reach: float) -> None:
        def at(value: float) -> float:
            return track.left() + max(0.0, min(value / reach, 1.0)) * track.width()

        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color("surface2"))
        painter.drawRoundedRect(track, 3, 3)
        painter.setBrush(color("chart1"))
        painter.drawRoundedRect(QRectF(track.left(), track.top(), at(item.mean) - track.left(), track.height()), 3, 3)
        painter.setPen(QPen(color("text2"), 1.5))
        middle = track.center().y()
        painter.drawLine(QPointF(at(item.low), middle), QPointF(at(item.high), middle))
