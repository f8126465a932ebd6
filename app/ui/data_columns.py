"""The column table: what each column is, what it is used as, what it holds; many are changed at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import QMenu, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from app.core.data import TYPE_WORDS, Column, ColumnEdit, ColumnProfile, ColumnType, Profile, Reading, Use
from app.ui.finding_answers import Change
from app.ui.icons import paint
from app.ui.theme import color
from app.ui.widgets.histogram import HISTOGRAM_ROLE, HistogramDelegate, histogram_words
from app.ui.widgets.table import DataTable, RecordsModel, TableColumn
from app.ui.words import count, figure, percent

C = TypeVar("C", ColumnType, Use)

NAME, TYPE, USE, MISSING, DISTINCT, RANGE, SHAPE = range(7)
USE_WORDS = {
    Use.TARGET: "target",
    Use.INPUT: "input",
    Use.IDENTIFIER: "identifier",
    Use.TIME: "time",
    Use.GROUP: "group",
    Use.IGNORED: "ignored",
}
WIDTHS = (150, 130, 104, 82, 78, 172)
SHAPE_WIDTH = 88
NUMERIC = (ColumnType.NUMBER, ColumnType.INTEGER)


@dataclass(frozen=True, slots=True)
class ColumnRow:
    """A column with what it holds. ``rows``: of the whole table."""

    column: Column
    profile: ColumnProfile
    rows: int


def range_words(row: ColumnRow) -> str:
    """``18 – 85`` for what can be ordered, the most frequent value with its share for the rest."""
    profile = row.profile
    if (
        row.column.type in (*NUMERIC, ColumnType.DATETIME)
        and profile.minimum is not None
        and profile.maximum is not None
    ):
        return f"{short(profile.minimum)} – {short(profile.maximum)}"
    if not profile.top or profile.distinct >= row.rows - profile.missing > 1:
        return "–"
    value, rows = profile.top[0]
    return f"{value}  {percent(rows / max(1, row.rows - profile.missing))}"


def short(text: str) -> str:
    """A profile's bound as it fits a cell: dates without midnight, numbers with few digits."""
    if text.endswith(("T00:00:00", " 00:00:00")):
        return text[:10]
    try:
        number = float(text)
    except ValueError:
        return text
    return text if len(text) <= 8 else figure(number)


def _missing_words(row: ColumnRow) -> str:
    if not row.profile.missing:
        return "0"
    return f"{count(row.profile.missing)}  {percent(row.profile.missing / max(1, row.rows))}"


def _distinct_words(row: ColumnRow) -> str:
    about = "≈ " if row.profile.distinct_is_estimate else ""
    return about + count(row.profile.distinct)


def _why(row: ColumnRow) -> str:
    return f"{row.column.name}: {row.column.why}" if row.column.why else row.column.name


TABLE: tuple[TableColumn[ColumnRow], ...] = (
    TableColumn("Column", lambda r: r.column.name, tip=_why),
    TableColumn("Type", lambda r: TYPE_WORDS[r.column.type], tip=lambda r: r.column.why or TYPE_WORDS[r.column.type]),
    TableColumn("Used as", lambda r: USE_WORDS[r.column.use], tip=lambda r: r.column.why or USE_WORDS[r.column.use]),
    TableColumn("Missing", _missing_words, numeric=True, key=lambda r: r.profile.missing),
    TableColumn("Distinct", _distinct_words, numeric=True, key=lambda r: r.profile.distinct),
    TableColumn("Range / top value", range_words),
    TableColumn("Distribution", lambda r: "", tip=lambda r: histogram_words(r.profile.histogram)),
)


class ColumnsModel(RecordsModel[ColumnRow]):
    """The columns of a reading, with a histogram for the last cell."""

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """As every table, and the histogram with its words."""
        if index.column() == SHAPE:
            histogram = self.records[index.row()].profile.histogram
            if role == HISTOGRAM_ROLE:
                return histogram
            if role == Qt.ItemDataRole.AccessibleTextRole:
                return histogram_words(histogram)
        return super().data(index, role)


class ChoiceDelegate(QStyledItemDelegate):
    """A cell that opens a menu: its text and a small arrow."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Text as usual, the arrow on the right edge."""
        super().paint(painter, option, index)
        cell = QRectF(option.rect)
        paint(painter, "down", color("text3"), QRectF(cell.right() - 20, cell.center().y() - 6, 12, 12))


class ColumnsTable(DataTable):
    """``edited`` carries the ``Change`` that a person chose for one or many columns."""

    edited = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(self.tr("Columns"), name="data.columns", parent=parent)
        self.model_ = ColumnsModel([_translated(column, self.tr) for column in TABLE], self)
        self.setModel(self.model_)
        self.setItemDelegateForColumn(SHAPE, HistogramDelegate(self))
        for column in (TYPE, USE):
            self.setItemDelegateForColumn(column, ChoiceDelegate(self))
        self.set_widths(WIDTHS)
        self.setSortingEnabled(False)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give names and ranges their share of what is left over; the distribution takes the rest."""
        super().resizeEvent(event)
        spare = self.viewport().width() - sum(WIDTHS) - SHAPE_WIDTH
        wider, narrower = max(0, spare), max(0, -spare)
        self.setColumnWidth(NAME, WIDTHS[NAME] + min(160, wider // 3) - min(46, narrower // 2))
        self.setColumnWidth(RANGE, WIDTHS[RANGE] + min(90, wider // 5) - min(62, narrower - narrower // 2))

    def show_reading(self, reading: Reading, profile: Profile) -> None:
        """Show a reading's columns; the selection stays where the names are the same."""
        names = self.selected_names()
        held = {entry.name: entry for entry in profile.columns}
        self.model_.show([ColumnRow(column, held[column.name], profile.rows) for column in reading.columns])
        self.select(names)

    def selected_names(self) -> list[str]:
        """The names of the selected columns, in the table's order."""
        chosen = self.selectionModel().selectedRows()
        return [self.model_.record(index).column.name for index in sorted(chosen, key=lambda i: i.row())]

    def select(self, names: Sequence[str]) -> None:
        """Select columns by name."""
        wanted = set(names)
        self.clearSelection()
        flags = self.selectionModel().SelectionFlag
        for number, row in enumerate(self.model_.records):
            if row.column.name in wanted:
                index = self.model_.index(number, 0)
                self.selectionModel().select(index, flags.Select | flags.Rows)
                self.scrollTo(index)

    def type_menu(self) -> QMenu:
        """The types that the selected columns can be given."""
        words = {type_: self.tr(text) for type_, text in TYPE_WORDS.items()}
        return self._menu(words, lambda name, chosen: ColumnEdit(name, type=chosen), self.tr("type of {0}"))

    def use_menu(self) -> QMenu:
        """What the selected columns can be used as."""
        words = {use: self.tr(text) for use, text in USE_WORDS.items()}
        return self._menu(words, lambda name, chosen: ColumnEdit(name, use=chosen), self.tr("use of {0}"))

    def _menu(self, words: dict[C, str], edit: Callable[[str, C], ColumnEdit], effect: str) -> QMenu:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        names = self.selected_names()
        for choice, text in words.items():
            if choice is Use.TARGET and len(names) > 1:
                continue
            action = menu.addAction(text)
            action.triggered.connect(partial(self._choose, names, choice, edit, effect))
        return menu

    def _choose(
        self, names: list[str], choice: C, edit: Callable[[str, C], ColumnEdit], effect: str, _checked: bool = False
    ) -> None:
        which = names[0] if len(names) == 1 else self.tr("{0} columns").format(len(names))
        self.edited.emit(Change(effect.format(which), tuple(edit(name, choice) for name in names)))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click on type or use opens the menu for all selected rows if the row is one of them."""
        index = self.indexAt(event.position().toPoint())
        plain = event.button() == Qt.MouseButton.LeftButton and not event.modifiers()
        if plain and index.isValid() and index.column() in (TYPE, USE):
            if not self.selectionModel().isRowSelected(index.row()):
                self.selectRow(index.row())
            self.setFocus()
            self._open_menu(index)
            return
        super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Return opens the use menu of the selection, T the type menu."""
        current = self.currentIndex()
        if (
            event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_T)
            and current.isValid()
            and not event.modifiers()
        ):
            column = TYPE if event.key() == Qt.Key.Key_T else USE
            self._open_menu(self.model_.index(current.row(), column))
        else:
            super().keyPressEvent(event)

    def _open_menu(self, index: QModelIndex) -> None:
        menu = self.type_menu() if index.column() == TYPE else self.use_menu()
        below = self.visualRect(index).bottomLeft() + QPoint(4, 2)
        menu.popup(self.viewport().mapToGlobal(below))


def _translated(column: TableColumn[ColumnRow], tr: Callable[[str], str]) -> TableColumn[ColumnRow]:
    return TableColumn(tr(column.title), column.text, column.numeric, column.key, column.tip, column.width)
