"""*Why this answer?* below a service's answer: on a button, what each input added, and similar training rows."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from app.core.explanations import Reasons
from app.runtime.contract import Value
from app.ui.charts.axes import number
from app.ui.charts.contributions import ContributionsChart, word_words
from app.ui.jobs import Job
from app.ui.page import Page
from app.ui.problems import Problem
from app.ui.widgets.buttons import Button
from app.ui.widgets.card import column, label, row

if TYPE_CHECKING:
    from app.core.progress import JobContext
    from app.registry.project import Project


class WhyAnswer(QWidget):
    """Hidden until there is an answer to explain."""

    def __init__(self, page: Page) -> None:
        super().__init__()
        self._page = page
        self._asked: tuple[str, str] | None = None
        self._asked_for: tuple[str, str] | None = None
        self._job: Job | None = None
        self.button = Button(self.tr("Why this answer?"), self.explain, role="flat", icon="help", name="service.why")
        self.sentence = label("", "quiet", wrap=True, name="service.reasons")
        self.chart = ContributionsChart(self.tr("What each input added"))
        self._title = label(self.tr("Why this answer?"), "strong")
        self.more = self.chart.more_button()
        self.similar = label("", "quiet", wrap=True, name="service.similar")
        self.setLayout(
            column(row(self.button, self._title, 1, self.more), self.sentence, self.chart, self.similar, spacing=4)
        )
        self.clear()

    def offer(self, model_version_id: str, inputs: Mapping[str, Value]) -> None:
        """There is an answer of this model to these inputs."""
        self._forget()
        self._asked = (model_version_id, json.dumps(inputs))
        self.button.show()
        self.show()

    def clear(self) -> None:
        """There is no answer."""
        self._forget()
        self.hide()

    def explain(self) -> None:
        """Ask the exported model, in a job."""
        if self._asked is None or self._job is not None:
            return
        version_id, inputs = self._asked

        def ask(project: Project, ctx: JobContext) -> Reasons:
            from app.registry import models
            from app.training.explaining.explain import AskedRow, reasons_of

            version = models.model_version(project, version_id)
            return reasons_of(project, version.candidate_id, AskedRow(inputs=inputs), ctx)

        self._asked_for = self._asked
        title = self.tr("Finding out why")
        self._job = self._page.act(
            title, ask, kind="explain", then=self._show, busy=self.button, failed=self._failed, finally_=self._ended
        )

    def _show(self, reasons: Reasons) -> None:
        if self._asked != self._asked_for:
            return
        what = self.tr("probability of {0}").format(reasons.of) if reasons.of else self.tr("value")
        told = self.tr("The {0} is {1}; for a typical row it is {2}. Each input moved it so far:")
        self.sentence.setText(told.format(what, number(reasons.output), number(reasons.base)))
        self.chart.show_reasons(reasons)
        rows = ", ".join(self.tr("row {0} ({1})").format(n.row, n.actual) for n in reasons.neighbours)
        similar = self.tr("Most similar training rows: {0}.").format(rows) if rows else ""
        self.similar.setText("\n".join(filter(None, (word_words(reasons.words), similar))))
        self.button.hide()
        self._show_parts(True)

    def _failed(self, problem: Problem) -> None:
        self.sentence.setText(f"{problem.message} {problem.hint}".strip())
        self.sentence.show()

    def _ended(self, job: Job) -> None:
        if self._job is job:
            self._job = None

    def _forget(self) -> None:
        if self._job is not None:
            self._job.cancel()
        self._job = self._asked = None
        self._show_parts(False)

    def _show_parts(self, known: bool) -> None:
        for widget in (self._title, self.sentence, self.chart, self.more, self.similar):
            widget.setVisible(known)
