"""The column table: what each column is, what it is used as, what it holds; many are changed at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from PySide6.QtCore import QItemSelection, QModelIndex, QPersistentModelIndex, QPoint, QRectF, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QMouseEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QMenu, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from app.core.data import TYPE_WORDS, Column, ColumnEdit, ColumnProfile, ColumnType, Profile, Reading, Use
from app.ui.data.finding_answers import Change
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
WIDTHS = (144, 128, 100, 98, 78, 168)
SHAPE_WIDTH = 100
COLUMN_ROLE = Qt.ItemDataRole.UserRole + 2
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
    """A profile's bound as it fits a cell: dates without midnight, numbers with few digits, whole ones with all."""
    if text.endswith(("T00:00:00", " 00:00:00")):
        return text[:10]
    try:
        number = float(text)
    except ValueError:
        return text
    return text if len(text) <= 8 or text.lstrip("-").isdigit() else figure(number)


def _missing_words(row: ColumnRow) -> str:
    if not row.profile.missing:
        return "0"
    return f"{count(row.profile.missing)}  {percent(row.profile.missing / max(1, row.rows))}"


def _distinct_words(row: ColumnRow) -> str:
    about = "≈ " if row.profile.distinct_is_estimate else ""
    return about + count(row.profile.distinct)


def told(column: Column) -> str:
    """What people say about a column, on one line; empty if nothing."""
    parts = (column.description, f"in {column.unit}" if column.unit else "", "personal data" if column.personal else "")
    return ", ".join(filter(None, parts))


def _why(row: ColumnRow) -> str:
    name = f"{row.column.name}: {row.column.why}" if row.column.why else row.column.name
    return "\n".join(filter(None, (name, told(row.column))))


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
        if role == COLUMN_ROLE:
            return self.records[index.row()].column
        if index.column() == NAME and role == Qt.ItemDataRole.AccessibleTextRole:
            column = self.records[index.row()].column
            return ", ".join(filter(None, (column.name, told(column))))
        if index.column() == SHAPE:
            histogram = self.records[index.row()].profile.histogram
            if role == HISTOGRAM_ROLE:
                return histogram
            if role == Qt.ItemDataRole.AccessibleTextRole:
                return histogram_words(histogram)
        return super().data(index, role)


class NameDelegate(QStyledItemDelegate):
    """A column's name, which opens its page, then quietly its unit and a shield where the data are personal."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Name first; unit and shield as far as there is room."""
        column = index.data(COLUMN_ROLE)
        super().paint(painter, option, QModelIndex())
        cell = QRectF(option.rect).adjusted(11, 0, -8, 0)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(option.rect, option.palette.highlight())
        if column.personal:
            paint(painter, "shield", color("text2"), QRectF(cell.right() - 16, cell.center().y() - 8, 16, 16))
            cell.setRight(cell.right() - 22)
        middle = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        metrics = option.fontMetrics
        name = metrics.elidedText(column.name, Qt.TextElideMode.ElideRight, int(cell.width()))
        hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
        painter.setPen(color("accent") if hovered else color("text"))
        painter.drawText(cell, middle, name)
        cell.setLeft(cell.left() + metrics.horizontalAdvance(name) + 8)
        if column.unit and cell.width() > 20:
            painter.setPen(color("text3"))
            painter.drawText(
                cell, middle, metrics.elidedText(column.unit, Qt.TextElideMode.ElideRight, int(cell.width()))
            )


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
    """``edited`` carries the ``Change`` that a person chose for one or many columns; ``opened`` the name of the one
    whose page is wanted."""

    edited = Signal(object)
    opened = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(self.tr("Columns"), name="data.columns", parent=parent)
        self.model_ = ColumnsModel([_translated(column, self.tr) for column in TABLE], self)
        self.setModel(self.model_)
        self.setItemDelegateForColumn(SHAPE, HistogramDelegate(self))
        self.setItemDelegateForColumn(NAME, NameDelegate(self))
        self.setMouseTracking(True)
        self._pressed: str | None = None
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

    def focus_column(self, name: str) -> None:
        """Put the focus on a column's row."""
        for number, entry in enumerate(self.model_.records):
            if entry.column.name == name:
                self.setCurrentIndex(self.model_.index(number, NAME))
        self.setFocus()

    def show_reading(self, reading: Reading, profile: Profile) -> None:
        """Show a reading's columns; the selection stays where the names are the same."""
        names = self.selected_names()
        held = {entry.name: entry for entry in profile.columns}
        self.model_.show([ColumnRow(column, held[column.name], profile.rows) for column in reading.columns])
        self.select(names)

    def selected_names(self) -> list[str]:
        """The names of the selected columns, in the table's order. By ranges: ten thousand rows may be selected."""
        ranges = sorted({(r.top(), r.bottom()) for r in self.selectionModel().selection().toList()})
        rows = dict.fromkeys(row for top, bottom in ranges for row in range(top, bottom + 1))
        return [self.model_.records[row].column.name for row in rows]

    def select(self, names: Sequence[str]) -> None:
        """Select columns by name, and scroll to the first."""
        wanted, last = set(names), self.model_.columnCount() - 1
        rows = [number for number, row in enumerate(self.model_.records) if row.column.name in wanted]
        chosen = QItemSelection()
        for first, until in _runs(rows):
            chosen.select(self.model_.index(first, 0), self.model_.index(until, last))
        self.selectionModel().select(chosen, self.selectionModel().SelectionFlag.ClearAndSelect)
        if rows and len(rows) < self.model_.rowCount():
            self.scrollTo(self.model_.index(rows[0], 0))

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

    def personal_action(self, menu: QMenu) -> None:
        """Mark the selected columns as personal data, or take the mark off if all have it."""
        names = self.selected_names()
        chosen = set(names)
        records = [row.column for row in self.model_.records if row.column.name in chosen]
        marked = bool(records) and all(column.personal for column in records)
        action = menu.addAction(self.tr("Personal &data"))
        action.setCheckable(True)
        action.setChecked(marked)
        action.setEnabled(bool(names))
        action.triggered.connect(lambda _checked=False: self._mark(names, not marked))

    def _mark(self, names: list[str], personal: bool) -> None:
        which = names[0] if len(names) == 1 else self.tr("{0} columns").format(len(names))
        edits = tuple(ColumnEdit(name, personal=personal) for name in names)
        self.edited.emit(Change(self.tr("mark of {0}").format(which), edits))

    def add_own(self, menu: QMenu) -> None:
        """Open the page, change types and uses, mark personal data: what the selected columns can be given."""
        names = self.selected_names()
        current = self.currentIndex()
        if names:
            row = current.row() if current.isValid() else 0
            name = names[0] if len(names) == 1 else self.model_.records[row].column.name
            menu.addAction(self.tr("&Open {0}").format(name.replace("&", "&&")), partial(self.opened.emit, name))
            for text, inner in ((self.tr("&Type"), self.type_menu()), (self.tr("&Used as"), self.use_menu())):
                inner.setTitle(text)
                menu.addMenu(inner)
        self.personal_action(menu)
        menu.addSeparator()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """About the row that was clicked, or about the selection if it is in it."""
        index = self.indexAt(event.pos())
        if index.isValid() and not self.selectionModel().isRowSelected(index.row()):
            self.selectRow(index.row())
        super().contextMenuEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click on type or use opens the menu for all selected rows if the row is one of them; one on a name opens
        the column's page when it is let go."""
        index = self.indexAt(event.position().toPoint())
        plain = event.button() == Qt.MouseButton.LeftButton and not event.modifiers()
        self._pressed = self.model_.record(index).column.name if plain and index.column() == NAME else None
        if plain and index.isValid() and index.column() in (TYPE, USE):
            if not self.selectionModel().isRowSelected(index.row()):
                self.selectRow(index.row())
            self.setFocus()
            self._open_menu(index)
            return
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Open the page of the column whose name was pressed and let go: dragging over names selects them."""
        super().mouseReleaseEvent(event)
        index = self.indexAt(event.position().toPoint())
        pressed, self._pressed = self._pressed, None
        same = index.isValid() and index.column() == NAME and self.model_.record(index).column.name == pressed
        if same and pressed is not None:
            self.opened.emit(pressed)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """A hand over names."""
        super().mouseMoveEvent(event)
        over_name = self.indexAt(event.position().toPoint()).column() == NAME
        shape = Qt.CursorShape.PointingHandCursor if over_name else Qt.CursorShape.ArrowCursor
        self.viewport().setCursor(shape)

    def moveCursor(self, action: QAbstractItemView.CursorAction, modifiers: Qt.KeyboardModifier) -> QModelIndex:
        """Home and End go to the first and the last of ten thousand: a line is one thing here, its cells are none."""
        ends = {QAbstractItemView.CursorAction.MoveHome: 0, QAbstractItemView.CursorAction.MoveEnd: -1}
        if action in ends and self.model_.records:
            return self.model_.index(ends[action] % len(self.model_.records), max(0, self.currentIndex().column()))
        return super().moveCursor(action, modifiers)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Return and Space open the column's page, U the use menu of the selection, T the type menu."""
        current = self.currentIndex()
        plain = current.isValid() and not event.modifiers()
        if plain and event.key() in (Qt.Key.Key_T, Qt.Key.Key_U):
            column = TYPE if event.key() == Qt.Key.Key_T else USE
            if not self.selectionModel().isRowSelected(current.row()):
                self.selectRow(current.row())
            self._open_menu(self.model_.index(current.row(), column))
        elif plain and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.opened.emit(self.model_.records[current.row()].column.name)
        else:
            super().keyPressEvent(event)

    def _open_menu(self, index: QModelIndex) -> None:
        menu = self.type_menu() if index.column() == TYPE else self.use_menu()
        below = self.visualRect(index).bottomLeft() + QPoint(4, 2)
        menu.popup(self.viewport().mapToGlobal(below))


def _runs(rows: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Rising numbers as runs without gaps: first and last of each."""
    first = None
    for at, row in enumerate(rows):
        first = row if first is None else first
        if at + 1 == len(rows) or rows[at + 1] != row + 1:
            yield first, row
            first = None


def _translated(column: TableColumn[ColumnRow], tr: Callable[[str], str]) -> TableColumn[ColumnRow]:
    return TableColumn(tr(column.title), column.text, column.numeric, column.key, column.tip, column.width)
