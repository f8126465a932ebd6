"""Painted cells of the *Differences* tab: how far a column moved, and its distribution before and after."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from app.core.differences import Shift
from app.ui.theme import color
from app.ui.widgets.histogram import draw_histogram, histogram_words

SHIFT_ROLE = Qt.ItemDataRole.UserRole + 2
SIZE, THEN_NOW = 1, 2
FIGURE_PX = 48
GAP_PX = 14

Index = QModelIndex | QPersistentModelIndex


def shift_says(shift: Shift) -> str:
    """The two distributions for those who cannot see them."""
    return f"Before: {histogram_words(shift.histogram_before)}; after: {histogram_words(shift.histogram_after)}"


class SizeDelegate(QStyledItemDelegate):
    """The figure, then a bar from 0 to 1; quiet where chance alone may explain it."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Ground and figure as usual, the bar beside it."""
        super().paint(painter, option, index)
        shift = index.data(SHIFT_ROLE)
        if not isinstance(shift, Shift):
            return
        cell = QRectF(option.rect)
        track = QRectF(cell.x() + 11 + FIGURE_PX, cell.center().y() - 4, cell.width() - 22 - FIGURE_PX, 8)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color("surface2"))
        painter.drawRoundedRect(track, 3, 3)
        painter.setBrush(color("chart2" if shift.beyond_noise else "border_strong"))
        long = max(2.0, track.width() * min(1.0, shift.size)) if shift.size else 0.0
        painter.drawRoundedRect(QRectF(track.x(), track.y(), long, track.height()), 3, 3)
        painter.restore()


class ThenNowDelegate(QStyledItemDelegate):
    """Two small histograms of the same bins: before, and after in the accent of new data."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Side by side, each scaled to its own highest bar: shares matter, not how many rows there are."""
        super().paint(painter, option, index)
        shift = index.data(SHIFT_ROLE)
        if not isinstance(shift, Shift) or shift.histogram_before is None or shift.histogram_after is None:
            return
        cell = QRectF(option.rect).adjusted(11, 6, -11, -6)
        wide = (min(cell.width(), 220) - GAP_PX) / 2
        bars = len(shift.histogram_before.counts)
        wide = min(wide, max(24.0, bars * 14.0))
        draw_histogram(painter, shift.histogram_before, QRectF(cell.x(), cell.y(), wide, cell.height()), color("text3"))
        after = QRectF(cell.x() + wide + GAP_PX, cell.y(), wide, cell.height())
        draw_histogram(painter, shift.histogram_after, after, color("chart1"))
