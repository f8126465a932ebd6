"""Everything about one model version that is watched: verdict, columns, performance, earlier looks."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QFormLayout, QHBoxLayout, QTabWidget, QVBoxLayout, QWidget

from app.core.metrics import METRIC_WORDS
from app.core.monitoring import Every, MonitorReport
from app.ui.monitor.alert_panel import AlertPanel
from app.ui.monitor.fleet_panel import FleetPanel
from app.ui.monitor.monitor_view import Look, MonitorView
from app.ui.monitor.monitor_words import (
    VERDICT_STATUS,
    level_tip,
    level_words,
    performance_lines,
    verdict_word,
    window_words,
)
from app.ui.monitor.moved_panel import MovedPanel
from app.ui.monitor.over_time_panel import OverTimePanel
from app.ui.page import Page, scrolling
from app.ui.widgets.buttons import ActionButton
from app.ui.widgets.card import Card, column, label, row, within
from app.ui.widgets.chip import StatusMark
from app.ui.widgets.table import DataTable, RecordsModel, TableColumn
from app.ui.words import figure, when, with_ends

SIDE_PX = 312
LEAST_KEPT_PX = 130
"""Of the earlier looks: a row below its head."""


class MonitorPanel(QWidget):
    """Says what to do first: the verdict's line stands above everything. ``score``: see ``OverTimePanel``."""

    def __init__(self, page: Page, score: Callable[[Every, int], object]) -> None:
        super().__init__(page)
        self._page = page
        self.mark = StatusMark()
        self.line = label("", "card-title", wrap=True, name="monitor.verdict")
        self.period = label("", "quiet")
        self.level = label("", "quiet")
        verdict = Card(name="monitor.card")
        head = row(self.mark, self.line)
        head.setStretch(1, 1)
        verdict.body.addLayout(head)
        mute = ActionButton(page.actions_["monitor.mute"], role="flat", icon="pause")
        verdict.body.addLayout(row(self.period, 1, self.level, mute))
        self.moved = MovedPanel(self)
        self.over_time = OverTimePanel(score, self)
        self.alerts = AlertPanel(page)
        self.fleet = FleetPanel(page)
        self.tabs = QTabWidget(documentMode=True)
        self.tabs.setAccessibleName(self.tr("About live models"))
        self.tabs.tabBar().setDrawBase(False)
        self.tabs.addTab(self._details(), self.tr("What moved"))
        self.tabs.addTab(_below(self.over_time), self.tr("Over time"))
        self.tabs.addTab(self.alerts, self.tr("Alerts"))
        self.tabs.addTab(_below(self.fleet), self.tr("All models"))
        self.tabs.currentChanged.connect(lambda _index: self.refresh_shown())
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(8)
        whole.addWidget(verdict)
        whole.addWidget(self.tabs, 1)

    def show_alerts(self, alert_id: str = "") -> None:
        """Go to the alerts, and to one of them."""
        self.alerts.want(alert_id)
        self.tabs.setCurrentWidget(self.alerts)

    @property
    def shows_alerts(self) -> bool:
        """Whether the tab of alerts is the one in sight."""
        return self.tabs.currentWidget() is self.alerts

    def refresh_shown(self) -> None:
        """Ask again for what stands on the tab that is shown."""
        shown = self.tabs.currentWidget()
        if shown is self.alerts:
            self.alerts.refresh()
        elif shown is self.fleet.parentWidget():
            self.fleet.refresh()

    def show_nothing(self) -> None:
        """No model was asked anything yet, and still there is an alert."""
        self.mark.set_status("info")
        self.line.setText(self.tr("No predictions yet."))
        for widget in (self.period, self.level, self.details):
            widget.hide()
        self.rest.show()
        self.tabs.setCurrentWidget(self.alerts)

    def show_view(self, view: MonitorView) -> None:
        """Show the newest look at a version; before the first one, what a look is."""
        report = view.newest
        if report is None:
            self.mark.set_status("info")
            self.line.setText(self.tr("Not looked at yet."))
            self.period.setText(
                self.tr("Refresh compares the newest predictions with what {0} was trained on.").format(
                    view.version.label
                )
            )
            self.level.hide()
        else:
            self._show_report(report)
        self.period.show()
        self.details.setVisible(report is not None)
        self.rest.setVisible(report is None)
        self.moved.show_report(report)
        self.over_time.show_view(view)
        self.earlier.show(view.looks)
        self._show_performance(report)
        self.labels.setVisible(bool(view.target))

    def show_open(self, count: int) -> None:
        """How many alerts are open, on their tab."""
        text = self.tr("Alerts · {0} open").format(count) if count else self.tr("Alerts")
        self.tabs.setTabText(self.tabs.indexOf(self.alerts), text)

    def _show_report(self, report: MonitorReport) -> None:
        self.mark.set_status(VERDICT_STATUS[report.verdict])
        self.line.setText(report.line)
        self.period.setText(window_words(report))
        self.level.setText(level_words(report))
        self.level.setToolTip(level_tip(report))
        self.level.setVisible(report.drift is not None)

    def _details(self) -> QWidget:
        self.details = QWidget()
        lower = QHBoxLayout(self.details)
        lower.setContentsMargins(0, 0, 0, 0)
        lower.setSpacing(12)
        lower.addWidget(self.moved, 1)
        lower.addWidget(self._side())
        self.rest = QWidget()
        return _below(self.details, self.rest)

    def _side(self) -> QWidget:
        self.performance = QFormLayout()
        self.performance.setContentsMargins(0, 0, 0, 0)
        self.performance.setHorizontalSpacing(12)
        self.performance.setVerticalSpacing(6)
        self.honest = label(
            self.tr("The estimate needs no labels, so it cannot see that the same inputs now lead elsewhere."),
            "quiet",
            wrap=True,
        )
        drop = label(self.tr("Drop a table of ids and what really happened here, or choose it."), "quiet", wrap=True)
        bring = row(drop, ActionButton(self._page.actions_["monitor.labels"], icon="add"))
        bring.setStretch(0, 1)
        self.labels = within(bring)
        told = Card(self.tr("Performance"))
        self.measure = label("", "quiet")
        told.head.addWidget(self.measure)
        told.head.addStretch(1)
        told.body.addLayout(self.performance)
        told.body.addWidget(self.honest)
        told.body.addWidget(self.labels)
        self.earlier = RecordsModel(
            [
                TableColumn(self.tr("Looked"), lambda k: when(k.kept.created_at), key=lambda k: k.kept.created_at,
                            tip=lambda k: k.report.line),
                TableColumn(self.tr("Verdict"), lambda k: verdict_word(k.kept.verdict), tip=lambda k: k.report.line),
                TableColumn(self.tr("On labels"), _measured, tip=_measured_tip),
            ],
            self,
        )  # fmt: skip
        looks: DataTable = DataTable(self.tr("Earlier looks"), name="monitor.looks")
        looks.setModel(self.earlier)
        looks.set_widths([72, 84, 0])
        kept = Card(self.tr("Earlier looks"))
        kept.head.addStretch(1)
        kept.head.addWidget(looks.more_button())
        kept.body.addWidget(looks, 1)
        kept.setMinimumHeight(LEAST_KEPT_PX)
        sides = column(told, kept, spacing=12)
        sides.setStretch(1, 1)
        area = scrolling(within(sides))
        area.setFixedWidth(SIDE_PX)
        return area

    def _show_performance(self, report: MonitorReport | None) -> None:
        self.measure.setText(METRIC_WORDS[report.performance.metric] if report else "")
        while self.performance.rowCount():
            self.performance.removeRow(0)
        for title, words in performance_lines(report) if report else []:
            self.performance.addRow(label(title, "quiet"), label(words))
        self.honest.setVisible(report is not None and report.estimate is not None)


def _below(*widgets: QWidget) -> QWidget:
    """A tab's content, a little below its tabs."""
    layout = column(*widgets)
    layout.setContentsMargins(0, 12, 0, 0)
    return within(layout)


def _measured(look: Look) -> str:
    """The figure, where there were labels enough."""
    score = look.report.performance.value
    return figure(score.value) if score is not None else "–"


def _measured_tip(look: Look) -> str:
    told = look.report.performance
    return f"{METRIC_WORDS[told.metric]} {with_ends(told.value)}" if told.value is not None else look.report.line
