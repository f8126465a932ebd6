"""The *Threshold* tab: what each kind of mistake costs, and from which probability on to answer yes. A chosen one goes
along with every bundle that is built from then on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.core.methods import THRESHOLD
from app.core.runs import Task
from app.core.thresholds import ChosenThreshold, Thresholds
from app.ui.charts.confusion import ConfusionChart
from app.ui.charts.cost import CostChart
from app.ui.compare.candidate_view import CandidateView
from app.ui.compare.explain_tab import SentenceTab
from app.ui.page import Page, scrolling
from app.ui.widgets.buttons import Button
from app.ui.widgets.card import column, label, row, within
from app.ui.widgets.numbers import Slider, WholeNumber
from app.ui.words import count, percent

if TYPE_CHECKING:
    from app.core.progress import JobContext
    from app.registry.project import Project

STEPS = 1000
SERVED = 0.5
MOST_EUROS = 1_000_000
MATRIX_PX, MATRIX_WIDE_PX = 96, 420
CHANGES = frozenset({"model_version"})
"""Bundles and services look for a threshold anew."""


@dataclass(frozen=True, slots=True)
class Tried:
    """What every threshold does, and the one that was chosen; None: the likeliest class is answered. ``labels``: both
    classes, as everywhere."""

    thresholds: Thresholds
    chosen: ChosenThreshold | None
    labels: tuple[str, ...]


class ThresholdTab(SentenceTab[Tried]):
    """Two costs, a slider, the figures and the matrix at it, the cost of every threshold, and the choice. ``decided``:
    the candidate's id, when it answers by another threshold; ``costs_changed``: a false alarm's and a miss's."""

    decided = Signal(str)
    costs_changed = Signal(float, float)

    method = THRESHOLD
    wide = True

    def __init__(self, page: Page) -> None:
        super().__init__(page, "")
        self.title = self.tr("Threshold")
        self._told: Thresholds | None = None
        self._labels: tuple[str, ...] = ()
        self.threshold = SERVED
        self.alarm = _euros(self.tr("Euros that a false alarm costs"), "threshold.alarm")
        self.miss = _euros(self.tr("Euros that a miss costs"), "threshold.miss")
        self.slider = Slider()
        self.slider.setObjectName("threshold.slider")
        self.slider.setRange(0, STEPS)
        self.slider.setAccessibleName(self.tr("Threshold"))
        self.cheapest = Button(self.tr("Cheapest"), self.turn_to_cheapest, name="threshold.cheapest")
        self.cheapest.setToolTip(self.tr("Chosen on these same rows, so it looks a little cheaper than it will be."))
        self.use = Button(self.tr("Answer from here"), self._choose, name="threshold.use", icon="check")
        self.use.setToolTip(self.tr("Bundles that are built from now on answer by this threshold."))
        self.take_back = Button(self.tr("Take back"), self._take_it_back, name="threshold.forget", role="link")
        self.figures = label("", "strong", wrap=True, name="threshold.figures")
        self.note = label("", "quiet", wrap=True)
        self.chart = CostChart(self.tr("Cost of each threshold"))
        self.matrix = ConfusionChart(self.tr("Confusion matrix at this threshold"))
        self.matrix.setMinimumHeight(MATRIX_PX)
        self.matrix.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
        self.matrix.setMaximumWidth(MATRIX_WIDE_PX)
        self.lay_out(scrolling(self._laid_out()), "threshold.sentence")
        for spin in (self.alarm, self.miss):
            spin.valueChanged.connect(lambda _euros: self._recost())
        self.slider.valueChanged.connect(lambda step: self._turn_to(step / STEPS))

    def _laid_out(self) -> QWidget:
        """Low enough that a small window shows all of it: a wrapping label claims two lines where it needs one."""
        for words in (self.figures, self.note):
            words.setMinimumHeight(words.fontMetrics().height())
        costs = row(label(self.tr("A false alarm costs")), self.alarm, label(self.tr("a miss")), self.miss)
        choice = row(costs, self.slider, self.cheapest, self.use, spacing=12)
        choice.setStretch(1, 1)
        held = row(self.note, self.take_back)
        held.setStretch(0, 1)
        pictures = row(self.matrix, self.chart, spacing=16)
        pictures.setStretch(0, 2)
        pictures.setStretch(1, 3)
        shown = column(choice, self.figures, held, spacing=4)
        shown.addLayout(pictures, 1)
        return within(shown)

    def fits(self, view: CandidateView) -> bool:
        """Only two classes have a threshold."""
        return view.run.plan.task is Task.BINARY

    def words(self, name: str) -> str:
        """For the job strip."""
        return self.tr("Trying thresholds of {0}").format(name)

    def ask(self, project: Project, candidate_id: str, ctx: JobContext) -> Tried:
        """Beside the window."""
        from app.registry import runs
        from app.registry.thresholds import threshold_of
        from app.training import results
        from app.training.explaining.explain import thresholds_of

        found = thresholds_of(project, candidate_id, ctx)
        labels = results.recipe(project, runs.candidate(project, candidate_id)).labels
        return Tried(found, threshold_of(project, candidate_id), labels)

    def show_answer(self, answer: Tried) -> None:
        """Begin at the threshold that is served, with the costs that it was chosen for."""
        self._told, self._labels, chosen = answer.thresholds, answer.labels, answer.chosen
        if chosen is not None:
            self.alarm.setValue(round(chosen.alarm))
            self.miss.setValue(round(chosen.miss))
        self.note.setText(self._held_words(answer))
        self.take_back.setVisible(chosen is not None)
        self.show_content()
        self._turn_to(chosen.at if chosen is not None else SERVED)

    def _held_words(self, answer: Tried) -> str:
        of, chosen = answer.thresholds.of, answer.chosen
        if chosen is None:
            return self.tr("“{0}” from the threshold on; served from 0.5 on. All on the hold-out.").format(of)
        told = self.tr("“{0}” from the threshold on; {1} chose {2} for bundles built since. All on the hold-out.")
        return told.format(of, chosen.actor, f"{chosen.at:.3f}")

    def _choose(self) -> None:
        """Keep the threshold with its costs."""
        view, at, alarm, miss = self.view, min(1.0, self.threshold), self.alarm.value(), self.miss.value()
        found = self._told
        if view is None or found is None:
            return

        def choose(project: Project, ctx: JobContext) -> ChosenThreshold:
            from app.approval.threshold import choose_threshold

            return choose_threshold(project, view.candidate.id, at=at, alarm=alarm, miss=miss, found=found, ctx=ctx)

        title = self.tr("Choosing a threshold of {0}").format(view.candidate.name)
        self._page.act(title, choose, then=self._held_for(view), changes=CHANGES, busy=self.use)

    def _take_it_back(self) -> None:
        view = self.view
        if view is None:
            return

        def forget(project: Project, _ctx: JobContext) -> None:
            from app.approval.threshold import forget_threshold

            forget_threshold(project, view.candidate.id)

        title = self.tr("Taking back the threshold of {0}").format(view.candidate.name)
        self._page.act(title, forget, then=self._held_for(view), changes=CHANGES, busy=self.take_back)

    def _held_for(self, view: CandidateView) -> Callable[[ChosenThreshold | None], None]:
        """What is known of a candidate changes by its own choice alone."""

        def hold(chosen: ChosenThreshold | None) -> None:
            self.decided.emit(view.candidate.id)
            known = self._answers.get(view.candidate.id)
            if known is not None:
                self._answers[view.candidate.id] = replace(known, chosen=chosen)
                if self.view is not None and self.view.candidate.id == view.candidate.id:
                    self.show_answer(self._answers[view.candidate.id])

        return hold

    def show_menu_at(self, widget: QWidget) -> None:
        """The chart's menu."""
        self.chart.show_menu_at(widget)

    def turn_to_cheapest(self) -> None:
        """The threshold at which the hold-out's mistakes cost least."""
        if self._told is not None:
            self._turn_to(self._told.cheapest(self.alarm.value(), self.miss.value()))

    def _turn_to(self, threshold: float) -> None:
        """To exactly this one: the slider shows the nearest of its steps."""
        self.threshold = threshold
        self.slider.blockSignals(True)
        self.slider.setValue(round(threshold * STEPS))
        self.slider.blockSignals(False)
        self._show_figures()

    def _recost(self) -> None:
        self.costs_changed.emit(float(self.alarm.value()), float(self.miss.value()))
        self._show_figures()

    def _show_figures(self) -> None:
        told, alarm, miss = self._told, self.alarm.value(), self.miss.value()
        if told is None:
            return
        found, best = told.outcome(self.threshold), told.cheapest(alarm, miss)
        cost, least = found.cost(alarm, miss), told.outcome(best).cost(alarm, miss)
        precision, recall = (percent(v) if v is not None else "–" for v in (found.precision, found.recall))
        words = self.tr("From {0}: precision {1}, recall {2}, {3} false alarms, {4} misses, {5} €.")
        self.figures.setText(
            words.format(
                f"{self.threshold:.3f}", precision, recall, count(found.alarms), count(found.misses), count(round(cost))
            )
        )
        self.matrix.show_matrix(self._labels, found.matrix(self._labels, told.of))
        self.cheapest.setText(self.tr("Cheapest: {0} €").format(count(round(least))))
        line = [(at, told.outcome(at).cost(alarm, miss)) for at in reversed(told.at)]
        self.chart.show_costs(line, (self.threshold, cost), (best, least))


def _euros(says: str, name: str) -> WholeNumber:
    spin = WholeNumber()
    spin.setObjectName(name)
    spin.setAccessibleName(says)
    spin.setRange(0, MOST_EUROS)
    spin.setValue(1)
    spin.setSuffix(" €")
    spin.setFixedHeight(32)
    spin.setFixedWidth(92)
    spin.lineEdit().setTextMargins(8, 0, 8, 0)
    return spin
