"""What moved: each column and the scores, what harms most first; *Why?* shows one then and now."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QWidget

from app.core.effect_sizes import LARGE
from app.core.monitoring import ColumnDrift, MonitorReport
from app.ui.charts.then_now import ThenNowChart
from app.ui.monitor.monitor_words import drift_tip, missing_words, state_of
from app.ui.widgets.buttons import Button
from app.ui.widgets.card import Card, column, label, row, within
from app.ui.widgets.histogram import histogram_words
from app.ui.widgets.table import ROW_HEIGHT, DataTable, RecordsModel, TableColumn
from app.ui.widgets.then_now import THEN_NOW_ROLE, ThenNowDelegate
from app.ui.words import figure

PICTURE, USUAL, MISSING = 2, 4, 5
"""The places of the column with the two histograms, of one that a narrow table does without (tooltips say it) and of
the one that is hidden where nothing is missing."""


class DriftModel(RecordsModel[ColumnDrift]):
    """Columns, with the pictures of then and now."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(
            [
                TableColumn(self.tr("Column"), lambda c: c.name, tip=drift_tip),
                TableColumn(self.tr("Verdict"), state_of, key=lambda c: -c.size, tip=drift_tip),
                TableColumn(self.tr("Then and now"), lambda _c: "", key=lambda c: -c.harm, tip=_picture_words),
                TableColumn(self.tr("Effect"), lambda c: figure(c.effect), True, lambda c: c.effect, drift_tip),
                TableColumn(self.tr("Usual up to"), lambda c: figure(c.high), True, lambda c: c.high, drift_tip),
                TableColumn(self.tr("Missing"), missing_words, key=lambda c: c.missing_now),
            ],
            parent,
        )

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Also the pair of histograms."""
        if role == THEN_NOW_ROLE:
            drift = self.record(index)
            both = (drift.then, drift.now)
            return both if index.column() == PICTURE and None not in both else None
        return super().data(index, role)


class MovedPanel(Card):
    """A table, and below it the column that was asked about."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(" ", name="monitor.moved", parent=parent)
        self.title.setText(self.tr("What moved"))
        self.setAccessibleName(self.title.text())
        self.model = DriftModel(self)
        self.table = DataTable(self.tr("Columns, what harms most first"), name="monitor.columns")
        self.table.setModel(self.model)
        self.table.setSelectionMode(DataTable.SelectionMode.SingleSelection)
        self.table.setItemDelegateForColumn(PICTURE, ThenNowDelegate(self.table))
        self.table.set_widths([92, 110, 120, 70, 94, 96])
        self.table.stretch_first()
        self.table.give_way(USUAL)
        self.table.setMinimumHeight(3 * ROW_HEIGHT)
        self.table.doubleClicked.connect(lambda _index: self.explain())
        self.table.selectionModel().selectionChanged.connect(lambda *_: self._follow())
        self.why = Button(self.tr("Why?"), self.explain, name="monitor.why")
        self.head.addStretch(1)
        self.head.addWidget(label(self.tr("Wide: trained on. Narrow: now."), "quiet"))
        self.head.addWidget(self.why)
        self.head.addWidget(self.table.more_button())
        self.body.addWidget(self.table, 1)
        self.body.addWidget(self._detail(), 1)

    def show_report(self, report: MonitorReport | None) -> None:
        """Show the columns of a look; the score on top: it is what the model does with all of them."""
        rows = _rows(report, self.tr("Scores"))
        self.model.show(rows)
        self.table.setColumnHidden(MISSING, not any(missing_words(drift) for drift in rows))
        self.table.fit()
        self.why.forbid("" if rows else self.tr("Nothing was compared yet."))
        self.detail.hide()

    def explain(self) -> None:
        """Show the selected column then and now; the first one that moved if none is selected."""
        if not self.model.records:
            return
        if not self.table.selectionModel().selectedRows():
            moved = next((i for i, drift in enumerate(self.model.records) if drift.alarm), 0)
            self.table.selectRow(moved)
        self.detail.show()
        self.table.scrollTo(self.table.selectionModel().selectedRows()[0])
        self._follow()

    def _detail(self) -> QWidget:
        self.chart = ThenNowChart(self.tr("Then and now"))
        self.chart.setMinimumHeight(120)
        self.heading = label("", "strong")
        self.words = label("", "quiet", wrap=True, name="monitor.why_words")
        leave = Button(self.tr("Close"), lambda: self.detail.hide(), role="icon", icon="close")
        head = row(self.heading, 1, self.chart.more_button(), leave)
        lines = column(head, self.chart, self.words, spacing=4)
        lines.setStretch(1, 1)
        self.detail = within(lines)
        self.detail.hide()
        return self.detail

    def _follow(self) -> None:
        rows = self.table.selectionModel().selectedRows()
        if self.detail.isHidden() or not rows:
            return
        drift = self.model.record(rows[0])
        self.heading.setText(f"{drift.name}: {state_of(drift)}")
        both = drift.then is not None and drift.now is not None
        self.chart.setVisible(both)
        if drift.then is not None and drift.now is not None:
            self.chart.show_pair(drift.name, drift.then, drift.now)
        self.words.setText(drift_tip(drift).replace("\n", " · "))


def _rows(report: MonitorReport | None, scores: str) -> list[ColumnDrift]:
    from dataclasses import replace

    if report is None or report.drift is None:
        return []
    score = report.drift.score
    return [*([replace(score, name=scores)] if score is not None else []), *report.drift.columns]


def _picture_words(drift: ColumnDrift) -> str:
    far = " (far)" if drift.alarm and drift.size >= LARGE else ""
    return f"then {histogram_words(drift.then)}, now {histogram_words(drift.now)}{far}"
