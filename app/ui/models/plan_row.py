"""A changed plan for a retrain: which kinds of models are tried and how long. By what they are chosen stays as it is,
else the challenger could not be set beside the champion."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from app.core.metrics import METRIC_WORDS
from app.core.runs import FAMILIES
from app.ui.train.budgets import BudgetField
from app.ui.widgets.card import column, label, row
from app.ui.widgets.choice import Check

WORDS = {"linear": "Linear", "forest": "Forest", "boosting": "Boosting", "network": "Network"}
BUDGET_PX = 288


class PlanRow(QWidget):
    """At least one kind stays ticked."""

    def __init__(self, parent: QWidget | None = None, *, name: str = "challenge") -> None:
        super().__init__(parent)
        self._shown: tuple[str, ...] = ()
        self.kinds = {family: Check(self.tr(WORDS[family])) for family in FAMILIES}
        for family, box in self.kinds.items():
            box.setObjectName(f"{name}.family.{family}")
            box.toggled.connect(lambda _on: self._settle())
        self.budget = BudgetField(name=name)
        self.budget.setFixedWidth(BUDGET_PX)
        self.by = label("", "quiet", wrap=True)
        limits = row(self.budget, self.by, spacing=12)
        limits.setStretch(1, 1)
        whole = column(row(*self.kinds.values(), 1, spacing=16), limits, spacing=8)
        whole.setContentsMargins(0, 0, 0, 0)
        self.setLayout(whole)

    def show_plan(self, families: Sequence[str], seconds: float, metric: str) -> None:
        """Begin with the champion's; a choice is kept until another champion is shown."""
        if self._shown == (told := (*families, str(seconds), metric)):
            return
        self._shown = told
        self.choose(families, seconds)
        self.by.setText(self.tr("by {0}, as before").format(METRIC_WORDS[metric]))
        self.by.setToolTip(self.tr("By another metric the two could not be compared."))

    def choose(self, families: Sequence[str], seconds: float) -> None:
        """Tick these kinds and set this time."""
        for family, box in self.kinds.items():
            box.setChecked(family in families)
        self.budget.choose(seconds)

    @property
    def families(self) -> tuple[str, ...]:
        """The kinds that are ticked."""
        return tuple(family for family, box in self.kinds.items() if box.isChecked())

    @property
    def seconds(self) -> float:
        """How long it may take."""
        return self.budget.seconds

    def _settle(self) -> None:
        """The last one cannot be taken away."""
        only = len(self.families) == 1
        for box in self.kinds.values():
            last = only and box.isChecked()
            box.setEnabled(not last)
            box.setToolTip(self.tr("At least one kind of model is tried.") if last else "")
