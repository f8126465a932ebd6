"""The result of the newest run: its score, its gates, the approval, and the way to a service or a bundle."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.core.runs import METRIC_WORDS, RunState
from app.ui.actions import Actions
from app.ui.compare.verdict_row import VerdictRow
from app.ui.data.data_view import Result
from app.ui.models.approval_row import ApprovalRow
from app.ui.models.running_row import RunningRow
from app.ui.session import Session
from app.ui.train.run_words import STATE_STATUS, STATE_WORDS, candidate_lines, gates_words, why_not_approve
from app.ui.widgets.buttons import Button
from app.ui.widgets.card import Card, column, emptied, label, row, rule
from app.ui.widgets.chip import Chip, StatusMark
from app.ui.widgets.elided import Elided
from app.ui.widgets.scores import ScoreLines
from app.ui.words import ends, figure, in_the_window, plain_tip


class ResultCard(Card):
    """Stands above the columns once a run has ended."""

    compare_wanted = Signal()
    query_wanted = Signal()

    def __init__(self, session: Session, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(self.tr("Result"), name="run.result", parent=parent)
        self._state = Chip("ok", "")
        self._gates_chip = Chip("ok", "")
        self._name = Elided(role="card-title", gives_way=True)
        self.head.addWidget(self._name)
        self.head.addWidget(self._state)
        self.head.addWidget(self._gates_chip)
        self.head.addStretch(1)
        self.head.addWidget(Button(self.tr("Compare candidates"), self.compare_wanted.emit, role="link"))
        self._metric = label("", "caption", wrap=True)
        self._score = label("", "verdict", name="run.score")
        self._interval = label("", "quiet", name="run.interval")
        self._baseline = label("", "quiet", name="run.baseline")
        self._lines = ScoreLines(self.tr("Candidates with their scores"))
        self._notes = label("", "caption", wrap=True)
        self._gate_rows = column(spacing=0)
        self._referee = VerdictRow(self.query_wanted.emit)
        self.approval = ApprovalRow(session, actions)
        self.running = RunningRow(actions)
        self._build()
        self.hide()

    def _build(self) -> None:
        left = QWidget()
        left.setFixedWidth(216)
        says = self.tr("The best is chosen by cross-validation; the hold-out only tests it.")
        chosen = label(says, "caption", wrap=True)
        left.setLayout(column(self._metric, self._score, self._interval, self._baseline, chosen, 1, spacing=4))
        right = column(self._lines, 1)
        line = row(left, spacing=24)
        line.addLayout(right, 1)
        self.body.addLayout(line)
        self.body.addLayout(self._gate_rows)
        self.body.addWidget(self._referee)
        self.body.addWidget(self._notes)
        self.body.addWidget(rule())
        self.body.addWidget(self.approval)
        self.body.addWidget(self.running)

    def show_result(self, result: Result | None, project: Path) -> None:
        """Show a result, or nothing."""
        if result is None:
            self.hide()
            return
        run, best = result.run, result.best
        self.title.setText(self.tr("Run {0}").format(run.number))
        self._name.setText(f"· {best.name}" if best is not None else "")
        self._name.setToolTip(plain_tip(best.name) if best is not None else "")
        self._state.say(STATE_STATUS[run.state], self.tr(STATE_WORDS[run.state]))
        self._state.setVisible(run.state is not RunState.FINISHED)
        self._gates_chip.setVisible(best is not None)
        self._gates_chip.say(*gates_words(result.gates))
        self._show_score(result)
        self._lines.show_lines(candidate_lines(run))
        self._lines.setVisible(bool(run.candidates))
        self._show_gates(result)
        self._referee.show_verdict(result.verdict)
        notes = [*run.notes, *([run.reason] if run.reason else [])]
        self._notes.setText(in_the_window("  ".join(notes)))
        self._notes.setVisible(bool(notes))
        self.approval.show_result(result, why_not_approve(run, result.gates))
        self.running.show_result(result, project)
        self.show()

    def _show_score(self, result: Result) -> None:
        run, best = result.run, result.best
        self._metric.setText(self.tr("{0} on the hold-out").format(METRIC_WORDS[run.plan.metric]))
        score = best.holdout if best is not None else None
        self._score.setText(figure(score.value if score is not None else None))
        self._interval.setVisible(score is not None)
        if score is not None:
            self._interval.setText(self.tr("95 % {0}").format(ends(score)))
        dummy = run.dummy
        self._baseline.setVisible(dummy is not None and dummy.holdout is not None)
        if dummy is not None and dummy.holdout is not None:
            self._baseline.setText(self.tr("Baseline {0}").format(figure(dummy.holdout.value)))

    def _show_gates(self, result: Result) -> None:
        emptied(self._gate_rows)
        if result.model is not None:
            return
        for gate in result.gates:
            made = QWidget()
            words = Elided(gate.message, "quiet")
            words.setToolTip(plain_tip(gate.message))
            line = row(StatusMark("ok" if gate.passed else "fail"), words)
            line.setStretch(1, 1)
            made.setLayout(line)
            self._gate_rows.addWidget(made)
