"""Of which data set a file is the next version that has the columns of several: a person says so, in the window."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.ui.session import Question, Session
from app.ui.widgets.banner import Answer

if TYPE_CHECKING:
    from app.core.data import AddResult

MOST_BUTTONS = 3
"""Data sets that stand side by side; more of them are in a menu."""
NEW = ""
"""In place of a data set's name: none of them, it is new data."""
Again = Callable[[Sequence[int], str], None]
"""Adds those files, by their numbers, to the data set of this name (or ``NEW``)."""


class WhoseData(QObject):
    """One question for all files of a drop that fit the same data sets, one after the other."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._open: list[Question] = []
        session.project_changed.connect(self._open.clear)

    def ask(self, results: Sequence[AddResult], again: Again) -> None:
        """Ask about those results that were not stored because it is unclear where they belong."""
        groups: dict[tuple[str, ...], list[int]] = {}
        for number, result in enumerate(results):
            if result.unclear is not None:
                groups.setdefault(tuple(choice.value for choice in result.unclear.choices), []).append(number)
        for names, numbers in groups.items():
            first = results[numbers[0]].unclear
            message = first.message if first is not None and len(numbers) == 1 else self._together(names, len(numbers))
            self._open.append(self._question(message, names, partial(again, numbers)))
        if groups:
            self._ask_first()

    def _together(self, names: Sequence[str], count: int) -> str:
        message = self.tr("{0} files have the columns of {1}; nothing says whose next version they are.")
        return message.format(count, ", ".join(names))

    def _question(self, message: str, names: Sequence[str], add: Callable[[str], None]) -> Question:
        def answer(name: str) -> None:
            add(name)
            self._next()

        versions: list[Answer] = [(name, "data.whose", partial(answer, name)) for name in names]
        if len(versions) > MOST_BUTTONS:
            items = [(name, partial(answer, name)) for name in names]
            versions = [(self.tr("Next version of…"), "data.whose.menu", items)]
        new = (self.tr("New data"), "data.whose.new", partial(answer, NEW))
        hint = self.tr("Nothing was added yet. Say which data set it is, or that it is new data.")
        return Question(message, hint, (*versions, new), self._next)

    def _next(self) -> None:
        """The first one is answered or put aside."""
        del self._open[:1]
        self._ask_first()

    def _ask_first(self) -> None:
        """What nobody answered because something else came between is asked before what is new."""
        if self._open:
            self._session.asked.emit(self._open[0])
