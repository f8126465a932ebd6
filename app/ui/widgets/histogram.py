"""A small histogram, as it stands in a table cell."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from app.core.data import Histogram
from app.ui.theme import color

HISTOGRAM_ROLE = Qt.ItemDataRole.UserRole + 1


def draw_histogram(painter: QPainter, histogram: Histogram, place: QRectF, fill: QColor) -> None:
    """Bars over the whole place; a bar that is not empty is at least one pixel high."""
    counts = histogram.counts
    top = max(counts, default=0)
    if not top:
        return
    step = place.width() / len(counts)
    gap = 1.0 if step >= 4 else 0.0
    for number, rows in enumerate(counts):
        if rows:
            high = max(1.0, place.height() * rows / top)
            painter.fillRect(QRectF(place.x() + number * step, place.bottom() - high, step - gap, high), fill)


def histogram_words(histogram: Histogram | None) -> str:
    """One sentence for those who cannot see the bars."""
    if histogram is None or not histogram.counts:
        return "no distribution"
    most = max(range(len(histogram.counts)), key=histogram.counts.__getitem__)
    if histogram.labels:
        return f"most often {histogram.labels[most]}"
    if len(histogram.edges) > most + 1:
        return f"most between {histogram.edges[most]:.4g} and {histogram.edges[most + 1]:.4g}"
    return f"{len(histogram.counts)} bars"


class HistogramDelegate(QStyledItemDelegate):
    """Paints the histogram that a cell holds under ``HISTOGRAM_ROLE``."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """The cell's ground, then the bars, at most 140 px wide."""
        super().paint(painter, option, index)
        histogram = index.data(HISTOGRAM_ROLE)
        if not isinstance(histogram, Histogram):
            return
        cell = QRectF(option.rect).adjusted(11, 6, -11, -6)
        cell.setWidth(min(cell.width(), 140, max(24, len(histogram.counts) * 14)))
        draw_histogram(painter, histogram, cell, color("chart1"))
