"""A tab of the data page: it gets the version that is shown and reads what it needs when it is looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.ui.data.data_view import DataView

if TYPE_CHECKING:
    from app.ui.page import Page


class DataPart(QWidget):
    """Base of the tabs behind *Columns* and *Rows* (listed in ``data_parts``).

    A part asks and commands through its ``page`` (``page.query(..., key=self.id)``, ``page.act``). ``refresh`` is
    called when a version is to be shown and the tab is in front; nothing is read for a tab nobody looks at.
    """

    id: ClassVar[str] = ""
    title: ClassVar[str] = ""
    least_px: ClassVar[int] = 0
    """How tall the card should at least be while this tab is in front; the page scrolls."""

    edited = Signal(object)
    """A ``Change`` of the reading that a person asks for."""
    column_wanted = Signal(str)
    """Show a column in the table of columns."""
    column_opened = Signal(str)
    """Open a column's page."""
    row_wanted = Signal(int)
    """Show a row, from 1."""
    rows_wanted = Signal(object, str)
    """Show some rows only, by their numbers from 1, and the column to look at."""

    def __init__(self, page: Page, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.page = page
        self.view: DataView | None = None
        self._stale = False
        self.layout_ = QVBoxLayout(self)
        self.layout_.setContentsMargins(0, 8, 0, 0)
        self.layout_.setSpacing(12)
        self.setObjectName(f"data.part.{self.id}")

    def refresh(self, view: DataView) -> None:
        """Read and show what this tab is about."""

    def clear(self) -> None:
        """Show nothing: no project, or another version is on its way."""

    def show_view(self, view: DataView) -> None:
        """Another version, or the same one read or decided anew."""
        self.view = view
        self._stale = True
        if self.isVisible():
            self._catch_up()

    def forget(self) -> None:
        """No version any more."""
        self.view = None
        self._stale = False
        self.clear()

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what changed while another tab was in front."""
        super().showEvent(event)
        self._catch_up()

    def _catch_up(self) -> None:
        if self._stale and self.view is not None:
            self._stale = False
            self.refresh(self.view)
