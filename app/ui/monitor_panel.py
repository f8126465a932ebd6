"""Everything about one model version that is watched: verdict, columns, performance, earlier looks."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QFormLayout, QHBoxLayout, QVBoxLayout, QWidget

from app.core.effect_sizes import LARGE
from app.core.metrics import METRIC_WORDS
from app.core.monitoring import ColumnDrift, MonitorReport
from app.ui.monitor_view import Look, MonitorView
from app.ui.monitor_words import (
    VERDICT_STATUS,
    drift_tip,
    interval_words,
    level_words,
    missing_words,
    performance_lines,
    state_of,
    verdict_word,
    window_words,
)
from app.ui.widgets.card import Card, label, row
from app.ui.widgets.chip import StatusMark
from app.ui.widgets.histogram import histogram_words
from app.ui.widgets.table import DataTable, RecordsModel, TableColumn
from app.ui.widgets.then_now import THEN_NOW_ROLE, ThenNowDelegate
from app.ui.words import figure, when

PICTURE, MISSING = 2, 5
"""The places of the column with the two histograms and of the one that is hidden where nothing is missing."""
SIDE_PX = 312


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


class MonitorPanel(QWidget):
    """Says what to do first: the verdict's line stands above everything."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.mark = StatusMark()
        self.line = label("", "card-title", wrap=True, name="monitor.verdict")
        self.period = label("", "quiet", wrap=True)
        self.level = label("", "quiet", wrap=True)
        verdict = Card(name="monitor.card")
        head = row(self.mark, self.line)
        head.setStretch(1, 1)
        verdict.body.addLayout(head)
        verdict.body.addWidget(self.period)
        verdict.body.addWidget(self.level)
        self.details = QWidget()
        lower = QHBoxLayout(self.details)
        lower.setContentsMargins(0, 0, 0, 0)
        lower.setSpacing(12)
        lower.addWidget(self._columns(), 1)
        lower.addWidget(self._side())
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(12)
        whole.addWidget(verdict)
        whole.addWidget(self.details, 1)
        self.rest = QWidget()
        whole.addWidget(self.rest, 1)

    def show_view(self, view: MonitorView) -> None:
        """Show the newest look at a version; before the first one, what a look is."""
        report = view.newest
        if report is None:
            self.mark.set_status("info")
            self.line.setText(self.tr("Not looked at yet."))
            self.period.setText(
                self.tr("Refresh compares the newest predictions with what {0} was trained on.").format(
                    view.version.label
                )
            )
            self.level.hide()
        else:
            self._show_report(report)
        self.details.setVisible(report is not None)
        self.rest.setVisible(report is None)
        rows = _rows(report, self.tr("Scores"))
        self.columns.show(rows)
        self.table.setColumnHidden(MISSING, not any(missing_words(drift) for drift in rows))
        self.earlier.show(view.looks)
        self._show_performance(report)

    def _show_report(self, report: MonitorReport) -> None:
        self.mark.set_status(VERDICT_STATUS[report.verdict])
        self.line.setText(report.line)
        self.period.setText(window_words(report))
        self.level.setText(level_words(report))
        self.level.setVisible(report.drift is not None)

    def _columns(self) -> Card:
        self.columns = DriftModel(self)
        self.table = DataTable(self.tr("Columns, what harms most first"), name="monitor.columns")
        self.table.setModel(self.columns)
        self.table.setItemDelegateForColumn(PICTURE, ThenNowDelegate(self.table))
        self.table.set_widths([92, 98, 124, 70, 94, 84])
        self.table.stretch_first()
        card = Card(self.tr("What moved"))
        card.head.addStretch(1)
        card.head.addWidget(label(self.tr("Wide: trained on. Narrow: now."), "quiet"))
        card.body.addWidget(self.table, 1)
        return card

    def _side(self) -> QWidget:
        self.performance = QFormLayout()
        self.performance.setContentsMargins(0, 0, 0, 0)
        self.performance.setHorizontalSpacing(12)
        self.performance.setVerticalSpacing(6)
        self.honest = label(
            self.tr("The estimate needs no labels, so it cannot see that the same inputs now lead elsewhere."),
            "quiet",
            wrap=True,
        )
        self.drop = label(self.tr("Drop a table of ids and what really happened on this page."), "quiet", wrap=True)
        told = Card(self.tr("Performance"))
        self.measure = label("", "quiet")
        told.head.addWidget(self.measure)
        told.head.addStretch(1)
        told.body.addLayout(self.performance)
        told.body.addWidget(self.honest)
        told.body.addWidget(self.drop)
        self.earlier = RecordsModel(
            [
                TableColumn(self.tr("Looked"), lambda k: when(k.kept.created_at), key=lambda k: k.kept.created_at,
                            tip=lambda k: k.report.line),
                TableColumn(self.tr("Verdict"), lambda k: verdict_word(k.kept.verdict), tip=lambda k: k.report.line),
                TableColumn(self.tr("On labels"), _measured, tip=_measured_tip),
            ],
            self,
        )  # fmt: skip
        looks: DataTable = DataTable(self.tr("Earlier looks"), name="monitor.looks")
        looks.setModel(self.earlier)
        looks.set_widths([72, 84, 0])
        kept = Card(self.tr("Earlier looks"))
        kept.body.addWidget(looks, 1)
        side = QWidget()
        side.setFixedWidth(SIDE_PX)
        layout = QVBoxLayout(side)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        layout.addWidget(told)
        layout.addWidget(kept, 1)
        return side

    def _show_performance(self, report: MonitorReport | None) -> None:
        self.measure.setText(METRIC_WORDS[report.performance.metric] if report else "")
        while self.performance.rowCount():
            self.performance.removeRow(0)
        for title, words in performance_lines(report) if report else []:
            self.performance.addRow(label(title, "quiet"), label(words))
        self.honest.setVisible(report is not None and report.estimate is not None)


def _rows(report: MonitorReport | None, scores: str) -> list[ColumnDrift]:
    """The score on top: it is what the model does with all columns."""
    if report is None or report.drift is None:
        return []
    score = report.drift.score
    return [*([replace(score, name=scores)] if score is not None else []), *report.drift.columns]


def _picture_words(drift: ColumnDrift) -> str:
    far = " (far)" if drift.alarm and drift.size >= LARGE else ""
    return f"then {histogram_words(drift.then)}, now {histogram_words(drift.now)}{far}"


def _measured(look: Look) -> str:
    """The figure, where there were labels enough."""
    score = look.report.performance.value
    return figure(score.value) if score is not None else "–"


def _measured_tip(look: Look) -> str:
    told = look.report.performance
    return f"{METRIC_WORDS[told.metric]} {interval_words(told.value)}" if told.value is not None else look.report.line
