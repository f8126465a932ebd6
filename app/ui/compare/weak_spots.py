"""The *Weak spots* tab: groups of hold-out rows, those that are answered worse than chance explains on top."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QWidget

from app.core.explanations import Slice, WeakSpots
from app.core.methods import WEAK_SPOTS
from app.core.runs import METRIC_WORDS, Score, Task
from app.ui.charts.axes import number
from app.ui.compare.candidate_view import CandidateView
from app.ui.compare.explain_tab import ExplainTab, below
from app.ui.page import Page
from app.ui.theme import color
from app.ui.widgets.card import column, label
from app.ui.widgets.table import DataTable, RecordsModel, TableColumn
from app.ui.words import count, figure, plural, with_ends

if TYPE_CHECKING:
    from app.core.progress import JobContext
    from app.registry.project import Project

VERDICT, ELSEWHERE = 1, 4
"""Columns; a narrow table does without the latter: *Worse by* is the difference to it."""


class SlicesModel(RecordsModel[Slice]):
    """Groups that stand are written strong, those too small to judge pale."""

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """As every table, with the weight of the verdict."""
        told = self.records[index.row()]
        if role == Qt.ItemDataRole.ForegroundRole and told.small:
            return color("text3")
        if role == Qt.ItemDataRole.FontRole and told.stands and index.column() <= VERDICT:
            font = QFont()
            font.setBold(True)
            return font
        return super().data(index, role)


class WeakSpotsTab(ExplainTab[WeakSpots]):
    """A sentence, what is measured, and the table."""

    method = WEAK_SPOTS
    wide = True

    def __init__(self, page: Page) -> None:
        super().__init__(page, "")
        self.title = self.tr("Weak spots")
        self.sentence = label("", "strong", wrap=True, name="weak.sentence")
        self.note = label("", "quiet", wrap=True)
        self.slices = SlicesModel(self._columns(), self)
        self.table = DataTable(self.tr("Weak spots"), name="weak.slices")
        self.table.setModel(self.slices)
        self.table.set_widths([150, 62, 56, 140, 84, 168])
        self.table.stretch_first(140)
        self.table.give_way(ELSEWHERE)
        whole = column(self.sentence, self.note, spacing=4)
        whole.setContentsMargins(0, 8, 0, 0)
        whole.addWidget(self.table, 1)
        whole.addStretch(0)
        self.setLayout(whole)

    def fits(self, view: CandidateView) -> bool:
        """Without a target nothing says where answers are wrong."""
        return view.run.plan.task is not Task.ANOMALY

    def words(self, name: str) -> str:
        """For the job strip."""
        return self.tr("Looking for weak spots of {0}").format(name)

    def ask(self, project: Project, candidate_id: str, ctx: JobContext) -> WeakSpots:
        """Beside the window."""
        from app.training.explaining.explain import weak_spots_of

        return weak_spots_of(project, candidate_id, ctx)

    def show_answer(self, answer: WeakSpots) -> None:
        """The sentence counts what stands; the note says how to read the figures."""
        weak = sum(s.stands for s in answer.slices)
        found = self.tr("{0} answered worse than chance explains.")
        groups = plural(weak, self.tr("group of rows is"), self.tr("groups of rows are"))
        self.sentence.setText(
            found.format(groups) if weak else self.tr("No group of rows is answered worse than chance explains.")
        )
        told = self.tr("{0} (lower is better), {1} over all {2} rows. Below {3} rows: not judged.")
        measure = self._measure(answer.measure)
        self.note.setText(told.format(measure, figure(answer.overall), count(answer.rows), answer.small_rows))
        self.slices.show(answer.slices)
        self.table.scrollToTop()
        self._tell(True)

    def say(self, text: str) -> None:
        """Only a sentence."""
        self.sentence.setText(text)
        self._tell(False)

    def show_menu_at(self, widget: QWidget) -> None:
        """The table's menu."""
        self.table.menu().popup(below(widget))

    def _tell(self, known: bool) -> None:
        self.note.setVisible(known)
        self.table.setVisible(known)

    def _measure(self, measure: str) -> str:
        return self.tr("Absolute error") if measure == "mae" else METRIC_WORDS[measure]

    def _columns(self) -> list[TableColumn[Slice]]:
        return [
            TableColumn(self.tr("Rows where"), lambda s: s.title, tip=self._how_found),
            TableColumn(self.tr("Verdict"), self._verdict),
            TableColumn(self.tr("Rows"), lambda s: count(s.rows), numeric=True, key=lambda s: s.rows),
            TableColumn(self.tr("Here"), lambda s: _with_ends(s.loss), numeric=True, key=lambda s: _value(s.loss)),
            TableColumn(
                self.tr("Elsewhere"), lambda s: number(s.elsewhere, 2), numeric=True, key=lambda s: s.elsewhere
            ),
            TableColumn(
                self.tr("Worse by"), lambda s: _with_ends(s.worse_by), numeric=True, key=lambda s: _value(s.worse_by)
            ),
        ]

    def _verdict(self, told: Slice) -> str:
        if told.small:
            return self.tr("Too few")
        return self.tr("Weak") if told.stands else ""

    def _how_found(self, told: Slice) -> str:
        if told.found:
            return self.tr("{0}\nFound by a tree in one half of the rows; the figures are of the other half.").format(
                told.title
            )
        return told.title


def _with_ends(score: Score | None) -> str:
    return with_ends(score, lambda value: number(value, 2))


def _value(score: Score | None) -> float:
    return score.value if score else float("-inf")
