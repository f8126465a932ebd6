"""The button of an answer: it asks for the change, or opens a menu of what there is to choose from."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QMenu

from app.core.data import Finding
from app.ui.data.change import Answer, Change
from app.ui.widgets.buttons import Button


class AnswerButton(Button):
    """Names its finding's column to screen readers, so that two answers of one kind are told apart."""

    def __init__(self, answer: Answer, finding: Finding, ask: Callable[[Change], object]) -> None:
        says = f"{answer.text}: {finding.column}" if finding.column else answer.text
        super().__init__(answer.text, self._act, role="link", name="data.answer", says=says)
        self._answer = answer
        self._ask = ask

    def _act(self) -> None:
        if not self._answer.menu:
            self._ask(self._answer.change)
            return
        self.menu_of_choices().popup(self.mapToGlobal(QPoint(0, self.height())))

    def menu_of_choices(self) -> QMenu:
        """What there is to choose from, in plain text."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setAccessibleName(self.accessibleName())
        for choice in self._answer.menu:
            action = menu.addAction(choice.text.replace("&", "&&"))
            action.triggered.connect(partial(self._chosen, choice))
        return menu

    def _chosen(self, choice: Answer, _checked: bool = False) -> None:
        self._ask(choice.change)
