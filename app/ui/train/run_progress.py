"""The run that is under way: how far, what leads, how the score went, *Stop and keep the best* and Cancel."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QProgressBar, QSizePolicy, QWidget

from app.core.runs import Candidate
from app.ui.actions import Actions
from app.ui.charts.search import SearchChart
from app.ui.jobs import Job
from app.ui.session import Session
from app.ui.train.budgets import budget_words
from app.ui.train.live_run import LiveRun
from app.ui.widgets.buttons import ActionButton
from app.ui.widgets.card import Card, column, label, row, within
from app.ui.widgets.chip import Chip
from app.ui.widgets.elided import LEAST, Elided
from app.ui.widgets.scores import ScoreLines
from app.ui.words import plain_tip, seconds_words

RUN_JOB = "run"
TICK_MS = 300
LEFT = " · about "
"""Behind it a job's text estimates what is left; this card shows the budget itself."""
SIDE_BY_SIDE = 760
"""Width in px from which the picture stands beside the leaderboard."""


class RunProgress(Card):
    """Follows every run of its window, whichever page started it. ``turned``: a run began, ended or is to stop."""

    turned = Signal()

    def __init__(self, session: Session, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(self.tr("Training"), name="run.progress", parent=parent, gives_way=True)
        self._session, self._actions = session, actions
        self._job: Job | None = None
        self._live: LiveRun | None = None
        self._shown: tuple[int, int] | None = None
        self._step = Elided("", "quiet")
        self._step.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)  # before the title does
        self._step.setMinimumWidth(LEAST)
        self.head.addWidget(Chip("running", self.tr("running")))
        self.head.addWidget(self._step, 1)
        self.head.addWidget(ActionButton(actions["run.finish"], icon="approve"))
        self.head.addWidget(ActionButton(actions["run.cancel"], icon="stop"))
        self._bar = QProgressBar(textVisible=False, maximum=1000)
        self._bar.setAccessibleName(self.tr("Progress of the run"))
        self._left = label("", "quiet", name="run.left")
        line = row(self._bar, self._left, spacing=12)
        line.setStretch(0, 1)
        self.body.addLayout(line)
        self.lines = ScoreLines(self.tr("Best so far"))
        self.chart = SearchChart(self.tr("Score against time"))
        self._picture = self.chart.with_menu()
        self._sides = row(within(column(self.lines, 1)), self._picture, spacing=24)
        self._sides.setStretch(0, 3)
        self._sides.setStretch(1, 2)
        self.body.addLayout(self._sides)
        self._timer = QTimer(self, interval=TICK_MS)
        self._timer.timeout.connect(self._show)
        session.jobs.started.connect(self._started)
        session.jobs.moved.connect(self._moved)
        session.jobs.ended.connect(self._ended)
        self.hide()
        for job in session.jobs.running:
            self._started(job)

    def begin(self, metric: str, seconds: float) -> LiveRun | None:
        """What a new run will be followed by; None while another one is under way."""
        return LiveRun(metric, seconds, on_candidate=self._candidate_came) if self._job is None else None

    @property
    def job(self) -> Job | None:
        """The run's job while it is under way."""
        return self._job

    @property
    def live(self) -> LiveRun | None:
        """What is known of it so far."""
        return self._live

    @property
    def candidates(self) -> list[Candidate]:
        """What is finished of the run that is under way, or of the last one."""
        return self._live.candidates if self._live is not None else []

    @property
    def why_not_finish(self) -> str:
        """Why the search cannot be stopped with what it has; empty if it can."""
        if self._job is None or self._live is None:
            return self.tr("Nothing is running.")
        if self._live.stop_asked.is_set() or self._job.cancel_asked.is_set():
            return self.tr("The search is stopping already.")
        return "" if self._live.trials else self.tr("Nothing was tried yet.")

    def cancel(self) -> None:
        """Ask the run to stop; what is finished is kept."""
        if self._job is not None:
            self._job.cancel()
            self._step.setText(self.tr("Stopping; finished candidates are kept"))
            self._turn()

    def finish(self) -> None:
        """Ask the search to end now; the best are made into candidates."""
        if self._live is not None and not self.why_not_finish:
            self._live.stop_asked.set()
            self._show()
            self._turn()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The picture beside the leaderboard where there is room, else below."""
        super().resizeEvent(event)
        wide = self.width() >= SIDE_BY_SIDE
        self._sides.setDirection(QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom)

    def _started(self, job: Job) -> None:
        if self._job is not None or job.kind != RUN_JOB or not isinstance(job.about, LiveRun):
            return
        self._job, self._live, self._shown = job, job.about, None
        self.title.setText(job.title)
        self.title.setToolTip(plain_tip(job.title))
        self._bar.setMaximum(1000)
        self._bar.setValue(0)
        self._show()
        self._timer.start()
        self.show()
        self._turn()

    def _ended(self, job: Job) -> None:
        if job is self._job:
            self._timer.stop()
            self._job = None
            self.hide()
            self._turn()

    def _turn(self) -> None:
        """Allow what can be done to a run, whichever page is in sight; the page settles what it knows more of."""
        busy = self.tr("A run is under way.") if self._job is not None else ""
        for id_ in ("run.train", "run.again", "run.resume", "run.discard"):
            self._actions.forbid(id_, busy)
        self._actions.forbid("run.finish", self.why_not_finish)
        self._actions.forbid("run.cancel", "" if self._job is not None else self.tr("Nothing is running."))
        self.turned.emit()

    def _candidate_came(self) -> None:
        """On the job's thread: let the window's know."""
        self._session.jobs.post(lambda: self._session.changed.emit(frozenset({"candidate"})))

    def _moved(self, job: Job) -> None:
        if job is self._job:
            self._show()

    def _show(self) -> None:
        job, live = self._job, self._live
        if job is None or live is None:
            return
        if job.fraction is not None:
            self._bar.setValue(round(job.fraction * 1000))
        self._left.setText(self._left_words(job, live))
        if not job.cancel_asked.is_set():
            step = job.text.partition(LEFT)[0]
            stopping = self.tr("Making candidates of the best · {0}")
            self._step.setText(stopping.format(step) if live.stop_asked.is_set() else step)
        self._show_scores(live, job.elapsed_s)

    def _show_scores(self, live: LiveRun, now: float) -> None:
        if self._shown != live.size:
            first = self._shown is None or not self._shown[0]
            self._shown = live.size
            lines = live.lines()
            self.lines.show_lines(lines)
            self.lines.setVisible(bool(lines))
            if first:
                self._picture.setVisible(bool(live.trials))
                self._turn()
        if live.trials:
            self.chart.show_trials(live.metric, live.seconds, now, list(live.trials), live.leaders())

    def _left_words(self, job: Job, live: LiveRun) -> str:
        if live.stop_asked.is_set() or job.cancel_asked.is_set():
            return ""
        left = max(0.0, live.seconds - job.elapsed_s)
        told = budget_words(left) if left < 120 else seconds_words(left)
        return self.tr("{0} of {1} left").format(told, budget_words(live.seconds))
