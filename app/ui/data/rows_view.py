"""The tab *Rows*: a line to filter by, headers to sort by, the rows, and what can be done with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.core.data import ColumnType, Profile, Reading
from app.core.progress import JobContext
from app.ui.data.data_rows import NUMERIC, RowsTable
from app.ui.data.data_view import DataView
from app.ui.jobs import Job
from app.ui.page import Page
from app.ui.problems import Problem
from app.ui.widgets.card import label, row
from app.ui.widgets.field import field
from app.ui.words import count

if TYPE_CHECKING:
    from app.data.looking.order import Order, Wanted
    from app.registry.project import Project


class RowsView(QWidget):
    """Asks for the rows that a person wants to see, beside the window; a newer wish ends an older one."""

    def __init__(self, page: Page, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._page = page
        self.table = RowsTable(page.session)
        self.filter = field("data.filter", self.tr("Filter the rows"))
        self.filter.setClearButtonEnabled(True)
        self._says = label("", "quiet", name="data.filter.says")
        self._problem = label("", "problem", name="data.filter.problem")
        self._problem.hide()
        self._sort: str | None = None
        self._descending = False
        self._job: Job | None = None
        self._stale = False
        line = row(self.filter, self._says, self.table.more_button())
        line.setStretch(0, 1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 8, 0, 0)
        whole.setSpacing(8)
        whole.addLayout(line)
        whole.addWidget(self._problem)
        whole.addWidget(self.table, 1)
        self.filter.returnPressed.connect(self.apply)
        self.filter.textChanged.connect(self._typed)
        header = self.table.horizontalHeader()
        header.setSectionsClickable(True)
        header.sectionClicked.connect(self._sort_clicked)
        self.table.sort_wanted.connect(self.sort_by)

    @property
    def job(self) -> Job | None:
        """The filtering or sorting that is under way."""
        return self._job

    def show_view(self, view: DataView) -> None:
        """Show a version; the filter and the order that were asked for hold for it too."""
        before = self.table.model_.reading
        self.table.show_version(view.version, view.reading)
        self.filter.setPlaceholderText(self.tr("Filter, like: {0}").format(example(view.reading, view.profile)))
        if before is None or before.id != view.reading.id:
            self._stale = bool(self.filter.text().strip() or self._sort)
            self._show_state()
            if self.isVisible():
                self._catch_up()

    def clear(self) -> None:
        """Show nothing, and forget the filter."""
        self.table.model_.clear()
        self._sort = None
        self.filter.clear()

    def show_rows(self, numbers: tuple[int, ...], column: str = "") -> None:
        """Only these rows, by their numbers from 1, with a column in sight."""
        self.filter.setText("rows " + ", ".join(map(str, numbers)))
        self.apply()
        self.table.show_column(column)

    def show_row(self, number: int) -> None:
        """One row among all, selected."""
        if self.table.model_.order is not None or self._job is not None:
            self._sort = None
            self.filter.clear()
            self._all()
        self.table.selectRow(number - 1)
        self.table.scrollTo(self.table.model_.index(number - 1, 0), RowsTable.ScrollHint.PositionAtCenter)
        self.table.setFocus()

    def sort_by(self, column: str | None, descending: bool = False) -> None:
        """Sort by a column; None: as in the file."""
        self._sort, self._descending = column, descending
        self.apply()

    def apply(self) -> None:
        """Find the rows that are wanted now."""
        from app.data.looking.order import Wanted, order

        self._stale = False
        self._cancel()
        reading, rows = self.table.model_.reading, self.table.model_.rows
        if reading is None:
            return
        wanted = Wanted(self.filter.text().strip(), self._sort, self._descending)
        if not wanted.filter and wanted.sort is None:
            self._all()
            return

        def find(project: Project, ctx: JobContext) -> Order:
            return order(project, reading, rows, wanted, ctx)

        self._say(self.tr("Looking…"))
        title = self.tr("Filtering {0} rows") if wanted.filter else self.tr("Sorting {0} rows")
        job = self._page.session.act(
            title.format(count(rows)),
            find,
            kind="rows",
            then=lambda found: self._found(reading, found),
            failed=self._failed,
            finally_=self._ended,
        )
        self._job = job

    def _found(self, reading: Reading, found: Order) -> None:
        now = self.table.model_.reading
        if now is not None and now.id == reading.id and found.wanted == self._wanted():
            self.table.model_.show_order(found)
            self._problem.hide()
            self._show_state()

    def _wanted(self) -> Wanted:
        from app.data.looking.order import Wanted

        return Wanted(self.filter.text().strip(), self._sort, self._descending)

    def _failed(self, problem: Problem) -> None:
        self._problem.setText(f"{problem.message} {problem.hint}")
        self._problem.show()
        self._show_state()

    def _ended(self, job: Job) -> None:
        """Done, or cancelled: then what is shown stays."""
        if job is self._job:
            self._job = None
            self._show_state()

    def _cancel(self) -> None:
        if self._job is not None:
            self._job.cancel()
            self._job = None

    def _all(self) -> None:
        from app.data.looking.order import Order, Wanted

        self._cancel()
        self._problem.hide()
        if self.table.model_.order is not None:
            self.table.model_.show_order(Order(Wanted(), None))
        self._show_state()

    def _typed(self, text: str) -> None:
        """An emptied line shows all rows at once; anything else waits for Return."""
        if not text.strip() and (self.table.model_.order is not None or not self._problem.isHidden()):
            self.apply()

    def _sort_clicked(self, section: int) -> None:
        """Ascending, descending, as in the file."""
        reading = self.table.model_.reading
        if reading is None:
            return
        name = reading.columns[section].name
        if self._sort != name:
            self.sort_by(name)
        else:
            self.sort_by(None if self._descending else name, not self._descending)

    def _show_state(self) -> None:
        """How many rows are shown."""
        model = self.table.model_
        filtered = model.order is not None and bool(model.order.wanted.filter)
        self._say(self.tr("{0} of {1} rows").format(count(model.rowCount()), count(model.rows)) if filtered else "")

    def _say(self, text: str) -> None:
        self._says.setText(text)
        self._says.setVisible(bool(text))

    def showEvent(self, event: QShowEvent) -> None:
        """Find the rows of another reading that came while another tab was in front."""
        super().showEvent(event)
        self._catch_up()

    def _catch_up(self) -> None:
        if self._stale:
            self.apply()


def example(reading: Reading, profile: Profile) -> str:
    """A filter in the words of this very table."""
    held = {entry.name: entry for entry in profile.columns}
    parts = []
    number = next((c for c in reading.columns if c.type in NUMERIC and held[c.name].mean is not None), None)
    if number is not None:
        parts.append(f"{number.name} > {held[number.name].mean:.3g}")
    few = next((c for c in reading.columns if c.type is ColumnType.CATEGORY and held[c.name].top), None)
    if few is not None:
        parts.append(f"{few.name} = {held[few.name].top[0][0]}")
    gap = next((c for c in reading.columns if held[c.name].missing), None)
    if gap is not None:
        parts.append(f"missing({gap.name})")
    first = reading.columns[0].name
    return "  ·  ".join(parts or [f"{first} contains a"])
