"""What to train on, how long, by which metric; and the gates that wait at the end."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QFormLayout, QWidget

from app.core.fairness import MEASURES
from app.core.metrics import COST, FLAGGED
from app.core.runs import METRIC_WORDS, TASK_WORDS, Task
from app.ui.actions import Actions
from app.ui.page import scrolling
from app.ui.train.budgets import BudgetField
from app.ui.train.cost_form import CostForm
from app.ui.train.gate_editor import GateEditor, Offered
from app.ui.train.split_form import SplitForm
from app.ui.train.train_view import Options, Trainable
from app.ui.widgets.buttons import ActionButton
from app.ui.widgets.card import Card, column, field_label, label, row, rule, within
from app.ui.widgets.combo import Combo
from app.ui.widgets.numbers import WholeNumber


class TrainOptions(Card):
    """A form; valid at every moment, so that the button needs no further question."""

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(self.tr("What to try"), name="train.options", parent=parent)
        self._trainables: list[Trainable] = []
        self._metrics_of: tuple[str, str | None] | None = None
        self.data = Combo(self.tr("Data"), name="train.data")
        self.metrics = Combo(self.tr("Metric"), name="train.metric")
        self.budget = BudgetField()
        self.seed = _spin(0, 2_000_000_000, 0, "")
        self.seed.setObjectName("train.seed")
        self._what = label("", "quiet", wrap=True)
        form = self._form = QFormLayout()
        form.setVerticalSpacing(8)
        form.setHorizontalSpacing(12)
        form.addRow(field_label(self.tr("&Data"), self.data), self.data)
        form.addRow("", self._what)
        self.split = SplitForm()
        form.addRow(field_label(self.tr("S&plit"), self.split.ways), self.split.ways)
        form.addRow("", self.split)
        form.addRow(field_label(self.tr("&Time"), self.budget), self.budget)
        form.addRow(field_label(self.tr("&Metric"), self.metrics), self.metrics)
        self.costs = CostForm()
        form.addRow("", self.costs)
        form.addRow(field_label(self.tr("S&eed"), self.seed), self.seed)
        self.metrics.currentIndexChanged.connect(lambda _index: self.costs.setVisible(self._by_cost))
        self.gates = GateEditor()
        self.button = ActionButton(actions["run.train"], role="primary")
        gates = label(self.tr("Gates at the end"), "strong")
        fields = within(column(form, rule(), gates, self.gates, 1, spacing=self.body.spacing()))
        self.body.addWidget(scrolling(fields), 1)  # the button below stays in sight however long the form is
        self.body.addLayout(row(1, self.button))
        self.data.currentIndexChanged.connect(lambda _index: self._show_chosen())

    @property
    def chosen(self) -> Trainable | None:
        """What would be trained on."""
        index = self.data.currentIndex()
        return self._trainables[index] if 0 <= index < len(self._trainables) else None

    @property
    def options(self) -> Options:
        """As they stand in the form."""
        return Options(self.budget.seconds, self.seed.value(), self._metric)

    @property
    def _by_cost(self) -> bool:
        return bool(self.metrics.currentData() == COST)

    @property
    def _metric(self) -> str:
        return self.costs.as_metric if self._by_cost else str(self.metrics.currentData())

    def show_trainables(self, trainables: Sequence[Trainable], wanted_version: str | None) -> None:
        """Offer these; keep the choice where it is still there."""
        before = wanted_version or (self.chosen.version.id if self.chosen else None)
        self._trainables = list(trainables)
        with QSignalBlocker(self.data):
            self.data.clear()
            for trainable in trainables:
                self.data.addItem(self.tr("{0}, version {1}").format(trainable.dataset.name, trainable.version.number))
            ids = [trainable.version.id for trainable in trainables]
            self.data.setCurrentIndex(ids.index(before) if before in ids else 0)
        self._show_chosen()

    def choose(self, dataset_id: str) -> bool:
        """Choose the newest version of a data set; whether there is one."""
        found = [number for number, one in enumerate(self._trainables) if one.dataset.id == dataset_id]
        if found:
            self.data.setCurrentIndex(found[0])
        return bool(found)

    def _show_chosen(self) -> None:
        chosen = self.chosen
        if chosen is None:
            return
        self._what.setText(self._what_words(chosen))
        for part in (self.split.ways, self.split):
            self._form.setRowVisible(part, chosen.dividing is not None)
        self.split.show_dividing(chosen.dividing)
        self._offer_metrics(chosen)
        self.gates.show_gates(chosen.rules, _offered(chosen), chosen.undo_words)

    def _offer_metrics(self, chosen: Trainable) -> None:
        """The metric that was chosen stays for the same data set and target; others begin with their first."""
        metrics_of = (chosen.dataset.id, chosen.plan.target if chosen.plan is not None else None)
        before = self.metrics.currentData() if metrics_of == self._metrics_of else None
        self._metrics_of = metrics_of
        self.metrics.clear()
        for metric in chosen.metrics:
            self.metrics.addItem(METRIC_WORDS[metric], metric)
        if chosen.classes:
            self.metrics.addItem(self.tr("Cost of mistakes"), COST)
        self.costs.show_classes(chosen.classes)
        self.metrics.setCurrentIndex(max(0, self.metrics.findData(before)))

    def _what_words(self, chosen: Trainable) -> str:
        if chosen.plan is None:
            return chosen.why_not
        plan = chosen.plan
        what = self.tr("Looks for rows that are unlike the others: no column is used as target.")
        if plan.target:
            what = self.tr("Predicts {0}: {1}.").format(plan.target, self.tr(TASK_WORDS[plan.task]))
        return what


def _spin(low: int, high: int, value: int, suffix: str) -> WholeNumber:
    spin = WholeNumber()
    spin.setRange(low, high)
    spin.setValue(value)
    spin.setSuffix(suffix)
    spin.setFixedHeight(32)
    spin.lineEdit().setTextMargins(8, 0, 8, 0)
    return spin


def _offered(chosen: Trainable) -> Offered:
    """What gates of these data may be about."""
    if chosen.plan is None:
        return Offered()
    task = chosen.plan.task
    truth = task is not Task.ANOMALY
    metrics = chosen.metrics if truth else (*chosen.metrics, FLAGGED)
    return Offered(metrics, MEASURES[task], chosen.grouping, calibration=task.classifies, truth=truth)
