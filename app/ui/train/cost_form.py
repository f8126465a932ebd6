"""What a wrong answer costs, asked for each class that can be right: the metric *cost* in the window."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QGridLayout, QWidget

from app.core.metrics import cost_metric
from app.ui.widgets.card import emptied, label
from app.ui.widgets.numbers import WholeNumber

LEAST, MOST = 1, 1_000_000


class CostForm(QWidget):
    """One amount a class. Valid at every moment."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._classes: tuple[str, ...] = ()
        self.amounts: dict[str, WholeNumber] = {}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(6)
        self._grid.setColumnStretch(0, 1)

    def show_classes(self, classes: Sequence[str]) -> None:
        """Ask about these; amounts are kept where the classes are the same."""
        if tuple(classes) == self._classes:
            return
        self._classes = tuple(classes)
        emptied(self._grid)
        self.amounts = {name: self._amount(name) for name in classes}
        head = label(self.tr("A wrong answer costs"), "caption", wrap=True)
        self._grid.addWidget(head, 0, 0, 1, 2)
        for line, (name, amount) in enumerate(self.amounts.items(), start=1):
            self._grid.addWidget(label(self.tr("where it is {0}").format(name), "quiet", wrap=True), line, 0)
            self._grid.addWidget(amount, line, 1)

    @property
    def as_metric(self) -> str:
        """The metric's name with these costs."""
        told = {name: float(amount.value()) for name, amount in self.amounts.items()}
        return cost_metric({(truth, other): told[truth] for truth in told for other in told if other != truth})

    def _amount(self, name: str) -> WholeNumber:
        spin = WholeNumber()
        spin.setObjectName(f"train.cost.{name}")
        spin.setAccessibleName(self.tr("What a wrong answer costs where {0} is right").format(name))
        spin.setRange(LEAST, MOST)
        spin.setFixedHeight(32)
        spin.setMinimumWidth(96)
        spin.lineEdit().setTextMargins(8, 0, 8, 0)
        return spin
