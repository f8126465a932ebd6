"""What a person decides about a finding, as a wish and as an undo step: undo adds a decision, nothing is erased."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from PySide6.QtGui import QUndoCommand

from app.core.decisions import Decision, FindingDecision


@dataclass(frozen=True, slots=True)
class Wish:
    """A decision that is asked for. ``column``: empty for a finding about the whole table; ``before``: what held."""

    code: str
    column: str
    decision: Decision
    reason: str = ""
    before: FindingDecision | None = None

    @property
    def taken_back(self) -> Wish:
        """The decision after which everything stands as before."""
        if self.before is None:
            return replace(self, decision=Decision.REOPEN, reason="")
        return replace(self, decision=self.before.decision, reason=self.before.reason)


class DecisionStep(QUndoCommand):
    """The first *redo* does nothing: the decision was made already."""

    def __init__(self, effect: str, wish: Wish, decide: Callable[[Wish], None]) -> None:
        super().__init__(effect)
        self._wish, self._decide = wish, decide
        self._made = True

    def undo(self) -> None:
        """Decide as before."""
        self._decide(self._wish.taken_back)

    def redo(self) -> None:
        """Decide so again."""
        if self._made:
            self._made = False
        else:
            self._decide(self._wish)
