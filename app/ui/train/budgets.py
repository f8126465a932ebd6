"""How long a run may take: three budgets that have a name, or a person's own seconds."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QSignalBlocker, Signal
from PySide6.QtWidgets import QWidget

from app.ui.widgets.card import row
from app.ui.widgets.combo import Combo
from app.ui.widgets.numbers import WholeNumber

BUDGETS = ((20, "Quick · {0}"), (60, "Normal · {0}"), (600, "Thorough · {0}"))
OWN = "Own · {0}"
LEAST_S, MOST_S = 5, 24 * 3600


def budget_words(seconds: float) -> str:
    """20 -> ``20 s``, 600 -> ``10 min``, 90 -> ``90 s``: exact, unlike an estimate."""
    whole = round(seconds)
    in_minutes = whole and not whole % 60
    return _tr("{0} min").format(whole // 60) if in_minutes else _tr("{0} s").format(whole)


def _tr(text: str) -> str:
    return QCoreApplication.translate("budgets", text)


class BudgetCombo(Combo):
    """The three budgets, and a fourth entry while a person has chosen other seconds."""

    def __init__(self, says: str, *, name: str, parent: QWidget | None = None) -> None:
        super().__init__(says, name=name, parent=parent)
        for seconds, words in BUDGETS:
            self.addItem(self.tr(words).format(budget_words(seconds)), float(seconds))

    @property
    def seconds(self) -> float:
        """The chosen budget."""
        return float(self.currentData())

    def choose(self, seconds: float) -> None:
        """Choose a budget, as a fourth entry if it has no name."""
        index = next((i for i in range(len(BUDGETS)) if float(self.itemData(i)) == seconds), -1)
        if index < 0:
            index = len(BUDGETS)
            if self.count() > index:
                self.removeItem(index)
            self.addItem(self.tr(OWN).format(budget_words(seconds)), seconds)
        self.setCurrentIndex(index)


class BudgetField(QWidget):
    """The budgets beside their seconds: to choose one changes the seconds, other seconds are one's own budget."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None, *, name: str = "train") -> None:
        super().__init__(parent)
        self.named = BudgetCombo(self.tr("Time"), name=f"{name}.budget")
        self.spin = WholeNumber(minimum=LEAST_S, maximum=MOST_S, suffix=self.tr(" s"))
        self.spin.setObjectName(f"{name}.seconds")
        self.spin.setAccessibleName(self.tr("Seconds"))
        self.spin.setFixedHeight(32)
        self.spin.lineEdit().setTextMargins(8, 0, 8, 0)
        line = row(self.named, self.spin)
        line.setStretch(0, 1)
        self.setLayout(line)
        self.setFocusProxy(self.named)
        self.named.currentIndexChanged.connect(lambda _index: self._chosen())
        self.spin.valueChanged.connect(lambda _value: self._typed())
        self._chosen()

    @property
    def seconds(self) -> float:
        """As it stands."""
        return float(self.spin.value())

    def choose(self, seconds: float) -> None:
        """Show this budget."""
        self.spin.setValue(round(seconds))

    def _chosen(self) -> None:
        with QSignalBlocker(self.spin):
            self.spin.setValue(round(self.named.seconds))
        self.changed.emit()

    def _typed(self) -> None:
        with QSignalBlocker(self.named):
            self.named.choose(self.seconds)
        self.changed.emit()
