"""Data: is this data usable? And from here, without leaving: a score, an approval, a service, a bundle."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QVBoxLayout, QWidget

from app.ui.actions import Actions
from app.ui.adding import Adder
from app.ui.data import data_verbs as verbs
from app.ui.data.data_bar import TargetBar
from app.ui.data.data_checks import ChecksCard
from app.ui.data.data_table import DataTabs
from app.ui.data.data_versions import VersionsList
from app.ui.data.data_view import DataView, read_view
from app.ui.data.first_look import FirstLookCard
from app.ui.data.reading_desk import ReadingDesk
from app.ui.data.source_line import AddFromButton, SourceLine
from app.ui.data.source_panel import SourcePanel
from app.ui.models.result_card import ResultCard
from app.ui.models.result_desk import ResultDesk
from app.ui.page import Page, scrolling
from app.ui.problems import Problem
from app.ui.session import Session
from app.ui.train.live_run import LiveRun
from app.ui.train.run_progress import RUN_JOB, RunProgress
from app.ui.widgets.banner import Banner
from app.ui.widgets.buttons import ActionButton
from app.ui.widgets.either import Either
from app.ui.widgets.empty import EmptyState
from app.ui.words import count, plural, when

if TYPE_CHECKING:
    from app.core.progress import JobContext
    from app.core.runs import Run
    from app.data.reading import FirstLook
    from app.registry.project import Project


class DataPage(Page):
    """The one screen from a dropped file to a running service."""

    listens_to: ClassVar[frozenset[str]] = frozenset(
        {"data_version", "reading", "gates", "run", "model_version", "bundle", "service"}
    )
    handles: ClassVar[dict[str, str]] = {
        "run.train": "train",
        "run.finish": "finish_run",
        "run.cancel": "cancel_run",
        "run.again": "train_again",
        "run.resume": "train_again",
        "run.discard": "discard_run",
        "model.approve": "desk.approve",
        "bundle.export": "desk.export_bundle",
        "bundle.open_folder": "desk.open_bundle",
        "bundle.save": "desk.save_bundle",
        "service.start": "desk.start_service",
        "service.stop": "desk.stop_service",
        "data.undo": "edits.undo",
        "data.redo": "edits.redo",
        "data.find": "tabs.focus_filter",
        "data.refresh": "fetch_again",
        "data.rename": "source_line.rename",
        "data.query": "show_query",
        "data.from_database": "source.open_database",
        "data.from_web": "source.open_web",
        "data.from_s3": "source.open_s3",
        "data.from_folder": "source.open_folder",
    }

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.view: DataView | None = None
        self._version_id: str | None = None
        self._asked = self._wanted_part = ""
        self._train_wanted = False

    def use_actions(self, actions: Actions) -> None:
        """Build now that the commands are known."""
        super().use_actions(actions)
        self.source = SourcePanel(self.session)
        self.source_line = SourceLine(actions)
        self.bar = TargetBar(actions)
        self.checks = ChecksCard()
        self.tabs = DataTabs(self, actions)
        self.versions = VersionsList()
        self.interrupted = Banner(name="run.interrupted")
        self.progress = RunProgress(self.session, actions)
        self.progress.turned.connect(self._run_turned)
        self.result = ResultCard(self.session, actions)
        empty = EmptyState(
            "data",
            self.tr("Drop a CSV, Excel or Parquet file anywhere in this window."),
            self.tr("Nothing leaves this computer."),
        )
        empty.add(ActionButton(actions["data.choose"], role="primary"))
        empty.add(ActionButton(actions["data.paste"], icon="paste"))
        empty.add(AddFromButton(actions))
        empty.add(ActionButton(actions["project.sample"], icon="sample"))
        self.either = Either(empty, self._content())
        self.first = FirstLookCard()
        self.layout_.addWidget(self.first, 1)
        self.layout_.addWidget(self.source)
        self.layout_.addWidget(self.either, 1)
        self.desk = ResultDesk(self, self.result, lambda: self.view.result if self.view is not None else None)
        self.edits = ReadingDesk(self, actions, lambda: self.view)
        self._connect()
        self.session.first_look.connect(self._look)
        self._look(self.session.look)

    def _content(self) -> QWidget:
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(16)
        for widget in (self.source_line, self.interrupted, self.bar, self.progress, self.result, self.checks):
            column.addWidget(widget)
        column.addWidget(self.tabs, 1)
        self.area = scrolling(inner)
        content = QWidget()
        line = QHBoxLayout(content)
        line.setContentsMargins(0, 0, 0, 0)
        sides = QSplitter(childrenCollapsible=False, handleWidth=16)
        sides.setAccessibleName(self.tr("Versions and the shown one"))
        sides.addWidget(self.versions)
        sides.addWidget(self.area)
        sides.setStretchFactor(1, 1)
        line.addWidget(sides)
        return content

    def _connect(self) -> None:
        self.source_line.renamed.connect(self._rename)
        self.bar.target_chosen.connect(self.edits.set_target)
        self.bar.positive_chosen.connect(self.edits.set_positive)
        self.bar.effort.currentIndexChanged.connect(lambda _index: self._remember_effort())
        self.bar.options_wanted.connect(lambda: self.session.go("train", self._version_id))
        self.checks.column_wanted.connect(self.tabs.show_column)
        self.checks.row_wanted.connect(self.tabs.show_row)
        self.checks.change_wanted.connect(self.edits.change)
        self.checks.decided.connect(self.edits.decide)
        self.tabs.edited.connect(self.edits.change)
        self.edits.rows_wanted.connect(self.tabs.show_rows)
        self.edits.refused.connect(self._want_no_training)
        self.edits.settled.connect(self._read_for_training)
        self.session.project_changed.connect(self._forget_edits)
        self.tabs.grown.connect(lambda: QTimer.singleShot(0, self, self._scroll_to_tabs))
        self.versions.chosen.connect(self.open_at)
        self.versions.compare_wanted.connect(self.tabs.compare_with)
        self.result.compare_wanted.connect(lambda: self.session.go("compare"))
        self.result.query_wanted.connect(lambda: self._show_part("sql"))

    def _show_part(self, id_: str) -> None:
        self.tabs.show_part(id_)
        self.area.ensureWidgetVisible(self.tabs, 0, self.area.viewport().height() // 2)

    def _scroll_to_tabs(self) -> None:
        """What was asked for stands on top, once the page has its new height."""
        self.area.verticalScrollBar().setValue(self.tabs.y())

    def open_at(self, what: object) -> None:
        """Show a data version by its id; with ``#contract`` behind it, turned to that tab."""
        if not isinstance(what, str):
            return
        version, _, self._wanted_part = what.partition("#")
        if version != self._version_id:
            self._version_id = version
            self._forget_edits()
        elif not self._wanted_part:
            return
        if self.session.project is not None and self.isVisible():
            self.refresh()

    def clear(self) -> None:
        """No project: the ways in."""
        self.view = None
        self._version_id = None
        self.either.show_content(False)
        self.tabs.clear()

    def refresh(self) -> None:
        """Read the version again."""
        wanted = self._version_id
        self.query(lambda project: read_view(project, wanted), self._show, failed=self._show_unread)

    def _show_unread(self, problem: Problem) -> None:
        self._train_wanted = False
        self.show_problem(problem)

    def _forget_edits(self) -> None:
        self._want_no_training()
        self.edits.forget()

    def _show(self, view: DataView | None) -> None:
        self.view = view
        self.either.show_content(view is not None)
        if view is None or self.session.project is None:
            self.set_subtitle("")
            return
        self._version_id = view.version.id
        if self.first.isHidden():
            self.set_subtitle(self._headline(view))
        self.versions.show_view(view)
        self.source_line.show_view(view)
        self.bar.show_view(view)
        self.checks.show_view(view)
        self.tabs.show_view(view)
        self.result.show_result(view.result if self.progress.job is None else None, self.session.project.path)
        self._allow()
        self._ask_about_interrupted(view)
        if self._wanted_part:
            QTimer.singleShot(0, self, partial(self._show_part, self._wanted_part))
            self._wanted_part = ""
        if self._train_wanted:
            self.train()

    def _look(self, look: FirstLook | None) -> None:
        """A large file is being added: show its first rows until it is stored. A run that is under way stays."""
        shown = look if self.progress.job is None else None
        self.first.setVisible(shown is not None)
        self.either.setVisible(shown is None)
        if shown is not None:
            self.first.show_look(shown)
            self.set_subtitle(self.first.headline(shown))
        elif self.view is not None:
            self.set_subtitle(self._headline(self.view))
        self._allow()

    def _headline(self, view: DataView) -> str:
        size = self.tr("{0} rows × {1} columns").format(count(view.version.rows), count(len(view.reading.columns)))
        name = self.tr("{0} · version {1}").format(view.dataset.name, view.version.number)
        return f"{name} · {size} · {self.tr('added {0}').format(when(view.version.created_at))}"

    def settle(self) -> None:
        """The effort is the one that was chosen last, wherever that was."""
        self.bar.effort.choose(self.session.settings.training_seconds)
        self._allow()

    def _allow(self) -> None:
        busy = self.tr("A run is under way.") if self.progress.job is not None else ""
        reading = "" if self.first.isHidden() else self.tr("The data are still being read.")
        self.actions_.forbid("run.train", reading or busy or (self.view.why_not if self.view is not None else ""))
        self.actions_.forbid("data.rename", "" if self.view is not None else self.tr("There are no data yet."))
        self.actions_.forbid("data.find", "" if self.view is not None else self.tr("There are no rows."))
        self.actions_.forbid("run.finish", self.progress.why_not_finish)
        self.actions_.forbid("run.cancel", "" if self.progress.job is not None else self.tr("Nothing is running."))
        result = self.view.result if self.view is not None else None
        approved = result is not None and result.model is not None
        for id_ in ("bundle.export", "service.start"):
            self.actions_.forbid(id_, "" if approved else self.tr("Approve a result first."))
        built = result is not None and result.bundle is not None
        for id_ in ("bundle.open_folder", "bundle.save"):
            self.actions_.forbid(id_, "" if built else self.tr("Export a bundle first."))
        serving = result is not None and result.service is not None
        self.actions_.forbid("service.stop", "" if serving else self.tr("No service of this model is running."))

    def _ask_about_interrupted(self, view: DataView) -> None:
        self.interrupted.setVisible(bool(view.interrupted))
        if not view.interrupted or self._asked == view.interrupted[0].id:
            return
        run = view.interrupted[0]
        self._asked = run.id
        hint = run.reason or self.tr("Finished candidates are kept.")
        if view.tried:
            tried = plural(view.tried, self.tr("setting"), self.tr("settings"))
            hint = self.tr("{0} It had tried {1}: the best of them are tried first.").format(hint, tried)
        again = ("run.resume", self.tr("Resume")) if view.tried else ("run.again", self.tr("Train again"))
        answers = [
            (again[1], again[0], self.train_again),
            (self.tr("Discard"), "run.discard", self.discard_run),
        ]
        self.interrupted.ask("warn", self.tr("Run {0} was interrupted.").format(run.number), hint, answers)

    def fetch_again(self) -> None:
        """Make the next version from where this one came from."""
        if self.view is not None:
            Adder(self.session, self).refresh(self.view.dataset)

    def _rename(self, id_: str, name: str) -> None:
        title = self.tr("Renaming to {0}").format(name)
        self.act(title, lambda project, _ctx: verbs.rename(project, id_, name), changes={"data_version"})

    def show_query(self) -> None:
        """Turn to the query; without data there is nothing to ask."""
        self.session.go("data")
        if self.view is not None:
            self._show_part("query")

    def train(self) -> None:
        """Fit, test and check the candidates on the version that is shown, once it is read as was asked for last."""
        self._train_wanted = self.edits.busy or self.is_asking()
        if (view := self.view) is None or self._train_wanted:
            return
        live = self.progress.begin(view.plan.metric if view.plan is not None else "", self.bar.seconds)
        if live is None:
            return
        title = self.tr("Training {0}").format(view.dataset.name)
        self._start(title, live, lambda project, ctx: verbs.train(project, view.version, view.reading, ctx, live))

    def _read_for_training(self) -> None:
        if self._train_wanted:
            self.refresh()

    def _want_no_training(self) -> None:
        self._train_wanted = False

    def _resume(self, run: Run) -> None:
        if (live := self.progress.begin(run.plan.metric, run.plan.seconds)) is not None:
            title = self.tr("Going on with run {0}").format(run.number)
            self._start(title, live, lambda project, ctx: live.resume(project, run, ctx))

    def _start(self, title: str, live: LiveRun, work: Callable[[Project, JobContext], Run]) -> None:
        self.act(title, work, kind=RUN_JOB, about=live, changes={"run"}, finally_=lambda _job: self.refresh())
        self.area.verticalScrollBar().setValue(0)

    def _remember_effort(self) -> None:
        self.session.settings.training_seconds = self.bar.seconds

    def _run_turned(self) -> None:
        if self.progress.job is not None:
            self.result.hide()
            self.interrupted.hide()
        if self.isVisible():
            self._allow()

    def finish_run(self) -> None:
        """End the search; the best are made into candidates."""
        self.progress.finish()

    def cancel_run(self) -> None:
        """Stop the run; finished candidates are kept."""
        self.progress.cancel()

    def train_again(self) -> None:
        """Go on with the interrupted run if it had tried something, else discard it and start a new one."""
        if self.view is not None and self.view.interrupted and self.view.tried:
            self._resume(self.view.interrupted[0])
        else:
            self._discard(then_train=True)

    def discard_run(self) -> None:
        """Mark the interrupted run as discarded."""
        self._discard(then_train=False)

    def _discard(self, *, then_train: bool) -> None:
        if self.view is None or not self.view.interrupted or self.progress.job is not None:
            return
        run = self.view.interrupted[0]

        def done(_run: Run) -> None:
            if then_train:
                self.train()

        title = self.tr("Discarding run {0}").format(run.number)
        self.act(title, lambda project, _ctx: verbs.discard(project, run.id), changes={"run"}, then=done)
