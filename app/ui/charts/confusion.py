"""Which class was taken for which."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QWidget

from app.ui.charts.chart import Chart, PlottedTable
from app.ui.theme import color

MOST_CLASSES = 12
"""With more classes the cells get too small for their numbers; the largest ones are shown, the rest added up."""

LEAST_CONTRAST = 4.5


class ConfusionChart(Chart):
    """Rows are what was true, columns what the model said; shade is the share of the row."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(title, parent)
        self._labels: tuple[str, ...] = ()
        self._counts: tuple[tuple[int, ...], ...] = ()
        self._note = ""

    def show_matrix(self, labels: tuple[str, ...], counts: tuple[tuple[int, ...], ...], note: str = "") -> None:
        """``counts[i][j]``: rows of class i that were given class j. ``note``: how it was answered, a sentence."""
        self._note = note
        self._labels, self._counts = fold(labels, counts, self.tr("all others"))
        self.refresh()

    def table(self) -> PlottedTable:
        """One row a true class, one column a given class."""
        pairs = zip(self._labels, self._counts, strict=True)
        rows: tuple[tuple[str | int | float, ...], ...] = tuple((label, *counts) for label, counts in pairs)
        return PlottedTable((self.tr("true class"), *self._labels), rows)

    def summary(self) -> str:
        """How many rows got their own class."""
        right = sum(row[index] for index, row in enumerate(self._counts))
        total = sum(map(sum, self._counts))
        told = f"{self.title}: {right:,} of {total:,} rows were given their true class."
        return f"{told} {self._note}".strip()

    def draw(self, painter: QPainter, area: QRectF) -> None:
        """Column names above, row names at the left, a cell a pair."""
        if not self._labels:
            return
        metrics = QFontMetricsF(painter.font())
        numbered = 24 if len(self._labels) > 6 else 0
        left = min(140.0, max(metrics.horizontalAdvance(label) for label in self._labels) + numbered) + 12
        grid = area.adjusted(left, 2 * metrics.height() + 10, -2, -4)
        self._draw_names(painter, area, grid)
        for i in range(len(self._labels)):
            for j in range(len(self._labels)):
                self._draw_cell(painter, self._cell(grid, i, j), i, j)

    def _cell(self, grid: QRectF, i: int, j: int) -> QRectF:
        width = min(grid.width() / len(self._labels), 180.0)
        height = min(grid.height() / len(self._labels), 88.0)
        return QRectF(grid.left() + j * width, grid.top() + i * height, width - 2, height - 2)

    def _draw_names(self, painter: QPainter, area: QRectF, grid: QRectF) -> None:
        metrics = QFontMetricsF(painter.font())
        painter.setPen(color("text2"))
        painter.drawText(
            QRectF(grid.left(), area.top(), grid.width(), metrics.height()),
            Qt.AlignmentFlag.AlignLeft,
            metrics.elidedText(
                f"{self._note} {self.tr('Model says across, true class down')}".strip(),
                Qt.TextElideMode.ElideRight,
                grid.width(),
            ),
        )
        painter.setPen(color("text3"))
        for index, label in enumerate(self._labels):
            cell = self._cell(grid, index, index)
            text = metrics.elidedText(label, Qt.TextElideMode.ElideRight, cell.width() - 4)
            if cell.width() < 50:
                text = str(index + 1)
            above = QRectF(cell.left(), grid.top() - metrics.height() - 4, cell.width(), metrics.height())
            painter.drawText(above, Qt.AlignmentFlag.AlignCenter, text)
            beside = QRectF(area.left(), cell.top(), grid.left() - area.left() - 8, cell.height())
            text = metrics.elidedText(self._row_name(grid, index), Qt.TextElideMode.ElideRight, beside.width())
            painter.drawText(beside, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)

    def _row_name(self, grid: QRectF, index: int) -> str:
        narrow = self._cell(grid, index, index).width() < 50
        return f"{index + 1}  {self._labels[index]}" if narrow else self._labels[index]

    def _draw_cell(self, painter: QPainter, cell: QRectF, i: int, j: int) -> None:
        share = self._counts[i][j] / (sum(self._counts[i]) or 1)
        fill = mixed(color("surface2"), color("chart1" if i == j else "chart2"), 0.85 * share)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(fill)
        painter.drawRoundedRect(cell, 3, 3)
        painter.setPen(QPen(readable_on(fill)))
        metrics = QFontMetricsF(painter.font())
        text = f"{self._counts[i][j]:,}"
        if metrics.horizontalAdvance(text) <= cell.width() - 2 and metrics.height() <= cell.height():
            painter.drawText(cell, Qt.AlignmentFlag.AlignCenter, text)


def fold(
    labels: tuple[str, ...], counts: tuple[tuple[int, ...], ...], others: str
) -> tuple[tuple[str, ...], tuple[tuple[int, ...], ...]]:
    """Keep the most frequent classes in their order and add the others up in one, where there are too many."""
    if len(labels) <= MOST_CLASSES:
        return labels, counts
    by_size = sorted(range(len(labels)), key=lambda index: -sum(counts[index]))
    kept = sorted(by_size[: MOST_CLASSES - 1])
    groups = [[index] for index in kept] + [[index for index in range(len(labels)) if index not in set(kept)]]
    folded = tuple(tuple(sum(counts[i][j] for i in rows for j in columns) for columns in groups) for rows in groups)
    return (*(labels[index] for index in kept), others), folded


def mixed(below: QColor, above: QColor, share: float) -> QColor:
    """``share`` of ``above`` over ``below``."""
    parts = [b + (a - b) * share for b, a in zip(_rgb(below), _rgb(above), strict=True)]
    return QColor.fromRgbF(*parts)


def readable_on(fill: QColor) -> QColor:
    """The theme's ink where it can be read on ``fill``, else black or white: one of them reaches 4.58 on any shade,
    which is what WCAG 2 asks of text (4.5); the theme's two inks fall to 3.7 on a middling one."""
    own = color("text")
    inks = (QColor(Qt.GlobalColor.black), QColor(Qt.GlobalColor.white))
    return own if contrast(own, fill) >= LEAST_CONTRAST else max(inks, key=lambda ink: contrast(ink, fill))


def contrast(a: QColor, b: QColor) -> float:
    """The WCAG 2 contrast ratio, 1 to 21 (www.w3.org/TR/WCAG21, definition of contrast ratio)."""
    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def luminance(shade: QColor) -> float:
    """Relative luminance of an sRGB colour, 0 to 1 (WCAG 2)."""
    parts = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in _rgb(shade)]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def _rgb(shade: QColor) -> tuple[float, float, float]:
    return shade.redF(), shade.greenF(), shade.blueF()
