"""How one candidate (or up to five) did on the hold-out: curves, confusion, residuals, columns that matter."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QPointF, QSignalBlocker
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QStackedWidget, QTabWidget, QWidget

from app.core.methods import IMPORTANCE
from app.core.metrics import FLAGGED
from app.core.runs import METRIC_WORDS, Curve
from app.ui.charts.chart import Chart
from app.ui.charts.confusion import ConfusionChart
from app.ui.charts.curves import CurveChart, Series
from app.ui.charts.importance import ImportanceChart
from app.ui.charts.residuals import Points, ResidualChart
from app.ui.compare import overlays
from app.ui.compare.explain_tab import ExplainTab
from app.ui.compare.overlays import MOST, Measured
from app.ui.page import scrolling
from app.ui.widgets.buttons import Button
from app.ui.widgets.card import Card, column, label, row
from app.ui.widgets.combo import Combo
from app.ui.widgets.how import HowButton
from app.ui.words import count, ends, figure, plural

LEAST_RIGHT = 224
"""Width in px of *What matters*: what is left at 1100 px holds all tabs."""


class EvaluationPanel(QWidget):
    """Pictures at the left, the columns that matter at the right. ``more``: tabs that ask the model something."""

    def __init__(self, more: Sequence[ExplainTab[Any]] = (), parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._explaining = tuple(more)
        self.confusion = ConfusionChart(self.tr("Confusion matrix"))
        self.roc = CurveChart(self.tr("ROC curve"), self.tr("False positive rate"), self.tr("True positive rate"))
        self.pr = CurveChart(self.tr("Precision and recall"), self.tr("Recall"), self.tr("Precision"))
        self.calibration = CurveChart(
            self.tr("Calibration"), self.tr("Predicted probability"), self.tr("Share that came true")
        )
        self.lift = CurveChart(
            self.tr("Lift"), self.tr("Share of rows, highest scores first"), self.tr("Times as many as by chance")
        )
        self.costs = CurveChart(
            self.tr("Costs"), self.tr("Share of rows answered positive"), self.tr("Cost per row, €")
        )
        self.scores = CurveChart(self.tr("Scores"), self.tr("Score"), self.tr("Share of rows with at least this score"))
        self._alarm, self._miss = 1.0, 1.0
        self._shown: tuple[Sequence[Measured], str] = ((), "")
        self.residuals = ResidualChart(self.tr("Residuals"))
        self.importance = ImportanceChart(self.tr("Which columns matter"))
        self.tabs = QTabWidget(documentMode=True)
        self.tabs.setAccessibleName(self.tr("Pictures of the hold-out"))
        self.tabs.tabBar().setDrawBase(False)
        self._turned_to: QWidget | None = None
        self.tabs.currentChanged.connect(self._remember_tab)
        self.served = label("", "quiet", wrap=True, name="compare.served")
        self.served.setMinimumHeight(self.served.fontMetrics().height())  # two lines fit beside the choice
        self.drawn = _Drawn(self.served)
        self._figures = QWidget()
        self._figure_rows = QGridLayout(self._figures)
        self._figure_rows.setHorizontalSpacing(24)
        self._figure_rows.setContentsMargins(0, 8, 0, 0)
        self.left = Card(self.tr("On the hold-out"))
        self.left.head.addStretch(1)
        self.how = HowButton()
        self.left.head.addWidget(self.how)
        self.left.head.addWidget(self._more(self._shown_chart))
        self.left.body.addWidget(self.tabs, 1)
        right = Card(self.tr("What matters"))
        right.head.addStretch(1)
        right.head.addWidget(HowButton(IMPORTANCE))
        right.head.addWidget(self._more(lambda: self.importance))
        self._importance_words = label("", "quiet", wrap=True)
        right.body.addWidget(self._importance_words)
        self.importance.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        holder = QWidget()
        holder.setLayout(column(self.importance, 1))
        right.body.addWidget(scrolling(holder), 1)
        whole = row(self.left, right, spacing=16)
        right.setMinimumWidth(LEAST_RIGHT)
        self.right = right
        whole.setStretch(0, 3)
        whole.setStretch(1, 1)
        self.setLayout(whole)

    def show_measured(self, measured: Sequence[Measured], champion: str = "") -> None:
        """Show the first candidate; lines also of the next four. ``champion``: the id of the candidate in use."""
        if not measured:
            return
        first = measured[0]
        self.left.title.setText(
            self.tr("{0} on {1} hold-out rows").format(first.view.candidate.name, count(first.evaluation.rows))
        )
        self._show_served(first)
        self._shown = measured[:MOST], champion
        for tab in (tab for tab in self._explaining if tab.fits(first.view)):
            tab.show_view(first.view)
        self._show_pictures(first)
        self._show_figures(first)
        self._show_importance(first)

    def _show_served(self, first: Measured) -> None:
        """What is of the chosen threshold, where one answers, and what is not."""
        chosen = first.view.chosen
        self.served.setVisible(chosen is not None)
        if chosen is None:
            return
        told = self.tr("It answers from {0} on, as the confusion matrix does. The figures are of the likeliest class.")
        if overlays.matrix_served(first) is None:
            told = self.tr("It answers from {0} on. The confusion matrix and the figures are of the likeliest class.")
        self.served.setText(told.format(f"{chosen.at:.3g}"))

    def show_costs(self, alarm: float, miss: float) -> None:
        """What a false alarm and a miss cost, for the cost curves."""
        self._alarm, self._miss = alarm, miss
        self._draw_costs()

    def _show_pictures(self, first: Measured) -> None:
        evaluation = first.evaluation
        if evaluation.confusion:
            self._show_confusion(first)
        diagonal = QPointF(0, 0), QPointF(1, 1)
        drawn = {
            self.confusion: bool(evaluation.confusion),
            self.roc: self._draw(self.roc, lambda m: m.curve("roc"), diagonal),
            self.pr: self._draw(self.pr, lambda m: m.curve("pr")),
            self.calibration: self._draw(self.calibration, lambda m: m.curve("calibration"), diagonal),
            self.lift: self._draw(self.lift, overlays.lift, (QPointF(0, 1), QPointF(1, 1))),
            self.costs: self._draw_costs(),
            self.residuals: self._draw_residuals(),
            self.scores: self._draw(self.scores, lambda m: m.curve("scores"), _flagged_line(first)),
        }
        charts: list[Chart] = [chart for chart, there in drawn.items() if there]
        asked = [(tab, tab.title) for tab in self._explaining if tab.fits(first.view)]
        self.drawn.put([*((chart, chart.title) for chart in charts), (self._figures, self.tr("Figures"))])
        self._put_tabs([(self.drawn, self.tr("Pictures")), *asked])

    def _show_confusion(self, first: Measured) -> None:
        """As the candidate answers: by its threshold where one was chosen and what it does was kept."""
        evaluation, chosen = first.evaluation, first.view.chosen
        served = overlays.matrix_served(first)
        from_here = self.tr("From {0} on.").format(f"{chosen.at:.3g}") if chosen and served else ""
        self.confusion.show_matrix(evaluation.labels, served or evaluation.confusion, from_here)

    def _draw(
        self,
        chart: CurveChart,
        of: Callable[[Measured], Curve | None],
        chance: tuple[QPointF, QPointF] | None = None,
    ) -> bool:
        """One line for each candidate that has one; whether there is any."""
        measured, champion = self._shown
        series = [
            Series(item.name, curve.x, curve.y, token, dashed=item.view.candidate.baseline)
            for item, token in zip(measured, overlays.tokens(measured, champion), strict=True)
            if (curve := of(item)) is not None
        ]
        highest = max((max(line.y, default=0.0) for line in series), default=1.0)
        unit = chart in (self.roc, self.pr, self.calibration, self.scores)
        chart.show_series(series, chance, (0.0, 1.0) if unit else (0.0, 1.05 * highest or 1.0))
        return bool(series)

    def _draw_costs(self) -> bool:
        told = self.tr("€ a row (false alarm {0} €, miss {1} €)")
        self.costs.name_up(told.format(figure(self._alarm, 0), figure(self._miss, 0)))
        return self._draw(self.costs, lambda m: overlays.costs(m, self._alarm, self._miss))

    def _draw_residuals(self) -> bool:
        measured, champion = self._shown
        models = [
            Points(item.name, item.evaluation.actual, item.evaluation.predicted, token)
            for item, token in zip(measured, overlays.tokens(measured, champion), strict=True)
            if item.evaluation.actual
        ]
        if models:
            self.residuals.show_points(models)
        return bool(models)

    def _put_tabs(self, wanted: list[tuple[QWidget, str]]) -> None:
        if [self.tabs.widget(i) for i in range(self.tabs.count())] == [widget for widget, _title in wanted]:
            return
        turned_to = self._turned_to
        with QSignalBlocker(self.tabs):  # what a person turned to comes back with the next candidate that has it
            self.tabs.clear()
            for widget, title in wanted:
                self.tabs.addTab(widget, title)
            if turned_to is not None and self.tabs.indexOf(turned_to) >= 0:
                self.tabs.setCurrentWidget(turned_to)
        self._give_room()

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
        told = self.tr("{0}: how much it worsens when a column's values are shuffled.").format(metric)
        if left := first.evaluation.unreached:
            columns = plural(left, self.tr("column was"), self.tr("columns were"))
            told += " " + self.tr("{0} not reached in the time.").format(columns)
        self._importance_words.setText(told if known else self.tr("Not measured for this candidate."))
        self.importance.show_importance(first.evaluation.importance)
        self.importance.setVisible(known)

    def _remember_tab(self, _at: int) -> None:
        self._turned_to = self.tabs.currentWidget()
        self._give_room()
        self.how.tell(self._turned_to.method if isinstance(self._turned_to, ExplainTab) else "")

    def _give_room(self) -> None:
        """A tab that needs it has the room of *What matters*."""
        shown = self.tabs.currentWidget()
        self.right.setVisible(not (isinstance(shown, ExplainTab) and shown.wide))

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


def _flagged_line(first: Measured) -> tuple[QPointF, QPointF] | None:
    """What is flagged lies below it."""
    share = next((score.value for name, score in first.evaluation.metrics if name == FLAGGED), None)
    return (QPointF(0, share), QPointF(1, share)) if share is not None else None


class _Drawn(QWidget):
    """What was drawn of the hold-out, one picture at a time: a tab for each did not fit beside those that ask.
    ``told``: stands beside the choice."""

    def __init__(self, told: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._choice = Combo(self.tr("Picture"), name="compare.picture")
        self._stack = QStackedWidget()
        self._choice.currentIndexChanged.connect(self._stack.setCurrentIndex)
        head = row(self._choice, told, spacing=12)
        head.setStretch(1, 1)
        head.addStretch()
        whole = column(head, self._stack, spacing=4)
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
