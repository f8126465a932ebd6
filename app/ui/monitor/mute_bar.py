"""Whether alerts of the chosen model go out: until when they do not, and how to mute them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from app.core.alerts import Mute
from app.core.models import ModelVersion
from app.ui.monitor.muting import hours_combo, mute, muted_words, unmute
from app.ui.page import Page
from app.ui.widgets.buttons import Button
from app.ui.widgets.card import Card, column, emptied, label, row, within
from app.ui.widgets.chip import StatusMark
from app.ui.widgets.field import field


class MuteBar(Card):
    """Hidden while messages go out and nobody asks for silence. A mute is of a model, whichever version is shown."""

    def __init__(self, page: Page) -> None:
        super().__init__(name="monitor.muting")
        self._page = page
        self._version: ModelVersion | None = None
        self._mutes: Sequence[Mute] = ()
        self.holding = column(spacing=4)
        self._held, self._elsewhere = within(self.holding), False
        self.form = self._form()
        self.body.addWidget(self._held)
        self.body.addWidget(self.form)
        self.hide()

    def show_mutes(self, version: ModelVersion | None, mutes: Sequence[Mute]) -> None:
        """Say which of the mutes that hold now are of this model, or of everybody."""
        if version is None or self._version is None or version.model_id != self._version.model_id:
            self.form.hide()
        self._version, self._mutes = version, mutes
        emptied(self.holding)
        for one in mutes:
            if version is not None and one.model_id in (None, version.model_id):
                name = version.model_name if one.model_id else ""
                self.holding.addWidget(MutedLine(self._page, name, one))
        self._settle()

    def say_elsewhere(self, elsewhere: bool) -> None:
        """Leave it to the tab of alerts, while that is shown, to list what is muted."""
        self._elsewhere = elsewhere
        self._settle()

    def ask(self) -> None:
        """Ask for how long and why."""
        if self._version is not None:
            self.whose.setText(self.tr("Send no alerts of {0} for").format(self._version.model_name))
            self.form.show()
            self._settle()
            self.why.setFocus()

    def _form(self) -> QWidget:
        self.whose = label()
        self.hours = hours_combo("monitor.mute_hours")
        self.why = field("monitor.why_muted", self.tr("Why nothing is sent"), placeholder=self.tr("Reason"))
        self.why.textChanged.connect(lambda _text: self._settle())
        self.why.returnPressed.connect(self._mute)
        self.quiet = Button(self.tr("Mute"), self._mute, role="primary", name="monitor.mute_now")
        leave = Button(self.tr("Leave it"), self._leave, name="monitor.leave_muting")
        line = row(self.whose, self.hours, self.why, leave, self.quiet)
        line.setStretch(2, 1)
        return within(line)

    def _mute(self) -> None:
        if self._version is not None and self.why.text().strip():
            mute(self._page, self._version.model_id, int(self.hours.currentData()), self.why.text())
            self._leave()

    def _leave(self) -> None:
        self.why.clear()
        self.form.hide()
        self._settle()

    def _settle(self) -> None:
        self.quiet.forbid("" if self.why.text().strip() else self.tr("Say why first."))
        self._held.setVisible(bool(self.holding.count()) and not self._elsewhere)
        self.setVisible(not self._held.isHidden() or not self.form.isHidden())


class MutedLine(QWidget):
    """A mute that holds, and the button that ends it."""

    def __init__(self, page: Page, name: str, held: Mute) -> None:
        super().__init__()
        says = self.tr("Send alerts of {0} again").format(name) if name else self.tr("Send all alerts again")
        back = Button(self.tr("Send again"), lambda: unmute(page, held.model_id), name="alerts.unmute", says=says)
        line = row(StatusMark("info"), label(muted_words(name, held), wrap=True), back)
        line.setStretch(1, 1)
        self.setLayout(line)
