"""What is running, what ran, and what to try next."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from PySide6.QtWidgets import QWidget

from app.core.data import Reading
from app.core.dividing import Way
from app.core.gate_rules import GateRule, GateSet
from app.core.progress import JobContext
from app.core.runs import METRIC_WORDS, Run, RunState
from app.ui.actions import Actions
from app.ui.compare.candidate_view import RunView, RunViews, run_views
from app.ui.page import Page
from app.ui.session import Session
from app.ui.train.live_run import LiveRun
from app.ui.train.run_panel import RunPanel
from app.ui.train.run_progress import RUN_JOB, RunProgress
from app.ui.train.run_words import STATE_WORDS, predicts_words
from app.ui.train.train_options import TrainOptions
from app.ui.train.train_view import Trainable, change_gates, divide, train, trainables, trials_of
from app.ui.widgets.card import Card
from app.ui.widgets.either import Either
from app.ui.widgets.empty import EmptyState
from app.ui.widgets.split import one_above_the_other, side_by_side
from app.ui.widgets.table import DataTable, RecordsModel, TableColumn
from app.ui.words import count, figure, plural, when

if TYPE_CHECKING:
    from app.registry.project import Project

PREDICTS, STARTED = 3, 4
"""Columns that a narrow list does without: the run's own panel says them."""
FORM_PX = 344
"""Its fields and, where they are longer than the page, the scroll bar."""


class TrainPage(Page):
    """Options at the left, runs and the chosen run's candidates at the right, the live run on top."""

    listens_to: ClassVar[frozenset[str]] = frozenset(
        {"run", "candidate", "data_version", "reading", "gates", "project"}
    )
    handles: ClassVar[dict[str, str]] = {
        "run.train": "train",
        "run.finish": "finish",
        "run.cancel": "cancel",
        "run.again": "train_again",
        "run.resume": "train_again",
        "run.discard": "discard",
    }

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self._wanted: str | None = None

    def use_actions(self, actions: Actions) -> None:
        """Build the page; its buttons are the commands'."""
        super().use_actions(actions)
        self.empty = EmptyState(
            "train", self.tr("No data to train on yet."), self.tr("Drop a table anywhere in this window.")
        )
        self.empty.offer(self.tr("Choose file…"), lambda: actions["data.choose"].trigger(), name="data.choose")
        self.progress = RunProgress(self.session, actions)
        self.form = TrainOptions(actions)
        self.form.gates.wanted.connect(self._change_gates)
        self.form.gates.undone.connect(self._undo_gates)
        self.form.split.wanted.connect(self._divide)
        self.form.split.look_wanted.connect(self._look_at_data)
        self.model = RecordsModel(self._columns(), self)
        self.table = DataTable(self.tr("Runs"), name="train.runs")
        self.table.setModel(self.model)
        self.table.setSelectionMode(DataTable.SelectionMode.SingleSelection)
        self.table.set_widths([48, 92, 84, 106, 146, 160])
        self.table.give_way(PREDICTS, STARTED)
        self.table.selectionModel().selectionChanged.connect(lambda *_: self._show_chosen())
        self.panel = RunPanel(actions)
        self.panel.compare_wanted.connect(lambda id_: self.session.go("compare", id_))
        self.runs = self._runs_side()
        self.session.project_changed.connect(self.runs.wait)
        self.form.setMinimumWidth(FORM_PX)
        self.either = Either(self.empty, side_by_side(self.form, self.runs, shares=(0, 1)))
        self.layout_.addWidget(self.progress)
        self.layout_.addWidget(self.either, 1)
        self.progress.turned.connect(self._turned)
        self.form.budget.choose(self.session.settings.training_seconds)
        self.form.budget.changed.connect(self._remember_budget)

    def _runs_side(self) -> Either:
        nothing = EmptyState(
            "train", self.tr("No runs yet."), self.tr("Press “Train and check”; every candidate appears here.")
        )
        runs = Card(self.tr("Runs"))
        runs.body.addWidget(self.table, 1)
        return Either(nothing, one_above_the_other(runs, self.panel, shares=(2, 3)))

    @property
    def chosen(self) -> RunView | None:
        """The run that is selected."""
        rows = self.table.selectionModel().selectedRows()
        return self.model.record(rows[0]) if rows else None

    def refresh(self) -> None:
        """Ask for what can be trained on and for all runs."""
        self.query(trainables, self._show_trainables, key="trainables")
        self.query(run_views, self._show_runs, key="runs")

    def open_at(self, what: object) -> None:
        """Offer a data version by its id."""
        self._wanted = str(what)
        self.refresh()

    def settle(self) -> None:
        """Allow what can be done now; the budget is the one that was chosen last, wherever that was."""
        self.form.budget.choose(self.session.settings.training_seconds)
        job, chosen = self.progress.job, self.form.chosen
        busy = self.tr("A run is under way.") if job is not None else ""
        none = self.tr("Add data first.") if chosen is None else ""
        self.actions_.forbid("run.train", busy or none or (chosen.why_not if chosen is not None else ""))
        self.actions_.forbid("run.finish", self.progress.why_not_finish)
        self.actions_.forbid("run.cancel", "" if job is not None else self.tr("Nothing is running."))

    def train(self) -> None:
        """Train on what the form says."""
        chosen, options = self.form.chosen, self.form.options
        if chosen is None or (live := self.progress.begin(options.metric or "", options.seconds)) is None:
            return
        title = self.tr("Training {0}").format(chosen.dataset.name)
        self._start(title, live, lambda project, ctx: train(project, chosen, options, ctx, live))

    def _resume(self, run: Run) -> None:
        if (live := self.progress.begin(run.plan.metric, run.plan.seconds)) is not None:
            title = self.tr("Going on with run {0}").format(run.number)
            self._start(title, live, lambda project, ctx: live.resume(project, run, ctx))

    def _start(self, title: str, live: LiveRun, work: Callable[[Project, JobContext], Run]) -> None:
        self.act(title, work, kind=RUN_JOB, about=live, changes={"run"})

    def finish(self) -> None:
        """End the search; the best are made into candidates."""
        self.progress.finish()

    def cancel(self) -> None:
        """Stop the run; what is finished is kept."""
        self.progress.cancel()

    def discard(self) -> None:
        """Mark the chosen interrupted run as discarded."""
        self._discard(then_train=False)

    def train_again(self) -> None:
        """Go on with the chosen interrupted run if it had tried something, else discard it and start a new one on its
        data set."""
        view = self.chosen
        if view is not None and view.run.state is RunState.INTERRUPTED and self.panel.trials:
            self._resume(view.run)
        else:
            self._discard(then_train=True)

    def _discard(self, *, then_train: bool) -> None:
        view = self.chosen
        if view is None or view.run.state is not RunState.INTERRUPTED or self.progress.job is not None:
            return
        run_id, dataset_id = view.run.id, view.run.dataset_id

        def discard(project: Project, _ctx: JobContext) -> Run:
            from app.registry import runs

            return runs.discard_run(project, run_id)

        def done(_run: Run) -> None:
            if then_train and self.form.choose(dataset_id):
                self.train()

        self.act(self.tr("Discarding run {0}").format(view.run.number), discard, changes={"run"}, then=done)

    def _change_gates(self, rules: tuple[GateRule, ...], reason: str) -> None:
        chosen = self.form.chosen
        if chosen is None:
            return
        dataset_id = chosen.dataset.id

        def change(project: Project, _ctx: JobContext) -> GateSet:
            return change_gates(project, dataset_id, rules, reason)

        self.act(self.tr("Changing the gates"), change, changes={"gates"}, busy=self.form.gates)

    def _undo_gates(self) -> None:
        chosen = self.form.chosen
        if chosen is not None and chosen.held:
            self._change_gates(chosen.rules_before, self.tr("Took back version {0}.").format(chosen.held[0].number))

    def _divide(self, way: Way) -> None:
        chosen = self.form.chosen
        if chosen is None:
            return
        version_id = chosen.version.id

        def work(project: Project, ctx: JobContext) -> Reading:
            return divide(project, version_id, way, ctx)

        title = self.tr("Dividing the rows of {0}").format(chosen.dataset.name)
        self.act(title, work, changes={"reading"}, busy=self.form.split.ways, finally_=lambda _job: self.refresh())

    def _look_at_data(self) -> None:
        if (chosen := self.form.chosen) is not None:
            self.session.go("data", chosen.version.id)

    def _remember_budget(self) -> None:
        self.session.settings.training_seconds = self.form.budget.seconds

    def _turned(self) -> None:
        if self.isVisible():
            self.settle()

    def _columns(self) -> list[TableColumn[RunView]]:
        return [
            TableColumn(self.tr("Run"), lambda v: count(v.run.number), numeric=True, key=lambda v: v.run.number),
            TableColumn(self.tr("State"), lambda v: self.tr(STATE_WORDS[v.run.state])),
            TableColumn(self.tr("Data"), lambda v: v.data),
            TableColumn(self.tr("Predicts"), lambda v: predicts_words(v.run.plan)),
            TableColumn(self.tr("Started"), lambda v: when(v.run.created_at), key=lambda v: v.run.created_at),
            TableColumn(self.tr("Best"), _best_words),
        ]

    def _show_trainables(self, found: list[Trainable]) -> None:
        self.either.show_content(bool(found))
        self.form.show_trainables(found, self._wanted)
        self._wanted = None
        if self.isVisible():
            self.settle()

    def _show_runs(self, found: RunViews) -> None:
        before, views = self.chosen, found.runs
        self.model.show(views)
        self.runs.show_content(bool(views))
        runs = plural(found.whole, self.tr("run"), self.tr("runs"))
        told = self.tr("the newest {0} of {1}").format(count(len(views)), runs) if len(views) < found.whole else runs
        self.set_subtitle(told if views else "")
        if views:
            running = [number for number, view in enumerate(views) if view.run.state is RunState.RUNNING]
            same = [number for number, view in enumerate(views) if before and view.run.id == before.run.id]
            self.table.selectRow((running or same or [0])[0])
        self._show_chosen()

    def _show_chosen(self) -> None:
        if (view := self.chosen) is not None:
            self.panel.show_view(view)
            self.query(lambda project: trials_of(project, view.run.id), self.panel.show_trials, key="trials")


def _best_words(view: RunView) -> str:
    best = view.best
    if best is None or best.candidate.holdout is None:
        return "–"
    metric = METRIC_WORDS[view.run.plan.metric]
    return f"{best.candidate.name}  {metric} {figure(best.candidate.holdout.value)}"
