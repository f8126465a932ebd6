"""Home with a project: the loop with the state of each step, what waits for somebody, what happened last."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.core.audit import AuditEntry
from app.core.runs import RunState
from app.ui.actions import Actions
from app.ui.data.source_line import AddFromButton
from app.ui.history.history_words import verb_words
from app.ui.home.home_maturity import MaturityCard
from app.ui.home.overview import Overview
from app.ui.home.todo import Todo
from app.ui.home.todos import todos
from app.ui.page import scrolling
from app.ui.session import Session
from app.ui.widgets.buttons import ActionButton, Button
from app.ui.widgets.card import Card, column, emptied, label, row
from app.ui.widgets.chip import StatusMark
from app.ui.widgets.elided import Elided
from app.ui.widgets.field import field
from app.ui.widgets.loop import LoopView, Step
from app.ui.words import plain_tip, plural, when


class ProjectHome(QWidget):
    """The open project at a glance."""

    def __init__(self, session: Session, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._name = Elided(role="big", gives_way=True)
        self._edit = field("project.name", self.tr("Name of the project"), most_px=360)
        self._edit.setMaxLength(200)
        self._edit.returnPressed.connect(self._renamed)
        self._edit.editingFinished.connect(self._edit.hide)
        self._edit.hide()
        rename = ActionButton(actions["project.rename"], role="icon", icon="edit")
        close = ActionButton(actions["project.close"], role="flat", icon="close")
        self._loop = LoopView()
        self._loop.chosen.connect(session.go)
        self._todo = Card(self.tr("What needs you"), name="home.todo")
        self._todo_rows = column(spacing=4)
        self._todo.body.addLayout(self._todo_rows)
        self._todo.body.addStretch(1)
        self._recent = Card(self.tr("What happened last"), name="home.activity")
        self._recent_rows = column(spacing=4)
        self._recent.body.addLayout(self._recent_rows)
        self._recent.body.addStretch(1)
        loop = Card(name="home.loop")
        loop.body.addLayout(row(self._name, self._edit, rename, 1, AddFromButton(actions, role="flat"), close))
        loop.body.addWidget(self._loop)
        cards = row(spacing=16)
        cards.addWidget(self._todo, 3)
        cards.addWidget(self._recent, 2)
        inner = QWidget()
        whole = column(loop, spacing=16)
        whole.addLayout(cards)
        self.maturity = MaturityCard(session)
        whole.addWidget(self.maturity)
        whole.addStretch(1)
        inner.setLayout(whole)
        inner.setMinimumHeight(1)  # else Qt adds up the heights that texts would have in the least width
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scrolling(inner))

    def show_overview(self, overview: Overview) -> None:
        """Show the project as it is now."""
        project = self._session.project
        name = project.name if project is not None else ""
        self._name.setText(name)
        self._name.setToolTip(plain_tip(name))
        self._loop.show_steps(self._steps(overview))
        _refill(self._todo_rows, [TodoRow(todo, self._session) for todo in todos(overview, self.tr)])
        _refill(self._recent_rows, [_activity(entry) for entry in overview.recent])

    def rename(self) -> None:
        """Edit the name in place."""
        self._edit.setText(self._session.project.name if self._session.project is not None else "")
        self._edit.show()
        self._edit.setFocus()
        self._edit.selectAll()

    def _renamed(self) -> None:
        self._edit.hide()
        if self._edit.text().strip():
            self._session.rename_project(self._edit.text())

    def _steps(self, overview: Overview) -> list[Step]:
        rows = sum(state.version.rows for state in overview.data)
        done = sum(overview.counts.get(state, 0) for state in (RunState.FINISHED, RunState.CANCELLED))
        live, predictions = len(overview.live), overview.predictions
        model = overview.models[0].label if overview.models else self.tr("nothing approved")
        rows_words = plural(rows, self.tr("row"), self.tr("rows"))
        if len(overview.data) > 1:
            rows_words = self.tr("{0} data sets").format(len(overview.data))
        runs_words = plural(done, self.tr("run"), self.tr("runs"))
        live_words = plural(live, self.tr("service"), self.tr("services"))
        watched = plural(predictions, self.tr("prediction"), self.tr("predictions"))
        if overview.alerts:
            watched = plural(len(overview.alerts), self.tr("open alert"), self.tr("open alerts"))
        return [
            Step("data", self.tr("Data"), rows_words, bool(overview.data)),
            Step("train", self.tr("Train"), runs_words, done > 0, bool(overview.running)),
            Step("models", self.tr("Approve"), model, bool(overview.models)),
            Step("services", self.tr("Run"), live_words, live > 0),
            Step("monitor", self.tr("Watch"), watched, predictions > 0, warns=bool(overview.alerts)),
        ]


class TodoRow(QWidget):
    """One thing to do: why, and the button that leads there."""

    def __init__(self, todo: Todo, session: Session) -> None:
        super().__init__()
        button = Button(todo.button, lambda: session.go(todo.page, todo.what), role="primary" if todo.first else "")
        line = row(StatusMark(todo.status), label(todo.text, wrap=True), button)
        line.setStretch(1, 1)
        line.setContentsMargins(0, 4, 0, 4)
        self.setLayout(line)


def _name_of(actor: str) -> str:
    """``Ada <ada@example.org>`` -> ``Ada``."""
    return actor.split(" <")[0]


def _activity(entry: AuditEntry) -> QWidget:
    made = QWidget()
    text = f"{verb_words(entry.verb)} · {_name_of(entry.actor)}"
    words = Elided(text)
    words.setToolTip(plain_tip(text))
    line = row(words, label(when(entry.at), "caption"))
    line.setStretch(0, 1)
    made.setLayout(line)
    return made


def _refill(layout: QVBoxLayout, widgets: list[QWidget]) -> None:
    emptied(layout)
    for widget in widgets:
        layout.addWidget(widget)
