"""The loop Data > Train > Approve > Run > Watch, each step with its state, each a way to its page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QSizePolicy, QWidget

from app.ui.icons import paint
from app.ui.theme import color
from app.ui.widgets.card import emptied


@dataclass(frozen=True, slots=True)
class Step:
    """``page``: where a click leads; ``done``: this step has something to show; ``warns``: it asks for a look."""

    page: str
    title: str
    state: str
    done: bool
    running: bool = False
    warns: bool = False

    @property
    def token(self) -> str:
        """Its colour; the words below the ring say the same."""
        if self.running:
            return "running"
        return "warn" if self.warns else "ok" if self.done else "text3"


class StepButton(QAbstractButton):
    """One step: its icon in a ring, its name, its state; a line to the next step."""

    def __init__(self, step: Step, last: bool) -> None:
        super().__init__()
        self.step, self.last = step, last
        self.setObjectName(f"home.{step.page}")
        self.setText(step.title)
        self.setAccessibleName(f"{step.title}: {step.state}")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def sizeHint(self) -> QSize:
        """Room for the ring and two lines."""
        return QSize(130, 104)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Line, ring, icon, words."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ring = QRectF(4, 8, 44, 44)
        if not self.last:
            painter.setPen(QPen(color("border"), 2))
            painter.drawLine(QPointF(ring.right() + 8, ring.center().y()), QPointF(self.width() - 4, ring.center().y()))
        self._paint_ring(painter, ring)
        font = QFont(self.font())
        font.setWeight(QFont.Weight.DemiBold)
        painter.setFont(font)
        painter.setPen(color("text"))
        painter.drawText(QRectF(4, 58, self.width() - 8, 20), Qt.AlignmentFlag.AlignLeft, self.step.title)
        font.setWeight(QFont.Weight.Normal)
        font.setPixelSize(12)
        painter.setFont(font)
        painter.setPen(color("text2"))
        room = QRectF(4, 78, self.width() - 16, 20)
        short = painter.fontMetrics().elidedText(self.step.state, Qt.TextElideMode.ElideRight, int(room.width()))
        painter.drawText(room, Qt.AlignmentFlag.AlignLeft, short)
        painter.end()

    def _paint_ring(self, painter: QPainter, ring: QRectF) -> None:
        token = self.step.token
        filled = token != "text3"
        edge = "focus" if self.hasFocus() else token if filled else "border_strong"
        painter.setPen(QPen(color(edge), 2))
        painter.setBrush(color(f"{token}_soft") if filled else color("surface2" if self.underMouse() else "surface"))
        painter.drawEllipse(ring)
        icon = {"models": "approve", "services": "services", "history": "trace"}.get(self.step.page, self.step.page)
        paint(painter, icon, color(token), ring.adjusted(12, 12, -12, -12))


class LoopView(QWidget):
    """The five steps side by side."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._line = QHBoxLayout(self)
        self._line.setContentsMargins(0, 0, 0, 0)
        self._line.setSpacing(0)

    def show_steps(self, steps: Sequence[Step]) -> None:
        """Show these steps instead."""
        emptied(self._line)
        for number, step in enumerate(steps):
            button = StepButton(step, number == len(steps) - 1)
            button.clicked.connect(lambda _checked=False, page=step.page: self.chosen.emit(page))
            self._line.addWidget(button, 1)
