"""How far the loop closes by itself (level 0, 1 or 2) with what is missing, and how long models took to live."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QGridLayout, QWidget

from app.core.maturity import SOURCE, Criterion, Lead, Maturity
from app.ui.session import Session
from app.ui.widgets.buttons import Button
from app.ui.widgets.card import Card, column, emptied, label, row, within
from app.ui.widgets.chip import StatusMark
from app.ui.words import seconds_words, when

LEVEL_WORDS = {
    0: "parts of the loop wait for a person.",
    1: "models are watched and retrained by themselves.",
    2: "better models go live by themselves, through environments.",
}
MOST_LEADS = 6
DAY_S = 86_400


class MaturityCard(Card):
    """Hidden until it was computed."""

    def __init__(self, session: Session) -> None:
        super().__init__(QCoreApplication.translate("maturity", "Maturity"), name="home.maturity")
        self._session = session
        self.level = label("", "strong", name="home.level")
        self.head.addWidget(self.level)
        self.head.addStretch(1)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(24)
        for place, share in enumerate((4, 4, 3)):
            self._grid.setColumnStretch(place, share)
        self.body.addLayout(self._grid)
        self.body.addWidget(label(self.tr("Levels 0 to 2 after {0}.").format(SOURCE), "caption", wrap=True))
        self.hide()

    def show_maturity(self, found: Maturity) -> None:
        """Show where the project stands."""
        self.show()
        words = self.tr(LEVEL_WORDS[found.level])
        self.level.setText(self.tr("Level {0} of 2: {1}").format(found.level, words))
        emptied(self._grid)
        for level in (1, 2):
            criteria = [one for one in found.criteria if one.level == level]
            self._grid.addWidget(self._column(level, criteria), 0, level - 1)
        rows = [_lead_row(lead) for lead in found.leads[:MOST_LEADS]] or [label(self.tr("No model yet."))]
        leads = column(label(self.tr("Lead time"), "quiet"), *rows, 1, spacing=4)
        self._grid.addWidget(within(leads), 0, 2)

    def _column(self, level: int, criteria: list[Criterion]) -> QWidget:
        met = sum(one.met for one in criteria)
        head = label(self.tr("For level {0}: {1} of {2}").format(level, met, len(criteria)), "quiet")
        rows = column(head, spacing=4)
        for one in criteria:
            rows.addWidget(self._row(one))
        rows.addStretch(1)
        return within(rows)

    def _row(self, one: Criterion) -> QWidget:
        """What is met is said; what is not leads where something can be done about it."""
        told = column(label(one.title, wrap=True), spacing=0)
        if not one.met:
            told.addWidget(label(one.missing, "caption", wrap=True))
        line = row(column(StatusMark("ok" if one.met else "info"), 1), told)
        line.setStretch(1, 1)
        if not one.met:
            says = self.tr("Do something about: {0}").format(one.title)
            button = Button(says, name=f"home.maturity.{one.name}", role="icon", icon="right")
            button.clicked.connect(lambda _checked=False: self._session.go(one.page, one.what or None))
            line.addWidget(button)
        made = within(line)
        made.setAccessibleName(f"{one.title}. {one.missing}")
        return made


def _tr(text: str) -> str:
    return QCoreApplication.translate("maturity", text)


def _lead_row(lead: Lead) -> QWidget:
    told = column(label(lead.model, "strong"), spacing=0)
    told.addWidget(label(live_words(lead), "quiet", wrap=True))
    if lead.alarm:
        told.addWidget(label(alarm_words(lead), "quiet", wrap=True))
    return within(told)


def live_words(lead: Lead) -> str:
    """*2 days from the first data to live.*"""
    if not lead.live:
        return _tr("Not live yet.")
    return _tr("{0} from the first data to live.").format(duration_words(lead.dropped, lead.live))


def alarm_words(lead: Lead) -> str:
    """*3 h from the alarm to its successor live.*"""
    if not lead.answered:
        return _tr("Since its alarm of {0} no newer version is live.").format(when(lead.alarm))
    return _tr("{0} from the alarm to its successor live.").format(duration_words(lead.alarm, lead.answered))


def duration_words(start: str, end: str) -> str:
    """Between two times as stored; days from a day and a half on."""
    seconds = (datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds()
    if seconds < 1.5 * DAY_S:
        return seconds_words(seconds)
    return _tr("{0} days").format(round(seconds / DAY_S))
