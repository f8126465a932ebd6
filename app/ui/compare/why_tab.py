"""The *Why?* tab: what happens to the answers when one column is set to another value in every row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

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


class WhyTab(SentenceTab[tuple[Dependence, ...]]):
    """A choice of the column, and its chart. A click on a bar of *Which columns matter* leads here."""

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
        shown = column(line)
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

    def ask(self, project: Project, candidate_id: str, ctx: JobContext) -> tuple[Dependence, ...]:
        """Beside the window."""
        from app.training.explaining.explain import dependences_of

        return dependences_of(project, candidate_id, ctx)

    def show_answer(self, answer: tuple[Dependence, ...]) -> None:
        """The column that was looked at before, else the one that matters most."""
        if not answer:
            self.say(self.tr("None of the columns can be moved: they are texts or have one value."))
            return
        self._known = answer
        names = [told.column for told in answer]
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

    def show_menu_at(self, widget: QWidget) -> None:
        """The chart's menu."""
        self.chart.show_menu_at(widget)

    def _turn_to(self, index: int) -> None:
        if 0 <= index < len(self._known):
            self._wanted = self._known[index].column
            self.chart.show_dependence(self._known[index])
