"""Fields to type into, with the names that tests, screen readers and the tab order need."""

from __future__ import annotations

from PySide6.QtWidgets import QLineEdit


def field(name: str, says: str, text: str = "", *, placeholder: str = "", most_px: int = 0) -> QLineEdit:
    """A one-line field. ``name``: its object name; ``says``: its accessible name. Takes no drops: the window does."""
    made = QLineEdit(text)
    made.setObjectName(name)
    made.setAccessibleName(says)
    made.setPlaceholderText(placeholder)
    made.setAcceptDrops(False)
    if most_px:
        made.setMaximumWidth(most_px)
    return made
