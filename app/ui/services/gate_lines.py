"""How a version does at an environment's gates, one line each, below the question whether it is to answer there."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from app.core.gates import GateResult
from app.ui.widgets.card import column, emptied, label, row, within
from app.ui.widgets.chip import StatusMark


class GateLines(QWidget):
    """Takes no room until a gate is asked."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines = column(spacing=4)
        self._lines.setContentsMargins(0, 0, 0, 0)
        self.setLayout(self._lines)
        self.hide()

    def clear(self) -> None:
        """Nothing is asked."""
        emptied(self._lines)
        self.hide()

    def ask(self, environment: str) -> None:
        """They are being asked."""
        emptied(self._lines)
        self._lines.addWidget(label(self.tr("Asking the gates of {0}…").format(environment), "quiet"))
        self.show()

    def show_results(self, found: Sequence[GateResult], environment: str) -> str:
        """What they said, those that fail first; why the version may not answer there, in words, empty if it may."""
        emptied(self._lines)
        for result in sorted(found, key=lambda result: result.passed):
            line = row(StatusMark(_mark(result)), label(result.message, wrap=True))
            line.setStretch(1, 1)
            self._lines.addWidget(within(line))
        failed = any(not result.passed for result in found)
        return self.tr("A gate of {0} fails.").format(environment) if failed else ""


def _mark(result: GateResult) -> str:
    """One that was not asked is no success."""
    if not result.passed:
        return "fail"
    return "info" if result.value is None and result.bound is None else "ok"
