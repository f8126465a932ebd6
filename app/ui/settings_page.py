"""Settings: appearance, where projects are made, who works here; and the shortcut sheet."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QButtonGroup, QFileDialog, QFormLayout, QGridLayout, QVBoxLayout, QWidget

from app.ui.actions import Actions
from app.ui.log_folders_card import LogFoldersCard
from app.ui.page import Page, scrolling
from app.ui.session import Session
from app.ui.theme import Appearance, theme
from app.ui.widgets.buttons import Button
from app.ui.widgets.card import Card, label, row, within
from app.ui.widgets.choice import Radio
from app.ui.widgets.elided import Elided
from app.ui.widgets.field import field
from app.ui.words import plain_tip

WIDTH = 760


class SettingsPage(Page):
    """What a person chooses once. Everything is kept as soon as it is changed."""

    handles: ClassVar[dict[str, str]] = {}

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        inner = QWidget()
        inner.setMaximumWidth(WIDTH)
        self._cards = QVBoxLayout(inner)
        self._cards.setContentsMargins(0, 0, 0, 0)
        self._cards.setSpacing(16)
        self._cards.addWidget(self._appearance())
        self._cards.addWidget(self._person())
        self._cards.addWidget(self._projects())
        self.log_folders = LogFoldersCard(self)
        self._cards.addWidget(self.log_folders)
        self._cards.addStretch(1)
        line = row(inner, 1)
        line.setStretch(0, 100)
        holder = within(line)
        self._area = scrolling(holder)
        self.layout_.addWidget(self._area, 1)
        self._shortcuts: Card | None = None

    def use_actions(self, actions: Actions) -> None:
        """Add the shortcut sheet, which is read from the command table."""
        super().use_actions(actions)
        self._shortcuts = _shortcut_card(actions, self.tr("Keyboard shortcuts"))
        self._cards.insertWidget(self._cards.count() - 1, self._shortcuts)

    def refresh(self) -> None:
        """Ask for what belongs to the project."""
        self.log_folders.refresh()

    def clear(self) -> None:
        """No project: only what belongs to the person."""
        self.log_folders.hide()

    def open_at(self, what: object) -> None:
        """``shortcuts``: show the sheet; ``log_folders``: the watched folders."""
        shown = {"shortcuts": self._shortcuts, "log_folders": self.log_folders}.get(str(what))
        if shown is not None:
            self._area.ensureWidgetVisible(shown)

    def _appearance(self) -> Card:
        card = Card(self.tr("Appearance"), name="settings.appearance")
        words = {
            Appearance.SYSTEM: self.tr("&System"),
            Appearance.LIGHT: self.tr("&Light"),
            Appearance.DARK: self.tr("&Dark"),
        }
        group = QButtonGroup(card)
        buttons: dict[str, Radio] = {}
        for appearance, text in words.items():
            button = Radio(text)
            button.setObjectName(f"appearance.{appearance.value}")
            button.setChecked(theme().appearance is appearance)
            button.clicked.connect(lambda _checked=False, chosen=appearance: self._look(chosen))
            group.addButton(button)
            buttons[appearance.value] = button
        theme().chosen.connect(lambda chosen: buttons[chosen].setChecked(True))
        card.body.addLayout(row(*buttons.values(), 1, spacing=24))
        return card

    def _look(self, appearance: Appearance) -> None:
        self.session.settings.appearance = appearance
        theme().choose(appearance)

    def _person(self) -> Card:
        card = Card(self.tr("Who you are"), name="settings.actor")
        card.body.addWidget(label(self.tr("Written into the history beside everything you do."), "quiet", wrap=True))
        self._name = field("actor.name", self.tr("Name"), self.session.settings.actor_name)
        self._email = field("actor.email", self.tr("E-mail"), self.session.settings.actor_email)
        form = QFormLayout()
        form.setVerticalSpacing(8)
        form.addRow(self.tr("&Name"), self._name)
        form.addRow(self.tr("&E-mail (optional)"), self._email)
        for edit in (self._name, self._email):
            edit.editingFinished.connect(self._keep_person)
        card.body.addLayout(form)
        return card

    def _keep_person(self) -> None:
        if self._name.text().strip():
            self.session.settings.set_actor(self._name.text(), self._email.text())
            if self.session.project is not None:
                self.session.project.actor = self.session.settings.actor

    def _projects(self) -> Card:
        card = Card(self.tr("Projects"), name="settings.projects")
        card.body.addWidget(label(self.tr("A dropped file makes its project in this folder."), "quiet", wrap=True))
        self._folder = Elided(str(self.session.settings.projects_folder), "mono")
        self._folder.setToolTip(plain_tip(self._folder.text()))
        change = Button(
            self.tr("Change…"),
            self._choose_folder,
            name="settings.projects_folder",
            says=self.tr("Change the projects folder"),
        )
        line = row(self._folder, change)
        line.setStretch(0, 1)
        card.body.addLayout(line)
        return card

    def _choose_folder(self) -> None:
        name = QFileDialog.getExistingDirectory(self, self.tr("Projects folder"), self._folder.text())
        if name:
            self.session.settings.projects_folder = Path(name)
            self._folder.setText(str(self.session.settings.projects_folder))
            self._folder.setToolTip(plain_tip(self._folder.text()))


def _shortcut_card(actions: Actions, title: str) -> Card:
    card = Card(title, name="settings.shortcuts")
    grid = QGridLayout()
    grid.setHorizontalSpacing(24)
    grid.setVerticalSpacing(6)
    with_keys = [action for action in actions if not action.shortcut().isEmpty()]
    half = (len(with_keys) + 1) // 2
    for number, action in enumerate(with_keys):
        keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        at, side = number % half, 2 * (number // half)
        grid.addWidget(label(keys, "mono"), at, side)
        grid.addWidget(label(action.text().replace("&", "").rstrip("…")), at, side + 1)
    grid.setColumnStretch(1, 1)
    grid.setColumnStretch(3, 1)
    card.body.addLayout(grid)
    return card
