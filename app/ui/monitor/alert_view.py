"""What is shown of alerts: those that are there, who is told, what became of messages; read in one go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from app.core.alerts import Alert, AlertSettings, AlertState, ChannelKind, Mute, Sending, ThenNow
from app.ui.words import figure, when

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
    name, empty of everybody's. ``figures``: by an alert's id its figure then and now, where somebody looked again."""

    alerts: tuple[Alert, ...] = ()
    settings: AlertSettings = AlertSettings()  # noqa: RUF009 -- frozen
    silent: frozenset[str] = frozenset()
    sent: tuple[Sending, ...] = ()
    mutes: tuple[tuple[str, Mute], ...] = ()
    figures: Mapping[str, ThenNow] = field(default_factory=dict)

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
        figures(project, live),
    )


def figures(project: Project, live: Sequence[Alert]) -> dict[str, ThenNow]:
    """By an alert's id its figure then and now, of those that were looked at again."""
    from app.monitoring.alerting.figures import then_now

    found = {alert.id: then_now(project, alert) for alert in live}
    return {id_: told for id_, told in found.items() if told is not None}


def then_now_words(told: ThenNow) -> str:
    """*ROC AUC: 0.812 (3 March), now 0.784 (14:05), worse.*"""
    trend = QCoreApplication.translate("alerts", told.trend)
    words = QCoreApplication.translate("alerts", "{0}: {1} ({2}), now {3} ({4}), {5}.")
    return words.format(told.name, figure(told.then), when(told.then_at), figure(told.now), when(told.now_at), trend)


def state_words(state: AlertState) -> str:
    """The state in a word of the person's language."""
    return QCoreApplication.translate("alerts", STATE_WORDS[state])


def kind_words(kind: ChannelKind) -> str:
    """What a channel is, in a word or two."""
    return QCoreApplication.translate("alerts", KIND_WORDS[kind])
