"""How rows are divided: chosen from what the data offer, with what was found by itself, asked and warned about."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.core.data import Finding
from app.core.dividing import TOGETHER, Question, Way
from app.core.runs import SplitKind
from app.ui.train.train_view import Dividing
from app.ui.widgets.buttons import Button
from app.ui.widgets.card import column, emptied, label, row, within
from app.ui.widgets.chip import StatusMark
from app.ui.widgets.combo import Combo
from app.ui.words import plain_tip

BY_ROW = Way(SplitKind.STRATIFIED)
SHOWN = 2


class SplitForm(QWidget):
    """One line about the choice, then what is asked and what the auditor found on it. ``ways``: the choice itself, a
    field of its own in the form."""

    wanted = Signal(object)
    """A ``Way``."""
    look_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._dividing: Dividing | None = None
        self.ways = Combo(self.tr("How rows are divided"), name="train.split")
        self.words = label("", "caption", wrap=True, name="train.split.words")
        self._said = QVBoxLayout()
        self._said.setSpacing(6)
        self.setLayout(column(self.words, self._said, spacing=6))
        self.ways.activated.connect(lambda _index: self._choose())

    def show_dividing(self, dividing: Dividing | None) -> None:
        """Show how rows are divided; after an answer that could not be kept, what holds still."""
        if dividing is None or (dividing == self._dividing and self.ways.currentData() == dividing.way):
            return
        self._dividing = dividing
        ways = dividing.ways if dividing.way in dividing.ways else (*dividing.ways, dividing.way)
        with QSignalBlocker(self.ways):
            self.ways.clear()
            for way in ways:
                self.ways.addItem(self._way_words(way), way)
            self.ways.setCurrentIndex(ways.index(dividing.way))
        self.words.setText(dividing.words)
        emptied(self._said)
        if dividing.question is not None:
            self._said.addWidget(self._asked(dividing.question))
        for finding in dividing.warnings[:SHOWN]:
            self._said.addWidget(self._warned(finding))
        if (more := len(dividing.warnings) - SHOWN) > 0:
            said = self.tr("{0} more on Data").format(more)
            look = Button(said, self.look_wanted.emit, name="train.split.more", role="link")
            self._said.addWidget(within(row(look, 1)))

    def _way_words(self, way: Way) -> str:
        if way.kind is SplitKind.TIME:
            return self.tr("By time: {0}").format(way.column)
        return self.tr("By group: {0}").format(way.column) if way.kind is SplitKind.GROUP else self.tr("By row")

    def _asked(self, question: Question) -> QWidget:
        by = question.columns[0]
        yes = Button(
            self.tr("Divide by {0}").format(by),
            partial(self.wanted.emit, Way(SplitKind.TIME, by)),
            name="train.split.by_time",
            role="link",
        )
        no = Button(self.tr("Keep by row"), partial(self.wanted.emit, BY_ROW), name="train.split.keep", role="link")
        return _line("info", question.message, "", yes, no)

    def _warned(self, finding: Finding) -> QWidget:
        if finding.code == TOGETHER and finding.column is not None:
            do = partial(self.wanted.emit, Way(SplitKind.GROUP, finding.column))
            mend = Button(self.tr("Keep together"), do, name="train.split.together", role="link")
        else:
            says = self.tr("Look at it on Data")
            mend = Button(self.tr("Look"), self.look_wanted.emit, role="link", says=says)
        return _line("warn", finding.message, finding.hint, mend)

    def _choose(self) -> None:
        way = self.ways.currentData()
        if self._dividing is not None and way != self._dividing.way:
            self.wanted.emit(way)


def _line(status: str, text: str, tip: str, *buttons: Button) -> QWidget:
    words = label(text, "quiet", wrap=True)
    words.setToolTip(plain_tip(tip) if tip else "")
    said = column(words, row(*buttons, 1, spacing=4), spacing=0)
    mark = column(StatusMark(status), 1)
    line = row(mark, said)
    line.setStretch(1, 1)
    return within(line)
