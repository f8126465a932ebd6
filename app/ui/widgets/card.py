"""The frames that content stands in, and its headings."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget


def label(text: str = "", role: str = "", *, wrap: bool = False, name: str = "") -> QLabel:
    """Plain text (never rich: it may be a person's) in one of the roles of the style sheet."""
    made = QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setProperty("role", role)
    made.setObjectName(name)
    made.setWordWrap(wrap)
    if wrap:
        made.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
    return made


def rule() -> QFrame:
    """A one pixel line."""
    line = QFrame()
    line.setProperty("role", "rule")
    return line


class Card(QFrame):
    """A framed group. ``head``: its title row, to put chips and buttons in; ``body``: what it holds."""

    def __init__(self, title: str = "", *, name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self.setObjectName(name)
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(16, 12, 16, 12)
        self.body.setSpacing(8)
        self.head = QHBoxLayout()
        self.head.setSpacing(8)
        self.title = label(title, "card-title")
        if title:
            self.head.addWidget(self.title)
            self.setAccessibleName(title)
            self.body.addLayout(self.head)


def row(*widgets: QWidget | int, spacing: int = 8) -> QHBoxLayout:
    """Widgets side by side; a number is a stretch."""
    made = QHBoxLayout()
    made.setContentsMargins(0, 0, 0, 0)
    made.setSpacing(spacing)
    for widget in widgets:
        if isinstance(widget, int):
            made.addStretch(widget)
        else:
            made.addWidget(widget)
    return made


def column(*widgets: QWidget | int, spacing: int = 8) -> QVBoxLayout:
    """Widgets below each other; a number is a stretch."""
    made = QVBoxLayout()
    made.setContentsMargins(0, 0, 0, 0)
    made.setSpacing(spacing)
    for widget in widgets:
        if isinstance(widget, int):
            made.addStretch(widget)
        else:
            made.addWidget(widget)
    return made
