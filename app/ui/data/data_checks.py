"""What was found in the data: how many checks passed, what to look at, what stands in the way, what was decided."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.core.data import Outcome, Reading
from app.ui.data.finding_row import FindingRow
from app.ui.widgets.buttons import Button
from app.ui.widgets.card import Card, column, emptied
from app.ui.widgets.chip import Chip

if TYPE_CHECKING:
    from app.data.standing import Standing
    from app.ui.data.data_view import DataView

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
    "TARGET_IS_DATE",
    "TARGET_FEW_ROWS",
    "TARGET_MANY_CLASSES",
    "CLASS_FEW_ROWS",
    "TARGET_LEAK",
    "TARGET_LEAK_LIKELY",
    "TARGET_IN_TEXT",
    "TIME_SPLIT_SUGGESTED",
    "GROUP_SPLIT_SUGGESTED",
    "DUPLICATES_ACROSS_SPLIT",
    "LABEL_CONFLICT",
    "LABEL_NOISE",
)
"""Codes that are looked for in every table, whatever its format."""

FIRST = (
    "CONTRACT_BROKEN",
    "TARGET_LEAK",
    "TARGET_LEAK_LIKELY",
    "TARGET_IN_TEXT",
    "MIXED_TYPES",
    "DATES_AMBIGUOUS",
    "DELIMITER_DECIMAL",
    "TIME_SPLIT_SUGGESTED",
    "GROUP_SPLIT_SUGGESTED",
    "DUPLICATES_ACROSS_SPLIT",
    "LABEL_CONFLICT",
    "LABEL_NOISE",
    "CLASS_FEW_ROWS",
)
"""What makes a score wrong comes before what is only worth knowing."""

SHOWN = 3


class ChecksCard(Card):
    """Chips with the counts, and the findings with what can be done about each."""

    column_wanted = Signal(str)
    row_wanted = Signal(int)
    change_wanted = Signal(object)
    decided = Signal(object)
    """A ``Wish``: keep, waive or reopen a finding."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(self.tr("Checks"), name="data.checks", parent=parent)
        self._chips = {name: Chip(status, "") for name, status in CHIPS}
        for chip in self._chips.values():
            self.head.addWidget(chip)
        self.head.addStretch(1)
        self._more = Button("", self._toggle, role="link", name="data.checks.more")
        self.head.addWidget(self._more)
        self._rows = column(spacing=0)
        self.body.addLayout(self._rows)
        self._standings: tuple[Standing, ...] = ()
        self._reading: Reading | None = None
        self._all = False

    def show_view(self, view: DataView) -> None:
        """Show the findings of a version as they stand, what blocks first, what is settled last."""
        ordered = tuple(sorted(view.standings, key=_place))
        if self._reading == view.reading and self._standings == ordered:
            return
        same = self._reading is not None and self._reading.version_id == view.version.id
        reasons = self._written() if same else {}
        self._all = self._all and same
        self._reading, self._standings = view.reading, ordered
        found = {standing.finding.code for standing in view.standings}
        self._count("passed", self.tr("{0} passed"), sum(code not in found for code in CHECKS))
        self._count("review", self.tr("{0} to review"), sum(_to_review(s) for s in view.standings))
        self._count("blocking", self.tr("{0} blocking"), sum(s.blocks for s in view.standings))
        self._count("waived", self.tr("{0} waived"), sum(s.waived for s in view.standings))
        self._count("kept", self.tr("{0} kept"), sum(s.kept for s in view.standings))
        self._fill(reasons)

    def rows(self) -> list[FindingRow]:
        """The findings that are shown, from top to bottom."""
        items = (self._rows.itemAt(i) for i in range(self._rows.count()))
        widgets = (item.widget() for item in items if item is not None)
        return [widget for widget in widgets if isinstance(widget, FindingRow)]

    def _count(self, name: str, words: str, number: int) -> None:
        self._chips[name].say(dict(CHIPS)[name], words.format(number))
        self._chips[name].setVisible(number > 0 or name == "passed")

    def _written(self) -> dict[tuple[str, str], str]:
        """Reasons that are being typed: a refresh does not lose them."""
        return {row.key: row.typed for row in self.rows() if row.typed is not None}

    def _fill(self, reasons: dict[tuple[str, str], str]) -> None:
        focused = next((row.key for row in self.rows() if row.reason.hasFocus()), None)
        left = next((i for i, row in enumerate(self.rows()) if _has_focus(row)), None)
        emptied(self._rows)
        reading = self._reading
        if reading is None:
            return
        open_ones = sum(not (s.kept or s.waived) for s in self._standings)
        first = min(SHOWN, open_ones)
        for standing in self._standings if self._all else self._standings[:first]:
            made = self._row(standing, reading, reasons)
            self._rows.addWidget(made)
            if made.key == focused and made.typed is not None:
                made.reason.setFocus()
        every = len(self._standings)
        self._more.setVisible(every > first)
        self._more.setText(self.tr("Show fewer") if self._all else self.tr("Show all {0}").format(every))
        self._more.setAccessibleName(self._more.text())
        if left is not None and not any(_has_focus(row) for row in self.rows()):
            self._take_focus(left)

    def _take_focus(self, place: int) -> None:
        """The finding that had the keyboard is answered or drawn anew: the one in its place has it now."""
        shown = self.rows()[: place + 1][-1:]
        for row in shown:
            row.show()  # at once, not with the next layout: what is hidden takes no focus
        buttons = shown[0].findChildren(Button) if shown else []
        next((button for button in buttons if button.isVisibleTo(self)), self._more).setFocus()

    def _row(self, standing: Standing, reading: Reading, reasons: dict[tuple[str, str], str]) -> FindingRow:
        made = FindingRow(standing, reading, reasons.get(standing.key))
        made.change_wanted.connect(self.change_wanted)
        made.row_wanted.connect(self.row_wanted)
        made.column_wanted.connect(self.column_wanted)
        made.decided.connect(self.decided)
        return made

    def _toggle(self) -> None:
        self._all = not self._all
        self._fill(self._written())


CHIPS = (("passed", "ok"), ("review", "warn"), ("blocking", "fail"), ("waived", "warn"), ("kept", "info"))


def _has_focus(row: QWidget) -> bool:
    held = row.window().focusWidget()
    return held is not None and row.isAncestorOf(held)


def _to_review(standing: Standing) -> bool:
    waiting = standing.finding.outcome in (Outcome.WARN, Outcome.ASK)
    return waiting and not (standing.finding.blocks_training or standing.kept)


def _place(standing: Standing) -> tuple[bool, bool, bool, bool, int]:
    settled, code = standing.kept or standing.waived, standing.finding.code
    rank = FIRST.index(code) if code in FIRST else len(FIRST)
    return settled, standing.kept, not standing.blocks, standing.finding.outcome is Outcome.ACCEPT, rank
