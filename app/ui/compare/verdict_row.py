"""What the SQL referee said, below a result; whole, as the verdict stands at its end."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from app.core.referee import RefereeVerdict, Ruling
from app.ui.widgets.buttons import Button
from app.ui.widgets.card import label, row
from app.ui.widgets.chip import StatusMark

RULING_STATUS = {Ruling.ENOUGH: "warn", Ruling.NOT_ENOUGH: "ok", Ruling.UNDECIDED: "info"}
"""That a query would do is worth a second look before a model is kept."""


class VerdictRow(QWidget):
    """The sentence and the way to the query; hidden where there is no verdict."""

    def __init__(self, show_query: Callable[[], object], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("run.referee")
        self._mark = StatusMark()
        self._words = label("", "quiet", wrap=True)
        show = Button(self.tr("Show the query"), show_query, role="link", name="run.query")
        line = row(self._mark, self._words, show)
        line.setStretch(1, 1)
        self.setLayout(line)

    def show_verdict(self, verdict: RefereeVerdict | None) -> None:
        """Show a verdict, or nothing."""
        self.setVisible(verdict is not None)
        if verdict is not None:
            self._mark.set_status(RULING_STATUS[verdict.ruling])
            self._words.setText(verdict.sentence)
