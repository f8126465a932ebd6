"""What one window works on: its project, its jobs, and the one signal that something changed."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QObject, QTimer, Signal

from app.ui.jobs import Job, JobRunner, settle, workers
from app.ui.problems import Problem
from app.ui.settings import Settings

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

    from app.core.progress import JobContext
    from app.data.reading import FirstLook
    from app.registry.project import Project
    from app.ui.first_drop import FirstDrop
    from app.ui.widgets.banner import Answer

T = TypeVar("T")

POLL_MS = 1000
LONGEST_FOLDER = 80
"""In characters: file systems take 255 bytes."""
EVERYTHING = frozenset(
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
        "automation",
    }
)
"""The nouns that pages listen to."""


@dataclass(frozen=True, slots=True)
class Toast:
    """A short note in the corner with at most one thing to do."""

    text: str
    status: str = "ok"
    action: str = ""
    do: Callable[[], None] | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """What a person has to say before something goes on. ``answers``: as a banner takes them; ``otherwise``: what
    happens if it is put aside."""

    message: str
    hint: str
    answers: tuple[Answer, ...]
    otherwise: Callable[[], object]


class Session(QObject):
    """One window's project, jobs and news. Pages know this and never each other."""

    project_changed = Signal()
    """Another project is open, or none."""
    changed = Signal(object)
    """Nouns (``frozenset[str]``) that changed, by this window or by anybody else."""
    asked_for = Signal(str, object)
    """Go to a page (its id) and show something there (a noun's id or None)."""
    told = Signal(object)
    """A ``Toast``."""
    failed = Signal(object)
    """A ``Problem`` that no page placed."""
    asked = Signal(object)
    """A ``Question`` that no page placed."""

    first_look = Signal(object)
    """What a large file looks like that is being added (``FirstLook``); None when it is stored or given up."""

    def __init__(self, settings: Settings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.settings = settings
        self.jobs = JobRunner(self)
        self.project: Project | None = None
        self.look: FirstLook | None = None
        self.first_drop: FirstDrop | None = None
        self.interrupted: list[str] = []
        self.generation = 0
        self._counter: int | None = None
        self._poller: ThreadPoolExecutor | None = None
        self._timer = QTimer(self, interval=POLL_MS)
        self._timer.timeout.connect(self._poll)

    def open(self, path: Path, then: Callable[[], None] | None = None) -> None:
        """Open a project's folder in place of the one that is open."""
        self._take_from(self.tr("Opening {0}").format(path.name), lambda: _open(path, self.settings.actor), then)

    def create(self, path: Path, then: Callable[[], None] | None = None) -> None:
        """Make a project in a new folder and open it."""
        self._take_from(self.tr("Making {0}").format(path.name), lambda: _create(path, self.settings.actor), then)

    def create_by(
        self,
        title: str,
        path: Path,
        make: Callable[[Path, str, JobContext], tuple[Project | None, T]],
        then: Callable[[T], None],
        finally_: Callable[[Job], None] | None = None,
        failed: Callable[[Problem], None] | None = None,
    ) -> Job:
        """Make a project by work that may end without one (a refused first file); ``then`` gets the rest."""

        def made(result: tuple[Project | None, T]) -> None:
            project, rest = result
            if project is not None:
                self._take(project)
            then(rest)

        actor = self.settings.actor
        return self.jobs.start(
            title,
            lambda ctx: make(path, actor, ctx),
            kind="add",
            then=made,
            failed=failed or self.failed.emit,
            finally_=finally_,
        )

    def rename_project(self, name: str) -> None:
        """Give the open project another name."""
        if (project := self.project) is None:
            return

        def renamed(_none: None) -> None:
            self.settings.remember(project.name, Path(project.path))
            self.changed.emit(frozenset({"project"}))

        self.jobs.ask(lambda: project.rename(name), renamed, self.failed.emit)

    def close_project(self) -> None:
        """Close the project; jobs that work on it are cancelled."""
        self._take(None)

    def new_project_path(self, wish: str) -> Path:
        """A folder that does not exist yet, named after ``wish``."""
        folder, name = self.settings.projects_folder, folder_name(wish)
        candidates = [folder / name, *(folder / f"{name} {n}" for n in range(2, 1000))]
        return next(path for path in candidates if not path.exists())

    def act(
        self,
        title: str,
        do: Callable[[Project, JobContext], T],
        *,
        kind: str = "",
        about: object = None,
        then: Callable[[T], None] | None = None,
        changes: Iterable[str] = (),
        failed: Callable[[Problem], None] | None = None,
        finally_: Callable[[Job], None] | None = None,
    ) -> Job:
        """Run a verb on the open project as a job; afterwards tell everybody what changed."""
        project = self.project
        assert project is not None, "no project is open"
        nouns = frozenset(changes)
        generation = self.generation

        def end(job: Job) -> None:
            if nouns and generation == self.generation:
                self.changed.emit(nouns)
            if finally_ is not None:
                finally_(job)

        return self.jobs.start(
            title,
            lambda ctx: do(project, ctx),
            kind=kind,
            about=about,
            then=_if_current(self, generation, then),
            failed=_if_current(self, generation, failed or self.failed.emit),
            finally_=end,
        )

    def ask(
        self,
        read: Callable[[Project], T],
        then: Callable[[T], None],
        failed: Callable[[Problem], None] | None = None,
    ) -> None:
        """Read from the open project beside the window; the answer is dropped if another project was opened."""
        project, generation = self.project, self.generation
        assert project is not None, "no project is open"
        answer = _if_current(self, generation, then)
        problem = _if_current(self, generation, failed or self.failed.emit)
        self.jobs.ask(lambda: read(project), answer, problem)

    def go(self, page: str, what: object = None) -> None:
        """Show a page, and something on it."""
        self.asked_for.emit(page, what)

    def show_look(self, look: FirstLook | None) -> None:
        """Show what a large file looks like while it is being added; None: no longer."""
        came = look is not None and self.look is None
        self.look = look
        self.first_look.emit(look)
        if came:
            self.go("data")

    def tell(self, text: str, status: str = "ok", action: str = "", do: Callable[[], None] | None = None) -> None:
        """Show a toast."""
        self.told.emit(Toast(text, status, action, do))

    def shut(self) -> None:
        """End everything; the window is closing."""
        self._timer.stop()
        self.jobs.stop_all()
        if self._poller is not None:
            self._poller.shutdown(wait=True, cancel_futures=True)
        if self.project is not None:
            self.project.close()
            self.project = None

    def _take_from(
        self, title: str, make: Callable[[], tuple[Project, list[str]]], then: Callable[[], None] | None
    ) -> None:
        def taken(made: tuple[Project, list[str]]) -> None:
            self._take(*made)
            if then is not None:
                then()

        self.jobs.start(title, lambda _ctx: make(), kind="project", then=taken, failed=self.failed.emit)

    def _take(self, project: Project | None, interrupted: list[str] | None = None) -> None:
        old, self.project = self.project, project
        self.generation += 1
        self._counter = None
        self.interrupted = interrupted or []
        if old is not None:
            self.jobs.after_all(old.close)
        if project is not None:
            self.settings.remember(project.name, Path(project.path))
            self._timer.start()
        else:
            self._timer.stop()
        self.project_changed.emit()

    def _poll(self) -> None:
        project, generation = self.project, self.generation
        if project is None:
            return

        def look() -> None:
            outcome = settle(project.change_counter)
            self.jobs.post(lambda: self._polled(generation, outcome.value))

        if self._poller is None:
            self._poller = workers(1, "poll")
        self._poller.submit(look)

    def _polled(self, generation: int, counter: int | None) -> None:
        if generation != self.generation or counter is None:
            return
        before, self._counter = self._counter, counter
        if before is not None and before != counter:
            self.changed.emit(EVERYTHING)


def folder_name(wish: str) -> str:
    """What a folder may be called on any system after what a person or a file is called: signs part words."""
    plain = "".join(c if c.isalnum() or c in "-_." else " " for c in unicodedata.normalize("NFC", wish))
    return " ".join(plain.split())[:LONGEST_FOLDER].strip(" .-_") or "Project"


def _if_current(session: Session, generation: int, then: Callable[[T], None] | None) -> Callable[[T], None]:
    def guarded(value: T) -> None:
        if then is not None and session.generation == generation:
            then(value)

    return guarded


def _open(path: Path, actor: str) -> tuple[Project, list[str]]:
    from app.registry import automations
    from app.registry.project import Project
    from app.registry.runs import mark_interrupted

    project = Project.open(path, actor=actor)
    automations.mark_interrupted(project)
    return project, [run.id for run in mark_interrupted(project)]


def _create(path: Path, actor: str) -> tuple[Project, list[str]]:
    from app.registry.project import Project

    return Project.create(path, name=path.name, actor=actor), []
