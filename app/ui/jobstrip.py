"""The footer: the job that runs, how far it is, how long it will take, Cancel; and when things were saved last."""

from __future__ import annotations

from PySide6.QtCore import QDateTime, QLocale, Qt, QTimer
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QSizePolicy, QWidget

from app.ui.jobs import Job, JobState
from app.ui.session import Session
from app.ui.widgets.buttons import Button
from app.ui.widgets.card import label
from app.ui.widgets.elided import Elided
from app.ui.words import locale, plain_tip, seconds_words

SHOW_AFTER_S = 0.6
TICK_MS = 300


class JobStrip(QWidget):
    """Shows the newest running job; quick ones (below 0.6 s) never appear."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("shell.jobs")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(self.tr("Jobs"))
        self.setFixedHeight(48)
        self._session = session
        self._title = Elided(gives_way=True)
        self._bar = QProgressBar(textVisible=False, maximum=1000)
        self._bar.setAccessibleName(self.tr("Progress"))
        self._bar.setFixedWidth(180)
        self._text = Elided("", "quiet")
        self._text.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)  # before the title does
        self._cancel = Button(self.tr("Cancel"), self._cancel_job, name="job.cancel")
        self._saved = label("", "quiet", name="shell.saved")
        self._build()
        self._timer = QTimer(self, interval=TICK_MS)
        self._timer.timeout.connect(self._show)
        session.jobs.started.connect(self._started)
        session.jobs.moved.connect(lambda _job: self._show())
        session.jobs.ended.connect(self._ended)
        session.project_changed.connect(self._project_changed)
        self._show()
        self._settle()

    def _settle(self) -> None:
        """No empty strip on the start screen."""
        self.setVisible(self._session.project is not None or bool(self._session.jobs.running))

    def _build(self) -> None:
        line = QHBoxLayout(self)
        line.setContentsMargins(24, 0, 24, 0)
        line.setSpacing(12)
        for widget in (self._title, self._bar, self._cancel):  # no text that changes moves the button
            line.addWidget(widget)
        line.addWidget(self._text, 100)
        line.addStretch(1)
        line.addWidget(self._saved)

    @property
    def job(self) -> Job | None:
        """The newest running job that is worth showing."""
        slow = [job for job in self._session.jobs.running if job.elapsed_s >= SHOW_AFTER_S]
        return slow[-1] if slow else None

    def _show(self) -> None:
        job = self.job
        for widget in (self._title, self._bar, self._text, self._cancel):
            widget.setVisible(job is not None)
        if not self._session.jobs.running:
            self._timer.stop()
        if job is None:
            return
        self._title.setText(job.title)
        self._title.setToolTip(plain_tip(job.title))
        self._cancel.setEnabled(not job.cancel_asked.is_set())
        self._bar.setMaximum(0 if job.fraction is None else 1000)
        if job.fraction is not None:
            self._bar.setValue(round(job.fraction * 1000))
        self._text.setText(self._words(job))

    def _words(self, job: Job) -> str:
        if job.cancel_asked.is_set():
            return self.tr("Stopping")
        others = len(self._session.jobs.running) - 1
        parts = [job.text]
        if job.eta_s is not None and job.kind != "run":  # a run says itself how long it will take
            parts.append(self.tr("about {0} left").format(seconds_words(job.eta_s)))
        if others:
            parts.append(self.tr("{0} more").format(others))
        return " · ".join(part for part in parts if part)

    def _cancel_job(self) -> None:
        if (job := self.job) is not None:
            job.cancel()
            self._show()

    def _ended(self, job: Job) -> None:
        if job.state is JobState.DONE and self._session.project is not None:
            self._say_saved()
        self._settle()
        self._show()

    def _started(self, _job: Job) -> None:
        self._settle()
        self._timer.start()

    def _project_changed(self) -> None:
        self._settle()
        self._saved.setText("")
        if self._session.project is not None:
            self._say_saved()

    def _say_saved(self) -> None:
        now = locale().toString(QDateTime.currentDateTime().time(), QLocale.FormatType.ShortFormat)
        self._saved.setText(self.tr("Saved {0}").format(now))
