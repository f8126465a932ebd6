"""The *Calibration* tab: whether what is said to be likely comes true as often, and a candidate that does better."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Signal
from PySide6.QtWidgets import QWidget

from app.core.methods import CALIBRATION
from app.core.runs import Run
from app.core.thresholds import CALIBRATED, Calibration
from app.ui.charts.curves import CurveChart, Series
from app.ui.compare.candidate_view import CandidateView
from app.ui.compare.explain_tab import ExplainTab
from app.ui.page import Page
from app.ui.widgets.buttons import Button
from app.ui.widgets.card import column, label, row
from app.ui.words import figure

if TYPE_CHECKING:
    from app.core.progress import JobContext
    from app.registry.project import Project


class CalibrationTab(ExplainTab[Calibration]):
    """A sentence with the expected calibration error and what chance explains, and the curve. ``made``: the id of the
    calibrated candidate, or of its run if it did not come out."""

    made = Signal(str)

    method = CALIBRATION

    def __init__(self, page: Page) -> None:
        super().__init__(page, "")
        self.title = self.tr("Calibration")
        self.sentence = label("", "strong", wrap=True, name="calibration.sentence")
        self.note = label("", "quiet", wrap=True)
        self.chart = CurveChart(self.title, self.tr("Predicted probability"), self.tr("Share that came true"))
        self.button = Button(self.tr("Calibrate"), self._calibrate, name="calibration.calibrate", icon="refresh")
        self.button.setToolTip(
            self.tr("Adds a candidate whose probabilities a sigmoid maps, fitted on rows that the model had not seen.")
        )
        head = row(self.sentence, self.button, spacing=12)
        head.setStretch(0, 1)
        whole = column(head, self.note, spacing=4)
        whole.setContentsMargins(0, 8, 0, 0)
        whole.addWidget(self.chart, 1)
        whole.addStretch(0)
        self.setLayout(whole)

    def fits(self, view: CandidateView) -> bool:
        """Only classes have probabilities."""
        return view.run.plan.task.classifies

    def words(self, name: str) -> str:
        """For the job strip."""
        return self.tr("Checking the probabilities of {0}").format(name)

    def ask(self, project: Project, candidate_id: str, ctx: JobContext) -> Calibration:
        """Beside the window."""
        from app.training.explaining.explain import calibration_of

        return calibration_of(project, candidate_id, ctx)

    def show_answer(self, answer: Calibration) -> None:
        """The verdict compares with chance: few rows alone make an error."""
        fair = answer.error <= answer.chance
        verdict = (
            self.tr("The probabilities come true as often as they say, as far as these rows can tell.")
            if fair
            else self.tr("The probabilities are off by more than chance explains.")
        )
        self.sentence.setText(verdict)
        told = self.tr("Expected calibration error {0}; right probabilities stay below {1} on so many rows.")
        digits = 3 if figure(answer.error) != figure(answer.chance) else 5  # else one seems to be the other
        self.note.setText(told.format(figure(answer.error, digits), figure(answer.chance, digits)))
        name = answer.of or self.tr("the answered class")
        self.chart.show_series([Series(name, answer.predicted, answer.observed)], (QPointF(0, 0), QPointF(1, 1)))
        self._tell(True)

    def say(self, text: str) -> None:
        """Only a sentence."""
        self.sentence.setText(text)
        self._tell(False)

    def show_menu_at(self, widget: QWidget) -> None:
        """The chart's menu."""
        self.chart.show_menu_at(widget)

    def _calibrate(self) -> None:
        view = self.view
        if view is None:
            return

        def calibrate(project: Project, ctx: JobContext) -> Run:
            from app.approval.calibrate import calibrate as calibrate_candidate

            return calibrate_candidate(project, view.candidate.id, ctx)

        title = self.tr("Calibrating {0}").format(view.candidate.name)
        self._page.act(title, calibrate, then=self._calibrated, changes={"run", "candidate"}, busy=self.button)

    def _calibrated(self, run: Run) -> None:
        if run.best is None:
            why = run.reason or self.tr("The calibrated candidate does not answer as it did when it was fitted.")
            self._page.session.tell(why, "warn")
        else:
            self.made.emit(run.best.id)

    def _tell(self, known: bool) -> None:
        self.button.setVisible(known and self.view is not None and may_calibrate(self.view))
        self.note.setVisible(known)
        self.chart.setVisible(known)


def may_calibrate(view: CandidateView) -> bool:
    """A baseline is there to be beaten; one that is calibrated says so in its name."""
    return not view.candidate.baseline and not view.candidate.name.endswith(CALIBRATED)
