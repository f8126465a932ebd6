"""The one window: navigation, header, pages, footer; it takes drops anywhere and sends commands to pages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property, partial
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QKeySequence,
    QResizeEvent,
    QShortcut,
    QShowEvent,
)
from PySide6.QtWidgets import QHBoxLayout, QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from app.ui.actions import Actions, Command
from app.ui.adding import Adder
from app.ui.dropping import Dropping
from app.ui.garbage import collect_on_this_thread
from app.ui.header import Header
from app.ui.jobstrip import JobStrip
from app.ui.menus import project_menu
from app.ui.navigation import COLLAPSE_BELOW, Navigation
from app.ui.page import ALERTS, Page
from app.ui.pages import PAGES
from app.ui.palette import Palette, entries_of
from app.ui.problems import Problem
from app.ui.session import Question, Session
from app.ui.settings import Settings
from app.ui.theme import theme
from app.ui.watchman import BY_ITSELF, Watchman
from app.ui.waysin import WaysIn
from app.ui.widgets.banner import Banner
from app.ui.widgets.overlay import DropOverlay, Toasts

if TYPE_CHECKING:
    from app.ui.home.overview import Overview
    from app.ui.notifying import Notifier

FIRST_SIZE = (1280, 800)
SMALLEST = (860, 560)
WARM_MS = 150
"""Between two pages that are made ahead while nothing happens."""


class MainWindow(QMainWindow):
    """A window on one project, or on none yet. Pages are made when they are shown first."""

    def __init__(self, project_path: Path | None = None, settings: Settings | None = None) -> None:
        super().__init__()
        collect_on_this_thread()
        self.setObjectName("window")
        self.session = Session(settings or Settings(), self)
        theme().choose(self.session.settings.appearance)
        self.actions_ = Actions(self)
        self.adder = Adder(self.session, self)
        self.ways_in = WaysIn(self.session, self.adder, self)
        self._pages: dict[str, Page] = {}
        self._build()
        self._connect()
        self.setAcceptDrops(True)
        self.setMinimumSize(*SMALLEST)
        self.resize(*FIRST_SIZE)
        self.show_page("home")
        self._name_window()
        self._warming = QTimer(self, interval=WARM_MS, singleShot=True)
        self._warming.timeout.connect(self._warm_up)
        self._warming.start()
        self.watchman = Watchman(self.session)
        if project_path is not None:
            QTimer.singleShot(0, self, lambda: self.session.open(project_path))

    @property
    def page(self) -> Page:
        """The page that is shown."""
        shown = self.stack.currentWidget()
        assert isinstance(shown, Page)
        return shown

    def page_named(self, id_: str) -> Page:
        """A page by its id, made now if it was not shown before."""
        if id_ not in self._pages:
            entry = next(entry for entry in PAGES if entry.id == id_)
            page = entry.make(self.session)
            self._pages[id_] = page
            self.stack.addWidget(page)
            page.subtitle_changed.connect(lambda _text: self.header.say(self.page.subtitle))
            page.use_actions(self.actions_)
            page.addActions(
                [action for action in self.actions_.with_keys_of_pages if action.objectName() in page.handles]
            )
        return self._pages[id_]

    def _warm_up(self) -> None:
        """Import or make one page that was not shown yet, so that showing it later does not stop the window; then
        the next.

        Not beside a job: what its thread imports holds Python's lock, and the page would take thrice as long."""
        cold = next((entry for entry in PAGES if entry.id not in self._pages), None)
        if cold is None:
            return
        if not self.session.jobs.running:
            if cold.is_imported:
                self.page_named(cold.id)
            else:
                cold.page_class()
        self._warming.start()

    def show_page(self, id_: str, what: object = None) -> None:
        """Go to a page, and to something on it."""
        page = self.page_named(id_)
        self.stack.setCurrentWidget(page)
        self.navigation.show_page(id_)
        self.header.show_page(next(self.tr(entry.title) for entry in PAGES if entry.id == id_), page.subtitle)
        if what is not None:
            page.open_at(what)

    def run_command(self, id_: str) -> None:
        """Do a command: the shown page first, then the page it belongs to, then the window."""
        for page in (self.page, *self._pages.values()):
            if id_ in page.handles:
                attrgetter(page.handles[id_])(page)()
                return
        if id_ in self._own:
            self._own[id_]()
            return
        command = self.actions_.commands[id_]
        page = self.page_named(command.page)
        if id_ in page.handles:
            self.show_page(command.page)
            attrgetter(page.handles[id_])(page)()

    def _build(self) -> None:
        self.navigation = Navigation(project_menu(self.actions_, self))
        self.header = Header(self.actions_)
        self.banner = Banner(name="shell.banner", gap=16)
        self.stack = QStackedWidget()
        self.jobs = JobStrip(self.session)
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.header)
        around = QVBoxLayout()
        around.setContentsMargins(24, 0, 24, 0)
        around.addWidget(self.banner)
        column.addLayout(around)
        column.addWidget(self.stack, 1)
        column.addWidget(self.jobs)
        whole = QWidget()
        line = QHBoxLayout(whole)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(0)
        line.addWidget(self.navigation)
        line.addWidget(content, 1)
        self.setCentralWidget(whole)
        self.overlay = DropOverlay(self)
        self.dropping = Dropping(self)
        self.toasts = Toasts(self)
        self.palette_ = Palette(self)

    def _connect(self) -> None:
        self.navigation.chosen.connect(self.show_page)
        self.session.asked_for.connect(self.show_page)
        self.session.told.connect(self.toasts.tell)
        self.session.failed.connect(self.show_problem)
        self.session.asked.connect(self._ask)
        self.session.project_changed.connect(self._project_changed)
        self.session.changed.connect(self._heard)
        self.session.jobs.ended.connect(lambda _job: self._need_not_stop())
        self.actions_.run.connect(self.run_command)
        self._own: dict[str, Callable[[], object]] = {
            **self.ways_in.commands,
            "palette.open": lambda: self.palette_.open(entries_of(self.actions_)),
            "app.quit": self.close,
        }
        self._add_page_commands()
        self.addActions([action for action in self.actions_ if action not in self.actions_.with_keys_of_pages])
        QShortcut(QKeySequence.StandardKey.Paste, self, self.ways_in.paste)

    def _add_page_commands(self) -> None:
        for number, entry in enumerate(PAGES, start=1):
            keys = "Ctrl+," if entry.id == "settings" else f"Ctrl+{number}"
            text = self.tr("Go to {0}").format(self.tr(entry.title))
            self.actions_.add(Command(f"go.{entry.id}", text, entry.icon, keys))
            self._own[f"go.{entry.id}"] = partial(self.show_page, entry.id)

    def _project_changed(self) -> None:
        self.banner.hide()
        self.actions_.set_project_open(self.session.project is not None)
        self._name_window()
        self.notifier.forget()
        self._ask_badges()
        self.show_page("data" if self.session.project is not None else "home")

    def _heard(self, nouns: frozenset[str]) -> None:
        if "project" in nouns:
            self._name_window()
        self._ask_badges()

    def _name_window(self) -> None:
        name = self.session.project.name if self.session.project is not None else ""
        self.navigation.show_project(name)
        self.setWindowTitle(f"{name} – Modelyard" if name else "Modelyard")

    def _ask_badges(self) -> None:
        if self.session.project is None:
            self._show_badges(None)
            return
        from app.ui.home.overview import read_overview

        self.session.ask(read_overview, self._show_badges)

    @cached_property
    def notifier(self) -> Notifier:
        """Who tells of new alerts; made when the first project is read."""
        from app.ui.notifying import Notifier

        def look() -> None:
            self.show_page("monitor", ALERTS)

        def tell(line: str) -> None:
            self.session.tell(line, "fail", self.tr("Look"), look)

        return Notifier(self, tell, look)

    def _show_badges(self, overview: Overview | None) -> None:
        if overview is not None:
            self.notifier.hear(overview.alerts, overview.muted)
        for id_, item in self.navigation.items.items():
            item.set_badge(overview.badge(id_) if overview is not None else "")

    def show_problem(self, problem: Problem) -> None:
        """Show what went wrong above the page."""
        self.banner.show_problem(problem)

    def _ask(self, question: Question) -> None:
        """Ask above the page; an answer takes the question away."""
        self.banner.ask("warn", question.message, question.hint, question.answers, question.otherwise)

    def take_files(self, paths: Sequence[Path]) -> None:
        """Open a project's folder, or add files as data."""
        if len(paths) == 1 and self.ways_in.is_project(paths[0]):
            self.session.open(paths[0])
        elif paths:
            self.adder.add_files(paths)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Say what a drop would do."""
        self.dropping.enter(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """Mark the target below the pointer."""
        self.dropping.move(event)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Nothing will be dropped."""
        self.dropping.leave(event)

    def dropEvent(self, event: QDropEvent) -> None:
        """Do what the target says."""
        self.dropping.drop(event)

    def showEvent(self, event: QShowEvent) -> None:
        """The keyboard starts on the page, not on the project's menu."""
        super().showEvent(event)
        if self.focusWidget() is None:
            self.page.setFocus()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Collapse the navigation where there is little room."""
        super().resizeEvent(event)
        self.navigation.set_narrow(self.width() < COLLAPSE_BELOW)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask inline while jobs run; end everything otherwise."""
        if self._running and not self._may_close:
            event.ignore()
            self._ask_to_stop()
            return
        self.session.settings.set_geometry(self.saveGeometry())
        self.session.shut()
        event.accept()

    _may_close = False
    _asked_to_stop = ""
    """The banner's words while it asks whether to stop what runs."""

    @property
    def _running(self) -> list[str]:
        """Titles of the jobs that somebody started."""
        return [job.title for job in self.session.jobs.running if job.kind != BY_ITSELF]

    def _ask_to_stop(self) -> None:
        self._asked_to_stop = self.tr("{0} is still running.").format(self._running[-1])
        self.banner.ask(
            "running",
            self._asked_to_stop,
            self.tr("What is finished is kept; services go on running."),
            [(self.tr("Stop it and close"), "app.stop_and_quit", self._stop_and_close)],
        )

    def _need_not_stop(self) -> None:
        """A job has ended: ask about another that still runs, or not at all any more."""
        asks = self.banner.isVisible() and self.banner.message == self._asked_to_stop
        if asks and self._running:
            self._ask_to_stop()
        elif asks:
            self.banner.hide()

    def _stop_and_close(self) -> None:
        self._may_close = True
        self.close()
