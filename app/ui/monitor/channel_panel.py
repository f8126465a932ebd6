"""Who else is told of alerts: channels with a test each, how much they may say, and silence with an end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog, QWidget

from app.core.alerts import Channel, ChannelKind, Sending
from app.monitoring.alerting.hook_addresses import is_bare
from app.ui.monitor.alert_view import AlertsView, kind_words
from app.ui.monitor.mute_bar import MutedLine
from app.ui.monitor.muting import hours_combo, mute
from app.ui.page import Page, scrolling
from app.ui.widgets.buttons import Button
from app.ui.widgets.card import Card, column, emptied, field_label, label, row, rule, within
from app.ui.widgets.chip import StatusMark
from app.ui.widgets.combo import Combo
from app.ui.widgets.elided import Elided
from app.ui.widgets.field import field
from app.ui.widgets.numbers import WholeNumber
from app.ui.words import plain_tip, when

if TYPE_CHECKING:
    from app.core.progress import JobContext
    from app.registry.project import Project

WIDTH_PX = 324
HINTS = {
    ChannelKind.WEBHOOK: "https://…, posted to as JSON",
    ChannelKind.COMMAND: "gets the alert as JSON",
    ChannelKind.FILE: "alerts.jsonl",
}
KEPT = {
    ChannelKind.WEBHOOK: "What stands behind the host is kept beside your settings, not in the project. ${NAME}: an "
    "environment variable.",
    ChannelKind.COMMAND: "The command is kept in the project: let it read its secrets elsewhere.",
}
"""Where what is typed goes."""


class ChannelPanel(Card):
    """Everything here is kept in the project; what may speak from this computer is not."""

    def __init__(self, page: Page) -> None:
        super().__init__(page.tr("Who else is told"), name="alerts.channels")
        self._page = page
        self.setFixedWidth(WIDTH_PX)
        self.rows = column(spacing=10)
        self.none = label(
            self.tr("Nobody outside this window. Add a web address, a command or a file."), "quiet", wrap=True
        )
        content = column(self.none, self.rows, self._adding(), rule(), self._limits(), self._muting(), 1, spacing=10)
        self.body.addWidget(scrolling(within(content)), 1)

    def show_view(self, view: AlertsView) -> None:
        """Show the channels as they are."""
        emptied(self.rows)
        self.none.setVisible(not view.settings.channels)
        for channel in view.settings.channels:
            self.rows.addWidget(_ChannelRow(self, channel, view.last_of(channel.name), channel.name in view.silent))
        self.most.blockSignals(True)
        self.most.setValue(view.settings.most_an_hour)
        self.most.blockSignals(False)
        emptied(self.muted)
        for name, held in view.mutes:
            self.muted.addWidget(MutedLine(self._page, name, held))

    @property
    def _kind(self) -> ChannelKind:
        return ChannelKind(self.kind.currentData())  # Qt keeps its text only

    def add(self) -> None:
        """Add what was typed as a channel."""
        kind, target = self._kind, self.target.text()

        def added(project: Project, _ctx: JobContext) -> Channel:
            from app.monitoring.alerting.channels import add_channel

            return add_channel(project, kind, target)

        self._page.act(
            self.tr("Adding a channel"), added, then=lambda _made: self.target.clear(), changes={"alert"}, busy=self.put
        )

    def remove(self, channel: Channel) -> None:
        """Take a channel out."""

        def gone(project: Project, _ctx: JobContext) -> None:
            from app.monitoring.alerting.channels import remove_channel

            remove_channel(project, channel.name)

        self._page.act(self.tr("Removing a channel"), gone, changes={"alert"})

    def test(self, channel: Channel, button: QWidget) -> None:
        """Send a test."""

        def sent(project: Project, _ctx: JobContext) -> Sending:
            from app.monitoring.alerting.sending import send_test

            return send_test(project, channel)

        self._page.act(self.tr("Sending a test"), sent, then=self._tested, changes={"alert"}, busy=button)

    def mute(self) -> None:
        """Send nothing for a while."""
        mute(self._page, None, int(self.hours.currentData()), self.why.text())
        self.why.clear()

    def _tested(self, sending: Sending) -> None:
        if sending.arrived:
            self._page.session.tell(self.tr("The test to {0} was sent.").format(sending.channel))
        else:
            self._page.session.tell(f"{sending.channel}: {sending.outcome}", "fail")

    def _limit(self) -> None:
        most = self.most.value()

        def limit(project: Project, _ctx: JobContext) -> None:
            from app.monitoring.alerting.channels import limit_rate

            limit_rate(project, most)

        self._page.act(self.tr("Limiting messages"), limit, changes={"alert"})

    def _adding(self) -> QWidget:
        self.kind = Combo(self.tr("Kind of channel"), name="alerts.kind")
        for kind in ChannelKind:
            self.kind.addItem(kind_words(kind), kind)
        self.target = field("alerts.target", self.tr("Address, command or file"))
        self.target.textChanged.connect(lambda _text: self._settle())
        self.target.returnPressed.connect(self.add)
        self.put = Button(self.tr("Add"), self.add, name="alerts.add")
        self.choose = Button(self.tr("Choose a file…"), self._choose_file, role="icon", icon="folder")
        self.kind.currentIndexChanged.connect(lambda _index: self._settle())
        line = row(self.target, self.choose, self.put)
        line.setStretch(0, 1)
        self.secret = label("", "caption", wrap=True)
        adding = within(column(row(self.kind, 1), line, self.secret, spacing=6))
        self._settle()
        return adding

    def _choose_file(self) -> None:
        name, _ = QFileDialog.getSaveFileName(
            self, self.tr("Append alerts to"), self.target.text() or "alerts.jsonl",
            options=QFileDialog.Option.DontConfirmOverwrite,
        )  # fmt: skip
        if name:
            self.target.setText(name)

    def _settle(self) -> None:
        kind = self._kind
        self.target.setPlaceholderText(self.tr(HINTS[kind]))
        self.choose.setVisible(kind is ChannelKind.FILE)
        self.secret.setText(self.tr(KEPT.get(kind, "")))
        self.secret.setVisible(kind in KEPT)
        self.put.forbid("" if self.target.text().strip() else self.tr("Say where first."))

    def _limits(self) -> QWidget:
        self.most = WholeNumber()
        self.most.setRange(1, 1000)
        self.most.setKeyboardTracking(False)
        self.most.lineEdit().setTextMargins(8, 0, 8, 0)
        self.most.setObjectName("alerts.most_an_hour")
        self.most.setAccessibleName(self.tr("Messages an hour and channel"))
        self.most.setFixedHeight(32)
        self.most.valueChanged.connect(lambda _value: self._limit())
        return within(row(field_label(self.tr("At most"), self.most), self.most, label(self.tr("messages an hour")), 1))

    def _muting(self) -> QWidget:
        self.hours = hours_combo("alerts.hours")
        self.why = field("alerts.why_muted", self.tr("Why nothing is sent"), placeholder=self.tr("Reason"))
        self.quiet = Button(self.tr("Mute all"), self.mute, name="alerts.mute")
        self.why.textChanged.connect(lambda text: self.quiet.forbid("" if text.strip() else self.tr("Say why first.")))
        self.quiet.forbid(self.tr("Say why first."))
        self.muted = column(spacing=4)
        line = row(self.hours, self.why, self.quiet)
        line.setStretch(1, 1)
        return within(column(line, self.muted, spacing=6))


class _ChannelRow(QWidget):
    """One channel: where it leads, what became of its last message, a test, the way out."""

    def __init__(self, panel: ChannelPanel, channel: Channel, last: Sending | None, silent: bool) -> None:
        super().__init__()
        target = Elided(channel.shown, "mono")
        target.setToolTip(plain_tip(channel.shown))
        status, words = self._last(last, silent, channel.kind is ChannelKind.WEBHOOK and is_bare(channel.target))
        told = label(words, "quiet", wrap=True)
        test = Button(
            self.tr("Send a test"), name="alerts.test", says=self.tr("Send a test to {0}").format(channel.name)
        )
        test.clicked.connect(lambda _checked=False: panel.test(channel, test))
        says = self.tr("Remove {0}").format(channel.name)
        gone = Button(says, lambda: panel.remove(channel), role="icon", icon="delete", says=says)
        head = row(StatusMark(status), label(channel.name, "strong"), 1, test, gone)
        self.setLayout(column(head, target, told, spacing=2))

    def _last(self, last: Sending | None, silent: bool, bare: bool) -> tuple[str, str]:
        if silent:
            return "warn", self.tr("Set on another computer, or elsewhere on this one: send a test to let it speak.")
        if bare:
            return "warn", self.tr("Its whole address stands in the project: add it again to keep it outside.")
        if last is None:
            return "info", self.tr("Nothing was sent yet.")
        kind = self.tr("Test") if last.alert_id is None else self.tr("Last")
        return ("ok" if last.arrived else "info" if last.muted else "fail"), f"{kind}, {when(last.at)}: {last.outcome}"
