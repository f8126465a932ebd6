"""The rows themselves, however many: pages are fetched beside the window, a few are kept."""

from __future__ import annotations

from collections import OrderedDict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QPainter, QPalette
from PySide6.QtWidgets import QMenu, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from app.core.data import ColumnType, DataVersion, Reading
from app.core.progress import JobContext
from app.ui.jobs import Settled, settle, workers
from app.ui.session import Session
from app.ui.widgets.table import LEFT, RIGHT, DataTable, to_clipboard
from app.ui.words import plain_tip, plural

if TYPE_CHECKING:
    from app.data.looking.order import Order
    from app.data.looking.rows import RowsPage
    from app.registry.project import Project

Index = QModelIndex | QPersistentModelIndex
Cells = tuple[tuple[str | None, ...], ...]
Piece = tuple[int, int]
"""A page of rows and a block of columns, by their numbers."""

PAGE = 200
SCATTERED_PAGE = 40
"""Rows from all over the table are read one row group after the other: a screenful at a time."""
BLOCK = 16
"""Columns that are fetched together: about a window's width of them, so that a wide table costs what is in sight."""
KEPT, WAITING = 120, 8
"""Pieces that are kept, and that are waited for: more than a screen shows."""
COPY_ROWS, COPY_PAGE = 20_000, 2_000
PAD, WIDEST = 11, 9
"""The cells' margin and the widest usual letter, in px."""
NUMERIC = (ColumnType.NUMBER, ColumnType.INTEGER)


class RowsModel(QAbstractTableModel):
    """A virtual table over ``data.rows.page``. A cell that is not here yet is empty and comes at once."""

    failed = Signal(object)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._reading: Reading | None = None
        self._rows = 0
        self._alignments: list[Qt.AlignmentFlag] = []
        self._pieces: OrderedDict[Piece, Cells] = OrderedDict()
        self._wanted: list[Piece] = []
        self._fetching: Piece | None = None
        self.order: Order | None = None
        self._page_rows = PAGE
        self._fetcher = workers(1, "rows")

    def show(self, reading: Reading, rows: int) -> None:
        """Show another reading's table."""
        if self._reading is not None and self._reading.id == reading.id:
            return
        self.beginResetModel()
        self._reading, self._rows = reading, rows
        self.order, self._page_rows = None, PAGE
        self._alignments = [RIGHT if column.type in NUMERIC else LEFT for column in reading.columns]
        self._pieces.clear()
        self._wanted.clear()
        self._fetching = None
        self.endResetModel()

    def show_order(self, order: Order) -> None:
        """Show some rows only, or in another order."""
        self.beginResetModel()
        self.order = order if order.rows is not None else None
        self._page_rows = PAGE if self.order is None else SCATTERED_PAGE
        self._pieces.clear()
        self._wanted.clear()
        self._fetching = None
        self.endResetModel()

    @property
    def rows(self) -> int:
        """All rows of the table, shown or not."""
        return self._rows

    def number(self, row: int) -> int:
        """Which row of the table (from 0) stands at a place."""
        return row if self.order is None or self.order.rows is None else self.order.rows[row]

    @property
    def reading(self) -> Reading | None:
        """What is shown."""
        return self._reading

    def clear(self) -> None:
        """Show nothing."""
        self.beginResetModel()
        self._reading, self._rows, self.order = None, 0, None
        self._pieces.clear()
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """All rows that are shown."""
        if parent.isValid():
            return 0
        return self._rows if self.order is None or self.order.rows is None else len(self.order.rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """All columns of the reading."""
        return 0 if parent.isValid() or self._reading is None else len(self._reading.columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """A cell's text and alignment."""
        if role == Qt.ItemDataRole.DisplayRole:
            return self.text(index.row(), index.column())
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(self.text(index.row(), index.column()) or "")
        return self.alignment(index.column()) if role == Qt.ItemDataRole.TextAlignmentRole else None

    def text(self, row: int, column: int) -> str | None:
        """A cell's text; None if its piece is not here yet: it is asked for."""
        page, at = divmod(row, self._page_rows)
        block, place = divmod(column, BLOCK)
        cells = self._pieces.get((page, block))
        if cells is None:
            self._want((page, block))
            return None
        return (cells[at][place] or "") if at < len(cells) else ""

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Column names, aligned as their cells; the rows' own numbers from 1."""
        if orientation == Qt.Orientation.Vertical:
            return f"{self.number(section) + 1:,}" if role == Qt.ItemDataRole.DisplayRole else None
        if role == Qt.ItemDataRole.DisplayRole and self._reading is not None:
            name = self._reading.columns[section].name
            wanted = self.order.wanted if self.order is not None else None
            return name if wanted is None or wanted.sort != name else f"{name} {'▾' if wanted.descending else '▴'}"
        return self.alignment(section) if role == Qt.ItemDataRole.TextAlignmentRole else None

    def is_here(self, row: int, column: int = 0) -> bool:
        """Whether a cell's piece has come."""
        return (row // self._page_rows, column // BLOCK) in self._pieces

    def shut(self) -> None:
        """Fetch nothing any more."""
        self._wanted.clear()
        self._fetcher.shutdown(wait=True, cancel_futures=True)

    def alignment(self, column: int) -> Qt.AlignmentFlag:
        """Numbers to the right, everything else to the left."""
        return self._alignments[column]

    def _want(self, piece: Piece) -> None:
        """Ask for a piece; the one asked for last comes first, old wishes are forgotten."""
        if piece == self._fetching:
            return
        if piece in self._wanted:
            self._wanted.remove(piece)
        self._wanted.append(piece)
        del self._wanted[:-WAITING]
        if self._fetching is None:
            self._fetch()

    def _fetch(self) -> None:
        project, reading = self._session.project, self._reading
        while self._wanted:
            piece = self._wanted.pop()
            if piece not in self._pieces and project is not None and reading is not None:
                self._fetching = piece
                self._fetcher.submit(self._read, project, reading, piece, self.order)
                return
        self._fetching = None

    def _read(self, project: Project, reading: Reading, piece: Piece, order: Order | None) -> None:
        outcome = settle(lambda: _piece(project, reading, piece, order))
        self._session.jobs.post(lambda: self._came(reading, piece, order, outcome))

    def _came(self, reading: Reading, piece: Piece, order: Order | None, outcome: Settled[Cells]) -> None:
        if self._reading is None or reading.id != self._reading.id or order is not self.order:
            return
        if outcome.error is not None:
            self._fetching = None
            self.failed.emit(outcome.error)
            return
        self._pieces[piece] = outcome.value or ()
        while len(self._pieces) > KEPT:
            self._pieces.popitem(last=False)
        page, block = piece
        first, last = page * self._page_rows, min((page + 1) * self._page_rows, self.rowCount()) - 1
        left, right = block * BLOCK, min((block + 1) * BLOCK, self.columnCount()) - 1
        self.dataChanged.emit(self.index(first, left), self.index(last, right))
        self._fetch()


def _piece(project: Project, reading: Reading, piece: Piece, order: Order | None) -> Cells:
    page, block = piece
    rows = PAGE if order is None else SCATTERED_PAGE
    columns = (block * BLOCK, min((block + 1) * BLOCK, len(reading.columns)))
    return _some(project, reading, page * rows, rows, order, columns)


def _some(
    project: Project,
    reading: Reading,
    first: int,
    count: int,
    order: Order | None,
    columns: tuple[int, int] | None = None,
) -> Cells:
    """Some rows by their places. ``columns``: from which up to which; all if not given."""
    from app.data.looking import rows

    found: RowsPage
    if order is None:
        found = rows.page(project, reading, first, count, columns=columns)
    else:
        found = rows.page_of(project, reading, order.numbers(first, count), columns=columns)
    cells: Cells = found.rows
    return cells


def _cells(
    project: Project, reading: Reading, ranges: list[tuple[int, int]], order: Order | None = None
) -> list[list[str]]:
    """The cells of some ranges of places (first and last, inclusive)."""
    found: list[list[str]] = []
    for first, last in ranges:
        while first <= last and len(found) < COPY_ROWS:
            wanted = min(last - first + 1, COPY_PAGE, COPY_ROWS - len(found))
            found += [["" if v is None else v for v in row] for row in _some(project, reading, first, wanted, order)]
            first += wanted
    return found


class CellDelegate(QStyledItemDelegate):
    """Paints a cell's text and nothing else: the general delegate asks for seven roles of each cell."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Ground of a selected row, then the text, shortened where it does not fit."""
        model = index.model()
        assert isinstance(model, RowsModel)
        place = option.rect
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(place, option.palette.highlight())
        text = model.text(index.row(), index.column())
        if not text:
            return
        inner = place.adjusted(PAD, 0, -PAD, 0)
        if len(text) * WIDEST > inner.width():
            text = option.fontMetrics.elidedText(text, Qt.TextElideMode.ElideRight, inner.width())
        painter.setPen(option.palette.color(QPalette.ColorRole.Text))
        painter.drawText(inner, model.alignment(index.column()), text)


class RowsTable(DataTable):
    """The rows of a version with their numbers. ``sort_wanted``: a column's name or None, and whether downwards."""

    sort_wanted = Signal(object, bool)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(self.tr("Rows"), name="data.rows", parent=parent)
        self._session = session
        self.model_ = RowsModel(session, self)
        self.setModel(self.model_)
        self.verticalHeader().show()
        self.verticalHeader().setDefaultAlignment(RIGHT)
        self.setItemDelegate(CellDelegate(self))
        self.horizontalHeader().setStretchLastSection(False)
        self.horizontalHeader().setDefaultSectionSize(130)

    def copy(self) -> None:
        """Copy the selected rows, at most ``COPY_ROWS``; those that are not here are fetched beside the window."""
        self._copy(sorted({(r.top(), r.bottom()) for r in self.selectionModel().selection().toList()}))

    def _copy(self, ranges: list[tuple[int, int]]) -> None:
        reading, order = self.model_.reading, self.model_.order
        if not ranges or reading is None:
            return
        titles = [column.name for column in reading.columns]

        def copied(cells: list[list[str]]) -> None:
            to_clipboard([titles, *cells])
            self._session.tell(self.tr("Copied {0}").format(plural(len(cells), self.tr("row"), self.tr("rows"))))

        self._session.ask(lambda project: _cells(project, reading, ranges, order), copied)

    def copy_all(self) -> None:
        """Copy what is shown, at most ``COPY_ROWS`` rows."""
        self._copy([(0, self.model_.rowCount() - 1)])

    def export_csv(self, path: Path) -> None:
        """Write every row that is shown, in its order, as a job."""
        reading, rows, order = self.model_.reading, self.model_.rows, self.model_.order
        if reading is None:
            return

        def export(project: Project, ctx: JobContext) -> int:
            from app.data.looking.export_rows import export_csv
            from app.data.looking.order import Wanted

            return export_csv(project, reading, rows, order.wanted if order is not None else Wanted(), path, ctx)

        def saved(written: int) -> None:
            self._session.tell(self.tr("Saved {0}").format(plural(written, self.tr("row"), self.tr("rows"))))

        self._session.act(self.tr("Saving {0}").format(path.name), export, then=saved)

    def add_own(self, menu: QMenu) -> None:
        """Sort by the current column."""
        column = self.currentIndex().column()
        if self.model_.reading is None or column < 0:
            return
        name = self.model_.reading.columns[column].name
        for text, wanted, down in (
            (self.tr("Sort by {0}, &up"), name, False),
            (self.tr("Sort by {0}, &down"), name, True),
            (self.tr("&As in the file"), None, False),
        ):
            menu.addAction(text.format(name.replace("&", "&&")), partial(self.sort_wanted.emit, wanted, down))
        menu.addSeparator()

    def show_column(self, name: str) -> None:
        """Scroll a column into sight."""
        names = [column.name for column in self.model_.reading.columns] if self.model_.reading is not None else []
        if name in names:
            position = self.columnViewportPosition(names.index(name)) + self.horizontalScrollBar().value()
            self.horizontalScrollBar().setValue(position - self.viewport().width() // 3)

    def show_version(self, version: DataVersion, reading: Reading) -> None:
        """Show a version as it is read now."""
        self.model_.show(reading, version.rows)
