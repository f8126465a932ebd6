"""A dropped file of labels, and which of its columns say what; one click joins it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtWidgets import QWidget

from app.core.outcomes import Delivery, JoinedBy, LabelCounts
from app.ui.widgets.buttons import Button
from app.ui.widgets.card import Card, field_label, label, row
from app.ui.widgets.combo import Combo
from app.ui.words import count, plural

MOST_NAMED = 3
USUAL_IDS = ("prediction_id", "id", "caller_id")


class LabelBar(Card):
    """Hidden until a file is dropped. ``join(path, id column, label column)`` is called on the button."""

    def __init__(self, join: Callable[[Path, str, str], object], parent: QWidget | None = None) -> None:
        super().__init__(name="monitor.labels", parent=parent)
        self._join, self._path = join, Path()
        self.file = label("", "strong")
        self.id = Combo(self.tr("Column of the id"), name="labels.id")
        self.label = Combo(self.tr("Column of what happened"), name="labels.label")
        self.button = Button(self.tr("Join with predictions"), self._ask, role="primary", name="labels.join")
        leave = Button(self.tr("Leave it"), self.hide, name="labels.leave")
        self.body.addLayout(
            row(
                self.file, 12, field_label(self.tr("Id"), self.id), self.id,
                field_label(self.tr("What happened"), self.label), self.label, 1, leave, self.button,
            )
        )  # fmt: skip
        self.hide()

    def offer(self, path: Path, columns: Sequence[str], target: str) -> None:
        """Show a file's columns with the likely ones chosen."""
        self._path = path
        self.file.setText(path.name)
        for combo in (self.id, self.label):
            combo.clear()
            combo.addItems(list(columns))
        named = [name for name in USUAL_IDS if name in columns]
        self.id.setCurrentText(named[0] if named else columns[0])
        self.label.setCurrentText(target if target in columns else columns[-1])
        self.show()

    def _ask(self) -> None:
        self._join(self._path, self.id.currentText(), self.label.currentText())


def delivery_words(made: Delivery) -> str:
    """What became of the rows, for a note."""
    counts = made.counts
    if not counts.joined and made.joined_by is JoinedBy.NOTHING:
        return f"No row of {made.name} belongs to a collected prediction. Is the id in another column?"
    parts = [
        (counts.unmatched, "unmatched"),
        (counts.duplicate, "duplicate"),
        (counts.contradictory, f"contradictory{_shown(counts)}"),
        (counts.unlabelled, "without a label"),
        (counts.late, "came late"),
        (counts.changed, "changed"),
        (counts.unknown, f"no class of the model{_unknown(counts)}"),
    ]
    rest = ", ".join(f"{count(number)} {words}" for number, words in parts if number)
    joined = f"{count(counts.joined)} of {count(counts.rows)} labels joined by {made.joined_by.value}"
    if counts.several:
        several = plural(counts.several, "names", "name")
        joined += f", {several} several predictions ({count(counts.predictions)} labelled)"
    return f"{joined}; {rest}." if rest else f"{joined}."


def _shown(counts: LabelCounts) -> str:
    told = "; ".join(f"{c.key}: {', '.join(c.labels)}" for c in counts.contradictions[:MOST_NAMED])
    return f" ({told})" if told else ""


def _unknown(counts: LabelCounts) -> str:
    told = ", ".join(str(one) for one in counts.unknown_labels[:MOST_NAMED])
    return f" ({told}), for no figure and no retraining" if told else ""
