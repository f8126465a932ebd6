"""The card with the tabs: what the columns are, the rows themselves, and the parts that look closer."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QSizePolicy, QStackedWidget, QTabBar, QWidget

from app.errors import ModelyardError
from app.ui.actions import Actions
from app.ui.data.column_page import ColumnView
from app.ui.data.data_columns import ColumnsTable
from app.ui.data.data_part import DataPart
from app.ui.data.data_parts import PARTS
from app.ui.data.data_view import DataView
from app.ui.data.rows_view import RowsView
from app.ui.differences.data_differences import DifferencesPart
from app.ui.page import Page
from app.ui.problems import problem_of
from app.ui.widgets.buttons import ActionButton, Button
from app.ui.widgets.card import Card, label, row
from app.ui.widgets.table import ROW_HEIGHT
from app.ui.words import count

SIDE = 16
START = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
END = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
MINIMUM, PAGE_MINIMUM = 300, 590
AROUND, MOST_ROWS = 112, 12
"""With a result above, the page scrolls and the table shows up to twelve columns without scrolling itself."""


class DataTabs(Card):
    """Tabs *Columns*, *Rows* and the parts, and on the right what can be done with the selected columns."""

    edited = Signal(object)
    grown = Signal()
    """It needs more room than before: it should be scrolled to."""

    def __init__(self, page: Page, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(name="data.tables", parent=parent)
        self.setMinimumHeight(MINIMUM)
        self._session = page.session
        self._view: DataView | None = None
        self.tab_bar = QTabBar(drawBase=False, expanding=False)
        self.tab_bar.setObjectName("data.tabs")
        self.tab_bar.setAccessibleName(self.tr("What to look at"))
        for title in (self.tr("Columns"), self.tr("Rows")):
            self.tab_bar.addTab(title)
        self.columns = ColumnsTable()
        self.rows_view = RowsView(page)
        self.rows = self.rows_view.table
        self._stack = QStackedWidget()
        self._stack.addWidget(self.columns)
        self.column = ColumnView(page)
        self._stack.addWidget(self.rows_view)
        self.parts = tuple(part(page) for part in PARTS)
        for part in self.parts:
            self._add_part(part)
        self._stack.addWidget(self.column)
        self._selected = label("", "quiet")
        self._type = Button(
            self.tr("Type ▾"),
            self._open_types,
            name="data.bulk_type",
            role="flat",
            says=self.tr("Type of the selected columns"),
        )
        self._use = Button(
            self.tr("Used as ▾"),
            self._open_uses,
            name="data.bulk_use",
            role="flat",
            says=self.tr("Use of the selected columns"),
        )
        self._bulk = QWidget()
        self._bulk.setLayout(
            row(
                self._selected,
                self._type,
                self._use,
                ActionButton(actions["data.undo"], role="icon", icon="undo"),
                self.columns.more_button(),
            )
        )
        self.body.setContentsMargins(SIDE, 4, SIDE, 12)
        self._bulk.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._heads = row(self.tab_bar, 1, self._bulk)
        self.body.addLayout(self._heads)
        self.body.addWidget(self._stack, 1)
        self._connect()
        self._count()

    def _connect(self) -> None:
        self.tab_bar.currentChanged.connect(self._turn)
        self.columns.edited.connect(self.edited)
        self.columns.opened.connect(self.open_column)
        self.column.edited.connect(self.edited)
        self.column.wanted.connect(self.open_column)
        self.column.closed.connect(self.close_column)
        self.column.laid_out.connect(self.grown)
        self.columns.selectionModel().selectionChanged.connect(lambda *_: self._count())
        self.rows.model_.failed.connect(self._rows_failed)

    def show_view(self, view: DataView) -> None:
        """Show a version's columns and rows."""
        self._view = view
        self._fit()
        self.columns.show_reading(view.reading, view.profile)
        self.rows_view.show_view(view)
        for part in self.parts:
            part.show_view(view)
        names = {column.name for column in view.reading.columns}
        if self.column.name in names:
            self.column.open(view, self.column.name)
        elif self.column.name:
            self.close_column()
        self._count()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """What can be done with columns stands below the tabs where both have no room on one line."""
        super().resizeEvent(event)
        self._lay_out_heads()

    def _lay_out_heads(self) -> None:
        room = self.width() - 2 * SIDE - self._heads.spacing()
        wide = self.tab_bar.sizeHint().width() + self._bulk.sizeHint().width() <= room
        way = QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom
        if self._heads.direction() != way:
            self._heads.setDirection(way)
            self._heads.setAlignment(self._bulk, END if wide else START)

    def _fit(self) -> None:
        """As tall as what is shown needs; the page scrolls."""
        view, shown = self._view, self._stack.currentWidget()
        rows = len(view.reading.columns) if view is not None and view.result is not None else 0
        least = PAGE_MINIMUM if shown is self.column else shown.least_px if isinstance(shown, DataPart) else 0
        self.setMinimumHeight(max(MINIMUM, least, AROUND + ROW_HEIGHT * min(rows, MOST_ROWS)))

    def open_column(self, name: str) -> None:
        """Show a column's page in the place of the table of columns."""
        if self._view is None:
            return
        self.tab_bar.setCurrentIndex(0)
        self._stack.setCurrentWidget(self.column)
        self._bulk.hide()
        self._fit()
        self.column.open(self._view, name)
        self.column.back.setFocus()
        self.grown.emit()

    def close_column(self) -> None:
        """Back to the table of columns, at the column that was looked at."""
        name = self.column.name
        self.column.forget()
        self._turn(0)
        self.columns.focus_column(name)

    def clear(self) -> None:
        """Show nothing."""
        self.rows_view.clear()
        self._view = None
        self.column.forget()
        self._turn(self.tab_bar.currentIndex())
        for part in self.parts:
            part.forget()

    def show_part(self, id_: str) -> None:
        """Turn to a part by its id."""
        number = next(i for i, part in enumerate(self.parts) if part.id == id_)
        self.tab_bar.setCurrentIndex(2 + number)

    def compare_with(self, version_id: str) -> None:
        """Turn to the differences to another version."""
        part = next(part for part in self.parts if isinstance(part, DifferencesPart))
        part.compare_with(version_id)
        self.show_part(part.id)

    def show_column(self, name: str) -> None:
        """Turn to the columns and select one."""
        if self.column.name:
            self.close_column()
        self.tab_bar.setCurrentIndex(0)
        self.columns.select([name])
        self.columns.setFocus()

    def show_row(self, number: int) -> None:
        """Turn to the rows and select one by its number, from 1."""
        self.tab_bar.setCurrentIndex(1)
        self.rows_view.show_row(number)

    def show_rows(self, numbers: object, column: str = "") -> None:
        """Turn to the rows and show some only, by their numbers from 1."""
        if isinstance(numbers, tuple):
            self.tab_bar.setCurrentIndex(1)
            self.rows_view.show_rows(numbers, column)

    def focus_filter(self) -> None:
        """Turn to the rows and to the line that they are filtered by."""
        self.tab_bar.setCurrentIndex(1)
        self.rows_view.filter.setFocus()
        self.rows_view.filter.selectAll()

    def _add_part(self, part: DataPart) -> None:
        self.tab_bar.addTab(QCoreApplication.translate("DataPart", part.title))
        self._stack.addWidget(part)
        part.edited.connect(self.edited)
        part.column_wanted.connect(self.show_column)
        part.column_opened.connect(self.open_column)
        part.row_wanted.connect(self.show_row)
        part.rows_wanted.connect(self.show_rows)

    def _turn(self, index: int) -> None:
        is_page = index == 0 and bool(self.column.name)
        if is_page:
            self._stack.setCurrentWidget(self.column)
        else:
            self._stack.setCurrentIndex(index)
        self._bulk.setVisible(index == 0 and not is_page)
        self._fit()
        shown = self._stack.currentWidget()
        if isinstance(shown, DataPart) and shown.least_px > self.height():
            self.grown.emit()

    def _count(self) -> None:
        chosen = len(self.columns.selected_names())
        self._selected.setText(self.tr("{0} selected").format(count(chosen)) if chosen else "")
        self._lay_out_heads()
        for button in (self._type, self._use):
            button.forbid("" if chosen else self.tr("Select one or more columns first."))

    def _open_types(self) -> None:
        self.columns.type_menu().popup(self._type.mapToGlobal(self._type.rect().bottomLeft()))

    def _open_uses(self) -> None:
        self.columns.use_menu().popup(self._use.mapToGlobal(self._use.rect().bottomLeft()))

    def _rows_failed(self, error: ModelyardError) -> None:
        self._session.failed.emit(problem_of(error))
