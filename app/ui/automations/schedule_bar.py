"""Whether this computer does what is due by itself, as its own schedule says; one click has it do so, one ends it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.ui.actions import Actions
from app.ui.widgets.buttons import ActionButton
from app.ui.widgets.card import Card, column, label, row
from app.ui.widgets.chip import StatusMark
from app.ui.widgets.combo import Combo

if TYPE_CHECKING:
    from app.monitoring.automation.schedules import Status

EVERY = (5, 15, 30, 60)
USUAL = 15


class ScheduleBar(Card):
    """Says nothing before the system was asked."""

    def __init__(self, actions: Actions) -> None:
        super().__init__(name="automation.schedule_bar")
        self.mark = StatusMark("info")
        self.words = label(self.tr("Asking this computer's schedule…"), "strong", wrap=True)
        self.hint = label("", "quiet", wrap=True)
        self.minutes = Combo(self.tr("How often"), name="automation.minutes")
        for minutes in EVERY:
            text = self.tr("every hour") if minutes == 60 else self.tr("every {0} minutes").format(minutes)
            self.minutes.addItem(text, minutes)
        self.minutes.setCurrentIndex(EVERY.index(USUAL))
        self.start = ActionButton(actions["automation.schedule"], icon="clock")
        self.stop = ActionButton(actions["automation.unschedule"], icon="close")
        line = row(self.mark, column(self.words, self.hint, spacing=0), self.minutes, self.start, self.stop)
        line.setStretch(1, 1)
        self.body.addLayout(line)

    def show_status(self, status: Status) -> None:
        """What the system said."""
        self.mark.set_status("ok" if status.active else "warn" if status.written else "info")
        if status.active:
            self.words.setText(status.words)
            self.hint.setText(self.tr("Also while this window is closed."))
        elif status.written:
            self.words.setText(status.words)
            self.hint.setText(self.tr("Start it, or take the schedule back."))
        else:
            self.words.setText(self.tr("Nothing runs by itself yet."))
            self.hint.setText(
                self.tr("{0} Schedule has this computer do what is due, also while this window is closed.").format(
                    status.words
                )
            )
        self.minutes.setVisible(not status.written)
        self.start.setVisible(not status.written)
        self.stop.setVisible(status.written)
