"""How a rule retrains: the same ways as beside a challenger, by the champion's recipe or by a changed plan."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication

from app.core.challenges import SAME_PLAN, ChangedPlan
from app.ui.automations.automation_view import ModelPlan
from app.ui.models.plan_row import PlanRow
from app.ui.widgets.card import column, label, within
from app.ui.widgets.combo import Combo

SAME, AGAIN, CHANGED = "same", "again", "changed"


class PlanChoice:
    """``how``: the choice, to stand beside the step; ``below``: what a changed plan is. ``changed`` hears of every
    change that a person makes."""

    def __init__(self, changed: Callable[[], object]) -> None:
        self.how = Combo(_tr("How to retrain"), name="automation.how")
        self.row = PlanRow(name="automation")
        self.below = within(column(label(_tr("The retraining tries, for so long:"), "quiet"), self.row, spacing=4))
        self._changed, self._filling = changed, False
        self._of: ModelPlan | None = None
        self._begun = SAME_PLAN
        self._shown: ChangedPlan | None = None
        self._offer_ways()
        self.how.currentIndexChanged.connect(lambda _index: self._tell())
        self.row.budget.changed.connect(self._tell)
        for box in self.row.kinds.values():
            box.toggled.connect(lambda _on: self._tell())

    def offer(self, of: ModelPlan | None) -> None:
        """Begin a changed plan with that of this champion; None leaves no choice of kinds and time."""
        if of == self._of and self.how.count():
            return
        self._of, self._filling = of, True
        chosen = self.how.currentData()
        self._offer_ways()
        self.how.setCurrentIndex(max(self.how.findData(chosen), 0))
        if of is not None:
            self.row.show_plan(of.families, of.seconds, of.metric)
        self._filling = False

    def begin(self, plan: ChangedPlan) -> None:
        """Show a rule's plan. One that says less than the form does is kept as it is while nobody changes it."""
        self._filling = True
        wanted = SAME if plan == SAME_PLAN else AGAIN if plan == ChangedPlan(True) else CHANGED
        self.how.setCurrentIndex(max(self.how.findData(wanted), 0))
        if self._of is not None:
            self.row.choose(plan.families or self._of.families, plan.seconds or self._of.seconds)
        self._begun, self._shown = plan, self._as_shown
        self._filling = False

    @property
    def plan(self) -> ChangedPlan:
        """As it stands."""
        shown = self._as_shown
        return self._begun if shown == self._shown else shown

    @property
    def _as_shown(self) -> ChangedPlan:
        how = self.how.currentData()
        if how == CHANGED:
            return ChangedPlan(True, self.row.families, self.row.seconds)
        return ChangedPlan(how == AGAIN)

    def show(self, retrains: bool) -> None:
        """Only a rule that retrains has this choice."""
        self.how.setVisible(retrains)
        self.below.setVisible(retrains and self.how.currentData() == CHANGED)

    def _offer_ways(self) -> None:
        self.how.clear()
        self.how.addItem(_tr("by the same recipe"), SAME)
        self.how.addItem(_tr("by searching again"), AGAIN)
        if self._of is not None:
            self.how.addItem(_tr("by a changed plan"), CHANGED)

    def _tell(self) -> None:
        if not self._filling:
            self._changed()


def _tr(text: str) -> str:
    return QCoreApplication.translate("plan_choice", text)
