"""The rows themselves, however many: pages are fetched beside the window, a few are kept."""

from __future__ import annotations

from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal
from PySide6.QtWidgets import QWidget

from app.core.data import ColumnType, DataVersion, Reading
from app.ui.jobs import Settled, settle
from app.ui.session import Session
from app.ui.widgets.table import LEFT, RIGHT, DataTable

if TYPE_CHECKING:
    from app.data.rows import RowsPage
    from app.registry.project import Project

Index = QModelIndex | QPersistentModelIndex
Cells = tuple[tuple[str | None, ...], ...]

PAGE = 200
KEPT = 60
NUMERIC = (ColumnType.NUMBER, ColumnType.INTEGER)


class RowsModel(QAbstractTableModel):
    """A virtual table over ``data.rows.page``. A cell that is not here yet is empty and comes at once."""

    failed = Signal(object)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._reading: Reading | None = None
        self._rows = 0
        self._pages: OrderedDict[int, Cells] = OrderedDict()
        self._wanted: list[int] = []
        self._fetching: int | None = None
        self._fetcher = ThreadPoolExecutor(max_workers=1, thread_name_prefix="rows")

    def show(self, reading: Reading, rows: int) -> None:
        """Show another reading's table."""
        if self._reading is not None and self._reading.id == reading.id:
            return
        self.beginResetModel()
        self._reading, self._rows = reading, rows
        self._pages.clear()
        self._wanted.clear()
        self._fetching = None
        self.endResetModel()

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
        """A cell's text; asks for its page if that is not here."""
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return self._alignment(index.column())
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return None
        page = self._pages.get(index.row() // PAGE)
        if page is None:
            self._want(index.row() // PAGE)
            return None
        at = index.row() % PAGE
        value = page[at][index.column()] if at < len(page) else None
        return "" if value is None else value

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Column names, aligned as their cells; row numbers from 1."""
        if orientation == Qt.Orientation.Vertical:
            return f"{section + 1:,}" if role == Qt.ItemDataRole.DisplayRole else None
        if role == Qt.ItemDataRole.DisplayRole and self._reading is not None:
            return self._reading.columns[section].name
        return self._alignment(section) if role == Qt.ItemDataRole.TextAlignmentRole else None

    def is_here(self, row: int) -> bool:
        """Whether a row's page has come."""
        return row // PAGE in self._pages

    def shut(self) -> None:
        """Fetch nothing any more."""
        self._wanted.clear()
        self._fetcher.shutdown(wait=True, cancel_futures=True)

    def _alignment(self, column: int) -> Qt.AlignmentFlag:
        assert self._reading is not None
        return RIGHT if self._reading.columns[column].type in NUMERIC else LEFT

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


class RowsTable(DataTable):
    """The rows of a version with their numbers."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(self.tr("Rows"), name="data.rows", parent=parent)
        self.model_ = RowsModel(session, self)
        self.setModel(self.model_)
        self.verticalHeader().show()
        self.verticalHeader().setDefaultAlignment(RIGHT)
        self.horizontalHeader().setStretchLastSection(False)
        self.horizontalHeader().setDefaultSectionSize(130)

    def show_version(self, version: DataVersion, reading: Reading) -> None:
        """Show a version as it is read now."""
        self.model_.show(reading, version.rows)
