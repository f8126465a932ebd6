"""The *Why?* tab: what happens to the answers when one column is set to another value in every row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from app.core.data import ColumnType
from app.core.explanations import Dependence
from app.core.methods import EFFECT
from app.ui.charts.dependence import DependenceChart
from app.ui.compare.explain_tab import SentenceTab
from app.ui.page import Page
from app.ui.widgets.card import column, label, row, within
from app.ui.widgets.combo import Combo

if TYPE_CHECKING:
    from app.core.progress import JobContext
    from app.registry.project import Project

MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class Effects:
    """``texts``: columns of free text, which have no values to be moved along."""

    known: tuple[Dependence, ...]
    texts: tuple[str, ...] = ()


class WhyTab(SentenceTab[Effects]):
    """A choice of the column, and its chart. A click on a bar of *Which columns matter* leads here; of a text it is
    said where its words are told."""

    method = EFFECT

    def __init__(self, page: Page) -> None:
        super().__init__(page, "")
        self.title = self.tr("Why?")
        self._wanted = ""
        self._known: tuple[Dependence, ...] = ()
        self.chart = DependenceChart(self.tr("What a column does to the answers"))
        self.columns = Combo(self.tr("Column"), name="why.column")
        self.columns.currentIndexChanged.connect(self._turn_to)
        told = label(
            self.tr("The answers if every row had another value. Thin: single rows; thick: their mean."),
            "quiet",
            wrap=True,
        )
        line = row(self.columns, told, spacing=12)
        line.setStretch(1, 1)
        self.texts = label("", "quiet", wrap=True, name="why.texts")
        shown = column(line, self.texts)
        shown.addWidget(self.chart, 1)
        self.lay_out(within(shown), "why.sentence")

    def show_column(self, name: str) -> None:
        """Turn to this column, now or when it is known."""
        self._wanted = name
        at = self.columns.findData(name)
        if at >= 0:
            self.columns.setCurrentIndex(at)

    def words(self, name: str) -> str:
        """For the job strip."""
        return self.tr("Asking what each column does to {0}").format(name)

    def ask(self, project: Project, candidate_id: str, ctx: JobContext) -> Effects:
        """Beside the window."""
        from app.registry import runs
        from app.training import results
        from app.training.explaining.explain import dependences_of

        inputs = results.recipe(project, runs.candidate(project, candidate_id)).inputs
        texts = tuple(spec.name for spec in inputs if spec.type is ColumnType.TEXT)
        return Effects(dependences_of(project, candidate_id, ctx), texts)

    def show_answer(self, answer: Effects) -> None:
        """The column that was looked at before, else the one that matters most."""
        told = self._texts_words(answer.texts)
        if not answer.known:
            none = self.tr("None of the columns can be moved: they are texts or have one value.")
            self.say(f"{none} {told}".strip())
            return
        self.texts.setText(told)
        self.texts.setVisible(bool(told))
        self._known = answer.known
        names = [effect.column for effect in answer.known]
        self.columns.blockSignals(True)
        self.columns.clear()
        for name in names:
            self.columns.addItem(name, name)
        self.columns.search_if_long()
        self.columns.setCurrentIndex(names.index(self._wanted) if self._wanted in names else 0)
        self.columns.blockSignals(False)
        self.columns.updateGeometry()
        self.show_content()
        self._turn_to(self.columns.currentIndex())

    def _texts_words(self, texts: tuple[str, ...]) -> str:
        if not texts:
            return ""
        named = ", ".join(texts[:MOST_NAMED]) + ("…" if len(texts) > MOST_NAMED else "")
        told = (
            self.tr("{0} is a text and has no values to move along; ")
            if len(texts) == 1
            else self.tr("{0} are texts and have no values to move along; ")
        )
        return told.format(named) + self.tr("What if? names the words that moved an answer.")

    def show_menu_at(self, widget: QWidget) -> None:
        """The chart's menu."""
        self.chart.show_menu_at(widget)

    def _turn_to(self, index: int) -> None:
        if 0 <= index < len(self._known):
            self._wanted = self._known[index].column
            self.chart.show_dependence(self._known[index])
