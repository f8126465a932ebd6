"""Lines of up to five candidates over each other: their colours, and what follows from a ROC curve. No Qt."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.core.runs import Curve, Evaluation
from app.core.thresholds import Outcome
from app.ui.compare.candidate_view import CandidateView

CHAMPION, BASELINE = "chart3", "text3"
OTHERS = ("chart1", "chart2", "chart4", "chart5")
MOST = 5
TWO = 2


@dataclass(frozen=True, slots=True)
class Measured:
    """A candidate and what was measured."""

    view: CandidateView
    evaluation: Evaluation

    @property
    def name(self) -> str:
        """As a legend has it."""
        return f"{self.view.candidate.name}, run {self.view.run.number}"

    def curve(self, name: str) -> Curve | None:
        """A recorded line; None if there is none of this name."""
        return next((curve for curve in self.evaluation.curves if curve.name == name), None)

    @property
    def positives(self) -> float:
        """The share of hold-out rows that are of the positive class; 0 where there are no classes."""
        labels, positive = self.evaluation.labels, self.view.run.plan.positive
        if not self.evaluation.confusion:
            return 0.0
        line = self.evaluation.confusion[labels.index(positive) if positive in labels else 1]
        return sum(line) / max(1, self.evaluation.rows)


def matrix_served(item: Measured) -> tuple[tuple[int, ...], ...] | None:
    """The confusion matrix at the threshold that was chosen; None where none was, or its mistakes were not kept."""
    chosen, labels, counts = item.view.chosen, item.evaluation.labels, item.evaluation.confusion
    positive = item.view.run.plan.positive
    if chosen is None or chosen.mistakes is None or positive not in labels or len(labels) != TWO:
        return None
    alarms, misses = chosen.mistakes
    positives = sum(counts[labels.index(positive)])
    return Outcome(positives - misses, alarms, misses, sum(map(sum, counts))).matrix(labels, positive)


def champion_of(views: Iterable[CandidateView]) -> str:
    """The id of the newest approved candidate; empty without one."""
    approved = [view for view in views if view.approved]
    newest = max(approved, key=lambda view: _number(view.approved), default=None)
    return newest.candidate.id if newest is not None else ""


def _number(label: str) -> int:
    """Of ``churn@12``."""
    number = label.rpartition("@")[2]
    return int(number) if number.isdigit() else 0


def tokens(measured: Sequence[Measured], champion: str) -> list[str]:
    """Each one's colour: the champion's is always the third, a baseline's the quiet one, the others' in their order."""
    rest = iter(OTHERS * 2)
    return [
        CHAMPION if item.view.candidate.id == champion else BASELINE if item.view.candidate.baseline else next(rest)
        for item in measured
    ]


def lift(item: Measured) -> Curve | None:
    """How many times more often positive rows are found than by chance, by the share of rows looked at, those with the
    highest scores first."""
    roc, positives = item.curve("roc"), item.positives
    if roc is None or not 0 < positives < 1:
        return None
    looked = [_looked(alarms, hits, positives) for alarms, hits in zip(roc.x, roc.y, strict=True)]
    points = [(share, hits / share) for share, hits in zip(looked, roc.y, strict=True) if share > 0]
    return Curve("lift", tuple(share for share, _ in points), tuple(times for _, times in points))


def costs(item: Measured, alarm: float, miss: float) -> Curve | None:
    """What mistakes cost a row on average, by the share of rows answered positive: a place that means the same for
    every candidate, as a threshold does not. ``alarm``, ``miss``: what one mistake costs."""
    roc, positives = item.curve("roc"), item.positives
    if roc is None:
        return None
    pairs = list(zip(roc.x, roc.y, strict=True))
    paid = [alarm * alarms * (1 - positives) + miss * (1 - hits) * positives for alarms, hits in pairs]
    return Curve("costs", tuple(_looked(alarms, hits, positives) for alarms, hits in pairs), tuple(paid))


def _looked(alarms: float, hits: float, positives: float) -> float:
    return alarms * (1 - positives) + hits * positives
