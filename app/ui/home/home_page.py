"""Home: the ways in while nothing is open; afterwards what needs somebody."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

from PySide6.QtWidgets import QStackedWidget, QWidget

from app.ui.actions import Actions
from app.ui.home.home_start import StartHome
from app.ui.page import Page
from app.ui.session import Session

if TYPE_CHECKING:
    from app.core.maturity import Maturity
    from app.registry.project import Project
    from app.ui.home.home_project import ProjectHome
    from app.ui.home.overview import Overview


class HomePage(Page):
    """Start screen, or the open project's state."""

    listens_to: ClassVar[frozenset[str]] = frozenset(
        {
            "project",
            "data_version",
            "reading",
            "run",
            "model_version",
            "bundle",
            "service",
            "prediction",
            "alert",
            "monitor",
            "automation",
            "challenge",
            "release",
        }
    )

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self._stack = QStackedWidget()
        self.layout_.addWidget(self._stack, 1)

    def use_actions(self, actions: Actions) -> None:
        """Build now that the commands are known."""
        super().use_actions(actions)
        self.start = StartHome(self.session, actions)
        self._stack.addWidget(self.start)

    @cached_property
    def project(self) -> ProjectHome:
        """The project's part, made when a project is open first."""
        from app.ui.home.home_project import ProjectHome

        made = ProjectHome(self.session, self.actions_)
        self._stack.addWidget(made)
        return made

    def clear(self) -> None:
        """No project: the ways in."""
        self.start.show_recent()
        self._stack.setCurrentWidget(self.start)

    def refresh(self) -> None:
        """A project: where its loop stands."""
        from app.ui.home.overview import read_overview

        self.query(read_overview, self._show)
        self.query(_read_maturity, self._show_maturity, key="maturity")

    def open_at(self, what: object) -> None:
        """``rename``: edit the project's name."""
        if what == "rename":
            self.project.rename()

    def _show_maturity(self, found: Maturity) -> None:
        self.project.maturity.show_maturity(found)

    def _show(self, overview: Overview) -> None:
        self.set_subtitle(str(self.session.project.path) if self.session.project is not None else "")
        self.project.show_overview(overview)
        self._stack.setCurrentWidget(self.project)


def _read_maturity(project: Project) -> Maturity:
    from app.monitoring.automation.maturity import maturity

    return maturity(project)
