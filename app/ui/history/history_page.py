"""Who did what, and can it be proven? The audit log, its verification, and the trace of a prediction."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from PySide6.QtWidgets import QLineEdit, QTabWidget, QVBoxLayout, QWidget

from app.core.audit import AuditEntry
from app.core.progress import JobContext
from app.ui.actions import Actions
from app.ui.history.history_words import VERBS, details_of, verb_words
from app.ui.history.tracepanel import TracePanel
from app.ui.page import Page
from app.ui.session import Session
from app.ui.widgets.banner import Banner
from app.ui.widgets.buttons import ActionButton, Button
from app.ui.widgets.card import Card, label, row
from app.ui.widgets.combo import Combo
from app.ui.widgets.either import Either
from app.ui.widgets.empty import EmptyState
from app.ui.widgets.table import DataTable, RecordsModel, TableColumn
from app.ui.words import count, when

if TYPE_CHECKING:
    from app.registry.project import Project
    from app.registry.verify import VerifyReport

MOST_ENTRIES = 5000


class HistoryPage(Page):
    """The audit log, newest first; *Verify*; *Trace*."""

    listens_to: ClassVar[frozenset[str]] = frozenset(
        {
            "project",
            "data_version",
            "reading",
            "gates",
            "run",
            "model_version",
            "bundle",
            "service",
            "prediction",
            "monitor",
        }
    )
    handles: ClassVar[dict[str, str]] = {"history.verify": "verify", "trace.find": "find_trace"}

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.empty = EmptyState(
            "history",
            self.tr("The history begins with the first project."),
            self.tr("Drop a file anywhere in this window."),
        )
        self.empty.offer(self.tr("Choose file…"), lambda: self.actions_["data.choose"].trigger(), name="data.choose")
        self.tabs = QTabWidget(documentMode=True)
        self.tabs.setAccessibleName(self.tr("History"))
        self.tabs.tabBar().setDrawBase(False)
        self.trace_panel = TracePanel(self)
        self.either = Either(self.empty, self.tabs)
        self.layout_.addWidget(self.either, 1)

    def use_actions(self, actions: Actions) -> None:
        """Build what carries the commands' buttons."""
        super().use_actions(actions)
        self.tabs.addTab(self._entries_tab(actions), self.tr("Entries"))
        self.trace_panel.add_button(ActionButton(actions["trace.find"], role="primary"))
        self.tabs.addTab(self.trace_panel, self.tr("Trace a prediction"))

    def refresh(self) -> None:
        """Ask for the entries that the filter lets through."""
        self.either.show_content(True)
        text, verb = self.filter.text().strip(), self.verbs.currentData()

        def ask(project: Project) -> tuple[list[AuditEntry], int]:
            from app.registry import audit

            return audit.entries(project, text=text, verb=verb, limit=MOST_ENTRIES), audit.count(project)

        self.query(ask, lambda answer: self._show(*answer))

    def open_at(self, what: object) -> None:
        """Trace the prediction of this id."""
        self.tabs.setCurrentWidget(self.trace_panel)
        self.trace_panel.ask_for(str(what))
        self.find_trace()

    def find_trace(self) -> None:
        """Show what stands behind the prediction whose id was pasted."""
        self.tabs.setCurrentWidget(self.trace_panel)
        self.trace_panel.look_up()

    def verify(self) -> None:
        """Re-hash chain and objects, as a job."""

        def check(project: Project, ctx: JobContext) -> VerifyReport:
            from app.registry.verify import verify

            return verify(project, ctx)

        self.tabs.setCurrentIndex(0)
        self.verdict.hide()
        self.act(
            self.tr("Verifying the project"), check, kind="verify", then=self._show_verdict, busy=self.verify_button
        )

    def export_csv(self) -> None:
        """Ask where, and write the entries that are shown."""
        self.table.ask_where()

    def _entries_tab(self, actions: Actions) -> QWidget:
        self.filter = QLineEdit(placeholderText=self.tr("Filter by name, person or id"), clearButtonEnabled=True)
        self.filter.setAccessibleName(self.tr("Filter the history"))
        self.filter.textChanged.connect(lambda _text: self.refresh())
        self.verbs = Combo(self.tr("Kind of entry"))
        self.verbs.addItem(self.tr("Everything"), None)
        for verb in VERBS:
            self.verbs.addItem(verb_words(verb), verb)
        self.verbs.currentIndexChanged.connect(lambda _index: self.refresh())
        self.verify_button = ActionButton(actions["history.verify"], icon="shield")
        export = Button(self.tr("Save as CSV…"), self.export_csv, icon="download", name="history.export")
        self.verdict = Banner(name="history.verdict")
        self.model = RecordsModel(self._columns(), self)
        self.table = DataTable(self.tr("Entries of the history"), name="history.entries")
        self.table.setModel(self.model)
        self.table.set_widths([56, 146, 128, 196, 0])
        self.none = label(self.tr("No entry matches this filter."), "quiet")
        self.none.hide()
        card = Card()
        card.body.addLayout(row(self.filter, self.verbs, 1, export, self.verify_button))
        card.body.addWidget(self.verdict)
        card.body.addWidget(self.none)
        card.body.addWidget(self.table, 1)
        self.filter.setMinimumWidth(260)
        tab = QWidget()
        layout = QVBoxLayout(tab)
        layout.setContentsMargins(0, 12, 0, 0)
        layout.addWidget(card, 1)
        return tab

    def _columns(self) -> list[TableColumn[AuditEntry]]:
        return [
            TableColumn(
                self.tr("No."), lambda e: count(e.seq), numeric=True, key=lambda e: e.seq, tip=lambda e: e.hash
            ),
            TableColumn(self.tr("When"), lambda e: when(e.at), key=lambda e: e.at, tip=lambda e: e.at),
            TableColumn(self.tr("Who"), lambda e: e.actor),
            TableColumn(self.tr("What"), lambda e: verb_words(e.verb), tip=lambda e: e.verb),
            TableColumn(self.tr("Details"), details_of, tip=lambda e: e.payload or self.tr("erased")),
        ]

    def _show(self, entries: list[AuditEntry], total: int) -> None:
        self.model.show(entries)
        self.none.setVisible(not entries)
        if len(entries) < total:
            self.set_subtitle(self.tr("{0} of {1} entries").format(count(len(entries)), count(total)))
        else:
            self.set_subtitle(self.tr("{0} entries, each with the hash of the one before").format(count(total)))

    def _show_verdict(self, report: VerifyReport) -> None:
        checked = self.tr("{0} stored files and {1} entries were hashed again.").format(
            count(report.objects), count(report.entries)
        )
        if report.ok:
            self.verdict.ask("ok", self.tr("Everything is as it was recorded."), checked, [])
        else:
            first = " ".join(report.problems[:3])
            found = self.tr("{0} problems were found. {1}").format(count(len(report.problems)), first)
            self.verdict.ask("fail", found, self.tr("Restore the project from a copy made before."), [])
