"""The bar on top of the data page: what to predict, how hard to try, and the one button."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, QSize, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QWidget

from app.core.data import ColumnProfile
from app.core.runs import SplitKind, Task
from app.data.guess import class_rows
from app.ui.actions import Actions
from app.ui.data.data_view import DataView
from app.ui.train.budgets import BudgetCombo
from app.ui.train.train_view import split_words
from app.ui.widgets.buttons import ActionButton, Button
from app.ui.widgets.card import Card, label, row, within
from app.ui.widgets.combo import Combo
from app.ui.widgets.elided import Elided
from app.ui.words import percent, plain_tip

TWO_LINES, AROUND = 480, 48
"""Widths in px: the least one, and what is beside the two halves."""


class TargetBar(Card):
    """Asks for a target, a positive class and an effort. Signals carry what a person chose."""

    target_chosen = Signal(str)
    positive_chosen = Signal(str)
    options_wanted = Signal()

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(name="data.bar", parent=parent)
        self.target = Combo(self.tr("What should be predicted"), name="data.target")
        self.target.setPlaceholderText(self.tr("choose a column"))
        self.positive = Combo(self.tr("Positive class"), name="data.positive")
        self._positive_label = label(self.tr("Positive"))
        self.effort = BudgetCombo(self.tr("Effort"), name="run.effort")
        self.train = ActionButton(actions["run.train"], role="primary")
        self.options = Button(
            self.tr("Options…"), self.options_wanted.emit, name="run.options", says=self.tr("Train with options")
        )
        self._why = Elided("", "caption")
        self._gates = Elided("", "caption")
        predict = label(self.tr("&Predict"))
        predict.setBuddy(self.target)
        effort = label(self.tr("E&ffort"))
        effort.setBuddy(self.effort)
        self._what = within(row(predict, self.target, self._positive_label, self.positive, 1))
        self._how = within(row(effort, self.effort, 1, self.options, self.train))
        self._lines = row(self._what)
        self._lines.addWidget(self._how, 1)
        self.body.addLayout(self._lines)
        under = row(self._why, self._gates, spacing=16)
        under.setStretch(0, 1)
        self.body.addLayout(under)
        self.target.activated.connect(lambda i: self.target_chosen.emit(self.target.itemData(i)))
        self.positive.activated.connect(lambda i: self.positive_chosen.emit(self.positive.itemData(i)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Stand on two lines where one is too narrow for whole words on the buttons."""
        super().resizeEvent(event)
        self._lay_out()

    def _lay_out(self) -> None:
        wide = self._what.sizeHint().width() + self._how.sizeHint().width() + AROUND <= self.width()
        way = QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom
        if self._lines.direction() != way:
            self._lines.setDirection(way)

    def minimumSizeHint(self) -> QSize:
        """That of two lines."""
        return QSize(TWO_LINES, super().minimumSizeHint().height())

    @property
    def seconds(self) -> float:
        """The chosen effort."""
        return self.effort.seconds

    def show_view(self, view: DataView) -> None:
        """Show the target of a reading and what it means."""
        profiles = {profile.name: profile for profile in view.profile.columns}
        with QSignalBlocker(self.target):
            self.target.clear()
            self.target.addItem(self.tr("nothing (find unusual rows)"), "")
            for column in view.reading.columns:
                self.target.addItem(column.name, column.name)
            self.target.setCurrentIndex(self.target.findData(view.reading.target or ""))
            if view.reading.target is not None:
                words = f"{view.reading.target}  ({self._words(view, profiles[view.reading.target])})"
                self.target.setItemText(self.target.currentIndex(), words)
            self.target.search_if_long()
        self._show_positive(view, profiles)
        reason = self._reason(view)
        self._why.setText(reason)
        self._why.setToolTip(plain_tip(reason))
        self._gates.setVisible(not view.why_not)
        gates = ", ".join(gate.title[:1].lower() + gate.title[1:] for gate in view.gates)
        self._gates.setText(self.tr("To be approved: {0}").format(gates))
        self._gates.setToolTip(plain_tip("\n".join(f"{gate.title}: {gate.rule}" for gate in view.gates)))
        told = (
            self.tr("Predict {0}").format(view.reading.target) if view.reading.target else self.tr("Find unusual rows")
        )
        self.train.setAccessibleDescription(told)
        self._lay_out()

    def _show_positive(self, view: DataView, profiles: dict[str, ColumnProfile]) -> None:
        binary = view.plan is not None and view.plan.task is Task.BINARY
        self.positive.setVisible(binary)
        self._positive_label.setVisible(binary)
        if not binary or view.plan is None or view.reading.target is None:
            return
        with QSignalBlocker(self.positive):
            self.positive.clear()
            target = view.reading.target
            for value in class_rows(view.reading.column(target), profiles[target]):
                self.positive.addItem(value, value)
            self.positive.setCurrentIndex(self.positive.findData(view.plan.positive))

    def _words(self, view: DataView, profile: ColumnProfile) -> str:
        if view.plan is None:
            return self.tr("{0} values").format(profile.distinct)
        if not view.plan.task.classifies:
            return self.tr("number, {0} – {1}").format(profile.minimum or "", profile.maximum or "")
        shares = class_rows(view.reading.column(profile.name), profile)
        shown = view.plan.positive if view.plan.positive in shares else next(iter(shares), "")
        present = max(1, view.profile.rows - profile.missing)
        share = percent(shares.get(shown or "", 0) / present)
        if view.plan.task is Task.BINARY:
            return self.tr("{0} {1}").format(share, shown)
        return self.tr("{0} classes").format(profile.distinct)

    def _reason(self, view: DataView) -> str:
        if view.why_not:
            return view.why_not
        if view.reading.target is None:
            return self.tr("No column is predicted: rows that are unlike the others are looked for.")
        why = view.reading.why_target or self.tr("You chose {0}.").format(view.reading.target)
        if view.plan is None or view.plan.split is SplitKind.STRATIFIED:
            return f"{why.rstrip('.')}. {view.asked}" if view.asked else why
        return f"{split_words(view.reading, view.plan)} {why}"
