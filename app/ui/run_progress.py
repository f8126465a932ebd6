"""The run that is under way: how far, what finished already, and Cancel."""

from __future__ import annotations

from PySide6.QtWidgets import QProgressBar, QWidget

from app.core.runs import Candidate
from app.ui.actions import Actions
from app.ui.jobs import Job
from app.ui.run_words import candidate_line
from app.ui.session import Session
from app.ui.widgets.buttons import ActionButton
from app.ui.widgets.card import Card, label
from app.ui.widgets.chip import Chip
from app.ui.widgets.scores import ScoreLines


class RunProgress(Card):
    """Live, from the job's progress and the candidates that come in."""

    def __init__(self, session: Session, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(self.tr("Training"), name="run.progress", parent=parent)
        self._job: Job | None = None
        self._candidates: list[Candidate] = []
        self._step = label("", "quiet")
        self.head.addWidget(Chip("running", self.tr("running")))
        self.head.addWidget(self._step, 1)
        self.head.addWidget(ActionButton(actions["run.cancel"], icon="stop"))
        self._bar = QProgressBar(textVisible=False, maximum=1000)
        self._bar.setAccessibleName(self.tr("Progress of the run"))
        self.body.addWidget(self._bar)
        self._lines = ScoreLines(self.tr("Candidates so far"))
        self.body.addWidget(self._lines)
        session.jobs.moved.connect(self._moved)
        self.hide()

    @property
    def job(self) -> Job | None:
        """The run's job while it is under way."""
        return self._job

    def follow(self, job: Job, title: str) -> None:
        """Show a job that has just started."""
        self._job = job
        self._candidates = []
        self._lines.hide()
        self.title.setText(title)
        self._moved(job)
        self.show()

    def add(self, candidate: Candidate) -> None:
        """A candidate finished."""
        self._candidates.append(candidate)
        self._lines.show_lines([candidate_line(c, None) for c in self._candidates])
        self._lines.show()

    def end(self) -> None:
        """The job is over."""
        self._job = None
        self.hide()

    def cancel(self) -> None:
        """Ask the run to stop; what is finished is kept."""
        if self._job is not None:
            self._job.cancel()
            self._step.setText(self.tr("Stopping; finished candidates are kept"))

    def _moved(self, job: Job) -> None:
        if job is not self._job or job.cancel_asked.is_set():
            return
        self._bar.setMaximum(0 if job.fraction is None else 1000)
        if job.fraction is not None:
            self._bar.setValue(round(job.fraction * 1000))
        self._step.setText(job.text)
