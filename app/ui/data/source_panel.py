"""Add from…: one short form for a database, a web address, an S3 object or a folder, inline on the data page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QCompleter, QFileDialog, QFormLayout, QLineEdit, QWidget

from app.core.addresses import of_database
from app.core.progress import JobContext
from app.errors import ModelyardError
from app.ui.adding import Adder
from app.ui.data.source_forms import FORMS, Entry
from app.ui.jobs import Job
from app.ui.problems import Problem, problem_of
from app.ui.session import Session
from app.ui.widgets.buttons import Button
from app.ui.widgets.card import Card, field_label, label, row
from app.ui.widgets.field import field
from app.ui.words import plain_tip

if TYPE_CHECKING:
    from app.data.fetch.ask import Look
    from app.data.fetching import Recipe

WIDTH = 760


class SourcePanel(Card):
    """Hidden until a kind of source is chosen. What goes wrong is said below the fields, which keep what was typed."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__("…", name="data.source_panel", parent=parent)
        self._session = session
        self._adder = Adder(session, self)
        self.kind = ""
        self.fields: dict[str, QLineEdit] = {}
        self._job: Job | None = None
        self._form = QFormLayout()
        self._form.setVerticalSpacing(8)
        self._form.setHorizontalSpacing(12)
        self._form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self.says = label("", "quiet", wrap=True, name="data.source_says")
        self.add_button = Button(self.tr("Add"), self.add, name="data.fetch", role="primary")
        self.test_button = Button(self.tr("Test connection"), self.look, name="data.test_source")
        self.choose_button = Button(self.tr("Choose folder…"), self.choose, name="data.choose_folder", icon="folder")
        self.cancel_button = Button(self.tr("Cancel"), self.cancel, name="data.cancel_fetch", icon="stop")
        self.setMaximumWidth(WIDTH)
        self.head.addStretch(1)
        self.head.addWidget(Button(self.tr("Close"), self.hide, name="data.close_source", role="icon", icon="close"))
        self.body.addLayout(self._form)
        self.body.addWidget(self.says)
        self.body.addLayout(row(self.add_button, self.test_button, self.choose_button, self.cancel_button, 1))
        self.hide()

    def open(self, kind: str) -> None:
        """Show the form of a kind of source."""
        if kind != self.kind:
            self._build(kind)
        self._session.go("data")
        self._say("")
        self._allow()
        self.show()
        self.fields["address"].setFocus()

    def open_database(self) -> None:
        """A table or a query of a database."""
        self.open("database")

    def open_web(self) -> None:
        """A file at a web address."""
        self.open("web")

    def open_s3(self) -> None:
        """An object of an S3 store."""
        self.open("s3")

    def open_folder(self) -> None:
        """A folder of Parquet files."""
        self.open("folder")

    def choose(self) -> None:
        """Ask for a folder with the system's own dialog."""
        name = QFileDialog.getExistingDirectory(self, self.tr("A folder of Parquet files"))
        if name:
            self.fields["address"].setText(name)

    def add(self) -> None:
        """Fetch and add what the form says."""
        wanted = self._recipe() if self.add_button.isEnabled() else None
        if wanted is not None:
            self._say("")
            self._job = self._adder.fetch(wanted, self._text("name") or None, self._done, self._failed, self._ended)
            self._allow()

    def look(self) -> None:
        """Connect and tell what is there."""
        wanted = self._recipe()
        if wanted is None:
            return

        def ask(ctx: JobContext) -> Look:
            from app.data.fetching import look

            return look(wanted, ctx)

        self._say(self.tr("Connecting…"))
        self._job = self._session.jobs.start(
            self.tr("Testing the connection"), ask, then=self.show_look, failed=self._failed, finally_=self._ended
        )
        self._allow()

    def show_look(self, found: Look) -> None:
        """Say what is there, and offer a database's tables."""
        self._say(found.said)
        query = self.fields.get("query")
        if query is not None and found.tables:
            completer = QCompleter(list(found.tables), query)
            completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
            completer.setFilterMode(Qt.MatchFlag.MatchContains)
            query.setCompleter(completer)
            if not query.text() and len(found.tables) == 1:
                query.setText(found.tables[0])

    def cancel(self) -> None:
        """Stop what is under way."""
        if self._job is not None:
            self._job.cancel()

    def _build(self, kind: str) -> None:
        title, entries = FORMS[kind]
        self.kind = kind
        self.title.setText(_tr(title))
        self.setAccessibleName(_tr(title))
        while self._form.rowCount():
            self._form.removeRow(0)
        self.fields = {entry.id: self._field(entry) for entry in entries}
        for entry in entries:
            edit = self.fields[entry.id]
            self._form.addRow(field_label(_tr(entry.title), edit), edit)

    def _field(self, entry: Entry) -> QLineEdit:
        says = _tr(entry.title).replace("&", "")
        made = field(f"data.source_{entry.id}", says, placeholder=_tr(entry.placeholder))
        if entry.secret:
            made.setEchoMode(QLineEdit.EchoMode.Password)
        made.returnPressed.connect(self.add)
        made.textChanged.connect(self._allow)
        return made

    def _recipe(self) -> Recipe | None:
        """What the form says; None, with the reason below it, if that leads nowhere."""
        from app.data.fetching import recipe

        address, endpoint = self._text("address"), self._text("endpoint")
        if self.kind == "database":
            address = of_database(address)
        if self._text("key"):
            address = address.replace("s3://", f"s3://{self._text('key')}@", 1)
        try:
            return recipe(
                address,
                query=self._text("query"),
                parameters=(("endpoint", endpoint),) if endpoint else (),
                secret=self._text("variable"),
                password=self._text("password"),
            )
        except ModelyardError as error:
            self._failed(problem_of(error))
            return None

    def _text(self, id_: str) -> str:
        return self.fields[id_].text().strip() if id_ in self.fields else ""

    def _done(self) -> None:
        for edit in self.fields.values():
            edit.clear()
        self.hide()

    def _failed(self, problem: Problem) -> None:
        self._say(f"{problem.message} {problem.hint}".strip(), "problem")
        self.says.setToolTip(plain_tip(problem.details))

    def _ended(self, job: Job) -> None:
        if job is self._job:
            self._job = None
            if self.says.text() == self.tr("Connecting…"):
                self._say("")  # cancelled
        self._allow()

    def _allow(self) -> None:
        busy = self._job is not None
        why_not = "" if self._text("address") else self.tr("Type an address first.")
        for button in (self.add_button, self.test_button):
            button.forbid(self.tr("Something is under way.") if busy else why_not)
        self.test_button.setVisible(self.kind != "folder")
        self.choose_button.setVisible(self.kind == "folder")
        self.cancel_button.setVisible(busy)

    def _say(self, text: str, role: str = "quiet") -> None:
        self.says.setText(text)
        self.says.setVisible(bool(text))
        self.says.setProperty("role", role)
        self.says.style().unpolish(self.says)
        self.says.style().polish(self.says)


def _tr(text: str) -> str:
    return QCoreApplication.translate("SourcePanel", text)
