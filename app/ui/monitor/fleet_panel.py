"""All models of the project with their environments, verdicts and last labels in one table."""

from __future__ import annotations

from PySide6.QtCore import Signal

from app.ui.monitor.fleet_view import FleetRow, fleet
from app.ui.monitor.monitor_words import verdict_word
from app.ui.page import Page
from app.ui.widgets.card import Card, label
from app.ui.widgets.table import DataTable, RecordsModel, TableColumn
from app.ui.words import count, plural, when

LEAST_NAME_PX = 84
"""With it all columns are in sight in the least window that has the navigation's names."""


class FleetPanel(Card):
    """A double click shows the model version."""

    chosen = Signal(str)

    def __init__(self, page: Page) -> None:
        super().__init__(" ", name="monitor.fleet")
        self._page = page
        self.title.setText(self.tr("All models"))
        self.setAccessibleName(self.title.text())
        self.model = RecordsModel[FleetRow](
            [
                TableColumn(self.tr("Model"), lambda r: r.model, tip=_tip),
                TableColumn(self.tr("Environment"), lambda r: r.environment or "–", tip=_tip),
                TableColumn(
                    self.tr("Version"), lambda r: f"v{r.version.number}", key=lambda r: r.version.number, tip=_tip
                ),
                TableColumn(self.tr("Verdict"), _verdict, tip=_tip),
                TableColumn(self.tr("Alerts"), lambda r: str(r.alerts or ""), True, lambda r: r.alerts),
                TableColumn(self.tr("Asked"), lambda r: count(r.asked), True, lambda r: r.asked),
                TableColumn(self.tr("Last asked"), lambda r: _when(r.last_asked), key=lambda r: r.last_asked),
                TableColumn(self.tr("Last label"), lambda r: _when(r.last_label), key=lambda r: r.last_label),
            ],
            self,
        )
        self.table = DataTable(self.tr("All models"), name="monitor.fleet_table")
        self.table.setModel(self.model)
        self.table.setSortingEnabled(True)
        self.table.set_widths([0, 104, 72, 84, 60, 84, 112, 112])
        self.table.stretch_first(LEAST_NAME_PX)
        self.table.doubleClicked.connect(lambda index: self.chosen.emit(self.model.record(index).version.id))
        self.about = label("", "quiet")
        self.head.addStretch(1)
        self.head.addWidget(self.about)
        self.head.addWidget(self.table.more_button())
        self.body.addWidget(self.table, 1)

    def refresh(self) -> None:
        """Ask how all of them are."""
        self._page.query(fleet, self._show, key="fleet")

    def _show(self, rows: list[FleetRow]) -> None:
        self.model.show(rows)
        header = self.table.horizontalHeader()
        self.model.sort(header.sortIndicatorSection(), header.sortIndicatorOrder())
        self.about.setText(plural(len({row.model for row in rows}), self.tr("model"), self.tr("models")))


def _verdict(row: FleetRow) -> str:
    return verdict_word(row.look.verdict) if row.look else "–"


def _when(at: str) -> str:
    return when(at) if at else "–"


def _tip(row: FleetRow) -> str:
    return f"{row.version.label}: {row.look.line}" if row.look else row.version.label
