"""The ways in: dropped files, chosen files, a pasted table, an address. All end in the same verb, none in a dialog."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QObject

from app.core.addresses import is_sql
from app.core.progress import Part
from app.ui.first_drop import Add, FirstDrop, Made, any_kept
from app.ui.jobs import Job
from app.ui.problems import Problem
from app.ui.session import Session
from app.ui.whose_data import NEW, Again, WhoseData
from app.ui.words import count

if TYPE_CHECKING:
    from app.core.data import AddResult, Dataset, Finding
    from app.core.origins import Origin
    from app.core.progress import JobContext
    from app.data.fetching import Recipe
    from app.data.preview import Preview
    from app.data.reading import FirstLook
    from app.registry.project import Project

Mode = Literal["separate", "append"]
NEWS = frozenset({"data_version", "reading", "prediction"})


class Adder(QObject):
    """Adds data to the open project; where none is open, to a new one named after the file."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._whose = WhoseData(session, self)

    def add_files(self, paths: Sequence[Path], mode: Mode = "separate", name: str | None = None) -> None:
        """Add files: each by itself or appended to one. ``name``: of the data set that they become a version of, where
        a person chose it; ``NEW``: of none, each is new data."""
        title = self.tr("Adding {0}").format(
            paths[0].name if len(paths) == 1 else self.tr("{0} files").format(len(paths))
        )
        names = [path.name for path in paths] if len(paths) == 1 or mode != "append" else []

        def again(which: Sequence[int], chosen: str) -> None:
            self.add_files(paths if mode == "append" else [paths[number] for number in which], mode, chosen)

        def add(project: Project, ctx: JobContext) -> list[AddResult]:
            return _add_files(project, paths, mode, name, ctx, self._seen)

        self._run(title, paths[0].stem, add, names, again=again)

    def look_at(self, path: Path, then: Callable[[Preview | None], None]) -> None:
        """Find out beside the window what becomes of a file that hangs over it."""
        project = self._session.project
        self._session.jobs.ask(lambda: _preview(path, project), then, lambda _problem: None)

    def add_text(self, text: str, name: str | None = None) -> None:
        """Add a table that was copied elsewhere. ``name``: as of files."""
        if not text.strip():
            self._session.failed.emit(
                Problem(
                    self.tr("There is no table on the clipboard."),
                    self.tr("Copy cells in a spreadsheet or a web page, then paste again."),
                )
            )
            return
        called = self.tr("Pasted table")

        def add(project: Project, ctx: JobContext) -> list[AddResult]:
            from app.data.intake import add_text

            return [add_text(project, text, called=called, name=_chosen(project, called, name), ctx=ctx)]

        def again(_which: Sequence[int], chosen: str) -> None:
            self.add_text(text, chosen)

        self._run(self.tr("Adding the pasted table"), called, add, again=again)

    def fetch(
        self,
        wanted: Recipe,
        name: str | None,
        done: Callable[[], None],
        failed: Callable[[Problem], None],
        ended: Callable[[Job], None],
    ) -> Job:
        """Add data from an address. ``name``: as of files; ``done``: they are here; ``failed``: where to say that
        nobody answered."""
        called = name or title_of(wanted.origin)

        def add(project: Project, ctx: JobContext) -> list[AddResult]:
            from app.data.fetching import add_from

            return [add_from(project, wanted, name=_chosen(project, called, name), ctx=ctx)]

        def added(results: list[AddResult]) -> None:
            self._added(results, (), again)
            if any_kept(results):
                done()

        def again(_which: Sequence[int], chosen: str) -> None:
            self.fetch(wanted, chosen, done, failed, ended)

        title = self.tr("Adding {0}").format(called)
        return self._run(title, called, add, again=again, added=added, failed=failed, ended=ended)

    def refresh(self, dataset: Dataset) -> None:
        """Fetch a data set again by its recipe."""

        def add(project: Project, ctx: JobContext) -> list[AddResult]:
            from app.data.fetching import refresh

            return [refresh(project, dataset.id, ctx)]

        self._run(self.tr("Refreshing {0}").format(dataset.name), dataset.name, add)

    def _run(
        self,
        title: str,
        name: str,
        add: Add,
        names: Sequence[str] = (),
        *,
        again: Again | None = None,
        added: Callable[[list[AddResult]], None] | None = None,
        failed: Callable[[Problem], None] | None = None,
        ended: Callable[[Job], None] | None = None,
    ) -> Job:
        """``names``: of the files, where each has a result of its own; ``again``: how what fits several data sets is
        added to the one that a person chose."""
        then = added or (lambda results: self._added(results, names, again))
        last = ended or self._looked
        if self._session.project is not None:
            return self._session.act(title, add, kind="add", then=then, changes=NEWS, finally_=last, failed=failed)
        return self._add_first(title, name, add, then, last, failed)

    def _add_first(
        self,
        title: str,
        name: str,
        add: Add,
        then: Callable[[list[AddResult]], None],
        last: Callable[[Job], None],
        failed: Callable[[Problem], None] | None,
    ) -> Job:
        """Where no project is open: into the one that an earlier drop is making, else into a new one."""
        before = self._session.first_drop
        first = self._session.first_drop = FirstDrop(before)

        def make(path: Path, actor: str, ctx: JobContext) -> Made:
            return first.make(path, actor, add, ctx)

        def came(results: list[AddResult]) -> None:
            if before is not None and self._session.project is not None:
                self._session.changed.emit(NEWS)
            then(results)

        def ended(job: Job) -> None:
            if self._session.first_drop is first:
                self._session.first_drop = None
            last(job)

        return self._session.create_by(title, self._session.new_project_path(name), make, came, ended, failed)

    def _seen(self, look: FirstLook) -> None:
        """On the job's thread: what a large file looks like, for the window's thread."""
        self._session.jobs.post(lambda: self._session.show_look(look))

    def _looked(self, _job: Job) -> None:
        """Stored, refused or cancelled: nothing provisional is left on the screen."""
        if self._session.look is not None:
            self._session.show_look(None)
            self._session.go("data" if self._session.project is not None else "home")

    def _added(self, results: list[AddResult], names: Sequence[str], again: Again | None) -> None:
        from app.core.data import Outcome

        if again is not None:
            self._whose.ask(results, again)
        refused = [
            number
            for number, result in enumerate(results)
            if result.outcome is Outcome.REJECT and (again is None or result.unclear is None)
        ]
        if refused:
            problems = [refusal(results[number].findings) for number in refused]
            named = [names[number] for number in refused] if len(names) == len(results) else []
            self._session.failed.emit(together(problems, named, self.tr))
        for result in results:
            if result.version is None and result.outcome is not Outcome.REJECT:
                self._session.tell(" ".join(f.message for f in result.findings), "info")
        kept = [result for result in results if result.version is not None]
        if kept:
            self._session.go("data", kept[-1].version.id if kept[-1].version else None)
            self._tell(kept[-1])

    def _tell(self, result: AddResult) -> None:
        if result.version is None or result.dataset is None:
            return
        named = f"{result.dataset.name} · {self.tr('version {0}').format(result.version.number)}"
        if result.already:
            self._session.tell(result.findings[0].message, "info")
        else:
            rows = self.tr("{0} rows").format(count(result.version.rows))
            self._session.tell(self.tr("Added {0}, {1}").format(named, rows))


def title_of(origin: Origin) -> str:
    """What a project may be called whose first data come from there."""
    place = origin.address.partition("?")[0].rstrip("/").rpartition("/")[2]
    return origin.query if origin.query and not is_sql(origin.query) else place.partition(".")[0] or "Project"


def refusal(findings: Sequence[Finding]) -> Problem:
    """Why a file was refused, as a person should see it."""
    from app.core.data import Outcome

    first = next((f for f in findings if f.outcome is Outcome.REJECT), findings[0])
    return Problem(first.message, first.hint, "\n".join(f"{f.code}: {f.message}" for f in findings))


def together(problems: Sequence[Problem], names: Sequence[str], tr: Callable[[str], str]) -> Problem:
    """Several refusals as one, each with its file's name. Without names: of something that is not a file."""
    if not names:
        return problems[0]
    if len(problems) == 1:
        return Problem(_named(names[0], problems[0].message), problems[0].hint, problems[0].details)
    told = "  ".join(_named(name, problem.message) for name, problem in zip(names, problems, strict=True))
    head = tr("{0} was not added.") if len(names) == 1 else tr("{0} were not added.")
    details = "\n\n".join(f"{name}\n{problem.details}" for name, problem in zip(names, problems, strict=True))
    return Problem(head.format(", ".join(names)), told, details)


def _named(name: str, message: str) -> str:
    return message if message.startswith(name) else f"{name}: {message}"


def _preview(path: Path, project: Project | None) -> Preview | None:
    from app.data.preview import preview

    return preview(path, project)


def _add_files(
    project: Project,
    paths: Sequence[Path],
    mode: Mode,
    name: str | None,
    ctx: JobContext,
    seen: Callable[[FirstLook], None],
) -> list[AddResult]:
    from app.serving.dropped import add_all_dropped

    if name == NEW and mode == "separate":
        shares = [Part(ctx, i / len(paths), (i + 1) / len(paths)) for i in range(len(paths))]
        return [
            _add_files(project, [path], "append", name, share, seen)[0]
            for path, share in zip(paths, shares, strict=True)
        ]
    chosen = _chosen(project, paths[0].name, name)
    return add_all_dropped(project, list(paths), mode=mode, name=chosen, ctx=ctx, on_first=seen)


def _chosen(project: Project, called: str, name: str | None) -> str | None:
    """The data set's name; of new data the first one that nothing is called by."""
    from app.data.names import dataset_name, free_name
    from app.registry import datasets

    return free_name(dataset_name(called)[0], datasets.taken_names(project)) if name == NEW else name
