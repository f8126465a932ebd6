"""The *Difference* tab: is the chosen candidate really better than another, and what was done otherwise?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from app.core.methods import DIFFERENCE
from app.core.runs import METRIC_WORDS, Score
from app.ui.compare.candidate_view import CandidateView
from app.ui.compare.explain_tab import ExplainTab, below
from app.ui.page import Page
from app.ui.widgets.card import column, label
from app.ui.widgets.table import DataTable, RecordsModel, TableColumn
from app.ui.words import ends, figure

if TYPE_CHECKING:
    from app.core.progress import JobContext
    from app.registry.project import Project
    from app.training.differing import Differing


@dataclass(frozen=True, slots=True)
class Compared:
    """``gap``: how much better the first is than the other on the same rows, None where there is none: ``why_not`` says
    why. ``differing``: plan, data and environment."""

    gap: Score | None
    why_not: str
    differing: tuple[Differing, ...]


class DifferenceTab(ExplainTab[Compared]):
    """A sentence with the paired difference and its interval, and a table of what differs between the two runs."""

    method = DIFFERENCE

    def __init__(self, page: Page) -> None:
        super().__init__(page, "")
        self.title = self.tr("Difference")
        self.other: CandidateView | None = None
        self.sentence = label("", "strong", wrap=True, name="difference.sentence")
        self.note = label("", "quiet", wrap=True)
        self.rows = RecordsModel(self._columns(), self)
        self.table = DataTable(self.tr("What differs"), name="difference.rows")
        self.table.setModel(self.rows)
        self.table.set_widths([104, 170, 210, 0])
        whole = column(self.sentence, self.note, spacing=4)
        whole.setContentsMargins(0, 8, 0, 0)
        whole.addWidget(self.table, 1)
        whole.addStretch(0)
        self.setLayout(whole)

    def against(self, other: CandidateView | None) -> None:
        """Compare with this candidate from now on."""
        before = self.other.candidate.id if self.other is not None else ""
        self.other = other
        if other is None or other.candidate.id != before:
            self._cancel()
            self._answers.clear()
            self._shown = ""

    def fits(self, view: CandidateView) -> bool:
        """Only where there is another one."""
        return self.other is not None

    def words(self, name: str) -> str:
        """For the job strip."""
        return self.tr("Comparing {0} with {1}").format(name, _name(self.other))

    def ask(self, project: Project, candidate_id: str, ctx: JobContext) -> Compared:
        """Beside the window."""
        from app.errors import NotAllowed
        from app.training.compare import compare
        from app.training.differing import what_differs

        view, other = self.view, self.other
        assert view is not None and other is not None
        differing = what_differs(project, view.run, other.run)
        try:
            return Compared(compare(project, candidate_id, other.candidate.id, ctx), "", differing)
        except NotAllowed as problem:
            return Compared(None, str(problem), differing)

    def show_answer(self, answer: Compared) -> None:
        """The verdict is the interval's: one that holds zero says that nothing is known."""
        self.sentence.setText(answer.why_not if answer.gap is None else self._sentence(answer.gap))
        alike = self.tr("The same plan on the same data in the same environment.")
        told = self.tr("What differs between run {0} and run {1}:")
        view, other = self.view, self.other
        if view is not None and other is not None:
            self.note.setText(told.format(view.run.number, other.run.number) if answer.differing else alike)
        self.rows.show(list(answer.differing))
        self._tell(bool(answer.differing))
        self.note.show()

    def say(self, text: str) -> None:
        """Only a sentence."""
        self.sentence.setText(text)
        self._tell(False)

    def show_menu_at(self, widget: QWidget) -> None:
        """The table's menu."""
        self.table.menu().popup(below(widget))

    def _sentence(self, gap: Score) -> str:
        metric = METRIC_WORDS[self.view.run.plan.metric] if self.view is not None else ""
        name, other = _name(self.view), _name(self.other)
        if gap.low > 0 or gap.high < 0:
            told = self.tr("{0} is really {1} than {2}: {3} {4} {5} on the same rows.")
            better = self.tr("better") if gap.value > 0 else self.tr("worse")
            return told.format(name, better, other, metric, figure(abs(gap.value)), _magnitude(gap))
        told = self.tr("{0} and {1} cannot be told apart: the difference in {2} is {3} {4}.")
        return told.format(name, other, metric, figure(gap.value), ends(gap))

    def _tell(self, known: bool) -> None:
        for part in (self.note, self.table):
            part.setVisible(known)

    def _columns(self) -> list[TableColumn[Differing]]:
        return [
            TableColumn(self.tr("Where"), lambda d: self.tr(d.where)),
            TableColumn(self.tr("What"), lambda d: d.name.replace("_", " ")),
            TableColumn(self.tr("Chosen"), lambda d: d.one or "–", tip=lambda d: d.one),
            TableColumn(self.tr("Other"), lambda d: d.other or "–", tip=lambda d: d.other),
        ]


def _name(view: CandidateView | None) -> str:
    return f"{view.candidate.name} (run {view.run.number})" if view is not None else ""


def _magnitude(gap: Score) -> str:
    """The interval without its sign, where the words say already which is better."""
    return ends(gap) if gap.value > 0 else ends(Score(-gap.value, -gap.high, -gap.low))


def opponent(chosen: list[CandidateView], group: list[CandidateView], champion: str) -> CandidateView | None:
    """Whom the first of the chosen ones is compared with: the second, else the champion, else the newest baseline."""
    if len(chosen) > 1:
        return chosen[1]
    others = [view for view in group if chosen and view.candidate.id != chosen[0].candidate.id]
    able = [view for view in others if view.candidate.predictions_sha256]
    return next(
        (view for view in able if view.candidate.id == champion),
        next((view for view in able if view.candidate.baseline and view.run.id == chosen[0].run.id), None),
    )
