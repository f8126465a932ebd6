"""Tables: one look, one way to copy and to export, one model for short lists of records."""

from __future__ import annotations

import csv
import html
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from PySide6.QtCore import (
    QAbstractItemModel,
    QAbstractTableModel,
    QItemSelectionModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    Qt,
)
from PySide6.QtGui import QContextMenuEvent, QGuiApplication, QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QMenu, QTableView, QWidget

from app.ui.widgets.buttons import Button
from app.ui.widgets.saving import ask_where
from app.ui.words import plain_tip

T = TypeVar("T")
Index = QModelIndex | QPersistentModelIndex

ROW_HEIGHT = 32
NAME_WIDTH = 104  # px; a name is still told by its beginning
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
COPY_LIMIT = 100_000
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)  # no slots: TableColumn[X](...) notes X on the instance
class TableColumn(Generic[T]):
    """``text``: what a cell says; ``key``: what it sorts by (its text if None); ``tip``: the tooltip."""

    title: str
    text: Callable[[T], str]
    numeric: bool = False
    key: Callable[[T], float | str] | None = None
    tip: Callable[[T], str] | None = None
    width: int = 0


class RecordsModel(QAbstractTableModel, Generic[T]):
    """A short list of frozen records (up to some 10,000), sortable. For more rows see the data page's rows."""

    def __init__(self, columns: Sequence[TableColumn[T]], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.columns = tuple(columns)
        self.records: list[T] = []

    def show(self, records: Sequence[T]) -> None:
        """Hold these records instead."""
        self.beginResetModel()
        self.records = list(records)
        self.endResetModel()

    def record(self, index: Index) -> T:
        """The record of a row."""
        return self.records[index.row()]

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """One row a record."""
        return 0 if parent.isValid() else len(self.records)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """One column a ``TableColumn``."""
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Text, alignment and tooltip of a cell."""
        column = self.columns[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.text(self.records[index.row()])
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return RIGHT if column.numeric else LEFT
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip((column.tip or column.text)(self.records[index.row()]))
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """The column's title, aligned as its cells are."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self.columns[section].title
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return RIGHT if self.columns[section].numeric else LEFT
        return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column's key."""
        if not 0 <= column < len(self.columns):
            return
        chosen = self.columns[column]
        self.layoutAboutToBeChanged.emit()
        self.records.sort(key=chosen.key or chosen.text, reverse=order == Qt.SortOrder.DescendingOrder)
        self.layoutChanged.emit()


class DataTable(QTableView):
    """A table view: fixed row height, no wrapping, copies TSV and HTML, exports CSV."""

    _first_least = 0  # px of a first column that stretches
    _yielding: tuple[int, ...] = ()
    _widths: tuple[int, ...] = ()

    def __init__(self, says: str, *, name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(says)
        self.setObjectName(name)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setAlternatingRowColors(True)
        self.setAcceptDrops(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTabKeyNavigation(False)
        self.setCornerButtonEnabled(False)
        self._set_up_headers()

    def _set_up_headers(self) -> None:
        rows = self.verticalHeader()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(ROW_HEIGHT)
        rows.setMinimumSectionSize(ROW_HEIGHT)
        rows.hide()
        head = self.horizontalHeader()
        head.setFixedHeight(ROW_HEIGHT)
        head.setMinimumSectionSize(56)
        head.setHighlightSections(False)
        head.setStretchLastSection(True)

    def setModel(self, model: QAbstractItemModel | None) -> None:
        """Show a model. The header on top never learns what is selected: it would ask every row of every column."""
        super().setModel(model)
        if model is not None:
            self.horizontalHeader().setSelectionModel(QItemSelectionModel(model, self))

    def set_widths(self, widths: Sequence[int]) -> None:
        """Column widths in px, more where a header is longer; 0 leaves one as it is."""
        head = self.horizontalHeader()
        self._widths = tuple(width and max(width, head.sectionSizeHint(at)) for at, width in enumerate(widths))
        for section, width in enumerate(self._widths):
            if width:
                self.setColumnWidth(section, width)

    def give_way(self, *columns: int) -> None:
        """Hide these, one after the other, while the table is too narrow for all: what matters needs no scrolling.
        Copies and exports keep them. ``set_widths`` and ``stretch_first`` come before. What gave way in another model
        is shown again."""
        for column in set(self._yielding) - set(columns):
            self.setColumnHidden(column, False)
        self._yielding = columns
        self.fit()

    def fit(self) -> None:
        """Hide what has to give way, after another column was hidden or shown."""
        need = {c: self._least(c) for c in range(len(self._widths)) if self._counts(c)}
        room, over = self.viewport().width(), sum(need.values())
        for column in (column for column in self._yielding if column in need):
            hidden = over > room
            self.setColumnHidden(column, hidden)
            over -= need[column] if hidden else 0
        if self._first_least:
            self._fit_first()

    def _counts(self, column: int) -> bool:
        return column in self._yielding or not self.isColumnHidden(column)

    def _least(self, column: int) -> int:
        if not column and self._first_least:
            return self._first_least
        return self._widths[column] or self.horizontalHeader().sectionSizeHint(column)

    def stretch_first(self, least: int = NAME_WIDTH) -> None:
        """Give what is left over to the first column, a name, rather than to the last; it keeps ``least`` px.
        0: to the last again."""
        self._first_least = least
        self.horizontalHeader().setStretchLastSection(not least)
        if least:
            self._fit_first()
        else:
            self.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Interactive)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Let columns give way, and fit the first one if it takes what is left."""
        super().resizeEvent(event)
        if self._yielding:
            self.fit()
        elif self._first_least:
            self._fit_first()

    def _fit_first(self) -> None:
        head = self.horizontalHeader()
        left = self.viewport().width() - (head.length() - head.sectionSize(0))
        fits = left >= self._first_least
        head.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch if fits else QHeaderView.ResizeMode.Interactive)
        if not fits:
            self.setColumnWidth(0, self._first_least)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy copies; everything else as usual."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer what can be done with the table, from the mouse or the menu key."""
        self.menu().popup(event.globalPos())

    def menu(self) -> QMenu:
        """Copy and save; subclasses put their own in front."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.add_own(menu)
        copy = menu.addAction(self.tr("&Copy"), self.copy)
        copy.setEnabled(self.selectionModel() is not None and self.selectionModel().hasSelection())
        menu.addAction(self.tr("Copy whole &table"), self.copy_all)
        menu.addAction(self.tr("Save as CS&V…"), self.ask_where)
        return menu

    def add_own(self, menu: QMenu) -> None:
        """What only this table can do, before copy and save."""

    def more_button(self) -> Button:
        """The small button that opens the menu, for the table's heading."""
        says = self.tr("Copy or save: {0}").format(self.accessibleName())
        button = Button(self.tr("Copy or save the table"), role="icon", icon="more", says=says)
        button.clicked.connect(lambda _checked=False: self.menu().popup(button.mapToGlobal(QPoint(0, button.height()))))
        return button

    def ask_where(self) -> None:
        """Ask for a file and write the table there as CSV."""
        ask_where(self, self.accessibleName(), "csv", self.export_csv)

    def copy_all(self) -> None:
        """Put the whole table on the clipboard."""
        to_clipboard(self._cells()[: 1 + COPY_LIMIT])

    def copy(self) -> None:
        """Put the selected rows (or cells) on the clipboard as TSV and as an HTML table, with the titles."""
        cells = self._selected()
        if cells:
            to_clipboard(cells)

    def export_csv(self, path: Path) -> None:
        """Write the whole table as CSV; cells that a spreadsheet would run as a formula are quoted."""
        cells = [[safe(cell) for cell in line] for line in self._cells()]
        path.write_text(as_delimited(cells, ","), "utf-8")

    def _cells(self) -> list[list[str]]:
        """The whole table with its titles."""
        model = self.model()
        columns = range(model.columnCount())
        rows = ([_text(model.index(r, c).data()) for c in columns] for r in range(model.rowCount()))
        return [self._titles(columns), *rows]

    def _selected(self) -> list[list[str]]:
        indexes = sorted(self.selectedIndexes(), key=lambda i: (i.row(), i.column()))[:COPY_LIMIT]
        columns = sorted({i.column() for i in indexes})
        rows: dict[int, dict[int, str]] = {}
        for index in indexes:
            rows.setdefault(index.row(), {})[index.column()] = _text(index.data())
        body = [[cells.get(c, "") for c in columns] for cells in rows.values()]
        return [self._titles(columns), *body] if body else []

    def _titles(self, columns: Sequence[int]) -> list[str]:
        return [_text(self.model().headerData(c, Qt.Orientation.Horizontal)) for c in columns]


def to_clipboard(cells: Sequence[Sequence[str]]) -> None:
    """Put cells on the clipboard as TSV and as an HTML table.

    The HTML is added to the object that Qt made for the text: one made here would crash the end of the process
    (PySide6 6.11.3, exit code 139), as Qt frees it after Python has.
    """
    clipboard = QGuiApplication.clipboard()
    clipboard.setText(as_delimited(cells, "\t"))
    mime = clipboard.mimeData()
    if mime is not None:
        mime.setHtml(as_html(cells))


def as_delimited(cells: Sequence[Sequence[str]], delimiter: str) -> str:
    """Cells as CSV or TSV text."""
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\n").writerows(cells)
    return out.getvalue()


def as_html(cells: Sequence[Sequence[str]]) -> str:
    """Cells as an HTML table."""
    rows = ("".join(f"<td>{html.escape(cell)}</td>" for cell in row) for row in cells)
    return "<table>" + "".join(f"<tr>{row}</tr>" for row in rows) + "</table>"


def safe(text: str) -> str:
    """A cell that no spreadsheet runs as a formula."""
    return "'" + text if text.startswith(FORMULA_STARTS) and not _is_number(text) else text


def _is_number(text: str) -> bool:
    try:
        float(text.replace(",", ""))
    except ValueError:
        return False
    return True


def _text(value: object) -> str:
    return "" if value is None else str(value)
