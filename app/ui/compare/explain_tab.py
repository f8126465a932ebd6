"""What a tab needs that asks the chosen candidate's exported model something: once, and only while it is looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from PySide6.QtCore import QPoint
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QWidget

from app.ui.compare.candidate_view import CandidateView
from app.ui.jobs import Job
from app.ui.page import Page
from app.ui.problems import Problem
from app.ui.widgets.card import column, label

if TYPE_CHECKING:
    from app.core.progress import JobContext
    from app.registry.project import Project

T = TypeVar("T")


class ExplainTab(QWidget, Generic[T]):
    """Subclasses give ``words``, ``ask``, ``show_answer`` and ``say``. Answers are kept by candidate; a question about
    another candidate cancels the one under way. ``method``: how it is worked out, with its source; ``wide``: it needs
    the room of *What matters* as well."""

    method = ""
    wide = False

    def __init__(self, page: Page, title: str) -> None:
        super().__init__()
        self._page = page
        self.title = title
        self.view: CandidateView | None = None
        self._answers: dict[str, T] = {}
        self._job: Job | None = None
        self._asked = ""
        self._shown = ""

    def fits(self, view: CandidateView) -> bool:
        """Whether this can be asked of a candidate at all; if not, the tab is not there."""
        return True

    def words(self, name: str) -> str:
        """What is done, for the job strip. ``name``: the candidate's."""
        raise NotImplementedError

    def ask(self, project: Project, candidate_id: str, ctx: JobContext) -> T:
        """The question, asked beside the window."""
        raise NotImplementedError

    def show_answer(self, answer: T) -> None:
        """Show it."""
        raise NotImplementedError

    def say(self, text: str) -> None:
        """Only a sentence: it is being worked out, or cannot be."""
        raise NotImplementedError

    def show_menu_at(self, widget: QWidget) -> None:
        """Offer what can be done with the picture or the table, below ``widget``."""
        raise NotImplementedError

    def show_view(self, view: CandidateView) -> None:
        """Explain this candidate, at once if the tab is in sight, else when it is."""
        self.view = view
        if self.isVisible():
            self._explain()

    def forget(self, candidate_id: str) -> None:
        """What was answered about a candidate holds no more; ask again when it is looked at."""
        self._answers.pop(candidate_id, None)
        if self._asked == candidate_id:
            self._cancel()
        if self._shown == candidate_id:
            self._shown = ""

    def showEvent(self, event: QShowEvent) -> None:
        """Ask what was not asked yet."""
        super().showEvent(event)
        self._explain()

    def _explain(self) -> None:
        view = self.view
        if view is None or view.candidate.id == self._shown:
            return
        id_ = view.candidate.id
        if not view.candidate.onnx_sha256:
            self._cancel()
            self._shown = id_
            self.say(self.tr("{0} has no exported model to explain.").format(view.candidate.name))
        elif id_ in self._answers:
            self._cancel()
            self._shown = id_
            self.show_answer(self._answers[id_])
        elif self._job is None or self._asked != id_:
            self._begin(id_, view.candidate.name)

    def _begin(self, id_: str, name: str) -> None:
        self._cancel()
        self._asked, self._shown = id_, ""
        self.say(self.tr("Asking {0}…").format(name))

        def ask(project: Project, ctx: JobContext) -> T:
            return self.ask(project, id_, ctx)

        def keep(answer: T) -> None:
            self._answers[id_] = answer
            if self.view is not None and self.view.candidate.id == id_:
                self._shown = id_
                self.show_answer(answer)

        self._job = self._page.act(
            self.words(name), ask, kind="explain", then=keep, failed=self._failed, finally_=self._ended
        )

    def _cancel(self) -> None:
        if self._job is not None:
            self._job.cancel()
        self._job, self._asked = None, ""

    def _failed(self, problem: Problem) -> None:
        self.say(f"{problem.message} {problem.hint}".strip())

    def _ended(self, job: Job) -> None:
        if self._job is job:
            self._job, self._asked = None, ""


class SentenceTab(ExplainTab[T]):
    """A tab that shows its content or, until there is an answer, a sentence in its place."""

    def lay_out(self, content: QWidget, name: str) -> None:
        """Put the content below the sentence. ``name``: the sentence's, for tests and screen readers."""
        self._content = content
        self._sentence = label("", "quiet", wrap=True, name=name)
        whole = column(self._sentence)
        whole.setContentsMargins(0, 8, 0, 0)
        whole.addWidget(content, 1)
        whole.addStretch(0)
        self.setLayout(whole)

    def say(self, text: str) -> None:
        """Only a sentence."""
        self._sentence.setText(text)
        self._turn(answered=False)

    def show_content(self) -> None:
        """There is an answer."""
        self._turn(answered=True)

    def _turn(self, *, answered: bool) -> None:
        self._sentence.setVisible(not answered)
        self._content.setVisible(answered)


def below(widget: QWidget) -> QPoint:
    """Where a menu of ``widget`` opens."""
    return widget.mapToGlobal(QPoint(0, widget.height()))
