"""The challenger of a model version: who is better, what changes, and the decision with its reason."""

from __future__ import annotations

from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from app.core.challenges import ChangedPlan, sentence
from app.ui.actions import Actions
from app.ui.models.challenge_lists import ChallengeLists
from app.ui.models.challenge_view import ChallengeView, Choice
from app.ui.models.challenge_words import (
    decision_words,
    headline,
    origin_words,
    rows_words,
    score_cells,
    status_of,
)
from app.ui.models.plan_row import PlanRow
from app.ui.widgets.buttons import ActionButton
from app.ui.widgets.card import emptied, label, row, within
from app.ui.widgets.chip import StatusMark
from app.ui.widgets.choice import Check
from app.ui.widgets.combo import Combo
from app.ui.widgets.field import field
from app.ui.words import seconds_words

SAME, AGAIN, CHANGED = "same", "again", "changed"
HOW_PX = 140
"""Of the shorter of the two choices beside the button."""


class ChallengeTab(QWidget):
    """Says who is better before it says why; the decision stands below everything that it rests on."""

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.view: ChallengeView | None = None
        self._actions = actions
        self._reason_for = ""
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 8, 0, 0)
        whole.setSpacing(8)
        whole.addWidget(self._ask_row(actions))
        whole.addWidget(self.changes)
        self.mark, self.line = StatusMark(), label("", "card-title", wrap=True, name="challenge.verdict")
        head = row(self.mark, self.line)
        head.setStretch(1, 1)
        whole.addLayout(head)
        self.origin = label("", "quiet", wrap=True)
        whole.addWidget(self.origin)
        self.scores = QGridLayout()
        self.scores.setHorizontalSpacing(8)
        self.scores.setVerticalSpacing(2)
        self.scores.setColumnMinimumWidth(2, 8)
        self.scores.setColumnStretch(5, 1)
        whole.addLayout(self.scores)
        self.lists = ChallengeLists(actions, self)
        whole.addWidget(self.lists, 1)
        self.decision = self._decision(actions)
        whole.addWidget(self.decision)

    def show_view(self, view: ChallengeView) -> None:
        """Show a version's challenger, or that there is none."""
        self.view = view
        self._fill_choices(view)
        self.mark.set_status(status_of(view))
        self.line.setText(headline(view))
        found = view.comparison
        told = [origin_words(view), rows_words(found) if found is not None and not found.problem else ""]
        self.origin.setText(" ".join(filter(None, told)))
        self.decision.setVisible(found is not None)
        self._show_scores(view)
        self.lists.show_view(view)
        if found is not None:
            self._show_decision(view)
        self.settle()

    @property
    def choice(self) -> Choice:
        """Where the next challenger comes from."""
        chosen = self.source.currentData()
        return chosen if isinstance(chosen, Choice) else Choice("")

    @property
    def plan(self) -> ChangedPlan:
        """By the champion's recipe, by its whole search again, or by another plan."""
        how = self.how.currentData()
        if how == CHANGED:
            return ChangedPlan(True, self.changes.families, self.changes.seconds)
        return ChangedPlan(how == AGAIN)

    def settle(self) -> None:
        """Allow what can be decided now."""
        view = self.view
        open_ = view is not None and view.made is not None and view.decision is None
        none = "" if open_ else self.tr("There is nothing to decide.")
        unsaid = "" if self.reason.text().strip() else self.tr("Give a reason first.")
        self._actions.forbid("challenge.keep", none or unsaid)
        self._actions.forbid("challenge.promote", none or (view.why_not if view is not None else "") or unsaid)
        changed = self.how.currentData() == CHANGED and self.how.isEnabled()
        self.changes.setVisible(changed)
        able = view is not None and view.made is not None and view.made.candidate_id is not None
        self._actions.forbid("challenge.rehearse", "" if able else self.tr("There is no challenger."))

    def _ask_row(self, actions: Actions) -> QWidget:
        """What a retrain takes and how, and the button."""
        self.source = Combo(self.tr("Rows to retrain on"), name="challenge.source")
        self.how = Combo(self.tr("How to retrain"), name="challenge.how")
        self.how.currentIndexChanged.connect(lambda _index: self.settle())
        self.source.currentIndexChanged.connect(lambda _index: self._settle_how())
        self.changes = PlanRow()
        self.changes.hide()
        self.button = ActionButton(actions["run.retrain"], icon="refresh")
        line = row(self.source, self.how, self.button)
        line.setStretch(0, 1)
        self.how.setMaximumWidth(HOW_PX)
        return within(line)

    def _decision(self, actions: Actions) -> QWidget:
        self.reason = field("challenge.reason", self.tr("Reason for the decision"))
        self.reason.setPlaceholderText(self.tr("Why is it promoted, or why is the champion kept?"))
        self.reason.textChanged.connect(lambda _text: self.settle())
        self.keep = ActionButton(actions["challenge.keep"])
        self.promote = ActionButton(actions["challenge.promote"], role="primary", icon="approve")
        self.rolls_out = Check("")
        self.rolls_out.setObjectName("challenge.roll_out")
        self.decided = label("", "quiet", wrap=True, name="challenge.decision")
        named = label(self.tr("R&eason"), "quiet")
        named.setBuddy(self.reason)
        self._deciding = within(row(named, self.reason, self.keep, self.promote))
        both = QWidget()
        layout = QVBoxLayout(both)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.decided)
        layout.addWidget(self.rolls_out)
        layout.addWidget(self._deciding)
        return both

    def _fill_choices(self, view: ChallengeView) -> None:
        before = self.source.currentText()
        self.source.blockSignals(True)
        self.source.clear()
        for choice in view.choices:
            self.source.addItem(self.tr(choice.text), choice)
        self.source.setCurrentIndex(max(0, self.source.findText(before)))
        self.source.blockSignals(False)
        self._fill_ways(view)
        self._settle_how()
        self.how.setToolTip(self.tr("Searching again takes {0}").format(seconds_words(view.seconds)))

    def _fill_ways(self, view: ChallengeView) -> None:
        """A model of unusual rows leaves no choice of families."""
        ways = [(self.tr("Same recipe"), SAME), (self.tr("Search again"), AGAIN)]
        ways += [(self.tr("Changed plan"), CHANGED)] if view.families else []
        if [self.how.itemData(i) for i in range(self.how.count())] != [way for _, way in ways]:
            self.how.blockSignals(True)
            self.how.clear()
            for text, way in ways:
                self.how.addItem(text, way)
            self.how.blockSignals(False)
        if view.families:
            self.changes.show_plan(view.families, view.seconds, view.metric)

    def _settle_how(self) -> None:
        """A run that is there already is compared as it is."""
        self.how.setEnabled(self.choice.run_id is None)
        self.settle()

    def _show_scores(self, view: ChallengeView) -> None:
        found = view.comparison
        emptied(self.scores)
        if found is None or found.problem:
            return
        for line, cells in enumerate(score_cells(found)):
            for place, (name, figures) in enumerate(cells):
                strong = "strong" if line == 1 and not place else ""
                self.scores.addWidget(label(name, "quiet"), line, 3 * place)
                self.scores.addWidget(label(figures, strong), line, 3 * place + 1)

    def _show_decision(self, view: ChallengeView) -> None:
        words = decision_words(view)
        self.decided.setText(words)
        self.decided.setVisible(bool(words))
        self._deciding.setVisible(view.decision is None)
        self.rolls_out.setVisible(view.decision is None and bool(view.live) and not view.why_not)
        self.rolls_out.setText(self.tr("Roll out to {0} when promoted").format(", ".join(view.live)))
        made = view.made.id if view.made is not None else ""
        if self._reason_for != made and view.comparison is not None:
            self._reason_for = made
            self.reason.setText(sentence(view.comparison))
            self.reason.setCursorPosition(0)
            self.rolls_out.setChecked(True)
