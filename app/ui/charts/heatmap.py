"""A square of figures from -1 to 1, each cell a colour: which columns go together."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QToolTip, QWidget

from app.ui.charts.chart import Chart, PlottedTable
from app.ui.charts.confusion import mixed, readable_on
from app.ui.theme import color

LEAST_CELL, MOST_CELL = 16.0, 44.0
FIGURES_FROM = 34.0
"""Cells at least so wide hold their figures."""
LEGEND = 30.0


class HeatMap(Chart):
    """Cells are walked through with the arrow keys; ``chosen`` tells the two columns of the current one."""

    chosen = Signal(int, int)
    opened = Signal(int, int)

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(title, parent)
        self._names: tuple[str, ...] = ()
        self._values: tuple[tuple[float | None, ...], ...] = ()
        self._at = (0, 0)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def show_values(self, names: tuple[str, ...], values: tuple[tuple[float | None, ...], ...]) -> None:
        """``values[i][j]``: of names i and j, None where undefined."""
        self._names, self._values = names, values
        self._at = (min(1, len(names) - 1), 0) if names else (0, 0)
        self.refresh()

    @property
    def current(self) -> tuple[int, int]:
        """Row and column of the cell that is walked on."""
        return self._at

    def table(self) -> PlottedTable:
        """One row a name, one column a name."""
        rows = tuple(
            (name, *("" if v is None else v for v in line))
            for name, line in zip(self._names, self._values, strict=True)
        )
        return PlottedTable((self.tr("column"), *self._names), rows)

    def summary(self) -> str:
        """The strongest pair."""
        pairs = [(abs(v), i, j) for i, line in enumerate(self._values) for j, v in enumerate(line[:i]) if v is not None]
        if not pairs:
            return f"{self.title}: nothing to relate."
        _, i, j = max(pairs)
        return f"{self.title}: {self._names[i]} and {self._names[j]} go together most ({self._figure(i, j)})."

    def sizeHint(self) -> QSize:
        """Cells of a comfortable size."""
        side = round(len(self._names) * 26.0)
        return QSize(side + 140, side + 110)

    def minimumSizeHint(self) -> QSize:
        """Cells that can be told apart."""
        side = round(len(self._names) * LEAST_CELL)
        return QSize(side + 110, side + 90 + round(LEGEND))

    def needed_px(self) -> int:
        """How wide it is with cells as large as they get."""
        metrics = QFontMetricsF(self.font())
        widest = max((metrics.horizontalAdvance(name) for name in self._names), default=0.0)
        return round(min(150.0, widest + 10) + MOST_CELL * len(self._names) + 16)

    def draw(self, painter: QPainter, area: QRectF) -> None:
        """Names at the left and above, cells, the scale below."""
        if not self._names:
            return
        grid, cell = self._grid(area)
        self._draw_names(painter, area, grid, cell)
        for i in range(len(self._names)):
            for j in range(len(self._names)):
                place = QRectF(grid.left() + j * cell, grid.top() + i * cell, cell - 1, cell - 1)
                self._draw_cell(painter, place, i, j)
        if self.hasFocus():
            i, j = self._at
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(color("text"), 2))
            painter.drawRect(QRectF(grid.left() + j * cell, grid.top() + i * cell, cell - 1, cell - 1))
        self._draw_legend(painter, grid, area)

    def _grid(self, area: QRectF) -> tuple[QRectF, float]:
        """Where the cells are, and how wide one is."""
        metrics = QFontMetricsF(self.font())
        widest = max(metrics.horizontalAdvance(name) for name in self._names)
        left, top = min(150.0, widest + 10), min(110.0, widest + 10)
        room = min(area.width() - left - 2, area.height() - top - LEGEND)
        cell = max(LEAST_CELL, min(MOST_CELL, room / len(self._names)))
        side = cell * len(self._names)
        return QRectF(area.left() + left, area.top() + top, side, side), cell

    def _draw_names(self, painter: QPainter, area: QRectF, grid: QRectF, cell: float) -> None:
        metrics = QFontMetricsF(painter.font())
        for index, name in enumerate(self._names):
            here = self.hasFocus() and index in self._at
            painter.setPen(color("text" if here or index == 0 else "text2"))
            beside = QRectF(area.left(), grid.top() + index * cell, grid.left() - area.left() - 8, cell)
            text = metrics.elidedText(name, Qt.TextElideMode.ElideRight, beside.width())
            painter.drawText(beside, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)
            painter.save()
            painter.translate(grid.left() + index * cell + cell / 2, grid.top() - 6)
            painter.rotate(-90)
            above = QRectF(0, -cell / 2, grid.top() - area.top() - 6, cell)
            text = metrics.elidedText(name, Qt.TextElideMode.ElideRight, above.width())
            painter.drawText(above, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)
            painter.restore()

    def _draw_cell(self, painter: QPainter, place: QRectF, i: int, j: int) -> None:
        value = self._values[i][j]
        painter.setPen(Qt.PenStyle.NoPen)
        if i == j:
            painter.fillRect(place, color("surface2"))
            return
        if value is None:
            painter.fillRect(place, color("surface"))
            painter.setPen(QPen(color("border"), 1))
            painter.drawLine(place.bottomLeft(), place.topRight())
            return
        fill = shade(value)
        painter.fillRect(place, fill)
        if place.width() >= FIGURES_FROM:
            painter.setPen(readable_on(fill))
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, self._figure(i, j))

    def _draw_legend(self, painter: QPainter, grid: QRectF, area: QRectF) -> None:
        metrics = QFontMetricsF(painter.font())
        wide, steps = min(180.0, max(120.0, grid.width())), 60
        top = grid.bottom() + 8
        for step in range(steps):
            value = 2 * step / (steps - 1) - 1
            bar = QRectF(grid.left() + step * wide / steps, top, wide / steps + 1, 6)
            painter.fillRect(bar, shade(value))
        painter.setPen(color("text3"))
        below = QRectF(grid.left(), top + 8, wide, metrics.height())
        for flag, text in (
            (Qt.AlignmentFlag.AlignLeft, "−1"),
            (Qt.AlignmentFlag.AlignHCenter, "0"),
            (Qt.AlignmentFlag.AlignRight, "1"),
        ):
            painter.drawText(below, flag, text)

    def _figure(self, i: int, j: int) -> str:
        value = self._values[i][j]
        return "–" if value is None else f"{value:.2f}".replace("-", "−")

    def cell_words(self, i: int, j: int) -> str:
        """A cell in words, for its tooltip."""
        return f"{self._names[i]} – {self._names[j]}: {self._figure(i, j)}"

    def cell_at(self, place: QPoint) -> tuple[int, int] | None:
        """The cell below a point of the widget."""
        if not self._names:
            return None
        grid, cell = self._grid(QRectF(self.rect()).adjusted(0, 8, 0, 0))
        j, i = int((place.x() - grid.left()) // cell), int((place.y() - grid.top()) // cell)
        inside = 0 <= i < len(self._names) and 0 <= j < len(self._names)
        return (i, j) if inside else None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows walk, Return opens."""
        step = _STEPS.get(Qt.Key(event.key()))
        if step is not None and self._names:
            last = len(self._names) - 1
            self._go(min(max(self._at[0] + step[0], 0), last), min(max(self._at[1] + step[1], 0), last))
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and self._names:
            self.opened.emit(*self._at)
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Walk to the cell that was clicked."""
        super().mousePressEvent(event)
        cell = self.cell_at(event.position().toPoint())
        if cell is not None and event.button() == Qt.MouseButton.LeftButton:
            self._go(*cell)

    def event(self, event: QEvent) -> bool:
        """A tooltip for each cell."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            cell = self.cell_at(event.pos())
            QToolTip.showText(event.globalPos(), self.cell_words(*cell) if cell is not None else "", self)
            return True
        return super().event(event)

    def _go(self, i: int, j: int) -> None:
        self._at = (i, j)
        self.setAccessibleDescription(self.cell_words(i, j))
        self.chosen.emit(i, j)
        self.update()


def shade(value: float) -> QColor:
    """Blue for what rises together, orange for what moves against each other, the ground for nothing."""
    return mixed(color("surface2"), color("chart1" if value >= 0 else "chart2"), min(1.0, abs(value)))


_STEPS = {
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
}
