"""The rules in plain sentences, each with what it did last, what it does next, and its buttons."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from app.core.automations import Automation, RuleState, RunState
from app.core.challenges import Challenge
from app.ui.automations.automation_view import RUN_STATUS, RuleView
from app.ui.page import scrolling
from app.ui.widgets.buttons import Button
from app.ui.widgets.card import column, emptied, label, row
from app.ui.widgets.chip import Chip
from app.ui.widgets.elided import Elided
from app.ui.words import plain_tip, when


@dataclass(frozen=True, slots=True)
class RuleVerbs:
    """What the buttons of a rule do."""

    run: Callable[[Automation, QWidget], object]
    edit: Callable[[Automation], object]
    pause: Callable[[Automation], object]
    remove: Callable[[Automation], object]
    decide: Callable[[Challenge], object]


class RuleRow(QFrame):
    """One rule."""

    def __init__(self, view: RuleView, verbs: RuleVerbs) -> None:
        super().__init__()
        self.setProperty("role", "inset")
        automation, number = view.automation, view.automation.number
        self.setAccessibleName(f"{automation.name}. {view.sentence}")
        paused = automation.state is RuleState.PAUSED
        name = Elided(automation.name, "strong", gives_way=True)
        name.setToolTip(plain_tip(automation.name))
        said = automation.name
        state = Chip("info", self.tr("Paused")) if paused else self._last_chip(view)
        run = Button(self.tr("Run now"), name=f"automation.run.{number}", says=self.tr("Run {0} now").format(said))
        run.clicked.connect(lambda _checked=False: verbs.run(automation, run))
        running = view.last is not None and view.last.state is RunState.RUNNING
        run.forbid(self.tr("It runs.") if running else "")
        edit = self._small(self.tr("Change {0}").format(said), "edit", f"automation.edit.{number}")
        edit.clicked.connect(lambda _checked=False: verbs.edit(automation))
        words = self.tr("Resume {0}") if paused else self.tr("Pause {0}")
        hold = self._small(words.format(said), "start" if paused else "pause", f"automation.pause.{number}")
        hold.clicked.connect(lambda _checked=False: verbs.pause(automation))
        gone = self._small(self.tr("Remove {0}").format(said), "delete", f"automation.remove.{number}")
        gone.clicked.connect(lambda _checked=False: verbs.remove(automation))
        head = row(name, state, 1, *self._decide(view, verbs), run, edit, hold, gone)
        body = column(head, label(view.sentence, wrap=True), self._times(view), spacing=4)
        if view.problem:
            body.addWidget(label(view.problem, "problem", wrap=True, name=f"automation.problem.{number}"))
        body.setContentsMargins(12, 8, 8, 8)
        self.setLayout(body)

    def _decide(self, view: RuleView, verbs: RuleVerbs) -> list[Button]:
        """A way to what it waits for."""
        made = view.challenge
        if made is None:
            return []
        says = self.tr("Decide about the challenger of {0}").format(view.automation.name)
        name = f"automation.decide.{view.automation.number}"
        return [Button(self.tr("Decide"), lambda: verbs.decide(made), name=name, says=says)]

    def _small(self, says: str, icon: str, name: str) -> Button:
        return Button(says, name=name, role="icon", icon=icon)

    def _last_chip(self, view: RuleView) -> Chip:
        if view.last is None:
            return Chip("info", self.tr("Has not run yet"))
        status, word = RUN_STATUS[view.last.state]
        return Chip(status, self.tr(word))

    def _times(self, view: RuleView) -> Elided:
        parts = []
        if view.last is not None:
            parts.append(self.tr("Last {0}: {1}").format(when(view.last.created_at), view.last.note or view.last.why))
        if view.automation.state is RuleState.PAUSED:
            parts.append(self.tr("Does not run by itself until it is resumed."))
        elif view.next_at:
            parts.append(self.tr("Next {0}.").format(when(view.next_at)))
        text = "  ·  ".join(parts) or self.tr("Waits for what starts it.")
        made = Elided(text, "quiet")
        made.setToolTip(plain_tip(text))
        return made


class RuleList(QWidget):
    """All rules below each other."""

    def __init__(self, verbs: RuleVerbs) -> None:
        super().__init__()
        self._verbs = verbs
        self._shown: tuple[RuleView, ...] = ()
        inner = QWidget()
        self._rows = QVBoxLayout()
        self._rows.setSpacing(8)
        inner.setLayout(column(self._rows, 1))
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scrolling(inner))

    def show_rules(self, views: Sequence[RuleView]) -> None:
        """Show these; the keyboard stays where it was if nothing changed."""
        if tuple(views) == self._shown:
            return
        self._shown = tuple(views)
        emptied(self._rows)
        for view in views:
            self._rows.addWidget(RuleRow(view, self._verbs))
