"""The tab *Relations*: which columns go together, as a picture and as the table of all pairs."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QMenu, QSplitter, QWidget

from app.core.progress import JobContext
from app.ui.charts.heatmap import HeatMap
from app.ui.data.data_part import DataPart
from app.ui.data.data_view import DataView
from app.ui.jobs import Job, JobState
from app.ui.page import Page, scrolling
from app.ui.problems import Problem
from app.ui.widgets.card import column, label, row, within
from app.ui.widgets.table import DataTable, RecordsModel, TableColumn
from app.ui.words import count

if TYPE_CHECKING:
    from app.data.looking.relations import Pair, Relations
    from app.registry.project import Project

MEASURES = {"rank": "rank correlation", "cramer": "Cramér's V", "ratio": "correlation ratio"}
TIPS = {
    "rank": "Spearman's rank correlation: 1 if both rise together, −1 if one falls as the other rises.",
    "cramer": "Cramér's V, corrected for chance: 0 if neither tells of the other, 1 if each tells all.",
    "ratio": "Correlation ratio: the root of the share of the number's variation that lies between the groups.",
}


def _signed(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}".replace("-", "−")


class PairsTable(DataTable):
    """All pairs, the strongest first. ``opened`` names the column whose page is wanted."""

    opened = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(self.tr("Pairs of columns"), name="data.relations.pairs", parent=parent)
        self.model_: RecordsModel[Pair] = RecordsModel(
            [
                TableColumn(self.tr("Column"), lambda p: p.first),
                TableColumn(self.tr("Goes with"), lambda p: p.second),
                TableColumn(
                    self.tr("Figure"), lambda p: _signed(p.value), numeric=True, key=lambda p: abs(p.value or 0.0)
                ),
                TableColumn(
                    self.tr("Measured as"),
                    lambda p: self.tr(MEASURES[p.measure]),
                    tip=lambda p: self.tr(TIPS[p.measure]),
                ),
                TableColumn(
                    self.tr("Pearson's r"),
                    lambda p: _signed(p.pearson) if p.measure == "rank" else "",
                    numeric=True,
                    key=lambda p: abs(p.pearson or 0.0),
                ),
                TableColumn(self.tr("Rows"), lambda p: count(p.rows), numeric=True, key=lambda p: p.rows),
            ],
            self,
        )
        self.setModel(self.model_)
        self.set_widths((96, 96, 70, 130, 92, 64))
        self.setSortingEnabled(True)
        self.horizontalHeader().setSortIndicatorShown(False)

    def show_pairs(self, pairs: tuple[Pair, ...]) -> None:
        """Show these, in their order."""
        self.model_.show(pairs)

    def select_pair(self, first: str, second: str) -> None:
        """Select the row of two columns, whichever comes first."""
        for number, pair in enumerate(self.model_.records):
            if {pair.first, pair.second} == {first, second}:
                self.selectRow(number)
                self.scrollTo(self.model_.index(number, 0))

    def add_own(self, menu: QMenu) -> None:
        """The pages of the two columns."""
        index = self.currentIndex()
        if not index.isValid():
            return
        pair = self.model_.record(index)
        for name in (pair.first, pair.second):
            menu.addAction(self.tr("&Open {0}").format(name.replace("&", "&&")), partial(self.opened.emit, name))
        menu.addSeparator()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Return opens the second column's page."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self.opened.emit(self.model_.record(self.currentIndex()).second)
        else:
            super().keyPressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Open the column that was clicked twice."""
        index = self.indexAt(event.position().toPoint())
        if index.isValid():
            pair = self.model_.record(index)
            self.opened.emit(pair.first if index.column() == 0 else pair.second)


class RelationsPart(DataPart):
    """Computed in a child when the tab is looked at, again when types, uses or the target changed."""

    id: ClassVar[str] = "relations"
    title: ClassVar[str] = "Relations"
    least_px: ClassVar[int] = 520

    def __init__(self, page: Page, parent: QWidget | None = None) -> None:
        super().__init__(page, parent)
        self.found: Relations | None = None
        self._shown: object = None
        self._job: Job | None = None
        self._says = label("", "quiet", wrap=True, name="data.relations.says")
        self.map = HeatMap(self.tr("Which columns go together"))
        self.map.setObjectName("data.relations.map")
        self.pairs = PairsTable()
        split = QSplitter(Qt.Orientation.Horizontal)
        split.setChildrenCollapsible(False)
        split.setHandleWidth(16)
        split.addWidget(within(column(row(1, self.map.more_button()), scrolling_map(self.map), spacing=0)))
        split.addWidget(within(column(row(1, self.pairs.more_button()), self.pairs, spacing=0)))
        split.setStretchFactor(0, 0)
        split.setStretchFactor(1, 1)
        self._split = split
        self.layout_.addWidget(self._says)
        self.layout_.addWidget(split, 1)
        split.hide()
        self.map.chosen.connect(self._walk)
        self.map.opened.connect(self._open)
        self.pairs.opened.connect(self.column_opened)

    @property
    def job(self) -> Job | None:
        """The computation that is under way."""
        return self._job

    def refresh(self, view: DataView) -> None:
        """Relate the columns anew if anything that matters is different."""
        uses = tuple((c.name, c.type, c.use) for c in view.reading.columns)
        key = (view.reading.table_sha256, uses)
        if key == self._shown:
            return
        self.clear()
        self._shown = key
        self._says.setText(self.tr("Relating the columns…"))

        def relate(project: Project, ctx: JobContext) -> Relations:
            from app.data.looking.relations import relations

            return relations(project, view.reading, view.version.rows, ctx)

        self._job = self.page.session.act(
            self.tr("Relating the columns"),
            relate,
            kind="relations",
            then=lambda found: self._came(key, found),
            failed=self._failed,
            finally_=self._ended,
        )

    def clear(self) -> None:
        """Show nothing, compute nothing."""
        if self._job is not None:
            self._job.cancel()
            self._job = None
        self.found, self._shown = None, None
        self._says.setText("")
        self._split.hide()

    def _came(self, key: object, found: Relations) -> None:
        if key != self._shown:
            return
        self.found = found
        self._says.setText(self._words(found))
        self._split.setVisible(bool(found.pairs))
        figures = {frozenset((p.first, p.second)): p.value for p in found.pairs}
        values = tuple(
            tuple(1.0 if a == b else figures.get(frozenset((a, b))) for b in found.columns) for a in found.columns
        )
        self.map.show_values(found.columns, values)
        self.pairs.show_pairs(found.pairs)
        self._share_room()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The picture takes what it needs, the table the rest."""
        super().resizeEvent(event)
        self._share_room()

    def _share_room(self) -> None:
        wide = self.width() - self._split.handleWidth()
        picture = min(self.map.needed_px(), round(wide * 0.58))
        self._split.setSizes([picture, wide - picture])

    def _words(self, found: Relations) -> str:
        """What is shown of how much, and what the colours mean."""
        if not found.pairs:
            return self.tr("There are no two columns to relate: use more of them as input.")
        words = [
            self.tr("The stronger the colour, the more two columns tell of each other: blue if they rise together,"),
            self.tr("orange if one falls as the other rises. With a category there is no direction."),
        ]
        if found.considered > len(found.columns):
            shown, of = count(len(found.columns)), count(found.considered)
            most = self.tr("The {0} of {1} columns that say most about {2} are shown.").format(shown, of, found.target)
            first = self.tr("The first {0} of {1} columns are shown.").format(shown, of)
            words.append(most if found.target else first)
        if found.rows_used < found.rows:
            sample = self.tr("Computed on a sample of {0} of {1} rows.")
            words.append(sample.format(count(found.rows_used), count(found.rows)))
        return " ".join(words)

    def _failed(self, problem: Problem) -> None:
        self._shown = None
        self._says.setText("")
        self.page.show_problem(problem)

    def _ended(self, job: Job) -> None:
        if job is self._job:
            self._job = None
            if job.state is JobState.CANCELLED:  # computed anew when the tab is looked at again
                self._shown = None
                self._stale = True
                self._says.setText(self.tr("Cancelled. Come back to this tab to relate the columns again."))

    def _walk(self, i: int, j: int) -> None:
        if self.found is not None and i != j:
            self.pairs.select_pair(self.found.columns[i], self.found.columns[j])

    def _open(self, i: int, _j: int) -> None:
        if self.found is not None:
            self.column_opened.emit(self.found.columns[i])


def scrolling_map(chart: HeatMap) -> QWidget:
    """The picture in its own scroll area: thirty columns do not fit a small window."""
    area = scrolling(chart)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
    area.setMinimumWidth(320)
    area.setAccessibleName(chart.title)
    return area
