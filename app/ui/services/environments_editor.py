"""The environments of a project: their names, their order, their own gates, and whether automations may roll out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from app.core.gate_rules import GateRule, described
from app.core.progress import JobContext
from app.core.releases import Environment
from app.ui.page import Page
from app.ui.services.gates_view import UNKNOWN, gates_offered
from app.ui.train.gate_editor import GateEditor, Offered
from app.ui.widgets.buttons import Button
from app.ui.widgets.card import Card, column, emptied, label, row, within
from app.ui.widgets.choice import Check
from app.ui.widgets.field import field
from app.ui.words import plain_tip

if TYPE_CHECKING:
    from app.registry.project import Project

NAME_PX = 160
GATES_PX = 640
"""Wider, a gate and the button that removes it would stand far apart."""


class EnvironmentsEditor(Card):
    """Hidden until it is asked for. Every change is kept at once; a row is one environment."""

    def __init__(self, page: Page, done: Callable[[], object]) -> None:
        super().__init__(self.tr("Environments"), name="environments.editor")
        self._page = page
        self._shown: tuple[tuple[Environment, ...], frozenset[str]] = ((), frozenset())
        self.head.addWidget(label(self.tr("A model goes through them from the first to the last."), "quiet"), 1)
        self.head.addWidget(Button(self.tr("Done"), done, name="environments.done", role="flat"))
        self._rows = QVBoxLayout()
        self._rows.setSpacing(6)
        new = self.tr("A new environment")
        self.new = field("environments.new", self.tr("Name of a new environment"), placeholder=new)
        self.new.setFixedWidth(200)
        self.new.returnPressed.connect(self._add)
        self._gated: Environment | None = None
        self._gates_title = label("", "strong")
        self._offered = UNKNOWN
        self._gates = GateEditor()
        self._gates.wanted.connect(self._want_gates)
        self._gates_part = within(column(self._gates_title, self._gates, spacing=4))
        self._gates_part.setMaximumWidth(GATES_PX)
        self._gates_part.hide()
        self.body.addLayout(self._rows)
        self.body.addLayout(row(self.new, Button(self.tr("Add"), self._add, name="environments.add", icon="add"), 1))
        self.body.addWidget(self._gates_part)
        self.hide()

    def show_environments(self, known: Sequence[Environment], used: frozenset[str]) -> None:
        """A row for each."""
        if (tuple(known), used) == self._shown:
            return
        self._shown = (tuple(known), used)
        emptied(self._rows)
        for number, place in enumerate(known):
            self._rows.addWidget(within(self._row(number, place, number == len(known) - 1, place.id in used)))
        again = next((place for place in known if self._gated is not None and place.id == self._gated.id), None)
        if again is not None:
            self._gated = again
            self._show_gates()

    def _row(self, number: int, place: Environment, last: bool, used: bool) -> QHBoxLayout:
        name = field(f"environments.name.{place.id}", self.tr("Name of {0}").format(place.name), place.name)
        name.setFixedWidth(NAME_PX)
        name.editingFinished.connect(lambda: self._rename(place, name.text()))
        automated = Check(self.tr("Automations may roll out here"))
        automated.setObjectName(f"environments.automated.{place.id}")
        automated.setChecked(place.automated)
        automated.toggled.connect(lambda on: self._set(place, automated=on))
        up = self._small(self.tr("Move {0} up"), "up", place, lambda: self._move(place, number - 1))
        up.setEnabled(number > 0)
        down = self._small(self.tr("Move {0} down"), "down", place, lambda: self._move(place, number + 1))
        down.setEnabled(not last)
        remove = self._small(self.tr("Remove {0}"), "remove", place, lambda: self._remove(place))
        remove.forbid(self.tr("Models were live here; it stays in the history.") if used else "")
        gates = Button(self._gates_words(place), name=f"environments.gates.{place.id}", role="link")
        gates.setToolTip(plain_tip("\n".join(described(rule).title for rule in place.gates)))
        gates.clicked.connect(lambda _checked=False: self._open_gates(place))
        return row(up, down, name, automated, gates, 1, remove)

    def _small(self, says: str, what: str, place: Environment, do: Callable[[], object]) -> Button:
        icon = "close" if what == "remove" else what
        return Button(says.format(place.name), do, name=f"environments.{what}.{place.id}", role="icon", icon=icon)

    def _gates_words(self, place: Environment) -> str:
        if not place.gates:
            return self.tr("No gates of its own")
        if len(place.gates) == 1:
            return self.tr("Gate: {0}").format(described(place.gates[0]).title)
        return self.tr("{0} gates of its own").format(len(place.gates))

    def _open_gates(self, place: Environment) -> None:
        """Show this environment's gates below the list; the same button closes them."""
        same = self._gated is not None and self._gated.id == place.id and self._gates_part.isVisible()
        self._gated = place
        self._gates_title.setText(self.tr("A model has to keep to these in {0}:").format(place.name))
        self._show_gates()
        self._gates_part.setVisible(not same)
        self._page.query(gates_offered, self._offer, key="gates.offered")

    def _offer(self, offered: Offered) -> None:
        self._offered = offered
        self._show_gates()

    def _show_gates(self) -> None:
        if self._gated is not None:
            self._gates.show_gates(self._gated.gates, self._offered, "", defaults=())

    def _rename(self, place: Environment, name: str) -> None:
        if name.strip() and name.strip() != place.name:
            self._set(place, name=name.strip())

    def _want_gates(self, rules: object, _said: str) -> None:
        if self._gated is not None:
            self._set(self._gated, gates=tuple(cast("Sequence[GateRule]", rules)))

    def _set(self, place: Environment, **changes: Any) -> None:  # noqa: ANN401
        self._save([replace(one, **changes) if one.id == place.id else one for one in self._shown[0]])

    def _move(self, place: Environment, position: int) -> None:
        others = [one for one in self._shown[0] if one.id != place.id]
        self._save([*others[:position], place, *others[position:]])

    def _remove(self, place: Environment) -> None:
        self._save([one for one in self._shown[0] if one.id != place.id])

    def _add(self) -> None:
        name = self.new.text().strip()
        if not name:
            return
        self.new.clear()

        def add(project: Project, _ctx: JobContext) -> object:
            from app.registry.environments import add_environment

            return add_environment(project, name)

        self._page.act(self.tr("Adding {0}").format(name), add, changes=("release",))

    def _save(self, wanted: Sequence[Environment]) -> None:
        def save(project: Project, _ctx: JobContext) -> object:
            from app.registry.environments import save_environments

            return save_environments(project, wanted)

        self._page.act(self.tr("Changing the environments"), save, changes=("release",))
