"""A page of the window: it asks (``query``), it commands (``act``), it listens. Nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, TypeVar

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget
from shiboken6 import isValid

from app.ui.actions import Actions
from app.ui.jobs import Job
from app.ui.problems import Problem
from app.ui.session import Session
from app.ui.widgets.banner import Banner
from app.ui.widgets.either import Either

if TYPE_CHECKING:
    from app.core.progress import JobContext
    from app.registry.project import Project

T = TypeVar("T")
U = TypeVar("U")

ALERTS = "alerts"
"""What ``open_at`` of the Monitor page is given to show the alerts; ``alerts:ID``: one of them."""
MARGIN = 24
GAP = 16


class Page(QWidget):
    """Base of every page.

    ``listens_to``: nouns after whose change ``refresh`` is called (at once if the page is shown, else when
    it is shown next). ``handles``: command id -> name of the method that does it (``desk.approve``: a part's).
    ``either``: content or an empty state, if the page has them; says nothing until the first answer.
    ``refresh`` asks its queries; it is only called while a project is open, ``clear`` when none is.
    """

    listens_to: ClassVar[frozenset[str]] = frozenset()
    handles: ClassVar[dict[str, str]] = {}
    either: Either

    subtitle_changed = Signal(str)
    badge_changed = Signal(str)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.subtitle = ""
        self._unanswered: dict[str, object] = {}
        self._stale = True
        self.layout_ = QVBoxLayout(self)
        self.layout_.setContentsMargins(MARGIN, 0, MARGIN, GAP)
        self.layout_.setSpacing(GAP)
        self.problem_banner = Banner(self)
        self.layout_.addWidget(self.problem_banner)
        session.changed.connect(self._heard)
        session.project_changed.connect(self._project_changed)

    def refresh(self) -> None:
        """Ask again for everything that is shown."""

    def clear(self) -> None:
        """Show that no project is open: the empty state, if the page has one."""
        if hasattr(self, "either"):
            self.either.show_content(False)

    def open_at(self, what: object) -> None:
        """Show one thing on this page (see ``Session.go``)."""

    def settle(self) -> None:
        """Allow and forbid the page's commands as it stands; called when it is shown. A page that is not shown
        keeps quiet: another one may offer the same command."""

    def use_actions(self, actions: Actions) -> None:
        """The command table, given once after the page was made: to allow and forbid what the page handles."""
        self.actions_ = actions

    def drop_offer(self, paths: Sequence[Path]) -> str:
        """What a drop of these files does on this page; empty: they are added as data, as everywhere."""
        return ""

    def take_drop(self, paths: Sequence[Path]) -> None:
        """Do what ``drop_offer`` said."""

    def query(
        self,
        ask: Callable[[Project], T],
        then: Callable[[T], None],
        *,
        key: str = "",
        failed: Callable[[Problem], None] | None = None,
    ) -> None:
        """Read beside the window. What comes of a question older than the newest of the same ``key`` is dropped.

        ``failed``: where to show a problem, if not on top of the page.
        """
        question = self._unanswered[key] = object()

        def if_newest(call: Callable[[U], None]) -> Callable[[U], None]:
            def answered(value: U) -> None:
                if isValid(self) and self._unanswered.get(key) is question:
                    del self._unanswered[key]
                    call(value)

            return answered

        self.session.ask(ask, if_newest(then), if_newest(failed or self.show_problem))

    def is_asking(self, key: str = "") -> bool:
        """Whether the newest question of this key has no answer yet: what is shown may be older."""
        return key in self._unanswered

    def act(
        self,
        title: str,
        do: Callable[[Project, JobContext], T],
        *,
        kind: str = "",
        about: object = None,
        then: Callable[[T], None] | None = None,
        changes: Iterable[str] = (),
        busy: QWidget | None = None,
        failed: Callable[[Problem], None] | None = None,
        finally_: Callable[[Job], None] | None = None,
    ) -> Job:
        """Run a verb as a job. ``busy`` is disabled meanwhile; a problem is shown on this page."""
        self.problem_banner.hide()
        if busy is not None:
            busy.setEnabled(False)

        def end(job: Job) -> None:
            if busy is not None and isValid(busy):
                busy.setEnabled(True)
            if finally_ is not None and isValid(self):
                finally_(job)

        return self.session.act(
            title,
            do,
            kind=kind,
            about=about,
            then=self._unless_gone(then) if then is not None else None,
            changes=changes,
            failed=self._unless_gone(failed or self.show_problem),
            finally_=end,
        )

    def show_problem(self, problem: Problem) -> None:
        """Show what went wrong on top of this page."""
        self.problem_banner.show_problem(problem)

    def set_subtitle(self, text: str) -> None:
        """The line beside the page's name."""
        self.subtitle = text
        self.subtitle_changed.emit(text)

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what changed while the page was hidden."""
        super().showEvent(event)
        if hasattr(self, "actions_"):
            self.settle()
        if self._stale:
            if self.session.project is not None and hasattr(self, "either"):
                self.either.doubt()
            self._catch_up()

    def _heard(self, nouns: frozenset[str]) -> None:
        if nouns & self.listens_to:
            self._stale = True
            if self.isVisible():
                self._catch_up()

    def _project_changed(self) -> None:
        self.problem_banner.hide()
        self._stale = True
        if self.session.project is None:
            self.set_subtitle("")
            self.clear()
        elif hasattr(self, "either"):
            self.either.wait()
        if self.isVisible():
            self._catch_up()

    def _catch_up(self) -> None:
        self._stale = False
        if self.session.project is None:
            self.clear()
        else:
            self.refresh()

    def _unless_gone(self, call: Callable[[T], None]) -> Callable[[T], None]:
        def guarded(value: T) -> None:
            if isValid(self):
                call(value)

        return guarded


def scrolling(content: QWidget) -> QScrollArea:
    """A frameless scroll area around ``content``, as wide as the page."""
    area = QScrollArea(widgetResizable=True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidget(content)
    area.viewport().setAutoFillBackground(False)
    content.setAutoFillBackground(False)
    return area
