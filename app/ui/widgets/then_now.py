"""Two histograms over each other in a table cell: what was, and what is."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from app.core.data import Histogram
from app.ui.theme import color

THEN_NOW_ROLE = Qt.ItemDataRole.UserRole + 2
WIDEST = 150

ThenNow = tuple[Histogram, Histogram]


def draw_then_now(painter: QPainter, told: ThenNow, place: QRectF) -> None:
    """Shares as bars: then wide and pale, now narrow and strong in front; both on one scale."""
    then, now = ([count / max(sum(h.counts), 1) for count in h.counts] for h in told)
    top = max([*then, *now], default=0.0)
    if not top:
        return
    step = place.width() / len(then)
    for number, (before, after) in enumerate(zip(then, now, strict=True)):
        left = place.x() + number * step
        for share, start, width, fill in ((before, 0.0, 0.92, "border_strong"), (after, 0.26, 0.40, "chart2")):
            if share:
                high = max(1.0, place.height() * share / top)
                bar = QRectF(left + start * step, place.bottom() - high, max(1.0, width * step), high)
                painter.fillRect(bar, color(fill))


class ThenNowDelegate(QStyledItemDelegate):
    """Paints the pair of histograms that a cell holds under ``THEN_NOW_ROLE``."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """The cell's ground, then the bars."""
        super().paint(painter, option, index)
        told = index.data(THEN_NOW_ROLE)
        if told is None:
            return
        cell = QRectF(option.rect).adjusted(11, 5, -11, -5)
        cell.setWidth(min(cell.width(), WIDEST))
        draw_then_now(painter, told, cell)
