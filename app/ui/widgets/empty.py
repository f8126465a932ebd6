"""What a page shows while it has nothing: one sentence and one primary button."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.ui.icons import paint
from app.ui.theme import color
from app.ui.widgets.buttons import Button
from app.ui.widgets.card import label, row


class Picture(QWidget):
    """One large icon on a soft round ground."""

    def __init__(self, icon: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon = icon
        self.setFixedSize(64, 64)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw ground and icon."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color("accent_soft"))
        painter.drawEllipse(QRectF(self.rect()))
        paint(painter, self._icon, color("accent"), QRectF(18, 18, 28, 28))
        painter.end()


class EmptyState(QWidget):
    """Sentence, primary button, and further ways in the plain style. ``name``: the page's empty state."""

    def __init__(self, icon: str, sentence: str, hint: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("empty")
        self.sentence = label(sentence, "big", wrap=True)
        self.sentence.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.hint = label(hint, "quiet", wrap=True)
        self.hint.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.buttons = row()
        self.buttons.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        whole = QVBoxLayout(self)
        whole.setSpacing(12)
        whole.addStretch(2)
        whole.addWidget(Picture(icon), 0, Qt.AlignmentFlag.AlignHCenter)
        whole.addWidget(self.sentence)
        whole.addWidget(self.hint)
        self.hint.setVisible(bool(hint))  # only now: without a parent it would be a window and take the focus
        whole.addSpacing(4)
        whole.addLayout(self.buttons)
        whole.addStretch(3)

    def add(self, button: Button) -> Button:
        """Add a button; the first one should be the primary one."""
        self.buttons.addWidget(button)
        return button

    def offer(self, text: str, do: Callable[[], object], *, name: str = "", icon: str = "") -> Button:
        """Add the primary button."""
        return self.add(Button(text, do, name=name, role="primary", icon=icon))

    def say(self, sentence: str, hint: str = "") -> None:
        """Say something else."""
        self.sentence.setText(sentence)
        self.hint.setText(hint)
        self.hint.setVisible(bool(hint))
