"""Content, or what stands in its place while there is none."""

from __future__ import annotations

from PySide6.QtWidgets import QStackedWidget, QWidget

from app.ui.widgets.empty import EmptyState


class Either(QStackedWidget):
    """Shows ``empty`` or ``content``, never both and never nothing."""

    def __init__(self, empty: EmptyState, content: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.empty = empty
        self.content = content
        self.addWidget(empty)
        self.addWidget(content)

    def show_content(self, has_content: bool) -> None:
        """Show the content if there is any."""
        self.setCurrentWidget(self.content if has_content else self.empty)
