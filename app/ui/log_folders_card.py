"""Folders that logs of bundles elsewhere are written or copied to; what comes there is collected by itself."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog

from app.ui.page import Page
from app.ui.widgets.buttons import Button
from app.ui.widgets.card import Card, column, emptied, label, row, within
from app.ui.widgets.elided import Elided
from app.ui.words import plain_tip

if TYPE_CHECKING:
    from app.core.progress import JobContext
    from app.registry.project import Project


class LogFoldersCard(Card):
    """Belongs to the open project; hidden without one."""

    def __init__(self, page: Page) -> None:
        super().__init__(page.tr("Logs from elsewhere"), name="settings.log_folders")
        self._page = page
        self.body.addWidget(
            label(
                self.tr("Prediction logs that appear in these folders are collected while this project is open."),
                "quiet",
                wrap=True,
            )
        )
        self.rows = column(spacing=4)
        self.body.addLayout(self.rows)
        self.add_button = Button(self.tr("Watch a folder…"), self._choose, name="log_folders.add", icon="folder")
        self.body.addLayout(row(self.add_button, 1))
        self.hide()

    def refresh(self) -> None:
        """Ask which folders are watched."""
        self._page.query(_folders, self._show, key="log_folders")

    def add(self, folder: Path) -> None:
        """Watch a folder and collect what is there."""

        def watch(project: Project, ctx: JobContext) -> None:
            from app.serving.watched import collect_folders, watch_folder

            watch_folder(project, folder)
            collect_folders(project, ctx)

        self._act(self.tr("Collecting {0}").format(folder.name), watch)

    def remove(self, folder: str) -> None:
        """Watch it no longer."""

        def leave(project: Project, _ctx: JobContext) -> None:
            from app.serving.watched import leave_folder

            leave_folder(project, folder)

        self._act(self.tr("Leaving a folder"), leave)

    def _act(self, title: str, do: Callable[[Project, JobContext], None]) -> None:
        self._page.act(title, do, then=lambda _none: self.refresh(), changes={"prediction"}, busy=self.add_button)

    def _choose(self) -> None:
        name = QFileDialog.getExistingDirectory(self, self.tr("Folder with prediction logs"))
        if name:
            self.add(Path(name))

    def _show(self, folders: list[tuple[str, bool]]) -> None:
        emptied(self.rows)
        for folder, there in folders:
            says = self.tr("Leave {0}").format(folder)
            path = Elided(folder, "mono")
            path.setToolTip(plain_tip(folder))
            gone = Button(says, partial(self.remove, folder), role="icon", icon="delete", says=says)
            line = row(path, gone) if there else row(path, label(self.tr("not there now"), "quiet"), gone)
            line.setStretch(0, 1)
            self.rows.addWidget(within(line))
        self.show()


def _folders(project: Project) -> list[tuple[str, bool]]:
    from app.serving.watched import log_folders

    return [(folder, (project.path / folder).is_dir()) for folder in log_folders(project)]
