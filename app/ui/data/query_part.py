"""The tab *Query*: SQL over the data sets of the project, its first rows, and *Save as data*."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar, TypeVar

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.core.data import AddResult, Outcome
from app.core.progress import JobContext
from app.ui.adding import NEWS, refusal
from app.ui.data.data_part import DataPart
from app.ui.data.data_view import DataView
from app.ui.data.sql_editor import SqlEditor, as_written
from app.ui.jobs import Job
from app.ui.problems import Problem
from app.ui.widgets.buttons import Button
from app.ui.widgets.card import label, row
from app.ui.widgets.field import field
from app.ui.widgets.table import DataTable, RecordsModel, TableColumn
from app.ui.words import count

if TYPE_CHECKING:
    from app.data.derive import Preview
    from app.registry.project import Project
    from app.ui.page import Page

T = TypeVar("T")
Row = tuple[str | None, ...]
KEYS = "Ctrl+Return"
EDITOR_PX = 116
WIDEST_PX = 320
_LINE = re.compile(r"^Line (\d+):")
_NUMERIC = re.compile(r"^(u?int|float|double|decimal)")


class QueryPart(DataPart):
    """Runs beside the window; a newer run ends an older one."""

    id: ClassVar[str] = "query"
    title: ClassVar[str] = "Query"

    def __init__(self, page: Page, parent: QWidget | None = None) -> None:
        super().__init__(page, parent)
        self.editor = SqlEditor(self.tr("SQL query"), name="data.sql")
        self.editor.setFixedHeight(EDITOR_PX)
        self.run_button = Button(self.tr("Run"), self.run, name="data.run_query", icon="start")
        self.cancel_button = Button(self.tr("Cancel"), self.cancel, name="data.cancel_query", icon="stop")
        self.name = field("data.derived_name", self.tr("Name of the new data"), most_px=200)
        self.save_button = Button(self.tr("Save as data"), self.save, name="data.derive", icon="data")
        self.says = label("", "quiet", wrap=True, name="data.query.says")
        self.table = DataTable(self.tr("First rows of the answer"), name="data.query.rows")
        self.table.horizontalHeader().setStretchLastSection(False)
        self.table.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._job: Job | None = None
        self._suggested = ""
        self._build()

    def _build(self) -> None:
        named = label(self.tr("&Name"))
        named.setBuddy(self.name)
        self.run_button.setToolTip(self.tr("Show the first rows ({0})").format(KEYS))
        self.layout_.addWidget(self.editor)
        line = row(self.run_button, self.cancel_button, self.says, named, self.name, self.save_button)
        line.setStretch(2, 1)
        self.layout_.addLayout(line)
        keeps = self.table.sizePolicy()
        keeps.setRetainSizeWhenHidden(True)
        self.table.setSizePolicy(keeps)
        self.layout_.addWidget(self.table, 1)
        self.table.hide()
        again = QShortcut(QKeySequence("F5"), self, context=Qt.ShortcutContext.WidgetWithChildrenShortcut)
        again.activated.connect(self.run)
        self.editor.run_wanted.connect(self.run)
        self.name.returnPressed.connect(self.save)
        self.editor.textChanged.connect(self._allow)
        self.name.textChanged.connect(self._allow)
        self._allow()

    def refresh(self, view: DataView) -> None:
        """Offer the names of this version; suggest a first query, or the one that made this version."""
        self.page.query(_names, self.editor.offer, key="query.names")
        made = view.origin.query if view.origin is not None and view.origin.inputs else ""
        suggested = made or f"SELECT *\nFROM {as_written(view.dataset.name)}\nLIMIT 100"
        if self.editor.toPlainText().strip() in ("", self._suggested):
            self._suggested = suggested
            self.editor.setPlainText(suggested)
            self.name.setText(view.dataset.name if made else "")

    def clear(self) -> None:
        """No project: nothing of the last one stays."""
        self.cancel()
        self._suggested = ""
        self.editor.clear()
        self.name.clear()
        self.says.setText("")
        self._show_rows(None)

    def run(self) -> None:
        """Show the first rows of the answer."""
        sql = self.editor.toPlainText()

        def ask(project: Project, ctx: JobContext) -> Preview:
            from app.data.derive import preview

            return preview(project, sql, ctx)

        self._start(self.tr("Running the query"), ask, self.show_preview)

    def save(self) -> None:
        """Make the answer a data set, or its next version."""
        if not self.save_button.isEnabled():
            return
        sql, name = self.editor.toPlainText(), self.name.text().strip()

        def make(project: Project, ctx: JobContext) -> AddResult:
            from app.data.derive import derive

            return derive(project, name, sql, ctx)

        self._start(self.tr("Making {0}").format(name), make, self._saved, changes=NEWS)

    def cancel(self) -> None:
        """Stop the query that runs."""
        if self._job is not None:
            self._job.cancel()

    def show_preview(self, seen: Preview) -> None:
        """Show the first rows, how many there are and how long it took."""
        columns = [
            TableColumn[Row](name, lambda r, i=i: _cell(r[i]), numeric=bool(_NUMERIC.match(type_)))  # type: ignore[misc]
            for i, (name, type_) in enumerate(zip(seen.names, seen.types, strict=True))
        ]
        model = RecordsModel[Row](columns, self.table)
        model.show(seen.rows)
        self._show_rows(model)
        self.table.resizeColumnsToContents()
        self.table.set_widths([min(self.table.columnWidth(i) + 16, WIDEST_PX) for i in range(len(columns))])
        rows = self.tr("{0} rows").format(count(seen.count)) if seen.count != 1 else self.tr("1 row")
        if seen.count > len(seen.rows):
            rows = self.tr("{0}, the first {1} are shown").format(rows, len(seen.rows))
        self._say(self.tr("{0} · {1} s").format(rows, f"{seen.seconds:.2f}"))

    def _show_rows(self, model: RecordsModel[Row] | None) -> None:
        """An answer, or nothing at all: no empty heading either."""
        self.table.setModel(model)
        self.table.setVisible(model is not None)

    def _start(
        self,
        title: str,
        do: Callable[[Project, JobContext], T],
        then: Callable[[T], None],
        changes: frozenset[str] = frozenset(),
    ) -> None:
        self.cancel()
        self._say("")
        self._job = self.page.act(
            title, do, kind="query", then=then, changes=changes, failed=self._failed, finally_=self._ended
        )
        self._allow()

    def _saved(self, result: AddResult) -> None:
        if result.outcome is Outcome.REJECT:
            self._failed(refusal(result.findings))
            return
        if result.version is None or result.dataset is None:
            return
        named = f"{result.dataset.name} · {self.tr('version {0}').format(result.version.number)}"
        said = self.tr("Nothing changed: {0}") if result.already else self.tr("Saved as {0}")
        self.page.session.tell(said.format(named), "info" if result.already else "ok")
        self.page.session.go("data", result.version.id)

    def _failed(self, problem: Problem) -> None:
        self._show_rows(None)
        self._say(f"{problem.message} {problem.hint}".strip(), "problem")
        found = _LINE.match(problem.message)
        if found:
            self.editor.mark_line(int(found.group(1)))

    def _ended(self, job: Job) -> None:
        if job is self._job:
            self._job = None
        self._allow()

    def _say(self, text: str, role: str = "quiet") -> None:
        self.says.setText(text)
        self.says.setProperty("role", role)
        self.says.style().unpolish(self.says)
        self.says.style().polish(self.says)

    def _allow(self) -> None:
        running = self._job is not None
        empty = not self.editor.toPlainText().strip()
        why_not = self.tr("Write a SELECT first.") if empty else ""
        self.run_button.setVisible(not running)
        self.cancel_button.setVisible(running)
        self.run_button.forbid(why_not)
        nameless = self.tr("Type a name for the new data first.") if not self.name.text().strip() else ""
        self.save_button.forbid(self.tr("A query is running.") if running else why_not or nameless)


def _cell(value: str | None) -> str:
    return "" if value is None else value


def _names(project: Project) -> list[str]:
    """Every table and column that a query can name."""
    from app.registry import datasets

    found: list[str] = []
    for dataset in datasets.datasets(project):
        newest = datasets.newest_version(project, dataset.id)
        found += [dataset.name, *(c.name for c in datasets.current_reading(project, newest.id).columns)]
    return found
