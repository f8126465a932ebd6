"""The list of data sets and versions; not shown while there is only one."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QWidget

from app.ui.data_view import DataView
from app.ui.widgets.card import Card
from app.ui.words import count, when

WIDTH = 188


class VersionsList(Card):
    """Versions newest first below their data set's name. ``chosen`` carries a version's id."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(name="data.versions.card", parent=parent)
        self.setFixedWidth(WIDTH)
        self.body.setContentsMargins(8, 8, 8, 8)
        self.list = QListWidget()
        self.list.setObjectName("data.versions")
        self.list.setAccessibleName(self.tr("Data versions"))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.list.currentItemChanged.connect(self._chosen)
        self.body.addWidget(self.list)

    def show_view(self, view: DataView) -> None:
        """Show all versions, the shown one selected."""
        self.setVisible(sum(len(versions) for _dataset, versions in view.all) > 1)
        with QSignalBlocker(self.list):
            self.list.clear()
            for dataset, versions in view.all:
                self._add_heading(dataset.name)
                for version in sorted(versions, key=lambda v: -v.number):
                    words = self.tr("v{0} · {1} rows").format(version.number, count(version.rows))
                    item = QListWidgetItem(words)
                    item.setToolTip(f"{', '.join(s.name for s in version.sources)}\n{when(version.created_at)}")
                    item.setData(Qt.ItemDataRole.UserRole, version.id)
                    self.list.addItem(item)
                    if version.id == view.version.id:
                        self.list.setCurrentItem(item)

    def _add_heading(self, name: str) -> None:
        heading = QListWidgetItem(name)
        heading.setFlags(Qt.ItemFlag.ItemIsEnabled)
        font = heading.font()
        font.setBold(True)
        heading.setFont(font)
        self.list.addItem(heading)

    def _chosen(self, item: QListWidgetItem | None) -> None:
        if item is not None and (version_id := item.data(Qt.ItemDataRole.UserRole)):
            self.chosen.emit(version_id)
