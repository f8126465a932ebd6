"""SQL answer: would a plain query have been enough, and which one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QPlainTextEdit, QWidget

from app.core.methods import RULES
from app.core.referee import Query, QueryBundle, RefereeVerdict, Ruling
from app.core.runs import Run
from app.ui.compare.query_bundle_row import QueryBundleRow
from app.ui.compare.rule_table import RuleTable
from app.ui.data.data_part import DataPart
from app.ui.data.data_view import DataView
from app.ui.data.sql_colours import SqlColours
from app.ui.data.sql_editor import sql_font
from app.ui.widgets.buttons import Button
from app.ui.widgets.card import column, label, row, within
from app.ui.widgets.chip import Chip
from app.ui.widgets.combo import Combo
from app.ui.widgets.either import Either
from app.ui.widgets.empty import EmptyState

if TYPE_CHECKING:
    from app.core.progress import JobContext
    from app.registry.project import Project
    from app.ui.page import Page

CHIPS = {
    Ruling.ENOUGH: ("ok", "SQL is enough"),
    Ruling.NOT_ENOUGH: ("info", "SQL is not enough"),
    Ruling.UNDECIDED: ("warn", "Undecided"),
}


@dataclass(frozen=True, slots=True)
class SqlAnswer:
    """The newest verdict on a version, with a rule's query in a dialect and the dialects there are."""

    run: Run
    verdict: RefereeVerdict
    table: str
    sql: str
    bundle: QueryBundle | None
    dialects: tuple[tuple[str, str], ...]


def read_answer(project: Project, view: DataView, dialect: str, wanted: Query | None = None) -> SqlAnswer | None:
    """The answer of the shown version's newest run that has one; None without. ``wanted``: the rule whose query is
    shown, if the verdict knows it; else the one that the verdict is about."""
    from app.registry import query_bundles, verdicts
    from app.training.sql.dialects import DIALECTS, whole_query

    found = verdicts.newest_verdict(project, view.version.id)
    if found is None:
        return None
    run, verdict = found
    known = any(rule.query == wanted for rule in verdict.rules)
    query = wanted if wanted is not None and known else verdict.query
    sql = whole_query(query.lines, view.dataset.name, run.plan.target, dialect)
    bundle = query_bundles.query_bundle_of(project, run.id)
    return SqlAnswer(run, verdict, view.dataset.name, sql, bundle, tuple(DIALECTS.items()))


class SqlAnswerPart(DataPart):
    """The verdict in one sentence, the model and all rules in figures, the selected rule's query to take away."""

    id: ClassVar[str] = "sql"
    title: ClassVar[str] = "SQL answer"
    least_px: ClassVar[int] = 640

    def __init__(self, page: Page, parent: QWidget | None = None) -> None:
        super().__init__(page, parent)
        empty = EmptyState(
            "table",
            self.tr("Would a plain query do as well?"),
            self.tr("Every run looks for the best rule that SQL can follow and compares the model with it."),
        )
        self._ruling = Chip("info", "")
        self.sentence = label("", wrap=True, name="data.sql.sentence")
        self.rules = RuleTable()
        self.rules.chosen.connect(self._ask)
        self._told = label(self.tr(RULES), "quiet", wrap=True, name="data.sql.told")
        self.dialect = Combo(self.tr("Database that the query is written for"), name="data.sql.dialect")
        self.dialect.activated.connect(lambda _index: self._ask())
        self.text = QPlainTextEdit(readOnly=True, lineWrapMode=QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setFont(sql_font())
        self._colours = SqlColours(self.text.document())
        self.text.setObjectName("data.sql.text")
        self.text.setAccessibleName(self.tr("The query"))
        self.text.setMinimumHeight(120)
        copy = Button(self.tr("Copy"), self._copy, name="data.sql.copy", icon="copy")
        save = Button(self.tr("Save as…"), self._save, name="data.sql.save", icon="download")
        self.bundle = Button(self.tr("Bundle the query instead"), self._bundle, name="data.sql.bundle", icon="bundle")
        head = row(label(self.tr("Written for"), "quiet"), self.dialect, 1, copy, save)
        self.bundled = QueryBundleRow(page)
        content = within(
            column(
                row(self._ruling, 1, self.bundle),
                self.sentence,
                self.rules,
                self._told,
                head,
                self.bundled,
                self.text,
                spacing=10,
            )
        )
        self.either = Either(empty, content)
        self.layout_.addWidget(self.either, 1)
        self._answer: SqlAnswer | None = None

    def refresh(self, view: DataView) -> None:
        """Read the verdict; a run that ended before it was given is judged now."""
        self._ask()
        run = view.result.run if view.result is not None else None
        if run is not None and view.result is not None and view.result.best is not None:
            self._judge(run)

    def clear(self) -> None:
        """Teach what this is for."""
        self._answer = None
        self.either.show_content(False)

    def _ask(self) -> None:
        view, dialect, wanted = self.view, str(self.dialect.currentData() or "duckdb"), self.rules.query
        if view is not None:
            self.page.query(lambda project: read_answer(project, view, dialect, wanted), self._show, key=self.id)

    def _judge(self, run: Run) -> None:
        """Only for runs of before: every finished run has its verdict."""

        def judge(project: Project, ctx: JobContext) -> None:
            from app.training.referee import has_both, referee

            if has_both(run):
                referee(project, run, ctx)

        def known(verdict: RefereeVerdict | None) -> None:
            if verdict is None and any(c.family == "sql" for c in run.candidates):
                self.page.act(self.tr("Comparing with a plain query"), judge, then=lambda _none: self._ask())

        self.page.query(lambda project: _verdict(project, run.id), known, key=f"{self.id}.known")

    def _show(self, answer: SqlAnswer | None) -> None:
        self._answer = answer
        self.either.show_content(answer is not None)
        if answer is None:
            return
        status, words = CHIPS[answer.verdict.ruling]
        self._ruling.say(status, self.tr(words))
        self.sentence.setText(answer.verdict.sentence)
        self.rules.show_verdict(answer.verdict)
        self._told.setVisible(bool(answer.verdict.rules))
        self._settle_bundle()
        self.bundled.show_bundle(answer.bundle)
        if self.dialect.count() == 0:
            for key, name in answer.dialects:
                self.dialect.addItem(name, key)
            self.dialect.updateGeometry()
        self.text.setPlainText(answer.sql)

    def _settle_bundle(self) -> None:
        """Only what the verdict is about can be taken along."""
        able = self.rules.query is None
        self.bundle.setEnabled(able)
        told = self.tr("A folder with the query in every dialect and the proof that it answers so.")
        self.bundle.setToolTip(told if able else self.tr("Select the rule that the verdict is about to bundle it."))

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.text.toPlainText())
        self.page.session.tell(self.tr("The query is on the clipboard."))

    def _bundle(self) -> None:
        answer = self._answer
        if answer is None:
            return

        def bundle(project: Project, ctx: JobContext) -> QueryBundle:
            from app.bundles.query import bundle_query

            return bundle_query(project, answer.run.id, ctx=ctx)

        def show(made: QueryBundle) -> None:
            if self._answer is not None and self._answer.run.id == answer.run.id:
                self.bundled.show_bundle(made)

        self.page.act(self.tr("Bundling the query"), bundle, then=show, changes={"bundle"}, busy=self.bundle)

    def _save(self) -> None:
        if self._answer is None:
            return
        wish = f"{self._answer.table}.sql"
        path, _filter = QFileDialog.getSaveFileName(self, self.tr("Save the query"), wish, "SQL (*.sql)")
        if path:
            text = self.text.toPlainText()
            self.page.act(
                self.tr("Saving the query"),
                lambda _project, _ctx: Path(path).write_text(text, encoding="utf-8"),
                then=lambda _size: self.page.session.tell(self.tr("Saved {0}").format(Path(path).name)),
            )


def _verdict(project: Project, run_id: str) -> RefereeVerdict | None:
    from app.registry import verdicts

    return verdicts.verdict_of(project, run_id)
