"""The rows themselves, however many: pages are fetched beside the window, a few are kept."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QPainter, QPalette
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from app.core.data import ColumnType, DataVersion, Reading
from app.ui.jobs import Settled, settle, workers
from app.ui.session import Session
from app.ui.widgets.table import LEFT, RIGHT, DataTable, to_clipboard
from app.ui.words import plural

if TYPE_CHECKING:
    from app.data.rows import RowsPage
    from app.registry.project import Project

Index = QModelIndex | QPersistentModelIndex
Cells = tuple[tuple[str | None, ...], ...]

PAGE = 200
KEPT = 60
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
        self._pages: OrderedDict[int, Cells] = OrderedDict()
        self._wanted: list[int] = []
        self._fetching: int | None = None
        self._fetcher = workers(1, "rows")

    def show(self, reading: Reading, rows: int) -> None:
        """Show another reading's table."""
        if self._reading is not None and self._reading.id == reading.id:
            return
        self.beginResetModel()
        self._reading, self._rows = reading, rows
        self._alignments = [RIGHT if column.type in NUMERIC else LEFT for column in reading.columns]
        self._pages.clear()
        self._wanted.clear()
        self._fetching = None
        self.endResetModel()

    @property
    def reading(self) -> Reading | None:
        """What is shown."""
        return self._reading

    def clear(self) -> None:
        """Show nothing."""
        self.beginResetModel()
        self._reading, self._rows = None, 0
        self._pages.clear()
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """All rows of the table."""
        return 0 if parent.isValid() else self._rows

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """All columns of the reading."""
        return 0 if parent.isValid() or self._reading is None else len(self._reading.columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """A cell's text and alignment."""
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return self.text(index.row(), index.column())
        return self.alignment(index.column()) if role == Qt.ItemDataRole.TextAlignmentRole else None

    def text(self, row: int, column: int) -> str | None:
        """A cell's text; None if its page is not here yet: it is asked for."""
        number, at = divmod(row, PAGE)
        page = self._pages.get(number)
        if page is None:
            self._want(number)
            return None
        return (page[at][column] or "") if at < len(page) else ""

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Column names, aligned as their cells; row numbers from 1."""
        if orientation == Qt.Orientation.Vertical:
            return f"{section + 1:,}" if role == Qt.ItemDataRole.DisplayRole else None
        if role == Qt.ItemDataRole.DisplayRole and self._reading is not None:
            return self._reading.columns[section].name
        return self.alignment(section) if role == Qt.ItemDataRole.TextAlignmentRole else None

    def is_here(self, row: int) -> bool:
        """Whether a row's page has come."""
        return row // PAGE in self._pages

    def shut(self) -> None:
        """Fetch nothing any more."""
        self._wanted.clear()
        self._fetcher.shutdown(wait=True, cancel_futures=True)

    def alignment(self, column: int) -> Qt.AlignmentFlag:
        """Numbers to the right, everything else to the left."""
        return self._alignments[column]

    def _want(self, page: int) -> None:
        """Ask for a page; the one asked for last comes first, old wishes are forgotten."""
        if page == self._fetching:
            return
        if page in self._wanted:
            self._wanted.remove(page)
        self._wanted.append(page)
        del self._wanted[:-6]
        if self._fetching is None:
            self._fetch()

    def _fetch(self) -> None:
        project, reading = self._session.project, self._reading
        while self._wanted:
            page = self._wanted.pop()
            if page not in self._pages and project is not None and reading is not None:
                self._fetching = page
                self._fetcher.submit(self._read, project, reading, page)
                return
        self._fetching = None

    def _read(self, project: Project, reading: Reading, page: int) -> None:
        outcome = settle(lambda: _page(project, reading, page))
        self._session.jobs.post(lambda: self._came(reading, page, outcome))

    def _came(self, reading: Reading, page: int, outcome: Settled[Cells]) -> None:
        if self._reading is None or reading.id != self._reading.id:
            return
        if outcome.error is not None:
            self._fetching = None
            self.failed.emit(outcome.error)
            return
        self._pages[page] = outcome.value or ()
        while len(self._pages) > KEPT:
            self._pages.popitem(last=False)
        first, last = page * PAGE, min((page + 1) * PAGE, self._rows) - 1
        self.dataChanged.emit(self.index(first, 0), self.index(last, self.columnCount() - 1))
        self._fetch()


def _page(project: Project, reading: Reading, page: int) -> Cells:
    from app.data import rows

    found: RowsPage = rows.page(project, reading, page * PAGE, PAGE)
    cells: Cells = found.rows
    return cells


def _cells(project: Project, reading: Reading, ranges: list[tuple[int, int]]) -> list[list[str]]:
    """The cells of some ranges of rows (first and last, inclusive)."""
    from app.data import rows

    found: list[list[str]] = []
    for first, last in ranges:
        while first <= last and len(found) < COPY_ROWS:
            wanted = min(last - first + 1, COPY_PAGE, COPY_ROWS - len(found))
            found += [["" if v is None else v for v in row] for row in rows.page(project, reading, first, wanted).rows]
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
    """The rows of a version with their numbers."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(self.tr("Rows"), name="data.rows", parent=parent)
        self._session = session
        self.model_ = RowsModel(session, self)
        self.setModel(self.model_)
        self.verticalHeader().show()
        self.verticalHeader().setDefaultAlignment(RIGHT)
        self.setItemDelegate(CellDelegate(self))
        self.horizontalHeader().setSectionsClickable(False)  # else each paint asks whether all rows are selected
        self.horizontalHeader().setStretchLastSection(False)
        self.horizontalHeader().setDefaultSectionSize(130)

    def copy(self) -> None:
        """Copy the selected rows, at most ``COPY_ROWS``; those that are not here are fetched beside the window."""
        ranges = sorted({(r.top(), r.bottom()) for r in self.selectionModel().selection().toList()})
        reading = self.model_.reading
        if not ranges or reading is None:
            return
        titles = [column.name for column in reading.columns]

        def copied(cells: list[list[str]]) -> None:
            to_clipboard([titles, *cells])
            self._session.tell(self.tr("Copied {0}").format(plural(len(cells), self.tr("row"), self.tr("rows"))))

        self._session.ask(lambda project: _cells(project, reading, ranges), copied)

    def show_version(self, version: DataVersion, reading: Reading) -> None:
        """Show a version as it is read now."""
        self.model_.show(reading, version.rows)
