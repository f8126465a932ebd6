"""The line on top of every page: its name, what it is about, and the way to every command."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from app.ui.actions import Actions
from app.ui.widgets.buttons import Button
from app.ui.widgets.card import label
from app.ui.words import plain_tip


class Header(QWidget):
    """Title, subtitle and the search box that opens the palette."""

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("shell.header")
        self.setFixedHeight(64)
        self.title = label("", "title", name="page.title")
        self.subtitle = label("", "quiet", name="page.subtitle")
        self.subtitle.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        action = actions["palette.open"]
        search = Button(action.text(), action.trigger, name="palette.open", role="search", icon="search")
        search.setText(f"{action.text()}    {action.shortcut().toString()}")
        search.setFixedWidth(280)
        line = QHBoxLayout(self)
        line.setContentsMargins(24, 0, 24, 0)
        line.setSpacing(16)
        line.addWidget(self.title)
        line.addWidget(self.subtitle, 1)
        line.addWidget(search)

    def show_page(self, title: str, subtitle: str) -> None:
        """Name the page that is shown."""
        self.title.setText(title)
        self.say(subtitle)

    def say(self, subtitle: str) -> None:
        """What the page is about now."""
        self.subtitle.setText(subtitle)
        self.subtitle.setToolTip(plain_tip(subtitle))
