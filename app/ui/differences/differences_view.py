"""What is different, as a sentence and six tables of which only those with something in them can be turned to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QTabBar, QWidget

from app.core.differences import Differences, RowExample, Shift
from app.data.differences.difference_words import row_words
from app.ui.differences.difference_cells import SIZE, THEN_NOW, SizeDelegate, ThenNowDelegate
from app.ui.differences.difference_tables import (
    ChangedCell,
    Consequence,
    ShiftsModel,
    cell_columns,
    change_columns,
    changed_cells,
    consequence_columns,
    consequences,
    row_columns,
    shift_columns,
)
from app.ui.widgets.card import column, label, row
from app.ui.widgets.table import DataTable, RecordsModel, TableColumn
from app.ui.words import count

T = TypeVar("T")

SHIFTS, CELLS, ADDED, REMOVED, COLUMNS, CONSEQUENCES = range(6)


class DifferencesView(QWidget):
    """A double click (or Return) on a row leads there: a column, or a row of the version that is shown."""

    column_wanted = Signal(str)
    row_wanted = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.summary = label("", "strong", wrap=True, name="differences.summary")
        self.note = label("", "quiet", wrap=True, name="differences.note")
        self.sections = QTabBar(drawBase=False, expanding=False)
        self.sections.setObjectName("differences.sections")
        self.sections.setAccessibleName(self.tr("Which differences"))
        self._titles = (
            self.tr("Values"), self.tr("Cells"), self.tr("Added"), self.tr("Removed"), self.tr("Columns"),
            self.tr("Checks"),
        )  # fmt: skip
        self._stack = QStackedWidget()
        self.tables = tuple(DataTable(title, name=f"differences.{i}") for i, title in enumerate(self._titles))
        for title, table in zip(self._titles, self.tables, strict=True):
            self.sections.addTab(title)
            self._stack.addWidget(table)
            table.activated.connect(lambda index: self._jump(index.row()))
        self.tables[SHIFTS].setItemDelegateForColumn(SIZE, SizeDelegate(self))
        self.tables[SHIFTS].setItemDelegateForColumn(THEN_NOW, ThenNowDelegate(self))
        self.sections.currentChanged.connect(self._stack.setCurrentIndex)
        self._found = row(self.sections, 1)
        whole = column(self.summary, self.note, self._found, spacing=4)
        whole.addWidget(self._stack, 1)
        self.setLayout(whole)

    def say(self, sentence: str, note: str = "") -> None:
        """Only a sentence: it is being compared, or cannot be."""
        self.summary.setText(sentence)
        self.note.setText(note)
        self.note.setVisible(bool(note))
        self._show_tables(False)

    def show_differences(self, found: Differences) -> None:
        """Show all there is; what nothing differs in cannot be turned to."""
        same = found.before.dataset == found.after.dataset
        names = self.tr("{0} v{1} → {2}v{3}").format(
            found.before.dataset, found.before.version, "" if same else f"{found.after.dataset} ", found.after.version
        )
        self.summary.setText(f"{names}: {row_words(found)}")
        self.note.setText(self._note(found))
        self.note.setVisible(bool(self.note.text()))
        rows = found.rows
        self._fill(
            SHIFTS, ShiftsModel(shift_columns(self.tr), self), found.shifts, sum(s.beyond_noise for s in found.shifts)
        )
        self._records(CELLS, cell_columns(self.tr, rows.key), changed_cells(found), sum(c.cells for c in rows.columns))
        self._records(ADDED, row_columns(self.tr, rows.shown), rows.added_examples, rows.added)
        self._records(REMOVED, row_columns(self.tr, rows.shown), rows.removed_examples, rows.removed)
        self._records(COLUMNS, change_columns(self.tr), found.columns, len(found.columns))
        affected = consequences(found, self.tr)
        self._records(CONSEQUENCES, consequence_columns(self.tr), affected, len(affected))
        self._show_tables(True)
        if not self.sections.isTabEnabled(self.sections.currentIndex()):
            self._turn_to_first()

    def _note(self, found: Differences) -> str:
        rows = found.rows
        shown = [(c.cells, len(c.examples)) for c in rows.columns]
        shown += [(rows.added, len(rows.added_examples)), (rows.removed, len(rows.removed_examples))]
        first = self.tr("Of each column's changed cells, of added and of removed rows the first 20 are shown.")
        return " ".join(filter(None, (rows.note, first if any(all_ > few for all_, few in shown) else "")))

    def _records(self, at: int, columns: Sequence[TableColumn[T]], records: Sequence[T], number: int) -> None:
        self._fill(at, RecordsModel(columns, self), records, number)

    def _fill(self, at: int, model: RecordsModel[T], records: Sequence[T], number: int) -> None:
        table, old = self.tables[at], self.tables[at].model()
        model.show(records)
        table.setModel(model)
        if old is not None:
            old.deleteLater()
        table.set_widths([column.width for column in model.columns])
        self.sections.setTabEnabled(at, bool(records))
        self.sections.setTabText(at, f"{self._titles[at]}  {count(number)}" if number else self._titles[at])

    def _turn_to_first(self) -> None:
        able = [at for at in range(len(self.tables)) if self.sections.isTabEnabled(at)]
        if able:
            self.sections.setCurrentIndex(able[0])
        self._show_tables(bool(able))

    def _show_tables(self, shown: bool) -> None:
        self.sections.setVisible(shown)
        self._stack.setVisible(shown)

    def _jump(self, number: int) -> None:
        model = self.tables[self.sections.currentIndex()].model()
        assert isinstance(model, RecordsModel)
        record = model.records[number]
        if isinstance(record, ChangedCell):
            self.row_wanted.emit(record.cell.row_after)
        elif isinstance(record, RowExample) and self.sections.currentIndex() == ADDED:
            self.row_wanted.emit(record.row)
        elif isinstance(record, Shift) or (isinstance(record, Consequence) and record.column):
            self.column_wanted.emit(record.column)
