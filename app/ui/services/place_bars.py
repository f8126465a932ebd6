"""Short questions about a place: roll back, settle, retire. Asked inline, with a reason that may be left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.core.gates import GateResult
from app.ui.services.gate_lines import GateLines
from app.ui.services.rollout_form import NO_REASON
from app.ui.services.rollout_view import PlaceView
from app.ui.widgets.buttons import Button
from app.ui.widgets.card import Card, label, row
from app.ui.widgets.field import field


@dataclass(frozen=True, slots=True)
class Reply:
    """One button of a question. ``name``: what is told; the last one stands out."""

    name: str
    text: str
    icon: str = ""


class PlaceBar(Card):
    """What will be done, and the button that does it: the second of two clicks. ``wanted``: the place, the reply's name
    and the reason."""

    wanted = Signal(object, str, str)

    def __init__(self, name: str, placeholder: str, replies: Sequence[Reply], parent: QWidget | None = None) -> None:
        super().__init__(name=f"{name}.bar", parent=parent)
        self._place: PlaceView | None = None
        self._question = label("", "strong", wrap=True)
        self.reason = field(f"{name}.reason", self.tr("Reason"), placeholder=placeholder)
        self.buttons = [self._button(name, reply, reply is replies[-1]) for reply in replies]
        leave = Button(self.tr("Leave it"), self.hide, name=f"{name}.leave")
        line = row(self.reason, leave, *self.buttons, spacing=12)
        line.setStretch(0, 1)
        self.body.addWidget(self._question)
        self.body.addLayout(line)
        self._gates = GateLines()
        self.body.addWidget(self._gates)
        self.hide()

    def offer(self, place: PlaceView, question: str, *texts: str) -> None:
        """Ask about this place. ``texts``: of the buttons, where they name versions."""
        self._place = place
        self._question.setText(question)
        for button, text in zip(self.buttons, texts, strict=False):
            button.setText(text)
            button.setAccessibleName(text)
            button.forbid("")
        self._gates.clear()
        self.reason.clear()
        self.show()
        self.buttons[-1].setFocus()

    def ask_gates(self) -> None:
        """The environment's gates are asked about the last reply, which has to wait for them."""
        if self._place is not None:
            self._gates.ask(self._place.environment.name)

    def show_gates(self, place: PlaceView, found: Sequence[GateResult]) -> None:
        """What they said, if the question is still the same one: one that fails forbids the last reply."""
        if place == self._place and not self.isHidden():
            self.buttons[-1].forbid(self._gates.show_results(found, place.environment.name))

    def _button(self, name: str, reply: Reply, stands_out: bool) -> Button:
        def tell() -> None:
            if self._place is not None:
                self.hide()
                self.wanted.emit(self._place, reply.name, self.reason.text().strip() or self.tr(NO_REASON))

        role = "primary" if stands_out else ""
        return Button(reply.text, tell, role=role, name=f"{name}.{reply.name}", icon=reply.icon)
