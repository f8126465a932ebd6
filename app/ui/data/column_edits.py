"""Edits of columns as undo steps: each is a new reading; undo selects the one before (append-only)."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QUndoCommand

Select = Callable[[str], None]


class ReadingStep(QUndoCommand):
    """From one reading to another. The first *redo* does nothing: the edit was made already."""

    def __init__(self, effect: str, before: str, after: str, select: Select) -> None:
        super().__init__(effect)
        self._before, self._after, self._select = before, after, select
        self._made = True

    def undo(self) -> None:
        """Read the data as before."""
        self._select(self._before)

    def redo(self) -> None:
        """Read the data as edited."""
        if self._made:
            self._made = False
        else:
            self._select(self._after)
