"""The gates that wait at the end of a run: the defaults, and a data set's own to add and remove before training."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.core.fairness import MEASURE_WORDS
from app.core.gate_rules import BY_GROUP, MARGINS, GateKind, GateRule, described, with_rule
from app.core.gates import DEFAULT_GATES, Gate
from app.core.metrics import GREATER_IS_BETTER, METRIC_WORDS
from app.ui.widgets.buttons import Button
from app.ui.widgets.card import column, emptied, label, row, within
from app.ui.widgets.chip import StatusMark
from app.ui.widgets.combo import Combo
from app.ui.widgets.numbers import Number

UNITS = {GateKind.SIZE: " KB", GateKind.LATENCY: " ms"}
WHOLE = {GateKind.LIVE: 200.0}
"""With what stands ready: monitoring says nothing of fewer labels (``core.monitoring.ENOUGH_LABELS``)."""
START = WHOLE | {GateKind.SIZE: 1000.0, GateKind.LATENCY: 10.0, GateKind.FAIRNESS: 0.1, GateKind.CALIBRATION: 0.05}
"""What stands ready for a gate of this kind; nothing is a sensible margin, and a bound is the person's."""
LEAST_PX = 96


@dataclass(frozen=True, slots=True)
class Offered:
    """What gates may be about. ``metrics``: that a bound may be of, none: nothing can be trained; ``measures``: of
    fairness; ``columns``: whose groups may be looked at; ``calibration``: whether there are probabilities;
    ``truth``: whether a column is predicted, so that answers can be right or wrong; ``live``: whether the model may
    have answered before, as before it is rolled out."""

    metrics: tuple[str, ...] = ()
    measures: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    calibration: bool = False
    truth: bool = True
    live: bool = False


class GateEditor(QWidget):
    """A list of gates; each change is told as the whole new list, with what was done in words."""

    wanted = Signal(object, str)
    undone = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rules: tuple[GateRule, ...] = ()
        self._list = QVBoxLayout()
        self._list.setSpacing(6)
        self.form = GateForm()
        self.form.hide()
        self.form.button.clicked.connect(lambda _checked=False: self._add())
        self.more = Button(self.tr("Add a gate…"), self._open, name="gates.more", role="link")
        self.undo = Button(self.tr("Undo"), self.undone.emit, name="gates.undo", role="link")
        outer = column(self._list, self.form, row(self.more, self.undo, 1), spacing=6)
        outer.setContentsMargins(0, 0, 0, 0)
        self.setLayout(outer)

    def show_gates(
        self, rules: Sequence[GateRule], offered: Offered, undo: str, defaults: Sequence[Gate] = DEFAULT_GATES
    ) -> None:
        """Show the defaults and these rules. ``undo``: what going back would do, empty if there is nothing to go back
        to."""
        self._rules = tuple(rules)
        emptied(self._list)
        for gate in defaults:
            self._list.addWidget(_line(f"{gate.title}. {gate.rule}"))
        for rule in rules:
            self._list.addWidget(self._own(rule))
        self.form.offer(offered)
        self.more.setVisible(bool(offered.metrics) and not self.form.isVisibleTo(self))
        self.undo.setVisible(bool(undo))
        self.undo.setToolTip(undo)

    def _own(self, rule: GateRule) -> QWidget:
        gate = described(rule)
        said = self.tr("Remove the gate “{0}”").format(gate.title)
        button = Button(said, lambda: self._remove(rule), name=f"gates.remove.{rule.name}", role="icon", icon="close")
        line = _line(gate.title, button)
        line.setToolTip(gate.rule)
        return line

    def _open(self) -> None:
        self.form.show()
        self.more.hide()
        self.form.kind.setFocus()

    def _add(self) -> None:
        rule = self.form.rule
        if rule is not None:
            self.form.hide()
            self.more.show()
            self.wanted.emit(with_rule(self._rules, rule), self.tr("Added: {0}.").format(described(rule).title))

    def _remove(self, rule: GateRule) -> None:
        left = tuple(one for one in self._rules if one != rule)
        self.wanted.emit(left, self.tr("Removed: {0}.").format(described(rule).title))


class GateForm(QWidget):
    """One gate to add: what it looks at and how much it asks for."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._offered = Offered()
        self.kind = Combo(self.tr("What the gate looks at"), name="gates.kind")
        self.amount = Number()
        self.amount.setObjectName("gates.amount")
        self.amount.setAccessibleName(self.tr("How much the gate asks for"))
        self.amount.setFixedHeight(32)
        self.amount.setMinimumWidth(LEAST_PX)
        self.amount.lineEdit().setTextMargins(8, 0, 8, 0)
        self.unit = Combo(self.tr("How the margin is meant"), name="gates.unit")
        self.unit.addItem(self.tr("in its unit"), False)
        self.unit.addItem(self.tr("% of its figure"), True)
        self.column = Combo(self.tr("Column whose groups are looked at"), name="gates.column")
        self._by = within(row(label(self.tr("by group of"), "quiet"), self.column, 1))
        self.button = Button(self.tr("Add"), name="gates.add")
        self._note = label("", "caption", wrap=True)
        foot = row(self._note, self.button)
        foot.setStretch(0, 1)
        outer = column(self.kind, row(self.amount, self.unit), self._by, foot, spacing=6)
        outer.setContentsMargins(0, 0, 0, 0)
        self.setLayout(outer)
        self.kind.currentIndexChanged.connect(lambda _index: self._settle())

    def offer(self, offered: Offered) -> None:
        """Offer every kind that these data have; the choice is kept where they offer the same."""
        if offered == self._offered:
            return
        self._offered = offered
        self.column.clear()
        self.column.addItems(offered.columns)
        self.kind.clear()
        for kind, metric, words in self._kinds(offered):
            self.kind.addItem(words, (kind.value, metric))

    def _kinds(self, offered: Offered) -> Iterator[tuple[GateKind, str, str]]:
        for metric in offered.metrics:
            yield GateKind.BOUND, metric, self._bound_words(metric)
        yield GateKind.BASELINE, "", self.tr("Better than the baseline by")
        if offered.truth:
            yield GateKind.CHAMPION, "", self.tr("Better than the champion by")
            yield GateKind.SQL_RULE, "", self.tr("Better than the SQL rule")
        yield GateKind.SIZE, "", self.tr("Model at most")
        yield GateKind.LATENCY, "", self.tr("Answer within")
        if offered.live:
            yield GateKind.LIVE, "", self.tr("Proven on live labels, at least")
        if offered.calibration:
            yield GateKind.CALIBRATION, "", self.tr("Calibration error at most")
        if not offered.columns:
            return
        for measure in offered.measures:
            words = self.tr("{0} differs by at most").format(MEASURE_WORDS[measure])
            yield GateKind.FAIRNESS, measure, words
        for metric in offered.metrics if offered.truth else ():
            yield GateKind.SLICE, metric, self.tr("In every group: {0}").format(self._bound_words(metric))

    def _bound_words(self, metric: str) -> str:
        most = self.tr("{0} at least") if GREATER_IS_BETTER[metric] else self.tr("{0} at most")
        return most.format(METRIC_WORDS[metric])

    @property
    def rule(self) -> GateRule | None:
        """As it stands in the form."""
        if (chosen := self._chosen) is None:
            return None
        kind, metric = chosen
        relative = kind in MARGINS and bool(self.unit.currentData())
        amount = 0.0 if kind is GateKind.SQL_RULE else self.amount.value()
        by = self.column.currentText() if kind in BY_GROUP else ""
        return GateRule(kind, round(amount / 100, 8) if relative else amount, metric, relative, by)

    @property
    def _chosen(self) -> tuple[GateKind, str] | None:
        data = self.kind.currentData()
        return (GateKind(data[0]), str(data[1])) if data else None

    def _settle(self) -> None:
        """Show what this kind needs."""
        if (chosen := self._chosen) is None:
            return
        kind = chosen[0]
        self.amount.setVisible(kind is not GateKind.SQL_RULE)
        self.unit.setVisible(kind in MARGINS)
        self._by.setVisible(kind in BY_GROUP)
        self.amount.setSuffix(self.tr(UNITS.get(kind, "")))
        self.amount.setDecimals(0 if kind in WHOLE else 1 if kind in UNITS else 4)
        self.amount.setRange(WHOLE.get(kind, 0.1 if kind in UNITS else -1e6), 1e6)
        self.amount.setValue(START.get(kind, 0.0))
        rule = GateRule(kind, 0.0, chosen[1], column=self.column.currentText())
        self._note.setText(self._margin_note(kind) if kind in MARGINS else described(rule).rule)

    def _margin_note(self, kind: GateKind) -> str:
        below = self.tr("Below zero: how much worse it may be.")
        there = self._offered.live and kind is GateKind.CHAMPION
        return self.tr("The champion is what is live there. {0}").format(below) if there else below


def _line(text: str, *after: QWidget) -> QWidget:
    words, mark = label(text, "quiet", wrap=True), StatusMark("info")
    line = row(mark if after else column(mark, 1), words, *after)  # beside a button all stand in its middle
    line.setStretch(1, 1)
    return within(line)
