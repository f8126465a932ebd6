"""One finding: what was found, what can be answered to it, and what was decided about it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from app.core.data import Outcome, Reading
from app.core.decisions import Decision, FindingDecision
from app.ui.data.answer_button import AnswerButton
from app.ui.data.decision_steps import Wish
from app.ui.data.finding_answers import answers
from app.ui.data.finding_cells import cells_in_words
from app.ui.widgets.buttons import Button
from app.ui.widgets.card import column, label, row, within
from app.ui.widgets.chip import StatusMark
from app.ui.widgets.field import field
from app.ui.words import plain_tip

if TYPE_CHECKING:
    from app.data.standing import Standing

STATUS = {Outcome.WARN: "warn", Outcome.ASK: "warn", Outcome.ACCEPT: "info", Outcome.REJECT: "fail"}
MARK_PX = 24
BESIDE_PX = 5
"""So that mark, first line and buttons stand on one line, however many lines there are."""


class FindingRow(QWidget):
    """A line with the finding, and below it the reason while a waiver is written."""

    change_wanted = Signal(object)
    row_wanted = Signal(int)
    column_wanted = Signal(str)
    decided = Signal(object)

    def __init__(self, standing: Standing, reading: Reading, reason: str | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.standing = standing
        self._reading = reading
        finding = standing.finding
        words = label(finding.message, "quiet" if standing.kept or standing.waived else "", wrap=True)
        words.setToolTip(plain_tip(f"{finding.hint}\n{finding.code}".strip()))
        self._buttons = within(row(*self._answers(), *self._verdicts(), spacing=4))
        said = column(words, *self._asides(), spacing=1)
        said.setContentsMargins(0, BESIDE_PX, 0, BESIDE_PX)
        mark = column(StatusMark(self._status()), 1)
        mark.setContentsMargins(0, BESIDE_PX, 0, 0)
        line = row(mark, said, self._buttons)
        line.setStretch(1, 1)
        line.setAlignment(self._buttons, Qt.AlignmentFlag.AlignTop)
        whole = column(line, spacing=4)
        self.setLayout(whole)
        self.reason = field("finding.reason", self.tr("Reason to waive: {0}").format(finding.message))
        if standing.waivable and not standing.waived:
            self._waiving = self._waive_line()
            whole.addWidget(self._waiving)
            self._waiving.setVisible(reason is not None)
            self.reason.setText(reason or "")
        self._settle()

    @property
    def key(self) -> tuple[str, str]:
        """Which finding this is, whatever its words."""
        return self.standing.key

    @property
    def typed(self) -> str | None:
        """The reason as far as it is written; None if no waiver is."""
        return self.reason.text() if self.reason.isVisibleTo(self) else None

    def _status(self) -> str:
        if self.standing.blocks:
            return "fail"
        settled = self.standing.kept or self.standing.waived
        return "info" if settled else STATUS[self.standing.finding.outcome]

    def _asides(self) -> list[QWidget]:
        """The cells it is about, and what was decided about it here or in an earlier version."""
        cells = label(cells_in_words(self.standing.finding, self.tr), "caption", wrap=True, name="finding.cells")
        return [*([cells] if cells.text() else []), *self._decided()]

    def _decided(self) -> list[QWidget]:
        now, before = self.standing.decision, self.standing.before
        if now is not None and (self.standing.kept or self.standing.waived):
            return [label(self._decision_words(now), "caption", wrap=True)]
        if before is None:
            return []
        words = self.tr("In version {0}: {1}").format(self.standing.before_number, self._decision_words(before))
        return [label(words, "caption", wrap=True)]

    def _decision_words(self, made: FindingDecision) -> str:
        who = made.actor.partition(" <")[0]
        if made.decision is Decision.WAIVE:
            return self.tr("waived by {0}: {1}").format(who, made.reason)
        return self.tr("kept by {0}").format(who)

    def _answers(self) -> list[Button]:
        """What mends it, and what to look at."""
        finding = self.standing.finding
        made: list[Button] = []
        fixes = [] if self.standing.kept else answers(finding, self._reading, self.tr)
        for answer in fixes:
            made.append(AnswerButton(answer, finding, self.change_wanted.emit))
        if finding.rows:
            says = self.tr("Show row {0}").format(finding.rows[0])
            show = partial(self.row_wanted.emit, finding.rows[0])
            made.append(Button(self.tr("Rows"), show, role="link", says=says))
        elif finding.column is not None and any(c.name == finding.column for c in self._reading.columns):
            says = self.tr("Show column {0}").format(finding.column)
            made.append(
                Button(self.tr("Show"), partial(self.column_wanted.emit, finding.column), role="link", says=says)
            )
        return made

    def _verdicts(self) -> list[Button]:
        """Keep, waive or reopen: what a person may decide now."""
        if self.standing.kept or self.standing.waived:
            return [self._verdict(self.tr("Reopen"), "finding.reopen", partial(self._decide, Decision.REOPEN))]
        if self.standing.finding.blocks_training:
            if not self.standing.waivable:
                return []
            return [self._verdict(self.tr("Waive…"), "finding.open_waiver", self._open_waiver)]
        if self.standing.finding.outcome is Outcome.ACCEPT:
            return []
        return [self._verdict(self.tr("Keep"), "finding.keep", partial(self._decide, Decision.KEEP))]

    def _verdict(self, text: str, name: str, do: object) -> Button:
        says = f"{text.rstrip('…')}: {self.standing.finding.message}"
        return Button(text, do, role="link", name=name, says=says)  # type: ignore[arg-type]

    def _waive_line(self) -> QWidget:
        self.reason.setPlaceholderText(self.tr("Why is training right all the same?"))
        self.reason.textChanged.connect(self._settle)
        self.reason.returnPressed.connect(self._waive)
        self.waive = Button(self.tr("Waive"), self._waive, name="finding.waive")
        leave = Button(self.tr("Cancel"), self._leave_waiver, role="flat", name="finding.leave_waiver")
        line = row(self.reason, self.waive, leave)
        line.setContentsMargins(MARK_PX, 0, 0, 4)
        return within(line)

    def _open_waiver(self) -> None:
        before = self.standing.before
        if not self.reason.text() and before is not None:
            self.reason.setText(before.reason)
        self._waiving.show()
        self.reason.setFocus()

    def _leave_waiver(self) -> None:
        self._waiving.hide()
        self.reason.clear()

    def _settle(self) -> None:
        if hasattr(self, "waive"):
            self.waive.forbid("" if self.reason.text().strip() else self.tr("Give a reason first."))

    def _waive(self) -> None:
        if self.reason.text().strip():
            self._decide(Decision.WAIVE, self.reason.text().strip())

    def _decide(self, decision: Decision, reason: str = "") -> None:
        code, column_name = self.key
        self.decided.emit(Wish(code, column_name, decision, reason, self.standing.decision))
