"""One run: how it stands, its candidates, what was left out, and what can be done about it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QTabWidget, QWidget

from app.core.runs import RunState
from app.core.search import Trial
from app.ui.actions import Actions
from app.ui.charts.search import SearchChart
from app.ui.compare.candidate_table import CandidateTable
from app.ui.compare.candidate_view import RunView
from app.ui.train.live_run import LiveRun
from app.ui.train.run_words import STATE_STATUS, STATE_WORDS, predicts_words
from app.ui.widgets.buttons import ActionButton, Button
from app.ui.widgets.card import Card, column, label, within
from app.ui.widgets.chip import Chip
from app.ui.words import in_the_window, seconds_words, when


class RunPanel(Card):
    """The details of the run that is chosen on the Train page."""

    compare_wanted = Signal(str)

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(" ", name="train.run", parent=parent)
        self.view: RunView | None = None
        self.trials: tuple[Trial, ...] = ()
        self._state = Chip("info", "")
        self._again = ActionButton(actions["run.again"], icon="refresh")
        self._resume = ActionButton(actions["run.resume"], icon="refresh")
        self._discard = ActionButton(actions["run.discard"], role="flat", icon="delete")
        self._compare = Button(self.tr("Compare and approve"), self._ask_to_compare, icon="compare")
        self.head.addWidget(self._state)
        self.head.addStretch(1)
        for button in (self._discard, self._again, self._resume, self._compare):
            self.head.addWidget(button)
        self._plan = label("", "quiet", wrap=True)
        self._notes = label("", "quiet", wrap=True)
        self.table = CandidateTable(self.tr("Candidates of this run"), name="train.candidates", with_run=False)
        self.chart = SearchChart(self.tr("Score against time"))
        self._tabs = QTabWidget(documentMode=True)
        self._tabs.setAccessibleName(self.tr("What the run has"))
        self._tabs.tabBar().setDrawBase(False)
        self._none = label(self.tr("No candidate has finished yet."), "quiet")
        self.body.addWidget(self._plan)
        self.body.addWidget(self._notes)
        self._tabs.addTab(within(column(self._none, self.table)), self.tr("Candidates"))
        self._tabs.addTab(self.chart.with_menu(), self.tr("Search"))
        self.body.addWidget(self._tabs, 1)

    def show_trials(self, trials: tuple[Trial, ...]) -> None:
        """What the run's search has tried; a run that did not search has no such tab."""
        if self.view is None:
            return
        self.trials = trials
        plan = self.view.run.plan
        told = LiveRun(plan.metric, plan.seconds, sorted(trials, key=lambda trial: trial.at))
        end = told.trials[-1].at if trials else 0.0
        self.chart.show_trials(plan.metric, plan.seconds, end, told.trials, told.leaders())
        self._tabs.setTabVisible(1, bool(trials))
        self._tabs.tabBar().setVisible(bool(trials))
        interrupted = self.view.run.state is RunState.INTERRUPTED
        self._again.setVisible(interrupted and not trials)
        self._resume.setVisible(interrupted and bool(trials))

    def show_view(self, view: RunView) -> None:
        """Show this run as it is now; its trials are told afterwards."""
        if self.view is None or self.view.run.id != view.run.id:
            self.trials = ()
        self.view = view
        run, plan = view.run, view.run.plan
        interrupted = run.state is RunState.INTERRUPTED
        self.title.setText(self.tr("Run {0}").format(run.number))
        self._state.say(STATE_STATUS[run.state], self.tr(STATE_WORDS[run.state]))
        self._again.setVisible(interrupted and not self.trials)
        self._resume.setVisible(interrupted and bool(self.trials))
        self._discard.setVisible(interrupted)
        self._compare.setVisible(run.state is not RunState.RUNNING and bool(view.candidates))
        told = self.tr("Predicts {0} from {1} in {2}, seed {3}, {4} folds; started {5}.")
        if not plan.target:
            told = self.tr("Looks for {0} in {1} in {2}, seed {3}, {4} folds; started {5}.")
        self._plan.setText(
            told.format(
                predicts_words(plan),
                view.data,
                seconds_words(plan.seconds),
                plan.seed,
                plan.folds,
                when(run.created_at),
            )
        )
        notes = in_the_window("\n".join([*run.notes, *([run.reason] if run.reason else [])]))
        self._notes.setText(notes)
        self._notes.setVisible(bool(notes))
        self._none.setVisible(not view.candidates)
        self.table.show_candidates(view.candidates)

    def _ask_to_compare(self) -> None:
        if self.view is not None:
            self.compare_wanted.emit(self.view.run.id)
