"""A search while it goes on: every score at the second when it was known, and the best so far as a line."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from app.core.runs import GREATER_IS_BETTER, METRIC_WORDS
from app.core.search import Trial
from app.ui.charts.axes import Axes, fit, number, spread
from app.ui.charts.chart import Chart, PlottedTable
from app.ui.theme import color

HEIGHT = 150
LEFT_OUT = 0.15
"""The worst share of the scores may lie outside of the picture: the first tries are far from all others."""


class SearchChart(Chart):
    """Seconds to the right, the score upwards; dots are trials, the line leads."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(title, parent)
        self._trials: tuple[Trial, ...] = ()
        self._leaders: tuple[Trial, ...] = ()
        self._metric, self._seconds, self._now = "", 1.0, 0.0
        self.setMinimumSize(240, HEIGHT)

    def show_trials(
        self, metric: str, seconds: float, now: float, trials: Sequence[Trial], leaders: Sequence[Trial]
    ) -> None:
        """``leaders``: those that were the best when they ended; ``now``: up to where the line goes."""
        self._metric, self._seconds, self._now = metric, seconds, now
        self._trials = tuple(trial for trial in trials if trial.score is not None)
        self._leaders = tuple(leaders)
        self.refresh()

    def table(self) -> PlottedTable:
        """One row a trial that has a score."""
        headers = (self.tr("trial"), self.tr("seconds"), self.tr("candidate"), METRIC_WORDS.get(self._metric, ""))
        rows = ((t.number, round(t.at, 2), t.name, _value(t), t.rows, t.settings) for t in self._trials)
        return PlottedTable((*headers, self.tr("rows"), self.tr("settings")), tuple(rows))

    def summary(self) -> str:
        """The best so far."""
        if not self._leaders:
            return f"{self.title}: nothing was tried yet."
        best = self._leaders[-1]
        words = f"{METRIC_WORDS.get(self._metric, self._metric)} {number(_value(best))}"
        return f"{self.title}: {len(self._trials)} tried, best {words} by {best.name} after {best.at:.0f} s."

    def sizeHint(self) -> QSize:
        """Low: it stands beside the leaderboard."""
        return QSize(360, HEIGHT)

    def draw(self, painter: QPainter, area: QRectF) -> None:
        """Axes, dots, line."""
        if not self._trials:
            return
        low, high = spread(self._shown(), 0.08)
        axes = fit(painter, area, (0.0, max(self._seconds, self._now)), (low, high))
        axes.draw(painter, self.tr("Seconds"), METRIC_WORDS.get(self._metric, ""))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color("text3"))
        for trial in self._trials:
            if low <= _value(trial) <= high:
                painter.drawEllipse(axes.point(trial.at, _value(trial)), 2.5, 2.5)
        if self._leaders:
            self._draw_leaders(painter, axes)

    def _shown(self) -> list[float]:
        """The scores that the picture has room for: most of them, and the newest leaders."""
        worst_first = sorted((_value(trial) for trial in self._trials), reverse=not GREATER_IS_BETTER[self._metric])
        kept = worst_first[math.floor(LEFT_OUT * len(worst_first)) :]
        return kept + [_value(trial) for trial in self._leaders[-3:]]

    def _draw_leaders(self, painter: QPainter, axes: Axes) -> None:
        points: list[QPointF] = []
        for trial in self._leaders:
            if points:
                points.append(QPointF(axes.across(trial.at), points[-1].y()))
            points.append(axes.point(trial.at, _value(trial)))
        points.append(QPointF(axes.across(max(self._now, self._leaders[-1].at)), points[-1].y()))
        painter.save()
        painter.setClipRect(axes.area.adjusted(-1, -1, 1, 1))
        painter.setPen(QPen(color("chart1"), 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolyline(QPolygonF(points))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color("chart1"))
        for trial in self._leaders:
            painter.drawEllipse(axes.point(trial.at, _value(trial)), 4, 4)
        painter.restore()


def _value(trial: Trial) -> float:
    assert trial.score is not None
    return trial.score.value
