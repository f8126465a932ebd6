"""The alerts of a project: read, taken on or closed with a reason."""

from __future__ import annotations

from collections.abc import Mapping
from operator import attrgetter
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from app.core.alerts import Alert, AlertState, ThenNow
from app.ui.monitor.alert_view import AlertsView, alerts_view, state_words, then_now_words
from app.ui.monitor.channel_panel import ChannelPanel
from app.ui.page import Page
from app.ui.widgets.buttons import Button
from app.ui.widgets.card import Card, label, row
from app.ui.widgets.choice_table import ChoiceTable
from app.ui.widgets.field import field
from app.ui.widgets.table import TableColumn
from app.ui.words import figure, when

if TYPE_CHECKING:
    from app.core.progress import JobContext
    from app.registry.project import Project

LEAST_LINE_PX = 200
THEN_NOW = 1
"""The place of the column that is hidden where nobody looked again, and that a narrow table does without."""
_ORDER = {AlertState.OPEN: 0, AlertState.ACKNOWLEDGED: 1, AlertState.CLOSED: 2}


class AlertPanel(QWidget):
    """Alerts at the left, who else is told at the right."""

    def __init__(self, page: Page) -> None:
        super().__init__(page)
        self._page = page
        self._figures: Mapping[str, ThenNow] = {}
        self.table = ChoiceTable(self.tr("Alerts"), self._columns(), attrgetter("id"), name="alerts.list")
        self.model = self.table.records
        self.table.set_widths([0, 120, 108, 124])
        self.table.stretch_first(LEAST_LINE_PX)
        self.table.chosen_changed.connect(self._settle)
        self.channels = ChannelPanel(page)
        layout = row(self._card(), self.channels, spacing=12)
        layout.setStretch(0, 1)
        layout.setContentsMargins(0, 12, 0, 0)
        self.setLayout(layout)

    @property
    def chosen(self) -> Alert | None:
        """The alert that is selected."""
        return self.table.chosen

    def want(self, alert_id: str) -> None:
        """Select this one when it is there."""
        self.table.want(alert_id)

    def refresh(self) -> None:
        """Ask what is there."""
        self._page.query(alerts_view, self._show, key="alerts")

    def acknowledge(self) -> None:
        """Take the selected alert on."""
        self._change(AlertState.ACKNOWLEDGED)

    def close_chosen(self) -> None:
        """Close the selected alert."""
        self._change(AlertState.CLOSED)

    def _columns(self) -> list[TableColumn[Alert]]:
        return [
            TableColumn(self.tr("What is wrong"), lambda a: a.line, tip=self._tip),
            TableColumn(self.tr("Then and now"), self._then_now, tip=self._tip),
            TableColumn(self.tr("State"), lambda a: state_words(a.state), key=lambda a: _ORDER[a.state], tip=self._tip),
            TableColumn(self.tr("Since"), lambda a: when(a.created_at), key=lambda a: a.created_at, tip=self._tip),
        ]

    def _card(self) -> Card:
        card = Card(self.tr("Alerts"), name="alerts.card")
        card.head.addStretch(1)
        card.head.addWidget(self.table.more_button())
        self.none = label(
            self.tr("No alert. One is raised when a look says act or a service does not answer."), "quiet", wrap=True
        )
        self.said = label("", "quiet", wrap=True)
        self.reason = field("alerts.reason", self.tr("Reason"), placeholder=self.tr("Reason, for the history"))
        self.reason.textChanged.connect(lambda _text: self._settle())
        self.take = Button(self.tr("Acknowledge"), self.acknowledge, name="alerts.acknowledge")
        self.shut = Button(self.tr("Close"), self.close_chosen, name="alerts.close")
        answer = row(self.reason, self.take, self.shut)
        answer.setStretch(0, 1)
        card.body.addWidget(self.none)
        card.body.addWidget(self.table, 1)
        card.body.addWidget(self.said)
        card.body.addLayout(answer)
        return card

    def _change(self, state: AlertState) -> None:
        alert, reason = self.chosen, self.reason.text()
        if alert is None:
            return

        def change(project: Project, _ctx: JobContext) -> Alert:
            from app.registry.alerts import change_alert

            return change_alert(project, alert.id, state, reason)

        self.reason.clear()
        self._page.act(self.tr("Answering an alert"), change, then=self._tell, changes={"alert"})

    def _tell(self, alert: Alert) -> None:
        """The channels hear how it stands now; a slow one does not keep the answer from being seen."""

        def tell(project: Project, ctx: JobContext) -> None:
            from app.monitoring.alerting.sending import deliver

            deliver(project, alert, ctx)

        if self.channels.rows.count():
            self._page.act(self.tr("Telling others"), tell, changes={"alert"})

    def _show(self, view: AlertsView) -> None:
        self._show_figures(view.figures)
        self.none.setVisible(not view.alerts)
        self.table.show_records(view.alerts)
        self.channels.show_view(view)
        self._settle()

    def _show_figures(self, figures: Mapping[str, ThenNow]) -> None:
        self._figures = figures
        self.table.give_way(*([THEN_NOW] if figures else []))
        if not figures:
            self.table.setColumnHidden(THEN_NOW, True)

    def _settle(self) -> None:
        alert = self.chosen
        self.said.setText(self._tip(alert) if alert else "")
        self.said.setVisible(bool(self.said.text()))
        without = "" if self.reason.text().strip() else self.tr("Say why first.")
        if alert is None:
            without = self.tr("Select an alert first.")
        elif alert.state is AlertState.CLOSED:
            without = self.tr("It is closed already.")
        self.take.forbid(without)
        self.shut.forbid(without)

    def _then_now(self, alert: Alert) -> str:
        told = self._figures.get(alert.id)
        return f"{figure(told.then)} → {figure(told.now)}" if told else ""

    def _tip(self, alert: Alert) -> str:
        """The whole line, how it went on, and who answered what."""
        lines = [alert.line]
        if told := self._figures.get(alert.id):
            lines.append(then_now_words(told))
        if alert.reason:
            said = f"{state_words(alert.state)}, {when(alert.at)}, {alert.actor.split(' <')[0]}: {alert.reason}"
            lines.append(said)
        return "\n".join(lines)
