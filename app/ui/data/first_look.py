"""What a large file looks like while it is still being read: first rows and a profile of them, said to be provisional,
then the exact figures while the rows are still being checked.

Nothing can be changed or trained here, because nothing is recorded yet; the exact reading takes its place.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex
from PySide6.QtWidgets import QStackedWidget, QStyledItemDelegate, QTabBar, QWidget

from app.core.data import ColumnType, ParseRecipe, Reading
from app.ui.data.data_columns import TYPE, USE, ColumnsTable
from app.ui.widgets.card import Card, label, row
from app.ui.widgets.chip import Chip
from app.ui.widgets.table import DataTable, RecordsModel, TableColumn
from app.ui.words import count

if TYPE_CHECKING:
    from app.data.reading import FirstLook

Cells = tuple[str | None, ...]
NUMERIC = (ColumnType.NUMBER, ColumnType.INTEGER)
WIDTH = 130


class FirstLookCard(Card):
    """Two tabs as on the page of stored data, and a line that says how much of the file they tell of."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(self.tr("First look"), name="data.first_look", parent=parent)
        self.chip = Chip("running", self.tr("being read"))
        self.head.addWidget(self.chip)
        self.note = label("", "quiet")
        self.head.addWidget(self.note, 1)
        self.tab_bar = QTabBar(drawBase=False, expanding=False)
        self.tab_bar.setAccessibleName(self.tr("What to look at"))
        for title in (self.tr("Columns"), self.tr("First rows")):
            self.tab_bar.addTab(title)
        self.columns = _Columns()
        self.rows = DataTable(self.tr("First rows"), name="data.first_rows")
        self.rows.horizontalHeader().setStretchLastSection(False)
        self.rows.horizontalHeader().setDefaultSectionSize(WIDTH)
        self._stack = QStackedWidget()
        for table in (self.columns, self.rows):
            self._stack.addWidget(table)
        self.body.addLayout(row(self.tab_bar, 1))
        self.body.addWidget(self._stack, 1)
        self.tab_bar.currentChanged.connect(self._stack.setCurrentIndex)
        self.hide()

    def show_look(self, look: FirstLook) -> None:
        """Show a look; a larger one replaces a smaller one."""
        self.columns.show_reading(_reading(look), look.profile)
        self._show_rows(look)
        self.chip.say("running", self.tr("being checked") if look.exact else self.tr("being read"))
        self.note.setText(self._said(look))
        self.show()

    def _said(self, look: FirstLook) -> str:
        if look.exact:
            return self.tr("The figures are of all rows; what the checks find is on its way.")
        return self.tr("From the first {0} rows; exact figures are on their way.").format(count(look.profile.rows))

    def headline(self, look: FirstLook) -> str:
        """The page's line: which file, and how large its table is as far as known."""
        rows = count(look.rows) if look.rows_known else self.tr("about {0}").format(_rounded(look.rows))
        size = self.tr("{0} rows × {1} columns").format(rows, len(look.columns))
        return f"{look.names[0]} · {size}"

    def _show_rows(self, look: FirstLook) -> None:
        old = self.rows.model()
        columns = [TableColumn[Cells](c.name, _cell(i), numeric=c.type in NUMERIC) for i, c in enumerate(look.columns)]
        model = RecordsModel(columns, self.rows)
        model.show(look.cells)
        self.rows.setModel(model)
        if old is not None:
            old.deleteLater()


class _Columns(ColumnsTable):
    """Columns that cannot be changed yet: no arrows, no menus."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        for column in (TYPE, USE):
            self.setItemDelegateForColumn(column, QStyledItemDelegate(self))

    def _open_menu(self, index: QModelIndex) -> None:
        """Nothing to choose: there is no reading that could be changed."""


def _cell(position: int) -> Callable[[Cells], str]:
    return lambda cells: cells[position] or ""


def _rounded(rows: int) -> str:
    """An estimate in two digits."""
    step = 10 ** max(0, len(str(rows)) - 2)
    return count(round(rows / step) * step)


def _reading(look: FirstLook) -> Reading:
    """The look in the form of a reading, for the table of columns; it has no id because it is not recorded."""
    return Reading("", "", 0, ParseRecipe(""), look.columns, None, "", "", (), "")
