"""Which candidate is best, and is it really? All candidates of one question, with their hold-out pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from PySide6.QtWidgets import QStackedWidget, QWidget

from app.core.models import ModelVersion
from app.core.progress import JobContext
from app.core.runs import RunState
from app.ui.actions import Actions
from app.ui.compare.calibration_tab import CalibrationTab
from app.ui.compare.candidate_table import CandidateTable
from app.ui.compare.candidate_view import CandidateView, RunViews, evaluation_of, group_words, run_views, sort_key
from app.ui.compare.difference_tab import DifferenceTab, opponents
from app.ui.compare.evaluation_panel import EvaluationPanel
from app.ui.compare.fairness_tab import FairnessTab
from app.ui.compare.overlays import Measured, champion_of
from app.ui.compare.reproducing import reproduce_on
from app.ui.compare.run_grid import read_grid
from app.ui.compare.runs_table import RunsTable
from app.ui.compare.threshold_tab import ThresholdTab
from app.ui.compare.weak_spots import WeakSpotsTab
from app.ui.compare.what_if_tab import WhatIfTab
from app.ui.compare.why_tab import WhyTab
from app.ui.models.approve_bar import ApproveBar
from app.ui.page import Page
from app.ui.session import Session
from app.ui.widgets.banner import Banner
from app.ui.widgets.buttons import Button
from app.ui.widgets.card import Card, label
from app.ui.widgets.choice import Check
from app.ui.widgets.combo import Combo
from app.ui.widgets.either import Either
from app.ui.widgets.empty import EmptyState
from app.ui.widgets.split import one_above_the_other
from app.ui.widgets.table import ROW_HEIGHT
from app.ui.words import count, plural

if TYPE_CHECKING:
    from app.registry.project import Project


QWIDGETSIZE_MAX = (1 << 24) - 1
SCROLL_BAR_PX = 16
LEAST_TOP_PX = 200
SHARES = (5, 6)
"""Of the height, the candidates' and the pictures' where both want more."""


class ComparePage(Page):
    """Candidates above, the chosen ones' pictures below; approve from here."""

    listens_to: ClassVar[frozenset[str]] = frozenset({"run", "model_version", "project"})
    handles: ClassVar[dict[str, str]] = {"model.approve": "approve", "model.reproduce": "reproduce"}

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self._views: list[CandidateView] = []
        self._wanted: str | None = None
        self._also: dict[str, None] = {}
        self._reproduced = ""

    def use_actions(self, actions: Actions) -> None:
        """Build the page; its buttons are the commands'."""
        super().use_actions(actions)
        self.empty = EmptyState(
            "compare", self.tr("No run to compare yet."), self.tr("Train on your data; every candidate appears here.")
        )
        self.empty.offer(self.tr("Go to Data"), lambda: self.session.go("data"), name="go.data", icon="data")
        self.groups = Combo(self.tr("What is predicted"), name="compare.group")
        self.groups.currentIndexChanged.connect(lambda _index: self._show_group())
        self.table = CandidateTable(self.tr("Candidates of all runs"), name="compare.candidates", with_run=True)
        self.table.setSortingEnabled(False)
        self.table.selectionModel().selectionChanged.connect(lambda *_: self._ask_for_pictures())
        self.approve_bar = ApproveBar(actions)
        self.weak, self.why = WeakSpotsTab(self), WhyTab(self)
        self.threshold, self.calibration = ThresholdTab(self), CalibrationTab(self)
        self.fairness = FairnessTab(self)
        self.difference = DifferenceTab(self)
        self.what_if = WhatIfTab(self)
        asking = (
            self.difference,
            self.weak,
            self.fairness,
            self.why,
            self.what_if,
            self.threshold,
            self.calibration,
        )
        self.pictures = EvaluationPanel(asking)
        self.threshold.costs_changed.connect(self.pictures.show_costs)
        self.threshold.decided.connect(self.fairness.forget)
        self.calibration.made.connect(self._show_calibrated)
        self.pictures.importance.clicked.connect(self._ask_about)
        top = Card(self.tr("Candidates"))
        self.runs = RunsTable()
        self.runs.chosen.connect(self._show_run)
        top.head.addWidget(self.runs.head, 1)
        self.runs.head.hide()
        top.head.addStretch()
        self.only = Check(self.tr("Only differences"))
        self.only.setObjectName("compare.only")
        self.only.setChecked(True)
        self.only.toggled.connect(self.table.only_differences)
        top.head.addWidget(self.only)
        self._groups_words = label(self.tr("What is predicted"), "quiet")
        top.head.addWidget(self._groups_words)
        top.head.addWidget(self.groups)
        self.lists = QStackedWidget()
        self.lists.addWidget(self.table)
        self.lists.addWidget(self.runs)
        self.turn = Button(self.tr("All runs"), self.turn_lists, name="compare.all_runs", role="flat", icon="table")
        top.head.addWidget(self.turn)
        self._top = top
        top.body.addWidget(self.lists, 1)
        self.reproduced = Banner(name="compare.reproduced")
        top.body.addWidget(self.approve_bar)
        split = one_above_the_other(top, self.pictures, shares=SHARES, sizes=SHARES)
        self.either = Either(self.empty, split)
        self.layout_.addWidget(self.reproduced)
        self.layout_.addWidget(self.either, 1)

    def refresh(self) -> None:
        """Ask for all runs."""
        also = tuple(self._also)
        self.query(lambda project: run_views(project, also), self._show)
        if self.lists.currentWidget() is self.runs:
            self._ask_for_runs()

    def turn_lists(self) -> None:
        """From the candidates of one question to all runs, and back."""
        all_runs = self.lists.currentWidget() is self.table
        self.lists.setCurrentWidget(self.runs if all_runs else self.table)
        self._top.title.setText(self.tr("Runs") if all_runs else self.tr("Candidates"))
        self.turn.setText(self.tr("Candidates") if all_runs else self.tr("All runs"))
        for part in (self.only, self._groups_words, self.groups):
            part.setVisible(not all_runs)
        self.runs.head.setVisible(all_runs)
        self._fit_top()
        if all_runs:
            self._ask_for_runs()

    def _fit_top(self) -> None:
        """No higher than its candidates need: what is left is the pictures'."""
        candidates = self.lists.currentWidget() is self.table
        rows = ROW_HEIGHT * (self.table.candidates.rowCount() + 1) + SCROLL_BAR_PX
        around = self._top.sizeHint().height() - self.lists.sizeHint().height()
        self._top.setMaximumHeight(max(around + rows, LEAST_TOP_PX) if candidates else QWIDGETSIZE_MAX)

    def _ask_for_runs(self) -> None:
        self.query(read_grid, self.runs.show_grid, key="runs")

    def _show_run(self, run_id: str) -> None:
        """Its best candidate is the one that the pictures are of; an old run is read when it is asked for."""
        self._wanted = run_id
        view = self._wanted_view()
        if view is None:
            self.open_at(run_id)
        else:
            self.groups.setCurrentIndex(self.groups.findData(view.group))
            self._show_group()

    def open_at(self, what: object) -> None:
        """Select a candidate, or a run's best one, by id."""
        self._wanted = str(what)
        self._also[self._wanted] = None
        self.refresh()

    def settle(self) -> None:
        """Allow to approve the selected candidate if it may be."""
        view = self._first
        self.actions_.forbid("model.approve", view.why_not if view is not None else self.tr("Select a candidate."))
        self.actions_.forbid("model.reproduce", self._why_not_again(view))

    def _why_not_again(self, view: CandidateView | None) -> str:
        if view is None:
            return self.tr("Select a candidate.")
        if view.candidate.onnx_sha256 is None or view.candidate.recipe_sha256 is None:
            return self.tr("There is no exported model to refit.")
        return ""

    def approve(self) -> None:
        """Approve the selected candidate with the reason that stands in the field."""
        view = self._first
        if view is None or view.why_not:
            return
        reason, run_id, candidate_id = self.approve_bar.reason.text(), view.run.id, view.candidate.id

        def approve(project: Project, ctx: JobContext) -> ModelVersion:
            from app.approval.approve import approve as approve_candidate

            return approve_candidate(project, run_id, candidate_id=candidate_id, reason=reason, ctx=ctx)

        title = self.tr("Approving {0}").format(view.candidate.name)
        self.act(title, approve, then=self._approved, changes={"model_version"}, busy=self.approve_bar.button)

    def reproduce(self) -> None:
        """Refit the selected candidate's recipe and compare."""
        if (view := self._first) is not None:
            id_ = self._reproduced = view.candidate.id

            def still() -> bool:
                return self._first is not None and self._first.candidate.id == id_

            reproduce_on(self, view.run, view.candidate, self.reproduced, still=still)

    @property
    def _first(self) -> CandidateView | None:
        chosen = self._chosen
        return chosen[0] if chosen else None

    @property
    def _chosen(self) -> list[CandidateView]:
        """The selected candidates, what has to be beaten last: the first one is what a person means."""
        return sorted(self.table.chosen, key=lambda view: view.candidate.baseline)

    def _show_calibrated(self, id_: str) -> None:
        self.session.tell(self.tr("A calibrated candidate stands in a run of its own."), "ok")
        self.open_at(id_)

    def _approved(self, version: ModelVersion) -> None:
        go = self.tr("Show it")
        told = self.tr("{0} is approved").format(version.label)
        self.session.tell(told, "ok", go, lambda: self.session.go("models", version.id))

    def _show(self, found: RunViews) -> None:
        kept = [run for run in found.runs if run.run.state is not RunState.DISCARDED]
        self._views = [view for run in kept for view in run.candidates]
        self.either.show_content(bool(self._views))
        self.set_subtitle(self._counted(len(kept), found) if self._views else "")
        wanted = self._wanted_view()
        before = wanted.group if wanted else self.groups.currentData()
        names = {view.group: group_words(view) for view in self._views}
        self.groups.blockSignals(True)
        self.groups.clear()
        for group, name in names.items():
            self.groups.addItem(name, group)
        self.groups.setCurrentIndex(max(0, self.groups.findData(before)))
        self.groups.blockSignals(False)
        self.groups.updateGeometry()
        self._show_group()

    def _counted(self, shown: int, found: RunViews) -> str:
        candidates = plural(len(self._views), self.tr("candidate"), self.tr("candidates"))
        if found.whole == len(found.runs):
            return self.tr("{0} of {1}").format(candidates, plural(shown, self.tr("run"), self.tr("runs")))
        return self.tr("{0} of the newest {1} of {2} runs").format(candidates, count(shown), count(found.whole))

    def _wanted_view(self) -> CandidateView | None:
        """A candidate, or a run's best one; its first where it has no best."""
        chosen = next((view for view in self._views if view.candidate.id == self._wanted), None)
        of_run = [view for view in self._views if view.run.id == self._wanted]
        best = next((v for v in of_run if v.run.best is not None and v.run.best.id == v.candidate.id), None)
        return chosen or best or next(iter(of_run), None)

    def _show_group(self) -> None:
        group = self.groups.currentData()
        shown = [view for view in self._views if view.group == group]
        baselines = [view for view in shown if view.candidate.baseline]
        rest = [view for view in shown if not view.candidate.baseline]
        rest.sort(key=lambda view: sort_key(view.candidate, view.run.plan.metric))
        newest = {view.candidate.family: view for view in reversed(baselines)}  # the newest run's stand on top
        champion = champion_of(rest)
        rest.sort(key=lambda view: view.candidate.id != champion)  # what is in use stands above its rivals
        ordered = [*newest.values(), *rest]
        self.table.show_candidates(ordered)
        self._fit_top()
        wanted = self._wanted_view()
        self._wanted = None
        if wanted in ordered:
            self.table.selectRow(ordered.index(wanted))
        elif not self.table.chosen and ordered:
            self.table.selectRow(min(len(newest), len(ordered) - 1))
        self._ask_for_pictures()

    def _ask_about(self, column: str) -> None:
        self.why.show_column(column)
        self.pictures.turn_to(self.why)

    def _ask_for_pictures(self) -> None:
        chosen = [view for view in self._chosen if view.candidate.evaluation_sha256][:5]
        self.approve_bar.show_view(self._first)
        if self._first is None or self._first.candidate.id != self._reproduced:
            self.reproduced.hide()
        if self.isVisible():
            self.settle()

        def ask(project: Project) -> list[Measured]:
            found = [(view, evaluation_of(project, view.candidate)) for view in chosen]
            return [Measured(view, evaluation) for view, evaluation in found if evaluation is not None]

        if chosen:
            group = [view for view in self._views if view.group == chosen[0].group]
            champion = champion_of(group)
            self.difference.against(opponents(chosen, group, champion))
            self.query(ask, lambda measured: self.pictures.show_measured(measured, champion), key="pictures")
