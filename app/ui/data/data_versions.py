"""The list of data sets and versions; not shown while there is only one."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QRectF, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QFont, QMouseEvent, QPainter
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QMenu, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from app.core.data import Dataset, DataVersion
from app.ui.data.data_view import DataView
from app.ui.data.version_notes import VersionNote
from app.ui.theme import color
from app.ui.widgets.card import Card
from app.ui.widgets.chip import SHAPE, draw_shape
from app.ui.words import count, plain_tip, size_words, when

WIDTHS = (168, 196, 420)
"""Least, at first and most, in px; a person drags the border."""
ITEM_HEIGHT, HEADING_HEIGHT = 50, 30
VERSION_ROLE, QUIET_ROLE, STATUS_ROLE = (Qt.ItemDataRole.UserRole + i for i in range(3))

Index = QModelIndex | QPersistentModelIndex


class VersionDelegate(QStyledItemDelegate):
    """Two lines: number and rows, then source and size; a mark at the right for a version that a model rests on."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Headings are lower."""
        return QSize(WIDTHS[0] - 40, ITEM_HEIGHT if index.data(VERSION_ROLE) else HEADING_HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """The ground as the style has it, then our lines, shortened where they do not fit."""
        quiet, text = index.data(QUIET_ROLE), str(index.data())
        if quiet is None:
            bold = QFont(option.font)
            bold.setBold(True)
            _line(painter, option.rect.adjusted(10, 0, -10, 0), text, "text", bold)
            return
        bare = QStyleOptionViewItem(option)
        self.initStyleOption(bare, index)
        bare.text = ""
        style = option.widget.style()
        style.drawControl(style.ControlElement.CE_ItemViewItem, bare, painter, option.widget)
        place = option.rect.adjusted(10, 5, -10, -5)
        status = index.data(STATUS_ROLE)
        if status:
            draw_shape(painter, status, QRectF(place.right() - SHAPE, place.y() + 5, SHAPE, SHAPE))
        half = place.height() // 2
        _line(painter, place.adjusted(0, 0, -20 if status else 0, -half), text, "text", option.font)
        small = QFont(option.font)
        small.setPixelSize(12)
        _line(painter, place.adjusted(0, half, 0, 0), str(quiet), "text3", small)


def _line(painter: QPainter, place: QRect, text: str, token: str, font: QFont) -> None:
    painter.setFont(font)
    painter.setPen(color(token))
    shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, place.width())
    painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)


class _List(QListWidget):
    """A right click asks what can be done with a version, it does not open it."""

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Only the other buttons choose."""
        if event.button() != Qt.MouseButton.RightButton:
            super().mousePressEvent(event)


class VersionsList(Card):
    """Versions newest first below their data set's name. ``chosen`` and ``compare_wanted`` carry a version's id."""

    chosen = Signal(str)
    compare_wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(name="data.versions.card", parent=parent)
        self.setMinimumWidth(WIDTHS[0])
        self.setMaximumWidth(WIDTHS[2])
        self.body.setContentsMargins(8, 8, 8, 8)
        self.list = _List()
        self.list.setObjectName("data.versions")
        self.list.setAccessibleName(self.tr("Data versions"))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.list.setItemDelegate(VersionDelegate(self.list))
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.customContextMenuRequested.connect(self._open_menu)
        self.list.currentItemChanged.connect(self._chosen)
        self.body.addWidget(self.list)
        self._shown = ""

    def sizeHint(self) -> QSize:
        """As wide as at first."""
        return QSize(WIDTHS[1], super().sizeHint().height())

    def show_view(self, view: DataView) -> None:
        """Show all versions, the shown one selected."""
        self.setVisible(sum(len(versions) for _dataset, versions in view.all) > 1)
        self._shown = view.version.id
        with QSignalBlocker(self.list):
            self.list.clear()
            for dataset, versions in view.all:
                self._add_heading(dataset)
                for version in sorted(versions, key=lambda v: -v.number):
                    item = self._item(version, view.notes.get(version.id, VersionNote(version.id)))
                    self.list.addItem(item)
                    if version.id == view.version.id:
                        self.list.setCurrentItem(item)

    def _item(self, version: DataVersion, note: VersionNote) -> QListWidgetItem:
        item = QListWidgetItem(self.tr("v{0} · {1} rows").format(version.number, count(version.rows)))
        names = ", ".join(source.name for source in version.sources)
        size = size_words(sum(source.size_bytes for source in version.sources))
        item.setData(VERSION_ROLE, version.id)
        item.setData(QUIET_ROLE, f"{size} · {names}")
        item.setData(STATUS_ROLE, "running" if note.live else "ok" if note.models else "")
        rests = self._rests(note)
        told = [self.tr("From a {0}: {1}").format(note.source, names), size, when(version.created_at), rests]
        item.setToolTip(plain_tip("\n".join(filter(None, told))))
        item.setData(Qt.ItemDataRole.AccessibleTextRole, ". ".join(filter(None, (item.text(), names, rests))))
        return item

    def _rests(self, note: VersionNote) -> str:
        if note.live:
            return self.tr("{0} was trained on it and answers requests now.").format(", ".join(note.live))
        return self.tr("{0} was trained on it.").format(", ".join(note.models)) if note.models else ""

    def _add_heading(self, dataset: Dataset) -> None:
        heading = QListWidgetItem(dataset.name)
        heading.setFlags(Qt.ItemFlag.ItemIsEnabled)
        heading.setToolTip(plain_tip(dataset.name))
        self.list.addItem(heading)

    def menu_for(self, version_id: str) -> QMenu:
        """What can be done with a version."""
        menu = QMenu(self.list)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(self.tr("&Open"), lambda: self.chosen.emit(version_id))
        compare = menu.addAction(
            self.tr("&Compare with the shown version"), lambda: self.compare_wanted.emit(version_id)
        )
        compare.setEnabled(version_id != self._shown)
        return menu

    def _open_menu(self, place: QPoint) -> None:
        item = self.list.itemAt(place)
        if item is not None and (version_id := item.data(VERSION_ROLE)):
            self.menu_for(str(version_id)).popup(self.list.viewport().mapToGlobal(place))

    def _chosen(self, item: QListWidgetItem | None) -> None:
        if item is not None and (version_id := item.data(VERSION_ROLE)):
            self.chosen.emit(version_id)
