"""What is shown of alerts: those that are there, who is told, what became of messages; read in one go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from app.core.alerts import Alert, AlertSettings, AlertState, ChannelKind, Mute, Sending

if TYPE_CHECKING:
    from app.registry.project import Project

STATE_STATUS = {AlertState.OPEN: "fail", AlertState.ACKNOWLEDGED: "warn", AlertState.CLOSED: "ok"}
STATE_WORDS = {AlertState.OPEN: "Open", AlertState.ACKNOWLEDGED: "Acknowledged", AlertState.CLOSED: "Closed"}
KIND_WORDS = {ChannelKind.WEBHOOK: "Web address", ChannelKind.COMMAND: "Command", ChannelKind.FILE: "File"}
MOST_CLOSED, MOST_SENDINGS = 200, 200


@dataclass(frozen=True, slots=True)
class AlertsView:
    """``alerts``: those that are not closed first, then the closed ones, newest first each. ``silent``: names of
    channels that may not speak from here before a test was sent. ``mutes``: those that hold now, each with its model's
    name, empty of everybody's."""

    alerts: tuple[Alert, ...] = ()
    settings: AlertSettings = AlertSettings()  # noqa: RUF009 -- frozen
    silent: frozenset[str] = frozenset()
    sent: tuple[Sending, ...] = ()
    mutes: tuple[tuple[str, Mute], ...] = ()

    @property
    def open(self) -> int:
        """How many nobody has answered."""
        return sum(alert.state is AlertState.OPEN for alert in self.alerts)

    def last_of(self, channel: str) -> Sending | None:
        """The last message of a channel."""
        return next((sending for sending in self.sent if sending.channel == channel), None)


def alerts_view(project: Project) -> AlertsView:
    """Read it; not for the window's thread."""
    from app.monitoring.alerting.channels import alert_settings, is_allowed
    from app.registry import alerts, models

    found = alerts.alerts(project)
    live = [alert for alert in found if alert.state is not AlertState.CLOSED]
    closed = [alert for alert in found if alert.state is AlertState.CLOSED]
    settings = alert_settings(project)
    names = {model.id: model.name for model in models.models(project)}
    return AlertsView(
        (*live, *closed[:MOST_CLOSED]),
        settings,
        frozenset(channel.name for channel in settings.channels if not is_allowed(project, channel)),
        tuple(alerts.sendings(project, limit=MOST_SENDINGS)),
        tuple((names.get(mute.model_id or "", ""), mute) for mute in alerts.mutes(project)),
    )


def state_words(state: AlertState) -> str:
    """The state in a word of the person's language."""
    return QCoreApplication.translate("alerts", STATE_WORDS[state])


def kind_words(kind: ChannelKind) -> str:
    """What a channel is, in a word or two."""
    return QCoreApplication.translate("alerts", KIND_WORDS[kind])
