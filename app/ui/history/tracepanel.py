"""From a prediction back to the data behind it, link by link."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QGridLayout, QLineEdit, QSizePolicy, QVBoxLayout, QWidget

from app.core.origins import Descent
from app.core.watch import Link, Trace
from app.ui.page import Page, scrolling
from app.ui.services.violation_words import violation_words
from app.ui.widgets.buttons import ActionButton, Button
from app.ui.widgets.card import Card, column, label, row
from app.ui.widgets.chip import StatusMark
from app.ui.widgets.table import DataTable, RecordsModel, TableColumn
from app.ui.words import figure

if TYPE_CHECKING:
    from app.registry.project import Project

LINKS = {
    "prediction": "Prediction",
    "bundle": "Bundle",
    "model_version": "Model version",
    "query": "Query",
    "run": "Run",
    "plan": "Plan",
    "data_version": "Data version",
    "data": "Bytes of the data (SHA-256)",
    "approval": "Approval",
    "source": "Source of the data",
}

Pair = tuple[str, str]


class TracePanel(QWidget):
    """A field for the id, the chain of links, and the prediction's inputs and output."""

    def __init__(self, page: Page) -> None:
        super().__init__(page)
        self._page = page
        self.field = QLineEdit(placeholderText=self.tr("Paste a prediction id, for example from a service's answer"))
        self.field.setAccessibleName(self.tr("Prediction id"))
        self.field.setClearButtonEnabled(True)
        self.field.returnPressed.connect(self.look_up)
        self._head = row(self.field)
        self._head.setStretch(0, 1)
        self._said = label(
            self.tr(
                "Every prediction carries an id. With it you see the inputs, the model, the run and the data behind it."
            ),
            "quiet",
            wrap=True,
        )
        ask = Card()
        ask.body.addLayout(self._head)
        ask.body.addWidget(self._said)
        self._chain = Card(self.tr("What stands behind it"), name="trace.chain")
        self._rows = QGridLayout()
        self._rows.setHorizontalSpacing(12)
        self._rows.setVerticalSpacing(6)
        self._rows.setColumnStretch(2, 1)
        self._chain.body.addLayout(self._rows)
        self._inputs = _PairTable(self.tr("Inputs"))
        self._output = _PairTable(self.tr("Output"))
        tables = row(self._inputs, self._output, spacing=16)
        tables.setStretch(0, 3)
        tables.setStretch(1, 2)
        self._found = QWidget()
        found = column(self._chain, spacing=16)
        found.setContentsMargins(0, 0, 0, 0)
        found.addLayout(tables, 1)
        self._found.setLayout(found)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 12, 0, 0)
        whole.setSpacing(16)
        whole.addWidget(ask)
        whole.addWidget(scrolling(self._found), 1)
        self._found.hide()  # the scroll area has shown it

    def add_button(self, button: ActionButton) -> None:
        """Put the command's button beside the field."""
        self._head.addWidget(button)

    def ask_for(self, prediction_id: str) -> None:
        """Put an id into the field."""
        self.field.setText(prediction_id)

    def look_up(self) -> None:
        """Trace the id in the field."""
        wanted = self.field.text().strip()
        if not wanted:
            self._said.setText(self.tr("Paste a prediction id first."))
            self.field.setFocus()
            return

        def ask(project: Project) -> Trace:
            from app.serving.trace import trace

            return trace(project, wanted)

        self._page.query(ask, self.show_trace, key="trace")

    def show_trace(self, trace: Trace) -> None:
        """Show every link, the missing ones as missing."""
        while (item := self._rows.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        for number, link in enumerate([*trace.links, *map(_descent, trace.lineage)]):
            self._add_link(number, link)
        missing = sum(link.value is None for link in trace.links)
        said = self.tr("The trace is whole.") if not missing else self.tr("{0} links are missing.").format(missing)
        if trace.violations:
            said += " " + self.tr("Breaks the contract: {0}.").format(violation_words(trace.violations, self.tr))
        self._said.setText(said)
        self._inputs.show_json(trace.inputs)
        self._output.show_json(trace.output)
        self._found.show()

    def _add_link(self, number: int, link: Link) -> None:
        found = link.value is not None
        name = label(QCoreApplication.translate("trace", LINKS.get(link.name, link.name)), "quiet")
        text = _in_words(link) if found else link.problem
        value = label(text, "" if found else "problem", wrap=True)
        value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        value.setAccessibleName(f"{name.text()}: {text}")
        self._rows.addWidget(StatusMark("ok" if found else "fail"), number, 0, Qt.AlignmentFlag.AlignTop)
        self._rows.addWidget(name, number, 1, Qt.AlignmentFlag.AlignTop)
        self._rows.addWidget(value, number, 2, Qt.AlignmentFlag.AlignTop)
        if found:
            copy = Button(
                self.tr("Copy {0}").format(name.text()), lambda: _copy(link.value or ""), role="icon", icon="copy"
            )
            self._rows.addWidget(copy, number, 3, Qt.AlignmentFlag.AlignTop)


class _PairTable(Card):
    """Names and values of a JSON object."""

    def __init__(self, title: str) -> None:
        super().__init__(title)
        self._model = RecordsModel[Pair](
            [TableColumn(self.tr("Name"), lambda pair: pair[0]), TableColumn(self.tr("Value"), lambda pair: pair[1])],
            self,
        )
        table = DataTable(title)
        table.setModel(self._model)
        table.set_widths([180])
        table.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        table.setMinimumHeight(160)
        self.body.addWidget(table, 1)

    def show_json(self, text: str | None) -> None:
        """Show the pairs of a JSON object, nested ones with dotted names."""
        self._model.show(list(_pairs("", json.loads(text))) if text else [])


def _pairs(prefix: str, value: object) -> list[Pair]:
    if isinstance(value, dict):
        return [
            pair for key, below in value.items() for pair in _pairs(f"{prefix}.{key}" if prefix else str(key), below)
        ]
    return [(prefix, _value_words(value))]


def _value_words(value: object) -> str:
    if value is None:
        return QCoreApplication.translate("trace", "missing")
    if isinstance(value, float):
        return figure(value, 4)
    return str(value) if not isinstance(value, bool) else str(value).lower()


def _in_words(link: Link) -> str:
    if link.name != "plan" or link.value is None:
        return link.value or ""
    plan = json.loads(link.value)
    told = (
        plan.get("target"),
        plan.get("task"),
        plan.get("metric"),
        f"{plan.get('seconds'):g} s",
        f"seed {plan.get('seed')}",
    )
    return QCoreApplication.translate("trace", "predict {0}, {1}, by {2}, {3}, {4}").format(*told)


def _descent(step: Descent) -> Link:
    """Where a data version came from, as a line of the chain."""
    tr = QCoreApplication.translate
    if step.inputs:
        told = tr("trace", "{0} is made of {1} by: {2}")
        return Link("source", told.format(step.label, ", ".join(step.inputs), " ".join(step.query.split())))
    place = " · ".join(part for part in (step.kind, step.address, " ".join(step.query.split())) if part)
    return Link("source", tr("trace", "{0} comes from: {1}").format(step.label, place))


def _copy(text: str) -> None:
    QGuiApplication.clipboard().setText(text)
