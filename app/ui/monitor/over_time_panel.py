"""How good a model was from window to window, and what each look said."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from app.core.metrics import GREATER_IS_BETTER, METRIC_WORDS
from app.core.monitoring import Every, OverTime, Performance
from app.core.runs import Score
from app.ui.charts.over_time import Moment, OverTimeChart
from app.ui.monitor.monitor_view import MonitorView
from app.ui.monitor.monitor_words import VERDICT_STATUS
from app.ui.widgets.buttons import Button
from app.ui.widgets.card import Card, label
from app.ui.widgets.combo import Combo

ROWS = (1_000, 10_000)


class OverTimePanel(Card):
    """The looks that were taken, or windows that are scored now by the labels known today (``score(every, rows)``)."""

    def __init__(self, score: Callable[[Every, int], object], parent: QWidget | None = None) -> None:
        super().__init__(" ", name="monitor.over_time", parent=parent)
        self.title.setText(self.tr("Over time"))
        self.setAccessibleName(self.title.text())
        self._score = score
        self._view: MonitorView | None = None
        self.windows = Combo(self.tr("Windows"), name="monitor.every")
        self.windows.addItem(self.tr("Looks that were taken"), None)
        for text, every, rows in (
            (self.tr("By day"), Every.DAY, 1),
            (self.tr("By week"), Every.WEEK, 1),
            (self.tr("By month"), Every.MONTH, 1),
            (self.tr("Every 1,000 predictions"), Every.COUNT, ROWS[0]),
            (self.tr("Every 10,000 predictions"), Every.COUNT, ROWS[1]),
        ):
            self.windows.addItem(text, (every, rows))
        self.windows.activated.connect(lambda _index: self._chosen())
        self.again = Button(self.tr("Score again"), self._chosen, role="flat", icon="refresh")
        self.chart = OverTimeChart(self.tr("Performance over time"))
        self.none = label("", "quiet", wrap=True)
        self.head.addWidget(self.windows)
        self.head.addWidget(self.again)
        self.head.addStretch(1)
        self.head.addWidget(self.chart.more_button())
        self.body.addWidget(self.none)
        self.body.addWidget(self.chart, 1)
        self.shapes = label(self.tr("Shapes below the line: what each look said."), "quiet")
        self.body.addWidget(self.shapes)

    def show_view(self, view: MonitorView) -> None:
        """Another model, or a newer look: back to the looks that were taken. The same again, as after each collection,
        leaves what was asked for."""
        before, self._view = self._view, view
        if before is None or _looks_of(before) != _looks_of(view):
            self.windows.setCurrentIndex(0)
            self._show_looks()

    def show_windows(self, found: OverTime) -> None:
        """Show windows that were scored, unless something else was turned to meanwhile."""
        if self.windows.currentData() is None:
            return
        moments = [_moment(w.last_at, w.rows, w.labels, w.value) for w in found.windows]
        self._show(found.told, moments)

    def _chosen(self) -> None:
        cut = self.windows.currentData()
        if cut is None:
            self._show_looks()
        else:
            every, rows = cut
            self._score(Every(every), rows)  # Qt keeps its text only

    def _show_looks(self) -> None:
        looks = tuple(reversed(self._view.looks)) if self._view else ()
        moments = []
        for look in looks:
            told = look.report.performance
            said = (VERDICT_STATUS[look.report.verdict], look.report.line)
            moments.append(_moment(look.report.window.last_at, look.report.window.rows, told.labels, told.value, *said))
        self._show(looks[-1].report.performance if looks else None, moments)

    def _show(self, told: Performance | None, moments: list[Moment]) -> None:
        self.shapes.setVisible(any(moment.status for moment in moments))
        self.again.setVisible(self.windows.currentData() is not None)
        labelled = any(moment.value is not None for moment in moments)
        if not moments:
            self.none.setText(self.tr("Nothing was looked at yet."))
        elif not labelled:
            self.none.setText(self.tr("No window has labels enough (200) to tell how good the answers were."))
        self.none.setVisible(not labelled)
        self.chart.setVisible(bool(moments))
        if told is not None:
            approved = told.approved.value if told.approved else None
            self.chart.show_moments(
                METRIC_WORDS[told.metric], moments, told.limit, approved, GREATER_IS_BETTER[told.metric]
            )


def _looks_of(view: MonitorView) -> tuple[str, ...]:
    return (view.version.id, *(look.kept.id for look in view.looks))


def _moment(at: str, rows: int, labels: int, value: Score | None, status: str = "", said: str = "") -> Moment:
    if value is None:
        return Moment(at, rows, labels, None, 0.0, 0.0, status, said)
    return Moment(at, rows, labels, value.value, value.low, value.high, status, said)
