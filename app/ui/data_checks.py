"""What was found in the data: how many checks passed, what to look at, what stands in the way."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.core.data import Finding, Outcome, Reading
from app.ui.finding_answers import answers
from app.ui.widgets.buttons import Button
from app.ui.widgets.card import Card, column, emptied, row
from app.ui.widgets.chip import Chip, StatusMark
from app.ui.widgets.elided import Elided

CHECKS = (
    "DUPLICATE_COLUMNS",
    "ENCODING_GUESSED",
    "MANY_COLUMNS",
    "DUPLICATE_ROWS",
    "LEADING_ZEROS",
    "INT_OVERFLOW",
    "NON_FINITE",
    "NA_AMBIGUOUS",
    "CSV_FORMULA",
    "COLUMN_ALL_MISSING",
    "COLUMN_CONSTANT",
    "COLUMN_ID_LIKE",
    "DATES_AMBIGUOUS",
    "TARGET_ONE_CLASS",
    "TARGET_LEAK",
)
"""Codes that are looked for in every table, whatever its format."""

SHOWN = 3
STATUS = {Outcome.WARN: "warn", Outcome.ASK: "warn", Outcome.ACCEPT: "info", Outcome.REJECT: "fail"}


class ChecksCard(Card):
    """Chips with the counts, and the findings with what can be done about each."""

    column_wanted = Signal(str)
    row_wanted = Signal(int)
    change_wanted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(self.tr("Checks"), name="data.checks", parent=parent)
        self._passed, self._review, self._blocking = Chip("ok", ""), Chip("warn", ""), Chip("fail", "")
        for chip in (self._passed, self._review, self._blocking):
            self.head.addWidget(chip)
        self.head.addStretch(1)
        self._more = Button("", self._toggle, role="link", name="data.checks.more")
        self.head.addWidget(self._more)
        self._rows = column(spacing=2)
        self.body.addLayout(self._rows)
        self._reading: Reading | None = None
        self._all = False

    def show_reading(self, reading: Reading) -> None:
        """Show the findings of a reading, what blocks first."""
        self._reading = reading
        found = {finding.code for finding in reading.findings}
        blocking = sum(finding.blocks_training for finding in reading.findings)
        noted = sum(f.outcome in (Outcome.WARN, Outcome.ASK) and not f.blocks_training for f in reading.findings)
        self._passed.say("ok", self.tr("{0} passed").format(sum(code not in found for code in CHECKS)))
        self._review.say("warn", self.tr("{0} to review").format(noted))
        self._blocking.say("fail", self.tr("{0} blocking").format(blocking))
        self._review.setVisible(noted > 0)
        self._blocking.setVisible(blocking > 0)
        self._fill()

    def _fill(self) -> None:
        emptied(self._rows)
        reading = self._reading
        if reading is None:
            return
        every = sorted(reading.findings, key=lambda f: (not f.blocks_training, f.outcome is Outcome.ACCEPT))
        shown = every if self._all else every[:SHOWN]
        for finding in shown:
            self._rows.addWidget(self._row(finding, reading))
        hidden = len(every) - SHOWN
        self._more.setVisible(hidden > 0)
        self._more.setText(self.tr("Show fewer") if self._all else self.tr("Show all {0}").format(len(every)))
        self._more.setAccessibleName(self._more.text())

    def _row(self, finding: Finding, reading: Reading) -> QWidget:
        made = QWidget()
        status = "fail" if finding.blocks_training else STATUS[finding.outcome]
        words = Elided(finding.message)
        words.setToolTip(f"{finding.message}\n{finding.hint}\n{finding.code}".replace("\n\n", "\n"))
        line = row(StatusMark(status), words, *self._answers(finding, reading))
        line.setStretch(1, 1)
        made.setLayout(line)
        return made

    def _answers(self, finding: Finding, reading: Reading) -> list[Button]:
        buttons = []
        for answer in answers(finding, reading, self.tr):
            says = f"{answer.text}: {finding.column}" if finding.column else answer.text
            ask = partial(self.change_wanted.emit, answer.change)
            buttons.append(Button(answer.text, ask, role="link", says=says))
        if finding.rows:
            says = self.tr("Show row {0}").format(finding.rows[0])
            buttons.append(
                Button(self.tr("Rows"), partial(self.row_wanted.emit, finding.rows[0]), role="link", says=says)
            )
        elif finding.column is not None and any(column.name == finding.column for column in reading.columns):
            says = self.tr("Show column {0}").format(finding.column)
            show = partial(self.column_wanted.emit, finding.column)
            buttons.append(Button(self.tr("Show"), show, role="link", says=says))
        return buttons

    def _toggle(self) -> None:
        self._all = not self._all
        self._fill()
