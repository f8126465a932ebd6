"""Edits of how a version is read: each makes a new reading, each can be undone by name."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QUndoStack

from app.core.data import ColumnEdit, ColumnType, Reading, Use
from app.core.decisions import Decision
from app.ui.actions import Actions
from app.ui.data import data_verbs as verbs
from app.ui.data.column_edits import ReadingStep
from app.ui.data.data_view import DataView
from app.ui.data.decision_steps import DecisionStep, Wish
from app.ui.data.finding_answers import Change
from app.ui.jobs import Job, JobState
from app.ui.page import Page
from app.ui.problems import Problem

if TYPE_CHECKING:
    from app.data.types.misfits import Misfit

NEWS = frozenset({"reading"})
EFFECTS = {
    Decision.KEEP: "keeping a finding",
    Decision.WAIVE: "waiving a check",
    Decision.REOPEN: "reopening a finding",
}


class ReadingDesk(QObject):
    """The undo stack of the data page and the edits that go on it, one after the other in the order asked for."""

    rows_wanted = Signal(object, str)
    """Some rows, by their numbers from 1, and the column to look at."""
    settled = Signal()
    """The last of the edits that were asked for is over."""
    refused = Signal()
    """An edit, or its undoing, was not made; what was to follow it is not wanted any more."""

    def __init__(self, page: Page, actions: Actions, view: Callable[[], DataView | None]) -> None:
        super().__init__(page)
        self._page, self._actions, self._view = page, actions, view
        self._waiting: deque[Callable[[], None]] = deque()
        self._working = False
        self._undo = QUndoStack(self)
        self._undo.indexChanged.connect(self._show_undo)
        self._show_undo()

    @property
    def busy(self) -> bool:
        """Whether an edit is under way or waits for its turn: what is shown is not how the data will be read."""
        return self._working or bool(self._waiting)

    def forget(self) -> None:
        """Another version is shown: its edits are its own."""
        self._waiting.clear()
        self._undo.clear()

    def undo(self) -> None:
        """Take back the last edit of the columns."""
        self._in_turn(self._undo.undo)

    def redo(self) -> None:
        """Make the edit again that was taken back."""
        self._in_turn(self._undo.redo)

    def change(self, change: Change) -> None:
        """Make a new reading; it can be undone."""
        if (view := self._view()) is not None:
            self._in_turn(partial(self._change, view.version.id, change))

    def decide(self, wish: Wish) -> None:
        """Keep, waive or reopen a finding; it can be undone."""
        if (view := self._view()) is not None:
            self._in_turn(partial(self._decide, view.version.id, wish, push=True))

    def _decide(self, version_id: str, wish: Wish, *, push: bool) -> None:
        effect = self.tr(EFFECTS[wish.decision])

        def made(_decision: object) -> None:
            if push:
                self._undo.push(DecisionStep(effect, wish, partial(self._decide, version_id, push=False)))

        self._working = True
        self._page.act(
            effect[:1].upper() + effect[1:],
            lambda project, _ctx: verbs.decide(project, version_id, wish),
            then=made,
            changes=NEWS,
            finally_=self._ended,
        )

    def _change(self, version_id: str, change: Change) -> None:
        def made(step: tuple[Reading, Reading]) -> None:
            before, after = step
            if after.id != before.id:
                self._undo.push(ReadingStep(change.effect, before.id, after.id, self._select))

        self._working = True
        self._page.act(
            self.tr("Changing {0}").format(change.effect),
            lambda project, ctx: verbs.change(project, version_id, change, ctx),
            then=made,
            changes=NEWS,
            failed=partial(self._change_failed, change),
            finally_=self._ended,
        )

    def _in_turn(self, step: Callable[[], None]) -> None:
        """Do a step once those before it are done: each begins where the one before ended."""
        self._waiting.append(step)
        self._next()

    def _next(self) -> None:
        while self._waiting and not self._working:
            self._waiting.popleft()()

    def _ended(self, job: Job) -> None:
        """A step's job is over; its undo step is pushed before the next step begins."""
        if job.state is not JobState.DONE:
            self.refused.emit()
        QTimer.singleShot(0, self, self._turn)

    def _turn(self) -> None:
        self._working = False
        self._next()
        if not self.busy:
            self.settled.emit()

    def _change_failed(self, change: Change, problem: Problem) -> None:
        """A refused type is a question: what is to become of the cells that do not fit, of many columns at once."""
        self._page.refresh()
        if not problem.misfits:
            self._page.show_problem(problem)
            return
        from app.data.types.misfits import misfits_of

        misfits = misfits_of(problem.misfits)
        anyway = replace(change, missing=True, lossy=True)
        only_loss = all(misfit.loses for misfit in misfits)
        text = self.tr("Change anyway") if only_loss else self.tr("Set to missing")
        answers = [
            (text, "data.set_missing", lambda: self._change_instead(anyway)),
            (self.tr("Keep as text"), "data.keep_text", lambda: self._keep_as_text(change, misfits)),
            (self.tr("Show the rows"), "data.show_misfits", lambda: self._show_misfits(misfits)),
        ]
        self._page.problem_banner.ask("warn", problem.message, "", answers)

    def _keep_as_text(self, change: Change, misfits: Sequence[Misfit]) -> None:
        """The columns that fit are changed; the others are text, or stay it."""
        if (view := self._view()) is None:
            return
        names = {misfit.column for misfit in misfits}
        kept = [edit for edit in change.edits if edit.name not in names]
        for name in sorted(names):
            column = view.reading.column(name)
            waits = column.use is Use.IGNORED and bool(column.why)
            if waits or column.type not in (ColumnType.TEXT, ColumnType.CATEGORY):
                kept.append(ColumnEdit(name, type=ColumnType.TEXT, use=Use.INPUT if waits else None))
        self._page.problem_banner.hide()
        if kept:
            self.change(replace(change, edits=tuple(kept)))

    def _show_misfits(self, misfits: Sequence[Misfit]) -> None:
        """The rows beside the question, which stays."""
        rows = sorted({row for misfit in misfits for row in misfit.rows})
        self.rows_wanted.emit(tuple(rows), misfits[0].column)

    def _change_instead(self, change: Change) -> None:
        self._page.problem_banner.hide()
        self.change(change)

    def set_target(self, name: str) -> None:
        """Predict another column; with an empty name none, and what was predicted becomes an input."""
        view = self._view()
        if view is None or name == (view.reading.target or ""):
            return
        if name:
            self.change(Change(self.tr("target {0}").format(name), (ColumnEdit(name, use=Use.TARGET),)))
        elif view.reading.target is not None:
            self.change(Change(self.tr("no target"), (ColumnEdit(view.reading.target, use=Use.INPUT),)))

    def set_positive(self, value: str) -> None:
        """Choose the class whose probability is the score."""
        self.change(Change(self.tr("positive class {0}").format(value), positive=value))

    def _select(self, reading_id: str) -> None:
        self._working = True
        self._page.act(
            self.tr("Undoing"),
            lambda project, ctx: verbs.select(project, reading_id, ctx),
            changes=NEWS,
            finally_=self._ended,
        )

    def _show_undo(self, _index: int = 0) -> None:
        for id_, can, effect in (
            ("data.undo", self._undo.canUndo(), self._undo.undoText()),
            ("data.redo", self._undo.canRedo(), self._undo.redoText()),
        ):
            word = self.tr("Undo") if id_ == "data.undo" else self.tr("Redo")
            self._actions[id_].setText(f"{word}: {effect}" if effect else word)
            self._actions.forbid(id_, "" if can else self.tr("There is nothing to take back."))
