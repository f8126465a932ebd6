"""What automations did, each step with what it found; when they would have run; ready files for CI services."""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLayout, QPlainTextEdit, QVBoxLayout, QWidget

from app.core.automation_words import STEP_WORDS
from app.core.automations import RunState
from app.ui.automations.automation_view import RUN_STATUS, PastView, RunView
from app.ui.page import scrolling
from app.ui.widgets.buttons import Button
from app.ui.widgets.card import Card, column, emptied, label, row, within
from app.ui.widgets.chip import StatusMark
from app.ui.widgets.choice_table import ChoiceTable
from app.ui.widgets.combo import Combo
from app.ui.widgets.saving import ask_where
from app.ui.widgets.table import DataTable, RecordsModel, TableColumn
from app.ui.words import plural, when

STEPS_PX = 340


class RunsTab(QWidget):
    """Runs, newest first; the steps of the one that is selected beside them."""

    def __init__(self) -> None:
        super().__init__()
        columns: list[TableColumn[RunView]] = [
            TableColumn(self.tr("Began"), lambda v: when(v.run.created_at), key=lambda v: v.run.created_at),
            TableColumn(self.tr("Automation"), lambda v: v.name),
            TableColumn(self.tr("State"), lambda v: self.tr(RUN_STATUS[v.run.state][1])),
            TableColumn(self.tr("Because"), lambda v: v.run.why, tip=lambda v: v.run.why),
        ]
        says = self.tr("What automations did")
        self.table = ChoiceTable(says, columns, attrgetter("run.id"), name="automation.runs")
        self.model = self.table.records
        self.table.set_widths([146, 98, 104])
        self.table.chosen_changed.connect(self._show_chosen)
        self._steps = QVBoxLayout()
        self._steps.setSpacing(6)
        self._note = label("", "quiet", wrap=True)
        inner = within(column(self._note, self._steps, 1, spacing=8))
        side = scrolling(inner)
        side.setFixedWidth(STEPS_PX)
        whole = row(self.table, side, spacing=16)
        whole.setStretch(0, 1)
        self.setLayout(_framed(whole))

    @property
    def chosen(self) -> RunView | None:
        """The run that is selected."""
        return self.table.chosen

    def want(self, run_id: str) -> None:
        """Select this one when it is there."""
        self.table.want(run_id)

    def show_runs(self, runs: Sequence[RunView]) -> None:
        """Show these; the selected one stays selected."""
        if list(runs) == self.model.records and not self.table.is_waiting:
            return
        self.table.show_records(runs)
        self._show_chosen()

    def _show_chosen(self) -> None:
        emptied(self._steps)
        view = self.chosen
        if view is None:
            self._note.setText(self.tr("No automation has run yet."))
            return
        told = self.tr("{0}, {1}. Because: {2}")
        self._note.setText(told.format(view.name, when(view.run.created_at), view.run.why))
        for result in view.run.steps:
            self._steps.addWidget(_line(RUN_STATUS[result.state][0], STEP_WORDS[result.step], result.note))
        if view.run.state is RunState.INTERRUPTED:
            self._steps.addWidget(_line("warn", self.tr("cut off"), view.run.note))


def _framed(content: QLayout) -> QVBoxLayout:
    """A tab's content in a card."""
    card = Card()
    card.body.addLayout(content, 1)
    whole = column(card)
    whole.setContentsMargins(0, 8, 0, 0)
    return whole


def _line(status: str, words: str, note: str) -> QWidget:
    text = column(label(f"{words[:1].upper()}{words[1:]}", "strong"), spacing=0)
    if note:
        text.addWidget(label(note, "quiet", wrap=True))
    mark = column(StatusMark(status), 1)
    line = row(spacing=8)
    line.addLayout(mark)
    line.addLayout(text, 1)
    return within(line)


class PastTab(QWidget):
    """When the rules would have run on what was recorded."""

    def __init__(self) -> None:
        super().__init__()
        self.told = label("", "quiet", wrap=True)
        self.model: RecordsModel[PastView] = RecordsModel(
            [
                TableColumn(self.tr("When"), lambda v: when(v.occasion.at), key=lambda v: v.occasion.at),
                TableColumn(self.tr("Automation"), lambda v: v.name, tip=lambda v: v.sentence),
                TableColumn(self.tr("Because"), lambda v: v.occasion.why, tip=lambda v: v.occasion.why),
            ],
            self,
        )
        table: DataTable = DataTable(self.tr("When automations would have run"), name="automation.past")
        table.setModel(self.model)
        table.set_widths([140, 180])
        self.setLayout(_framed(column(self.told, table, spacing=8)))

    def show_past(self, views: Sequence[PastView]) -> None:
        """Show these occasions."""
        self.model.show(views)
        times = plural(len(views), self.tr("time"), self.tr("times"))
        self.told.setText(
            self.tr("On the reports, labels and predictions recorded so far, these rules would have run {0}.").format(
                times
            )
        )


class RecipesTab(QWidget):
    """Ready files for CI services, to copy or save."""

    def __init__(self) -> None:
        super().__init__()
        self.services = Combo(self.tr("CI service"), name="automation.ci")
        self.text = QPlainTextEdit(readOnly=True, lineWrapMode=QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setProperty("role", "mono")
        self.text.setAccessibleName(self.tr("File for the CI service"))
        self.file = label("", "mono")
        copy = Button(self.tr("Copy"), self._copy, icon="copy", name="automation.recipe.copy")
        save = Button(self.tr("Save…"), self._save, icon="download", name="automation.recipe.save")
        self.services.currentIndexChanged.connect(lambda _index: self._show_chosen())
        self.setLayout(_framed(column(row(self.services, self.file, 1, copy, save), self.text, spacing=8)))

    def fill(self) -> None:
        """Read the files, once."""
        if self.services.count():
            return
        from app.monitoring.automation.recipes import recipes

        for found in recipes():
            self.services.addItem(found.title, found)

    def _show_chosen(self) -> None:
        found = self.services.currentData()
        self.file.setText(found.file)
        self.text.setPlainText(found.text)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.services.currentData().text)

    def _save(self) -> None:
        found = self.services.currentData()
        name, _, kind = found.file.rpartition("/")[2].rpartition(".")
        ask_where(self, name, kind, lambda path: _written(str(path), found.text))


def _written(path: str, text: str) -> None:
    from pathlib import Path

    Path(path).write_text(text, "utf-8", newline="\n")
