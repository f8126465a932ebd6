"""The *Fairness* tab: how often each group of rows is chosen, and how often wrongly; the column is chosen here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QWidget

from app.core.fairness import MEASURE_HELP, MEASURE_WORDS, FairColumn, FairGroup, Fairness, GroupFigure, gap_words
from app.core.methods import FAIRNESS
from app.core.runs import Score
from app.ui.charts.axes import number
from app.ui.compare.explain_tab import ExplainTab, below
from app.ui.page import Page
from app.ui.theme import color
from app.ui.widgets.card import column, label, row, within
from app.ui.widgets.combo import Combo
from app.ui.widgets.table import DataTable, RecordsModel, TableColumn
from app.ui.words import count, with_ends

if TYPE_CHECKING:
    from app.core.progress import JobContext
    from app.registry.project import Project

Told = tuple[FairGroup, GroupFigure]
RATIO = 4
"""A column that a narrow table does without: the tooltip of the difference says it."""


class GroupsModel(RecordsModel[Told]):
    """Groups of too few rows are pale."""

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """As every table, with the weight of the verdict."""
        if role == Qt.ItemDataRole.ForegroundRole and self.records[index.row()][1].small:
            return color("text3")
        return super().data(index, role)


class FairnessTab(ExplainTab[Fairness]):
    """Which column, which measure, the largest difference in a sentence, and each group in a table."""

    method = FAIRNESS
    wide = True

    def __init__(self, page: Page) -> None:
        super().__init__(page, "")
        self.title = self.tr("Fairness")
        self.columns = Combo(self.tr("Column whose groups are compared"), name="fairness.column")
        self.measures = Combo(self.tr("What is compared"), name="fairness.measure")
        self.sentence = label("", "strong", wrap=True, name="fairness.sentence")
        self.note = label("", "quiet", wrap=True)
        self.groups = GroupsModel(self._table_columns(), self)
        self.table = DataTable(self.title, name="fairness.groups")
        self.table.setModel(self.groups)
        self.table.set_widths([100, 56, 150, 172, 150])
        self.table.stretch_first(100)
        self.table.give_way(RATIO)
        choice = row(self.measures, label(self.tr("by"), "quiet"), self.columns, self.note)
        choice.setStretch(3, 1)  # beside the choice: below it the note would take the table's room
        self._choice = within(choice)
        whole = column(self._choice, self.sentence, spacing=6)
        whole.setContentsMargins(0, 8, 0, 0)
        whole.addWidget(self.table, 1)
        whole.addStretch(0)
        self.setLayout(whole)
        self._answer: Fairness | None = None
        for combo in (self.columns, self.measures):
            combo.activated.connect(lambda _index: self._show_column())

    def words(self, name: str) -> str:
        """For the job strip."""
        return self.tr("Comparing how {0} treats groups").format(name)

    def ask(self, project: Project, candidate_id: str, ctx: JobContext) -> Fairness:
        """Beside the window."""
        from app.training.explaining.explain import fairness_of

        return fairness_of(project, candidate_id, ctx)

    def show_answer(self, answer: Fairness) -> None:
        """Personal columns stand first; the choice of before is kept where it is still there."""
        self._answer = answer
        self._fill(self.columns, [(self._column_words(c), c.column) for c in answer.columns])
        self._fill(self.measures, [(MEASURE_WORDS[m], m) for m in answer.measures])
        self._tell(bool(answer.columns))
        if not answer.columns:
            self.sentence.setText(self.tr("No column has groups that could be compared."))
            return
        self._show_column()

    def say(self, text: str) -> None:
        """Only a sentence."""
        self.sentence.setText(text)
        self._tell(False)

    def show_menu_at(self, widget: QWidget) -> None:
        """The table's menu."""
        self.table.menu().popup(below(widget))

    def _show_column(self) -> None:
        answer, measure = self._answer, str(self.measures.currentData())
        chosen = next((c for c in answer.columns if c.column == self.columns.currentData()), None) if answer else None
        if answer is None or chosen is None:
            return
        gap = chosen.gap(measure)
        few = self.tr("Too few rows to compare the groups of {0}.").format(chosen.column)
        self.sentence.setText(gap_words(gap) if gap is not None else few)
        self.note.setText(self._note(answer))
        self.measures.setToolTip(self.tr(MEASURE_HELP[measure]))
        self.groups.show([(g, f) for g in chosen.groups for f in g.figures if f.measure == measure])
        self.table.scrollToTop()

    def _note(self, answer: Fairness) -> str:
        of = self.tr("Positive is {0}.").format(answer.of) if answer.of else ""
        small = self.tr("Below {0} rows: not compared.").format(answer.small_rows)
        mark = "" if any(c.personal for c in answer.columns) else self.tr("No personal column is marked.")
        return " ".join(part for part in (of, small, mark) if part)

    def _column_words(self, told: FairColumn) -> str:
        return self.tr("{0} (personal)").format(told.column) if told.personal else told.column

    def _fill(self, combo: Combo, items: list[tuple[str, str]]) -> None:
        before = combo.currentData()
        combo.clear()
        for words, data in items:
            combo.addItem(words, data)
        combo.setCurrentIndex(max(0, combo.findData(before)))
        combo.updateGeometry()

    def _tell(self, known: bool) -> None:
        for part in (self._choice, self.note, self.table):
            part.setVisible(known)

    def _table_columns(self) -> list[TableColumn[Told]]:
        return [
            TableColumn(self.tr("Group"), self._group, tip=lambda t: t[0].title),
            TableColumn(self.tr("Rows"), lambda t: count(t[1].rows), numeric=True, key=lambda t: t[1].rows),
            TableColumn(self.tr("Here"), lambda t: _ends(t[1].value), numeric=True, key=lambda t: _value(t[1].value)),
            TableColumn(
                self.tr("Difference"),
                self._difference,
                numeric=True,
                key=lambda t: _value(t[1].difference),
                tip=self._difference_tip,
            ),
            TableColumn(self.tr("Ratio"), self._ratio, numeric=True, key=lambda t: _value(t[1].ratio)),
        ]

    def _group(self, told: Told) -> str:
        """Without the column's name: it stands above."""
        return told[0].title.removeprefix(f"{self.columns.currentData()} ")

    def _difference(self, told: Told) -> str:
        if told[1].small:
            return self.tr("Too few")
        return self.tr("Reference") if told[0].reference else _ends(told[1].difference)

    def _difference_tip(self, told: Told) -> str:
        """Also the ratio: its column gives way where there is little room."""
        ratio = self._ratio(told)
        words = self._difference(told)
        return "\n".join((words, self.tr("Ratio {0}").format(ratio))) if ratio else words

    def _ratio(self, told: Told) -> str:
        return "" if told[1].ratio is None else _ends(told[1].ratio)


def _ends(score: Score | None) -> str:
    return with_ends(score, lambda value: number(value, 2))


def _value(score: Score | None) -> float:
    return score.value if score else float("-inf")
