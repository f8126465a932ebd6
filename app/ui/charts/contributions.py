"""Why one row is answered so: a bar an input, to the right where it raised the answer, to the left where it lowered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QWidget

from app.core.explanations import Reasons, WordEffect
from app.ui.charts.axes import number
from app.ui.charts.chart import Chart, PlottedTable
from app.ui.theme import color

MOST_BARS = 8
MOST_WORDS = 8
ROW = 24.0
NAMES = 0.56
"""The share of the width that names may take."""


@dataclass(frozen=True, slots=True)
class _Bar:
    text: str
    amount: float


class ContributionsChart(Chart):
    """The ``MOST_BARS`` largest, then all others as one; the numbers keep all."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(title, parent)
        self._reasons: Reasons | None = None

    def show_reasons(self, reasons: Reasons) -> None:
        """Draw these."""
        self._reasons = reasons
        self.setMinimumHeight(self.sizeHint().height())
        self.refresh()

    def table(self) -> PlottedTable:
        """One row an input: column, value, amount."""
        told = self._reasons.contributions if self._reasons else ()
        rows = tuple((c.column, c.value, c.amount) for c in told)
        return PlottedTable((self.tr("column"), self.tr("value"), self.tr("moved by")), rows)

    def summary(self) -> str:
        """The strongest three, with their direction."""
        told = self._reasons.contributions[:3] if self._reasons else ()
        words = (f"{c.column} ({c.value}) {'raised' if c.amount >= 0 else 'lowered'} it" for c in told)
        return f"{self.title}: {', '.join(words) or 'nothing known'}."

    def sizeHint(self) -> QSize:
        """As tall as the bars need."""
        return QSize(300, round(ROW * max(1, len(self._bars()))) + 12)

    def minimumSizeHint(self) -> QSize:
        """The bars are never squeezed."""
        return QSize(180, self.sizeHint().height())

    def draw(self, painter: QPainter, area: QRectF) -> None:
        """Names at the left, bars from the middle line, amounts at the right."""
        bars = self._bars()
        if not bars:
            return
        metrics = QFontMetricsF(painter.font())
        names = min(area.width() * NAMES, max(metrics.horizontalAdvance(b.text) for b in bars) + 12)
        figures = max(metrics.horizontalAdvance(signed(b.amount)) for b in bars) + 12
        track = area.adjusted(names, 0, -figures, 0)
        low, high = min(0.0, *(b.amount for b in bars)), max(0.0, *(b.amount for b in bars))
        scale = track.width() / ((high - low) or 1.0)
        zero = track.left() - low * scale
        for index, bar in enumerate(bars):
            line = QRectF(area.left(), area.top() + index * ROW, area.width(), ROW)
            self._draw_texts(painter, line, names, bar)
            self._draw_bar(painter, line, zero, bar.amount * scale)
        painter.setPen(QPen(color("border_strong"), 1))
        painter.drawLine(QPointF(zero, area.top()), QPointF(zero, area.top() + ROW * len(bars)))

    def _bars(self) -> list[_Bar]:
        if self._reasons is None:
            return []
        told = self._reasons.contributions
        shown = [_Bar(f"{c.column} = {c.value}", c.amount) for c in told[:MOST_BARS]]
        rest = told[MOST_BARS:]
        others = self.tr("{0} others").format(len(rest))
        return [*shown, *([_Bar(others, sum(c.amount for c in rest))] if rest else [])]

    def _draw_texts(self, painter: QPainter, line: QRectF, names: float, bar: _Bar) -> None:
        metrics = QFontMetricsF(painter.font())
        painter.setPen(color("text"))
        text = metrics.elidedText(bar.text, Qt.TextElideMode.ElideRight, names - 12)
        painter.drawText(line, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)
        painter.setPen(color("text2"))
        painter.drawText(line, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, signed(bar.amount))

    def _draw_bar(self, painter: QPainter, line: QRectF, zero: float, long: float) -> None:
        left = min(zero, zero + long)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color("chart1" if long >= 0 else "chart2"))
        painter.drawRoundedRect(QRectF(left, line.top() + 5, max(1.0, abs(long)), ROW - 10), 2, 2)


def word_words(words: Sequence[WordEffect]) -> str:
    """The strongest, each with its amount; empty without any."""
    told = ", ".join(f"“{effect.word}” {signed(effect.amount)}" for effect in words[:MOST_WORDS])
    return (
        QCoreApplication.translate("contributions", "Words, by what the answer loses without them: {0}.").format(told)
        if told
        else ""
    )


def signed(amount: float) -> str:
    """With its direction: ``+0.12``, ``-0.03``; zero has none."""
    text = number(amount, 2)
    return f"+{text}" if amount > 0 else text
