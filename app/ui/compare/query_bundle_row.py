"""The bundle that a query became: where it lies and how large it is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from app.core.referee import QueryBundle
from app.ui.models.deploying import show_in_folder
from app.ui.widgets.buttons import Button
from app.ui.widgets.card import label, row
from app.ui.widgets.chip import Chip
from app.ui.words import plain_tip, size_words

if TYPE_CHECKING:
    from app.ui.page import Page


class QueryBundleRow(QWidget):
    """Hidden until there is one."""

    def __init__(self, page: Page, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._page = page
        self.folder = label("", "mono", name="data.sql.bundle_path")
        self.folder.setTextInteractionFlags(self.folder.textInteractionFlags().TextSelectableByMouse)
        self._size = label("", "quiet")
        self._path: Path | None = None
        opener = Button(self.tr("Open folder"), self._open, role="flat", icon="folder", name="data.sql.open_bundle")
        self.setLayout(row(Chip("ok", self.tr("bundle")), self.folder, self._size, 1, opener))
        self.hide()

    def show_bundle(self, bundle: QueryBundle | None) -> None:
        """Show where it lies; nothing without one."""
        self.setVisible(bundle is not None)
        project = self._page.session.project
        if bundle is None or project is None:
            return
        self._path = Path(project.path) / bundle.path
        self.folder.setText(bundle.path)
        self.folder.setToolTip(plain_tip(str(self._path)))
        self._size.setText(size_words(bundle.size_bytes))

    def _open(self) -> None:
        if self._path is not None:
            show_in_folder(self._path)
