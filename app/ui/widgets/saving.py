"""Where to save: one dialog for tables and pictures, never modal; what went wrong is told where it was asked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QFileDialog, QToolTip, QWidget

_UNSAFE = '<>:"/\\|?*'


def ask_where(parent: QWidget, title: str, kind: str, save: Callable[[Path], None]) -> None:
    """Ask for a file of a kind (``csv``, ``png`` ...) named after ``title``, then save there."""
    words = QCoreApplication.translate("saving", "Save {0}").format(title)
    dialog = QFileDialog(parent, words)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setNameFilter(f"{kind.upper()} (*.{kind})")
    dialog.setDefaultSuffix(kind)
    dialog.selectFile(f"{''.join('_' if c in _UNSAFE else c for c in title)}.{kind}")
    dialog.fileSelected.connect(lambda name: _saved(parent, Path(name), save))
    dialog.open()


def _saved(parent: QWidget, path: Path, save: Callable[[Path], None]) -> None:
    try:
        save(path)
    except OSError as error:
        said = QCoreApplication.translate("saving", "{0} could not be written: {1}")
        QToolTip.showText(
            parent.mapToGlobal(parent.rect().center()), said.format(path, error.strerror or error), parent
        )
