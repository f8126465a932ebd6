"""The *Difference* tab: is the chosen candidate really better than the others, and what was done otherwise?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from app.core.methods import DIFFERENCE
from app.core.runs import METRIC_WORDS, Run, Score
from app.ui.compare.candidate_view import CandidateView
from app.ui.compare.explain_tab import ExplainTab, below
from app.ui.page import Page
from app.ui.widgets.card import column, label, row
from app.ui.widgets.choice import Check
from app.ui.widgets.table import DataTable, RecordsModel, TableColumn
from app.ui.words import ends, figure

if TYPE_CHECKING:
    from app.core.progress import JobContext
    from app.registry.project import Project
    from app.training.differing import Fact

MOST_OTHERS = 4
WHERE_PX, WHAT_PX, RUNS_PX, LEAST_RUN_PX = 104, 170, 480, 130


@dataclass(frozen=True, slots=True)
class Gap:
    """``score``: how much better the first is than the other on the same rows, None where there is none: ``why_not``
    says why."""

    score: Score | None
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class Compared:
    """``gaps``: to each of the others; ``facts``: of each run, the first candidate's first."""

    gaps: tuple[Gap, ...]
    runs: tuple[Run, ...]
    facts: tuple[Fact, ...]


class DifferenceTab(ExplainTab[Compared]):
    """A sentence for each of the others with the paired difference and its interval, and a table of the runs' plan,
    data and environment: what differs, or all of it."""

    method = DIFFERENCE
    wide = True

    def __init__(self, page: Page) -> None:
        super().__init__(page, "")
        self.title = self.tr("Difference")
        self.others: list[CandidateView] = []
        self._compared: Compared | None = None
        self.sentence = label("", "strong", wrap=True, name="difference.sentence")
        self.note = label("", "quiet", wrap=True)
        self.note.setMinimumHeight(self.note.fontMetrics().height())
        self.only = Check(self.tr("Only differences"))
        self.only.setObjectName("difference.only")
        self.only.setChecked(True)
        self.only.toggled.connect(lambda _only: self._show_facts())
        self.rows: RecordsModel[Fact] = RecordsModel([], self)
        self.table = DataTable(self.tr("What differs"), name="difference.rows")
        self.table.setModel(self.rows)
        head = row(self.note, self.only, spacing=12)
        head.setStretch(0, 1)
        whole = column(self.sentence, head, spacing=4)
        whole.setContentsMargins(0, 8, 0, 0)
        whole.addWidget(self.table, 1)
        whole.addStretch(0)
        self.setLayout(whole)

    def against(self, others: Sequence[CandidateView]) -> None:
        """Compare with these candidates from now on."""
        before = [view.candidate.id for view in self.others]
        self.others = list(others)[:MOST_OTHERS]
        if not others or [view.candidate.id for view in self.others] != before:
            self._cancel()
            self._answers.clear()
            self._shown = ""

    def fits(self, view: CandidateView) -> bool:
        """Only where there is another one."""
        return bool(self.others)

    def words(self, name: str) -> str:
        """For the job strip."""
        return self.tr("Comparing {0} with {1}").format(name, ", ".join(map(_name, self.others)))

    def ask(self, project: Project, candidate_id: str, ctx: JobContext) -> Compared:
        """Beside the window."""
        from app.training.differing import facts

        view, others = self.view, list(self.others)
        assert view is not None and others
        several = tuple({run.id: run for run in (view.run, *(other.run for other in others))}.values())
        gaps = tuple(_gap(project, candidate_id, other.candidate.id, ctx) for other in others)
        return Compared(gaps, several, facts(project, several))

    def show_answer(self, answer: Compared) -> None:
        """The verdict is the interval's: one that holds zero says that nothing is known."""
        self._compared = answer
        pairs = zip(self.others, answer.gaps, strict=True)
        self.sentence.setText("\n".join(self._sentence(other, gap) for other, gap in pairs))
        self._show_facts()

    def say(self, text: str) -> None:
        """Only a sentence."""
        self._compared = None
        self.sentence.setText(text)
        for part in (self.note, self.only, self.table):
            part.hide()

    def show_menu_at(self, widget: QWidget) -> None:
        """The table's menu."""
        self.table.menu().popup(below(widget))

    def _sentence(self, of: CandidateView, gap: Gap) -> str:
        metric = METRIC_WORDS[self.view.run.plan.metric] if self.view is not None else ""
        name, other, score = _name(self.view), _name(of), gap.score
        if score is None:
            return f"{other}: {gap.why_not}" if len(self.others) > 1 else gap.why_not
        if score.low > 0 or score.high < 0:
            told = self.tr("{0} is really {1} than {2}: {3} {4} {5} on the same rows.")
            better = self.tr("better") if score.value > 0 else self.tr("worse")
            return told.format(name, better, other, metric, figure(abs(score.value)), _magnitude(score))
        told = self.tr("{0} and {1} cannot be told apart: the difference in {2} is {3} {4}.")
        return told.format(name, other, metric, figure(score.value), ends(score))

    def _show_facts(self) -> None:
        """What differs between the runs, or everything."""
        found = self._compared
        if found is None:
            return
        shown = [fact for fact in found.facts if fact.differs or not self.only.isChecked()]
        self.note.setText(self._note_words(found))
        self.rows = RecordsModel(self._columns(found.runs), self)
        self.rows.show(shown)
        self.table.setModel(self.rows)
        each = max(RUNS_PX // len(found.runs), LEAST_RUN_PX)
        self.table.set_widths([WHERE_PX, WHAT_PX, *(each for _ in found.runs)])
        self.note.show()
        self.only.show()
        self.table.setVisible(bool(shown))

    def _note_words(self, found: Compared) -> str:
        numbers = [str(run.number) for run in found.runs]
        if len(numbers) == 1:
            return self.tr("All of run {0}: the same plan on the same data in the same environment.").format(*numbers)
        if not any(fact.differs for fact in found.facts):
            return self.tr("The same plan on the same data in the same environment.")
        named = self.tr("{0} and {1}").format(", ".join(numbers[:-1]), numbers[-1])
        if self.only.isChecked():
            return self.tr("What differs between runs {0}:").format(named)
        return self.tr("Plan, data and environment of runs {0}:").format(named)

    def _columns(self, several: Sequence[Run]) -> list[TableColumn[Fact]]:
        def told(at: int, fact: Fact) -> str:
            return fact.told[at] or "–"

        title = self.tr("Run {0}")
        each: list[TableColumn[Fact]] = [
            TableColumn(title.format(run.number), partial(told, at)) for at, run in enumerate(several)
        ]
        return [
            TableColumn(self.tr("Where"), lambda fact: self.tr(fact.where)),
            TableColumn(self.tr("What"), lambda fact: fact.name.replace("_", " ")),
            *each,
        ]


def _gap(project: Project, one_id: str, other_id: str, ctx: JobContext) -> Gap:
    from app.errors import NotAllowed
    from app.training.compare import compare

    try:
        return Gap(compare(project, one_id, other_id, ctx))
    except NotAllowed as problem:
        return Gap(None, str(problem))


def _name(view: CandidateView | None) -> str:
    return f"{view.candidate.name} (run {view.run.number})" if view is not None else ""


def _magnitude(gap: Score) -> str:
    """The interval without its sign, where the words say already which is better."""
    return ends(gap) if gap.value > 0 else ends(Score(-gap.value, -gap.high, -gap.low))


def opponents(chosen: Sequence[CandidateView], group: Sequence[CandidateView], champion: str) -> list[CandidateView]:
    """Whom the first of the chosen ones is compared with: the others, else the champion, else the newest baseline."""
    if len(chosen) > 1:
        return list(chosen[1 : MOST_OTHERS + 1])
    others = [view for view in group if chosen and view.candidate.id != chosen[0].candidate.id]
    able = [view for view in others if view.candidate.predictions_sha256]
    found = next(
        (view for view in able if view.candidate.id == champion),
        next((view for view in able if view.candidate.baseline and view.run.id == chosen[0].run.id), None),
    )
    return [found] if found is not None else []
