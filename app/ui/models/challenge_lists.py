"""What a comparison rests on, one list at a time: groups, changed decisions, rehearsal, and what a retrain is worth."""

from __future__ import annotations

from PySide6.QtCore import QAbstractTableModel
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.core.challenges import MOST_REQUESTS, USUAL_REQUESTS
from app.core.worth import KeptWorth
from app.ui.actions import Actions
from app.ui.models.challenge_tables import changed_model, group_model, replayed_model, worth_model
from app.ui.models.challenge_view import ChallengeView
from app.ui.models.challenge_words import changed_words, rehearsal_words, worth_words
from app.ui.widgets.buttons import ActionButton
from app.ui.widgets.card import label, row
from app.ui.widgets.combo import Combo
from app.ui.widgets.numbers import WholeNumber
from app.ui.widgets.table import DataTable

GROUPS, CHANGED, REPLAYED, WORTH = range(4)
WIDTHS = (
    [180, 76, 56, 88, 64, 68, 92],
    [72, 72, 92, 100, 96, 96, *[96] * 8],
    [72, 84, 96, 92, 92, 96],
    [200, 72, 72],
)
FLAG_WIDTHS = {GROUPS: [240, 72, 92], CHANGED: [72, 96, 100, 96, 96, *[96] * 8]}
"""Of models of unusual rows: there is no truth, and no verdict."""


LEAST_GROUP_PX = 136
YIELDING = {GROUPS: (5, 4), REPLAYED: (3,)}
"""What a narrow list does without: how many become wrong and right, as the gain tells more; the score before."""


class ChallengeLists(QWidget):
    """Before the first challenger only what a retrain is worth can be asked."""

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._view: ChallengeView | None = None
        self._listed: object = None
        self.lists = Combo(self.tr("What is listed"), name="challenge.list")
        self.table = DataTable(self.tr("Groups of rows"), name="challenge.table")
        self.rehearse = ActionButton(actions["challenge.rehearse"], icon="start")
        self.weigh = ActionButton(actions["model.worth"], icon="help")
        self.said = label("", "quiet", wrap=True, name="challenge.said")
        self._names = (
            self.tr("Groups of rows"),
            self.tr("Changed decisions"),
            self.tr("Rehearsal"),
            self.tr("Past and learning curve"),
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        self.last = WholeNumber(minimum=1, maximum=MOST_REQUESTS, value=USUAL_REQUESTS, suffix=self.tr(" requests"))
        self.last.setObjectName("challenge.last")
        self.last.setAccessibleName(self.tr("How many of the newest requests"))
        self.last.setFixedHeight(32)
        self.last.lineEdit().setTextMargins(8, 0, 8, 0)
        for part in (self.rehearse, self.last):  # else the tab would be as wide as all of them until it is shown
            part.hide()
        layout.addLayout(row(self.lists, 1, self.last, self.rehearse, self.weigh, self.table.more_button()))
        layout.addWidget(self.said)
        layout.addWidget(self.table, 1)
        self.lists.currentIndexChanged.connect(lambda _index: self._show())

    @property
    def which(self) -> int:
        """The list that is shown."""
        chosen = self.lists.currentData()
        return chosen if isinstance(chosen, int) else WORTH

    def show_view(self, view: ChallengeView) -> None:
        """Show a version's lists; the one in sight stays if it is still there."""
        self._view = view
        compared = view.comparison is not None and not view.comparison.problem
        wanted = [*((GROUPS, CHANGED, REPLAYED) if compared else ()), WORTH]
        if [self.lists.itemData(i) for i in range(self.lists.count())] != wanted:
            self.lists.blockSignals(True)
            self.lists.clear()
            for which in wanted:
                self.lists.addItem(self._names[which], which)
            self.lists.blockSignals(False)
        self._show()

    def choose(self, which: int) -> None:
        """Put a list in sight."""
        self.lists.setCurrentIndex(self.lists.findData(which))

    def _show(self) -> None:
        view, which = self._view, self.which
        if view is None:
            return
        worth = view.worth
        for part in (self.rehearse, self.last):
            part.setVisible(which == REPLAYED)
        self.weigh.setVisible(which == WORTH)
        if view.comparison is not None and which in (GROUPS, CHANGED):
            self.said.setText(changed_words(view.comparison))
        else:
            self.said.setText(rehearsal_words(view.rehearsal) if which == REPLAYED else worth_words(worth))
        if self._listed == (which, view.comparison, view.rehearsal, worth):
            return
        self._listed = (which, view.comparison, view.rehearsal, worth)
        self.table.setAccessibleName(self._names[which])
        model, before = self._model(view, which, worth), self.table.model()
        self.table.setModel(model)
        flags = view.comparison is not None and view.comparison.flags is not None
        self.table.set_widths(FLAG_WIDTHS.get(which, WIDTHS[which]) if flags else WIDTHS[which])
        self.table.stretch_first(LEAST_GROUP_PX if which == GROUPS else 0)
        self.table.give_way(*(() if flags and which == GROUPS else YIELDING.get(which, ())))
        if before is not None:
            before.deleteLater()

    def _model(self, view: ChallengeView, which: int, worth: KeptWorth | None) -> QAbstractTableModel:
        if view.comparison is not None and which == GROUPS:
            return group_model(view.comparison, self.table)
        if view.comparison is not None and which == CHANGED:
            return changed_model(view.comparison, self.table)
        if which == REPLAYED:
            return replayed_model(view.rehearsal.listed if view.rehearsal is not None else (), self.table)
        return worth_model(worth.worth if worth is not None else None, self.table)
