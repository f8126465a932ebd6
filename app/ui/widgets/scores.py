"""Candidates one below the other: name, score, interval on one common scale, how it ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.core.runs import Score
from app.ui.charts.intervals import Scale, draw_interval
from app.ui.theme import color
from app.ui.widgets.chip import draw_shape
from app.ui.words import figure

ROW = 26
LEAST_NAME, MOST_NAME, VALUE, NOTE = 100, 262, 64, 104
LEAST_TRACK = 60


@dataclass(frozen=True, slots=True)
class ScoreLine:
    """``note``: the status in words; ``status`` empty: without a shape; ``quiet``: a baseline, drawn thin."""

    name: str
    score: Score | None
    status: str
    note: str
    quiet: bool = False
    best: bool = False


class ScoreLines(QWidget):
    """A picture of a run's candidates; its words are its accessible description."""

    def __init__(self, says: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(says)
        self._lines: tuple[ScoreLine, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._wanted = LEAST_NAME
        self.setMinimumWidth(LEAST_NAME + VALUE + NOTE + LEAST_TRACK)

    @property
    def lines(self) -> tuple[ScoreLine, ...]:
        """What is shown."""
        return self._lines

    def show_lines(self, lines: Sequence[ScoreLine]) -> None:
        """Show these candidates instead."""
        self._lines = tuple(lines)
        self._wanted = min(MOST_NAME, max([LEAST_NAME, *(self._wide(line) for line in self._lines)]))
        said = (f"{line.name} {figure(line.score.value if line.score else None)} {line.note}" for line in lines)
        self.setAccessibleDescription("; ".join(said))
        self.updateGeometry()
        self.update()

    @property
    def _name(self) -> int:
        """What names get: as much as the longest wants, less where a card is narrow."""
        return max(LEAST_NAME, min(self._wanted, self.width() - VALUE - NOTE - LEAST_TRACK))

    def _wide(self, line: ScoreLine) -> int:
        """How much room a name takes, in the weight in which it is written."""
        return QFontMetrics(self._font_of(line)).horizontalAdvance(line.name) + 12

    def _font_of(self, line: ScoreLine) -> QFont:
        font = QFont(self.font())
        font.setWeight(QFont.Weight.DemiBold if line.best else QFont.Weight.Normal)
        return font

    def sizeHint(self) -> QSize:
        """One row a candidate."""
        return QSize(480, ROW * max(1, len(self._lines)))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint row by row."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        scale = Scale.over([line.score for line in self._lines]) if any(line.score for line in self._lines) else None
        for number, line in enumerate(self._lines):
            self._paint_line(painter, line, QRectF(0, number * ROW, self.width(), ROW), scale)
        painter.end()

    def _paint_line(self, painter: QPainter, line: ScoreLine, place: QRectF, scale: Scale | None) -> None:
        painter.setFont(self._font_of(line))
        painter.setPen(color("text3" if line.quiet else "text"))
        left, right = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight
        middle = Qt.AlignmentFlag.AlignVCenter
        name = painter.fontMetrics().elidedText(line.name, Qt.TextElideMode.ElideRight, self._name - 8)
        painter.drawText(QRectF(0, place.y(), self._name, ROW), left | middle, name)
        value = figure(line.score.value if line.score is not None else None)
        painter.drawText(QRectF(self._name, place.y(), VALUE - 12, ROW), right | middle, value)
        if line.score is not None and scale is not None:
            begins = self._name + VALUE + 8
            track = QRectF(begins, place.y(), place.width() - begins - NOTE - 16, ROW)
            draw_interval(painter, track, line.score, scale, "text3" if line.quiet else "chart1")
        self._paint_note(painter, line, place)

    def _paint_note(self, painter: QPainter, line: ScoreLine, place: QRectF) -> None:
        at = place.right() - NOTE
        shaped = bool(line.status) and not line.quiet
        if shaped:
            draw_shape(painter, line.status, QRectF(at, place.y() + (ROW - 10) / 2, 10, 10))
        font = QFont(self.font())
        font.setPixelSize(12)
        painter.setFont(font)
        painter.setPen(color("text3" if line.quiet else "text2"))
        words = QRectF(at + (16 if shaped else 0), place.y(), NOTE, ROW)
        painter.drawText(words, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, line.note)
