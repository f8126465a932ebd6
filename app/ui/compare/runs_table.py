"""All runs in one virtual table: only what differs, the champion on top, sorted and filtered at once."""

from __future__ import annotations

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSignalBlocker,
    Qt,
    Signal,
)
from PySide6.QtGui import QFont, QShortcut
from PySide6.QtWidgets import QLineEdit, QWidget

from app.core.run_lines import RunLine
from app.ui.compare.run_grid import RunGrid
from app.ui.widgets.card import column, label, row, within
from app.ui.widgets.choice import Check
from app.ui.widgets.table import LEFT, RIGHT, DataTable
from app.ui.words import count, plain_tip, plural

Index = QModelIndex | QPersistentModelIndex
WIDTHS = {"Run": 62, "Data": 110, "Best": 180, "Interval": 130, "Started": 150}
USUAL = 104


class RunsModel(QAbstractTableModel):
    """A grid's runs in an order of their own; a cell is worked out when it comes into sight. What has to be beaten (the
    baseline, the SQL rule and the champion of the first run's question) and, below it, what a person pins stay on
    top."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._grid = RunGrid((), {})
        self._columns: list[int] = []
        self._rows: list[RunLine] = []
        self._beaten = 0
        self._sorted: tuple[str, bool] = ("", False)
        self._text = ""
        self._only = True
        self.pinned: list[str] = []
        """Ids of runs."""

    def show(self, grid: RunGrid) -> None:
        """Hold these runs; the order and what a person pinned are kept."""
        self._grid = grid
        if self.pinned:
            there = {line.id for line in grid.lines}
            self.pinned = [id_ for id_ in self.pinned if id_ in there]
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
        """Keep a run on top, or let it go again; what has to be beaten stays there."""
        if row < self._beaten:
            return
        id_ = self.run_id(row)
        if id_ in self.pinned:
            self.pinned.remove(id_)
        else:
            self.pinned.append(id_)
        self._settle()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """By a column's values, runs without one last."""
        chosen = self.titles()[column] if 0 <= column < len(self._columns) else ""
        self._sorted = (chosen, order == Qt.SortOrder.DescendingOrder)
        self._settle()

    @property
    def sorted_by(self) -> tuple[int, Qt.SortOrder]:
        """The column in sight that the runs are sorted by, -1 for none, and the order."""
        title, falling = self._sorted
        titles = self.titles()
        order = Qt.SortOrder.DescendingOrder if falling else Qt.SortOrder.AscendingOrder
        return titles.index(title) if title in titles else -1, order

    def row_of(self, run_id: str) -> int:
        """Where a run stands; -1 where it is not in sight."""
        return next((row for row, line in enumerate(self._rows) if line.id == run_id), -1)

    def run_id(self, row: int) -> str:
        """Of a row; of a baseline that of its candidate."""
        return self._rows[row].id

    def is_pinned(self, row: int) -> bool:
        """Whether a row stays on top."""
        return row < self._beaten or self._rows[row].id in self.pinned

    def titles(self) -> list[str]:
        """Of the columns in sight."""
        return [self._grid.columns[i].title for i in self._columns]

    @property
    def found(self) -> int:
        """How many runs are shown."""
        return sum(not line.is_baseline for line in self._rows[: self._beaten]) + len(self._rows) - self._beaten

    @property
    def whole(self) -> int:
        """How many there are."""
        return len(self._grid.lines)

    def _settle(self, *, anew: bool = False) -> None:
        self.beginResetModel()
        if anew:
            every = list(range(len(self._grid.columns)))
            self._columns = self._grid.differing() if self._only else every
        title, falling = self._sorted
        by = next((i for i, shown in enumerate(self._grid.columns) if shown.title == title), None)
        ordered = self._grid.order(by, falling=falling, text=self._text)
        lines = self._grid.lines
        beaten = self._grid.to_beat(lines[ordered[0]].question) if ordered else []
        top = dict.fromkeys(line.id for line in beaten)
        pinned = [line for line in lines if line.id in self.pinned and line.id not in top] if self.pinned else []
        pinned.sort(key=lambda line: self.pinned.index(line.id))
        top |= dict.fromkeys(line.id for line in pinned)
        self._beaten = len(beaten)
        self._rows = [*beaten, *pinned, *(lines[place] for place in ordered if lines[place].id not in top)]
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
            return shown.text(self._rows[index.row()])
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return RIGHT if shown.numeric else LEFT
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(shown.text(self._rows[index.row()]))
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
    """The table of all runs. ``head``: a filter and *Only differences*, for the heading above; ``chosen``: the id of
    the run that was selected."""

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
        self.head = within(head)
        whole = column()
        whole.addWidget(self.table, 1)
        self.setLayout(whole)
        self.field.textChanged.connect(self._filter)
        self.only.toggled.connect(self._only)
        self.table.selectionModel().selectionChanged.connect(lambda *_: self._choose())
        self.table.doubleClicked.connect(lambda index: self._pin(index.row()))
        QShortcut(Qt.Key.Key_Space, self.table, self._pin_chosen, context=Qt.ShortcutContext.WidgetShortcut)
        self.table.setToolTip(self.tr("Double-click a run, or press the space bar, to keep it on top."))
        self._chosen = ""
        self.model.modelReset.connect(self._choose_again)

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
        header = self.table.horizontalHeader()
        with QSignalBlocker(header):
            header.setSortIndicator(*self.model.sorted_by)

    def _pin(self, row: int) -> None:
        self.model.pin(row)

    def _pin_chosen(self) -> None:
        if rows := self.table.selectionModel().selectedRows():
            self._pin(rows[0].row())

    def _choose_again(self) -> None:
        """The run that was chosen stays so, in silence, wherever it stands now."""
        row = self.model.row_of(self._chosen) if self._chosen else -1
        if row >= 0:
            with QSignalBlocker(self):
                self.table.selectRow(row)

    def _tell(self) -> None:
        found, whole = self.model.found, self.model.whole
        runs = plural(whole, self.tr("run"), self.tr("runs"))
        self._count.setText(runs if found == whole else self.tr("{0} of {1}").format(count(found), runs))

    def _choose(self) -> None:
        rows = self.table.selectionModel().selectedRows()
        if rows:
            self._chosen = self.model.run_id(rows[0].row())
            self.chosen.emit(self._chosen)
