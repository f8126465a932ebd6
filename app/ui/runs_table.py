"""All runs in one virtual table: only what differs, the champion on top, sorted and filtered at once."""

from __future__ import annotations

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QLineEdit, QWidget

from app.ui.run_grid import RunGrid
from app.ui.widgets.card import column, label, row
from app.ui.widgets.choice import Check
from app.ui.widgets.table import LEFT, RIGHT, DataTable
from app.ui.words import count, plain_tip, plural

Index = QModelIndex | QPersistentModelIndex
WIDTHS = {"Run": 62, "Data": 110, "Best": 180, "Interval": 130, "Started": 150}
USUAL = 104


class RunsModel(QAbstractTableModel):
    """A grid's runs in an order of their own; a cell is worked out when it comes into sight. The newest approved run
    (the champion) and, below it, whatever a person pins stay on top."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._grid = RunGrid((), {})
        self._columns: list[int] = []
        self._rows: list[int] = []
        self._sorted: tuple[int | None, bool] = (None, False)
        self._text = ""
        self._only = True
        self.pinned: list[int] = []

    def show(self, grid: RunGrid) -> None:
        """Hold these runs; the order is kept."""
        self._grid = grid
        champion = next((i for i, line in enumerate(grid.lines) if line.approved), None)
        self.pinned = [champion] if champion is not None else []
        self._settle(anew=True)

    def only_differences(self, only: bool) -> None:
        """Leave out columns in which all runs are alike, or show them."""
        self._only = only
        self._settle(anew=True)

    def filter(self, text: str) -> None:
        """Leave out runs that do not hold every word; the pinned ones stay."""
        self._text = text
        self._settle()

    def pin(self, row: int) -> None:
        """Keep a run on top, or let it go again."""
        place = self._rows[row]
        if place in self.pinned:
            self.pinned.remove(place)
        else:
            self.pinned.append(place)
        self._settle()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """By a column's values, runs without one last."""
        chosen = self._columns[column] if 0 <= column < len(self._columns) else None
        self._sorted = (chosen, order == Qt.SortOrder.DescendingOrder)
        self._settle()

    def run_id(self, row: int) -> str:
        """Of a row."""
        return self._grid.lines[self._rows[row]].id

    def is_pinned(self, row: int) -> bool:
        """Whether a row stays on top."""
        return self._rows[row] in self.pinned

    def titles(self) -> list[str]:
        """Of the columns in sight."""
        return [self._grid.columns[i].title for i in self._columns]

    @property
    def found(self) -> int:
        """How many runs are shown."""
        return len(self._rows)

    @property
    def whole(self) -> int:
        """How many there are."""
        return len(self._grid.lines)

    def _settle(self, *, anew: bool = False) -> None:
        self.beginResetModel()
        if anew:
            every = list(range(len(self._grid.columns)))
            self._columns = self._grid.differing() if self._only else every
        by, falling = self._sorted
        ordered = self._grid.order(by, falling=falling, text=self._text)
        pinned = set(self.pinned)
        self._rows = self.pinned + [place for place in ordered if place not in pinned]
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """One row a run."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """One column a fact."""
        return 0 if parent.isValid() else len(self._columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """A cell; pinned rows are written strong."""
        shown = self._grid.columns[self._columns[index.column()]]
        if role == Qt.ItemDataRole.DisplayRole:
            return shown.text(self._grid.lines[self._rows[index.row()]])
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return RIGHT if shown.numeric else LEFT
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(shown.text(self._grid.lines[self._rows[index.row()]]))
        if role == Qt.ItemDataRole.FontRole and self.is_pinned(index.row()):
            font = QFont()
            font.setBold(True)
            return font
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """The column's title, aligned as its cells are."""
        if orientation != Qt.Orientation.Horizontal or section >= len(self._columns):
            return None
        shown = self._grid.columns[self._columns[section]]
        if role == Qt.ItemDataRole.DisplayRole:
            return shown.title
        return (RIGHT if shown.numeric else LEFT) if role == Qt.ItemDataRole.TextAlignmentRole else None


class RunsTable(QWidget):
    """A filter, *Only differences*, and the table. ``chosen``: the id of the run that was selected."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = RunsModel(self)
        self.field = QLineEdit(placeholderText=self.tr("Find runs: data, target, candidate, number…"))
        self.field.setObjectName("compare.runs.filter")
        self.field.setAccessibleName(self.tr("Find runs"))
        self.field.setClearButtonEnabled(True)
        self.only = Check(self.tr("Only differences"))
        self.only.setObjectName("compare.runs.only")
        self.only.setChecked(True)
        self._count = label("", "quiet")
        self.table = DataTable(self.tr("All runs"), name="compare.runs")
        self.table.setModel(self.model)
        self.table.setSortingEnabled(True)
        self.table.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        head = row(self.field, self.only, self._count, spacing=12)
        head.setStretch(0, 1)
        whole = column(head, spacing=8)
        whole.addWidget(self.table, 1)
        self.setLayout(whole)
        self.field.textChanged.connect(self._filter)
        self.only.toggled.connect(self._only)
        self.table.selectionModel().selectionChanged.connect(lambda *_: self._choose())
        self.table.doubleClicked.connect(lambda index: self.model.pin(index.row()))
        self.table.setToolTip(self.tr("Double-click a run to keep it on top."))

    def show_grid(self, grid: RunGrid) -> None:
        """Show these runs."""
        self.model.show(grid)
        self._lay_out()
        self._tell()

    def _filter(self, text: str) -> None:
        self.model.filter(text)
        self._tell()

    def _only(self, only: bool) -> None:
        self.model.only_differences(only)
        self._lay_out()

    def _lay_out(self) -> None:
        self.table.set_widths([WIDTHS.get(title, USUAL) for title in self.model.titles()])

    def _tell(self) -> None:
        found, whole = self.model.found, self.model.whole
        runs = plural(whole, self.tr("run"), self.tr("runs"))
        self._count.setText(runs if found == whole else self.tr("{0} of {1}").format(count(found), runs))

    def _choose(self) -> None:
        rows = self.table.selectionModel().selectedRows()
        if rows:
            self.chosen.emit(self.model.run_id(rows[0].row()))
