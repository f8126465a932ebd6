"""One run: how it stands, its candidates, what was left out, and what can be done about it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.core.runs import RunState
from app.ui.actions import Actions
from app.ui.candidate_table import CandidateTable
from app.ui.candidate_view import RunView
from app.ui.run_words import STATE_STATUS, STATE_WORDS
from app.ui.widgets.buttons import ActionButton, Button
from app.ui.widgets.card import Card, label
from app.ui.widgets.chip import Chip
from app.ui.words import seconds_words, when


class RunPanel(Card):
    """The details of the run that is chosen on the Train page."""

    compare_wanted = Signal(str)

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(" ", name="train.run", parent=parent)
        self.view: RunView | None = None
        self._state = Chip("info", "")
        self._again = ActionButton(actions["run.again"], icon="refresh")
        self._discard = ActionButton(actions["run.discard"], role="flat", icon="delete")
        self._compare = Button(self.tr("Compare and approve"), self._ask_to_compare, icon="compare")
        self.head.addWidget(self._state)
        self.head.addStretch(1)
        for button in (self._discard, self._again, self._compare):
            self.head.addWidget(button)
        self._plan = label("", "quiet", wrap=True)
        self._notes = label("", "quiet", wrap=True)
        self.table = CandidateTable(self.tr("Candidates of this run"), name="train.candidates", with_run=False)
        self._none = label(self.tr("No candidate has finished yet."), "quiet")
        self.body.addWidget(self._plan)
        self.body.addWidget(self._notes)
        self.body.addWidget(self._none)
        self.body.addWidget(self.table, 1)

    def show_view(self, view: RunView) -> None:
        """Show this run as it is now."""
        self.view = view
        run, plan = view.run, view.run.plan
        interrupted = run.state is RunState.INTERRUPTED
        self.title.setText(self.tr("Run {0}").format(run.number))
        self._state.say(STATE_STATUS[run.state], self.tr(STATE_WORDS[run.state]))
        self._again.setVisible(interrupted)
        self._discard.setVisible(interrupted)
        self._compare.setVisible(run.state is not RunState.RUNNING and bool(view.candidates))
        told = self.tr("Predicts {0} from {1} in {2}, seed {3}, {4} folds; started {5}.")
        self._plan.setText(
            told.format(
                plan.target, view.data, seconds_words(plan.seconds), plan.seed, plan.folds, when(run.created_at)
            )
        )
        notes = "\n".join([*run.notes, *([run.reason] if run.reason else [])])
        self._notes.setText(notes)
        self._notes.setVisible(bool(notes))
        self._none.setVisible(not view.candidates)
        self.table.show_candidates(view.candidates)

    def _ask_to_compare(self) -> None:
        if self.view is not None:
            self.compare_wanted.emit(self.view.run.id)
