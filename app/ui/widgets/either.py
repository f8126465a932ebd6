"""Content, or what stands in its place while there is none; neither while nobody knows yet."""

from __future__ import annotations

from PySide6.QtWidgets import QStackedWidget, QWidget

from app.ui.widgets.empty import EmptyState


class Either(QStackedWidget):
    """Shows ``empty`` or ``content``, never both; nothing until one of them is known, at first and after ``wait``."""

    def __init__(self, empty: EmptyState, content: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.empty = empty
        self.content = content
        self._unknown = QWidget()
        for widget in (empty, content, self._unknown):
            self.addWidget(widget)
        self.wait()

    def wait(self) -> None:
        """Say neither: the answer is on its way, and “nothing yet” would be a wrong one."""
        self.setCurrentWidget(self._unknown)

    def doubt(self) -> None:
        """Take “nothing yet” back until it is known again; content may stay, it is only older."""
        if self.currentWidget() is self.empty:
            self.wait()

    def show_content(self, has_content: bool) -> None:
        """Show the content if there is any."""
        self.setCurrentWidget(self.content if has_content else self.empty)
