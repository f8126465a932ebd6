"""A sentence across the page: what went wrong or wants an answer, with what can be done about it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QRectF
from PySide6.QtGui import QGuiApplication, QHideEvent, QPainter, QPaintEvent, QPen, QShowEvent
from PySide6.QtWidgets import QMenu, QPlainTextEdit, QVBoxLayout, QWidget
from shiboken6 import isValid

from app.ui.problems import Problem
from app.ui.theme import color
from app.ui.widgets.buttons import Button
from app.ui.widgets.card import column, label, row
from app.ui.widgets.chip import StatusMark
from app.ui.words import plain_tip

Do = Callable[[], object]
Answer = tuple[str, str, Do | Sequence[tuple[str, Do]]]
"""Text, object name and what it does, or a menu of what there is to choose from."""
BESIDE = 2
"""So many answers stand beside the words, more of them below."""
LONGEST_ANSWER = 28
"""In characters; the tip says the rest."""


class Banner(QWidget):
    """Hidden until it has something to say. Errors carry their details behind a disclosure. ``gap``: px kept free
    below it, where no layout does."""

    def __init__(self, parent: QWidget | None = None, *, name: str = "", gap: int = 0) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self._gap = gap
        self._status = "fail"
        self._report = ""
        self._mark = StatusMark("fail")
        self._message = label("", "strong", wrap=True)
        self._hint = label("", "quiet", wrap=True)
        self._details = QPlainTextEdit(readOnly=True)
        self._details.setAccessibleName(self.tr("Details of the problem"))
        self._details.setFixedHeight(160)
        self._extra: list[Button] = []
        self._before: QWidget | None = None
        self._show_details = Button(self.tr("Details"), self._toggle_details, role="flat")
        self._copy = Button(self.tr("Copy details"), self._copy_report, role="flat", icon="copy")
        self._dismiss = Button(self.tr("Dismiss"), self._put_aside, role="icon", icon="close")
        self._otherwise: Do | None = None
        self._question: Do | None = None
        """Asks again what is being asked."""
        self._build()
        self.hide()

    def _build(self) -> None:
        self._below = row(1)
        words = column(self._message, self._hint, self._below, spacing=2)
        self._row = row()
        self._row.addWidget(self._mark)
        self._row.addLayout(words, 1)
        for button in (self._show_details, self._copy, self._dismiss):
            self._row.addWidget(button)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(12, 8, 8, 8 + self._gap)
        whole.addLayout(self._row)
        whole.addWidget(self._details)

    def show_problem(self, problem: Problem) -> None:
        """Say what went wrong. A question in whose place it stands is asked again once it is dismissed."""
        self._say("fail", problem.message, problem.hint)
        self._otherwise = self._question
        self._report = problem.report
        self._details.setPlainText(problem.details)
        self._copy.setText(self.tr("Copy report") if problem.is_bug else self.tr("Copy details"))
        self._show_details.setVisible(bool(problem.details))
        self._copy.setVisible(bool(problem.details))
        self.show()

    def ask(
        self,
        status: str,
        message: str,
        hint: str,
        answers: Sequence[Answer],
        otherwise: Do | None = None,
    ) -> None:
        """Say something with answers to choose from. ``otherwise``: what happens if none of them is chosen; with it
        the first answer takes the question away."""
        self._say(status, message, hint)
        self._otherwise = otherwise
        self._question = partial(self.ask, status, message, hint, answers, otherwise) if otherwise else None
        self._extra = [self._answer(*answer) for answer in answers]
        many = len(answers) > BESIDE
        self._below.setContentsMargins(0, 8 if many else 0, 0, 4 if many else 0)
        for button in self._extra:
            if many:
                self._below.insertWidget(self._below.count() - 1, button)
            else:
                self._row.insertWidget(self._row.count() - 3, button)
            button.show()
        self._show_details.hide()
        self._copy.hide()
        self.show()

    def _answer(self, text: str, name: str, do: Do | Sequence[tuple[str, Do]]) -> Button:
        short = text if len(text) <= LONGEST_ANSWER else f"{text[: LONGEST_ANSWER - 1]}…"
        button = Button(short, partial(self._take, do) if callable(do) else None, name=name, says=text)
        button.setToolTip(plain_tip(text) if short != text else "")
        if not callable(do):
            menu = QMenu(button)
            for item, chosen in do:
                action = menu.addAction(item.replace("&", "&&"))
                action.triggered.connect(lambda _on=False, chosen=chosen: self._take(chosen))
            button.setMenu(menu)
        return button

    def _take(self, do: Do) -> None:
        if self._otherwise is not None:
            self._otherwise = None
            self.hide()
        do()

    @property
    def message(self) -> str:
        """What is said now."""
        return self._message.text()

    def _say(self, status: str, message: str, hint: str) -> None:
        self._status, self._otherwise = status, None
        if self.isHidden():  # what was asked last is answered, or nobody wants to know any more
            self._question = None
        self._mark.set_status(status)
        self._message.setText(message)
        self._hint.setText(hint)
        self._hint.setVisible(bool(hint))
        self._details.hide()
        self._dismiss.show()
        for button in self._extra:
            button.hide()
            button.deleteLater()
        self._extra = []
        self.setAccessibleName(message)

    def showEvent(self, event: QShowEvent) -> None:
        """Remember who had the keyboard."""
        super().showEvent(event)
        self._before = self.window().focusWidget()

    def hideEvent(self, event: QHideEvent) -> None:
        """Give the keyboard back: it would go to the window's first button."""
        super().hideEvent(event)
        before, self._before = self._before, None
        held = self.window().focusWidget()
        mine = held is not None and self.isAncestorOf(held)
        if mine and before is not None and isValid(before) and before.isVisible() and before.isEnabled():
            before.setFocus()

    def _put_aside(self) -> None:
        otherwise, self._otherwise = self._otherwise, None
        self.hide()
        if otherwise is not None:
            otherwise()

    def _toggle_details(self) -> None:
        self._details.setVisible(self._details.isHidden())

    def _copy_report(self) -> None:
        QGuiApplication.clipboard().setText(self._report)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """A soft round ground in the status's colour."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(color(self._status), 1))
        painter.setBrush(color(f"{self._status}_soft"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5 - self._gap), 8, 8)
        painter.end()
