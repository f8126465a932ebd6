"""Home: the ways in while nothing is open; afterwards what needs somebody."""

from __future__ import annotations

from typing import ClassVar

from PySide6.QtWidgets import QStackedWidget, QWidget

from app.ui.actions import Actions
from app.ui.home_project import ProjectHome
from app.ui.home_start import StartHome
from app.ui.overview import Overview, read_overview
from app.ui.page import Page
from app.ui.session import Session


class HomePage(Page):
    """Start screen, or the open project's state."""

    listens_to: ClassVar[frozenset[str]] = frozenset(
        {"project", "data_version", "reading", "run", "model_version", "bundle", "service", "prediction"}
    )

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self._stack = QStackedWidget()
        self.layout_.addWidget(self._stack, 1)

    def use_actions(self, actions: Actions) -> None:
        """Build now that the commands are known."""
        super().use_actions(actions)
        self.start = StartHome(self.session, actions)
        self.project = ProjectHome(self.session, actions)
        self._stack.addWidget(self.start)
        self._stack.addWidget(self.project)

    def clear(self) -> None:
        """No project: the ways in."""
        self.start.show_recent()
        self._stack.setCurrentWidget(self.start)

    def refresh(self) -> None:
        """A project: where its loop stands."""
        self.query(read_overview, self._show)

    def open_at(self, what: object) -> None:
        """``rename``: edit the project's name."""
        if what == "rename":
            self.project.rename()

    def _show(self, overview: Overview) -> None:
        self.set_subtitle(str(self.session.project.path) if self.session.project is not None else "")
        self.project.show_overview(overview)
        self._stack.setCurrentWidget(self.project)
