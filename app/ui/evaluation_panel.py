"""How one candidate (or up to five) did on the hold-out: curves, confusion, residuals, columns that matter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QStackedWidget, QTabWidget, QWidget

from app.core.runs import METRIC_WORDS, Evaluation
from app.ui.candidate_view import CandidateView
from app.ui.charts.chart import Chart
from app.ui.charts.confusion import ConfusionChart
from app.ui.charts.curves import MOST_SERIES, CurveChart, Series
from app.ui.charts.importance import ImportanceChart
from app.ui.charts.residuals import ResidualChart
from app.ui.explain_tab import ExplainTab
from app.ui.page import scrolling
from app.ui.widgets.buttons import Button
from app.ui.widgets.card import Card, column, label, row
from app.ui.widgets.combo import Combo
from app.ui.words import count, ends, figure


@dataclass(frozen=True, slots=True)
class Measured:
    """A candidate and what was measured."""

    view: CandidateView
    evaluation: Evaluation


class EvaluationPanel(QWidget):
    """Pictures at the left, the columns that matter at the right. ``more``: tabs that ask the model something."""

    def __init__(self, more: Sequence[ExplainTab[Any]] = (), parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._explaining = tuple(more)
        self.confusion = ConfusionChart(self.tr("Confusion matrix"))
        self.roc = CurveChart(self.tr("ROC curve"), self.tr("False positive rate"), self.tr("True positive rate"))
        self.pr = CurveChart(self.tr("Precision and recall"), self.tr("Recall"), self.tr("Precision"))
        self.residuals = ResidualChart(self.tr("Residuals"))
        self.importance = ImportanceChart(self.tr("Which columns matter"))
        self.tabs = QTabWidget(documentMode=True)
        self.tabs.setAccessibleName(self.tr("Pictures of the hold-out"))
        self.tabs.tabBar().setDrawBase(False)
        self.drawn = _Drawn()
        self._figures = QWidget()
        self._figure_rows = QGridLayout(self._figures)
        self._figure_rows.setHorizontalSpacing(24)
        self._figure_rows.setContentsMargins(0, 8, 0, 0)
        self.left = Card(self.tr("On the hold-out"))
        self.left.head.addStretch(1)
        self.left.head.addWidget(self._more(self._shown_chart))
        self.left.body.addWidget(self.tabs, 1)
        right = Card(self.tr("Which columns matter"))
        right.head.addStretch(1)
        right.head.addWidget(self._more(lambda: self.importance))
        self._importance_words = label("", "quiet", wrap=True)
        right.body.addWidget(self._importance_words)
        self.importance.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        holder = QWidget()
        holder.setLayout(column(self.importance, 1))
        right.body.addWidget(scrolling(holder), 1)
        whole = row(self.left, right, spacing=16)
        whole.setStretch(0, 2)
        whole.setStretch(1, 1)
        self.setLayout(whole)

    def show_measured(self, measured: Sequence[Measured]) -> None:
        """Show the first candidate; curves also of the next four."""
        if not measured:
            return
        first = measured[0]
        self.left.title.setText(
            self.tr("{0} on {1} hold-out rows").format(first.view.candidate.name, count(first.evaluation.rows))
        )
        for tab in (tab for tab in self._explaining if tab.fits(first.view)):
            tab.show_view(first.view)
        self._show_pictures(measured)
        self._show_figures(first)
        self._show_importance(first)

    def _show_pictures(self, measured: Sequence[Measured]) -> None:
        first = measured[0].evaluation
        charts: list[Chart] = []
        if first.confusion:
            self.confusion.show_matrix(first.labels, first.confusion)
            charts.append(self.confusion)
        if roc := _series(measured, "roc"):
            self.roc.show_series(roc, (QPointF(0, 0), QPointF(1, 1)))
            charts.append(self.roc)
        if pr := _series(measured, "pr"):
            self.pr.show_series(pr)
            charts.append(self.pr)
        if first.actual:
            self.residuals.show_points(first.actual, first.predicted)
            charts.append(self.residuals)
        asked = [(tab, tab.title) for tab in self._explaining if tab.fits(measured[0].view)]
        self.drawn.put([*((chart, chart.title) for chart in charts), (self._figures, self.tr("Figures"))])
        self._put_tabs([(self.drawn, self.tr("Pictures")), *asked])

    def _put_tabs(self, wanted: list[tuple[QWidget, str]]) -> None:
        if [self.tabs.widget(i) for i in range(self.tabs.count())] == [widget for widget, _title in wanted]:
            return
        self.tabs.clear()
        for widget, title in wanted:
            self.tabs.addTab(widget, title)

    def _show_figures(self, first: Measured) -> None:
        while (item := self._figure_rows.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.deleteLater()
        for number, (metric, score) in enumerate(first.evaluation.metrics):
            interval = ends(score)
            self._figure_rows.addWidget(label(METRIC_WORDS.get(metric, metric), "quiet"), number, 0)
            self._figure_rows.addWidget(label(figure(score.value), "strong"), number, 1)
            self._figure_rows.addWidget(label(interval, "quiet"), number, 2)
        self._figure_rows.setRowStretch(len(first.evaluation.metrics), 1)
        self._figure_rows.setColumnStretch(3, 1)

    def _show_importance(self, first: Measured) -> None:
        metric = METRIC_WORDS[first.view.run.plan.metric]
        known = bool(first.evaluation.importance)
        told = self.tr("How much {0} worsens when a column's values are shuffled.").format(metric)
        self._importance_words.setText(told if known else self.tr("Not measured for this candidate."))
        self.importance.show_importance(first.evaluation.importance)
        self.importance.setVisible(known)

    def turn_to(self, tab: QWidget) -> None:
        """Show one of the tabs."""
        self.tabs.setCurrentWidget(tab)

    def _shown_chart(self) -> Chart | ExplainTab[Any] | None:
        turned_to = self.tabs.currentWidget()
        shown = self.drawn.shown if turned_to is self.drawn else turned_to
        return shown if isinstance(shown, Chart | ExplainTab) else None

    def _more(self, chart: object) -> Button:
        button = Button(self.tr("Copy or save the picture"), role="icon", icon="more")

        def show() -> None:
            shown = chart()  # type: ignore[operator]
            if shown is not None:
                shown.show_menu_at(button)

        button.clicked.connect(lambda _checked=False: show())
        return button


class _Drawn(QWidget):
    """What was drawn of the hold-out, one picture at a time: a tab for each did not fit beside those that ask."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._choice = Combo(self.tr("Picture"), name="compare.picture")
        self._stack = QStackedWidget()
        self._choice.currentIndexChanged.connect(self._stack.setCurrentIndex)
        whole = column(row(self._choice, 1), self._stack, spacing=4)
        whole.setContentsMargins(0, 8, 0, 0)
        self.setLayout(whole)

    @property
    def shown(self) -> QWidget | None:
        """The picture that is shown."""
        return self._stack.currentWidget()

    def put(self, wanted: list[tuple[QWidget, str]]) -> None:
        """Offer these pictures; the one that was shown stays if it is among them."""
        if [self._stack.widget(i) for i in range(self._stack.count())] == [widget for widget, _title in wanted]:
            return
        before = self._choice.currentText()
        self._choice.clear()
        while (old := self._stack.currentWidget()) is not None:
            self._stack.removeWidget(old)
        for widget, _title in wanted:
            self._stack.addWidget(widget)
        self._choice.addItems([title for _widget, title in wanted])
        self._choice.setCurrentIndex(max(0, self._choice.findText(before)))
        self._choice.updateGeometry()


def _series(measured: Sequence[Measured], name: str) -> list[Series]:
    found = []
    for number, item in enumerate(measured[:MOST_SERIES]):
        for curve in item.evaluation.curves:
            if curve.name == name:
                told = f"{item.view.candidate.name}, run {item.view.run.number}"
                found.append(Series(told, curve.x, curve.y, f"chart{number + 1}"))
    return found
