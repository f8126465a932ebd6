"""One model in one environment: what answers, who challenges it, and every release so far."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from app.core.releases import Mode, ReleaseKind
from app.ui.actions import Actions
from app.ui.services.rollout_desk import RolloutDesk
from app.ui.services.rollout_form import ShareSlider
from app.ui.services.rollout_view import PlaceView, Told
from app.ui.widgets.buttons import ActionButton, Button
from app.ui.widgets.card import Card, label, row, within
from app.ui.widgets.chip import Chip
from app.ui.widgets.table import DataTable, RecordsModel, TableColumn
from app.ui.words import percent, when

KINDS = {
    ReleaseKind.PROMOTE: "Rolled out",
    ReleaseKind.ROLLBACK: "Rolled back",
    ReleaseKind.CHALLENGE: "Challenger",
    ReleaseKind.SETTLE: "Settled",
    ReleaseKind.RETIRE: "Retired",
}


class PlacePanel(Card):
    """The place that is chosen on the Environments tab."""

    def __init__(self, actions: Actions, desk: RolloutDesk) -> None:
        super().__init__(" ", name="environments.place")
        self._desk = desk
        self._place: PlaceView | None = None
        self._chip = Chip("info", "")
        self.head.addWidget(self._chip)
        self.head.addStretch(1)
        self._line = label("", wrap=True, name="environments.line")
        self._reason = label("", "quiet", wrap=True)
        back = ActionButton(actions["model.rollback"], icon="undo")
        retire = ActionButton(actions["model.retire"], role="flat")
        out = ActionButton(actions["model.rollout"], role="primary", icon="services")
        self._buttons = within(row(retire, back, out))
        self.head.addWidget(self._buttons)
        self.share = ShareSlider("challenger.share")
        self.apply = Button(self.tr("Apply"), self._apply, name="challenger.apply")
        self._challenger = label("", "strong")
        self._end = ActionButton(actions["model.settle"], icon="check")
        self._sharing = within(row(self.share, self.apply))
        self._challenge = self._challenge_part()
        self.model = RecordsModel(self._columns(), self)
        self.table = DataTable(self.tr("Releases, newest first"), name="environments.releases")
        self.table.setModel(self.model)
        self.table.set_widths([146, 120, 180, 60])
        self.table.setTextElideMode(Qt.TextElideMode.ElideMiddle)  # the number of a version stands at the end
        for part in (self._line, self._reason, self._challenge):
            self.body.addWidget(part)
        self.body.addWidget(self.table, 1)
        self.body.addStretch(0)

    def _challenge_part(self) -> QWidget:
        self.share.setMaximumWidth(320)
        return within(row(self._challenger, self._sharing, self._end, 1, spacing=12))

    def show_place(self, place: PlaceView | None, then: bool) -> None:
        """Show it. ``then``: as it was on a day of the past, when nothing can be done."""
        same = place is not None and self._place is not None and place.live == self._place.live
        self._place = place
        self.setVisible(place is not None)
        if place is None:
            return
        title = self.tr("{0} in {1}").format(place.model, place.environment.name)
        self.title.setText(title)
        self.setAccessibleName(title)
        live = place.live
        if live is not None and not place.runs and not then:
            self._chip.say("warn", self.tr("Its service does not run"))
        else:
            self._chip.say("ok" if live else "info", self.tr("Live") if live else self.tr("Nothing live"))
        self._line.setText(self._live_words(place, then))
        self._reason.setVisible(live is not None)
        if live is not None:
            made = live.release
            self._reason.setText(f"{self.tr(KINDS[made.kind])}, {made.actor}: {made.reason}")
        self._buttons.setVisible(not then)
        challenged = live is not None and live.challenger is not None and not then
        self._challenge.setVisible(challenged)
        if challenged and live is not None and not same:
            self._show_challenge(place)
        self.model.show(place.history)
        self.table.setVisible(bool(place.history))

    def _live_words(self, place: PlaceView, then: bool) -> str:
        live = place.live
        if live is None and then:
            return self.tr("Nothing was live here then.")
        if live is None and place.retired is not None:
            told = place.retired
            text = self.tr("{0} was retired {1}. {2}: {3}")
            return text.format(told.version, when(told.at), told.actor, told.reason)
        if live is None:
            return self.tr("No version answers here yet.")
        text = self.tr("{0} was live since {1}.") if then else self.tr("{0} is live since {1}.")
        return text.format(live.version, when(live.since))

    def _show_challenge(self, place: PlaceView) -> None:
        live = place.live
        assert live is not None
        shares = live.release.mode is Mode.SHARE
        text = self.tr("{0} answers {1} of the requests") if shares else self.tr("{0} is asked in the shadow")
        self._challenger.setText(text.format(live.challenger, percent(live.share)))
        self._sharing.setVisible(True)
        self.share.show_share(live.share if shares else 0.1)
        self.apply.setText(self.tr("Apply") if shares else self.tr("Give it a share"))

    def _apply(self) -> None:
        if self._place is not None:
            self._desk.challenge(self._place, self.share.share)

    def _columns(self) -> list[TableColumn[Told]]:
        return [
            TableColumn(self.tr("When"), lambda t: when(t.at), key=lambda t: t.at),
            TableColumn(self.tr("What"), lambda t: self.tr(KINDS[t.kind])),
            TableColumn(self.tr("Version"), lambda t: t.version),
            TableColumn(self.tr("Who and why"), lambda t: f"{t.actor}: {t.reason}"),
        ]
