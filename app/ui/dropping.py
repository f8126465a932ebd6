"""Files that hang over the window: what a drop of them would do is said while it is not done yet."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDragMoveEvent, QDropEvent

from app.ui.offers import local_files, offers, targets
from app.ui.whose_data import NEW

if TYPE_CHECKING:
    from app.data.preview import Preview
    from app.ui.window import MainWindow


class Dropping(QObject):
    """The window's drag and drop; it shows in the window's overlay. A page may take files for itself."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._hanging: Sequence[Path] = ()
        self._found: Preview | None = None

    def enter(self, event: QDragEnterEvent) -> None:
        """Say what a drop would do."""
        paths = local_files(event.mimeData())
        if not paths:
            event.ignore()
            return
        window = self._window
        self._hanging, self._found = paths, None
        text = window.page.drop_offer(paths)
        window.overlay.offer(((text, ""),) if text else offers(paths, window.tr))
        if not text and len(paths) == 1:
            window.adder.look_at(paths[0], partial(self._say_what_becomes, paths))
        event.acceptProposedAction()

    def move(self, event: QDragMoveEvent) -> None:
        """Mark the target below the pointer."""
        self._window.overlay.hover(event.position())
        event.acceptProposedAction()

    def leave(self, event: QDragLeaveEvent) -> None:
        """Nothing will be dropped."""
        self._window.overlay.hide()
        event.accept()

    def drop(self, event: QDropEvent) -> None:
        """Do what the target says."""
        window, paths = self._window, local_files(event.mimeData())
        target = window.overlay.target_at(event.position())
        window.overlay.hide()
        if not paths:
            event.ignore()
            return
        event.acceptProposedAction()
        window.banner.hide()
        if window.page.drop_offer(paths):
            window.page.take_drop(paths)
        elif len(paths) == 1:
            self._take_file(paths[0], target)
        else:
            window.adder.add_files(paths, "separate" if target else "append")

    def _say_what_becomes(self, paths: Sequence[Path], found: Preview | None) -> None:
        """The file over the window was looked at; it may be gone by now, or another one be there."""
        if found is not None and self._hanging == paths and self._window.overlay.isVisible():
            self._found = found
            self._window.overlay.offer(offers(paths, self._window.tr, found))

    def _take_file(self, path: Path, target: int) -> None:
        """One file on one of the targets: a data set that it fits, or new data after them."""
        named = targets(self._found)
        if len(named) > 1 and target < len(named):
            self._window.adder.add_files([path], name=named[target])
        elif target:
            self._window.adder.add_files([path], name=NEW)
        else:
            self._window.take_files([path])
