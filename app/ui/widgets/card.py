"""The frames that content stands in, and its headings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QLabel, QLayout, QSizePolicy, QVBoxLayout, QWidget

from app.ui.widgets.elided import Elided

Box = TypeVar("Box", bound=QBoxLayout)


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


def field_label(text: str, field: QWidget) -> QLabel:
    """The name of a form's field, as tall as the field, so that both stand on one line; its mnemonic leads there."""
    made = label(text)
    made.setMinimumHeight(32)
    made.setBuddy(field)
    return made


def rule() -> QFrame:
    """A one pixel line."""
    line = QFrame()
    line.setProperty("role", "rule")
    return line


class Card(QFrame):
    """A framed group. ``head``: its title row, to put chips and buttons in; ``body``: what it holds. ``gives_way``: a
    long title is shortened rather than widening the card."""

    def __init__(
        self, title: str = "", *, name: str = "", parent: QWidget | None = None, gives_way: bool = False
    ) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self.setObjectName(name)
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(16, 12, 16, 12)
        self.body.setSpacing(8)
        self.head = QHBoxLayout()
        self.head.setSpacing(8)
        self.title = Elided(title, "card-title", gives_way=True) if gives_way else label(title, "card-title")
        if title:
            self.head.addWidget(self.title)
            self.setAccessibleName(title)
            self.body.addLayout(self.head)


Part = QWidget | QLayout | int


def row(*parts: Part, spacing: int = 8) -> QHBoxLayout:
    """Widgets and layouts side by side; a number is a stretch."""
    return _filled(QHBoxLayout(), parts, spacing)


def column(*parts: Part, spacing: int = 8) -> QVBoxLayout:
    """Widgets and layouts below each other; a number is a stretch."""
    return _filled(QVBoxLayout(), parts, spacing)


def within(layout: QLayout, *, most_px: int = 0) -> QWidget:
    """A plain widget that holds a layout."""
    made = QWidget()
    made.setLayout(layout)
    if most_px:
        made.setMaximumWidth(most_px)
    return made


def emptied(layout: QLayout) -> None:
    """Take everything out of a layout and delete it."""
    while (item := layout.takeAt(0)) is not None:
        if (old := item.widget()) is not None:
            old.hide()
            old.deleteLater()


def _filled(made: Box, parts: Sequence[Part], spacing: int) -> Box:
    made.setContentsMargins(0, 0, 0, 0)
    made.setSpacing(spacing)
    for part in parts:
        if isinstance(part, int):
            made.addStretch(part)
        elif isinstance(part, QWidget):
            made.addWidget(part)
        else:
            made.addLayout(part)
    return made
