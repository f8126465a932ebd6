"""What one answers without looking at any column, and how much better a candidate is than that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from app.core.metrics import share_of
from app.core.runs import Score, Task
from app.training import bootstrap
from app.training.metrics import Answers, Statistic, sign, statistic, value


@dataclass(frozen=True, slots=True)
class Advantage:
    """``difference``: to the baseline on the hold-out, paired, positive is better. ``luck``: the share of
    shuffles that do as well, only for hold-outs too small for a bootstrap alone (see ``bootstrap``)."""

    difference: Score
    luck: float | None = None


def baseline_answers(answers: Answers, y_train: npt.NDArray[np.generic]) -> Answers:
    """The baseline's answers to the same rows: shares of the classes in training, or the mean."""
    if not answers.task.classifies:
        return replace(answers, predicted=np.full(answers.n, np.mean(y_train.astype(np.float64))))
    found = y_train.tolist()
    shares = np.array([found.count(label) / len(found) for label in answers.labels])
    return replace(answers, predicted=np.tile(shares, (answers.n, 1)))


def _of_baseline(metric: str, answers: Answers, y_train: npt.NDArray[np.generic]) -> Statistic:
    """Its figure; where there is no target what flagging at random shares with any other: as much as is flagged."""
    if answers.task is not Task.ANOMALY:
        return statistic(metric, baseline_answers(answers, y_train))
    share = share_of(metric)
    return lambda weights: np.full(len(weights), share)


def measure(
    metrics: Sequence[str], metric: str, answers: Answers, y_train: npt.NDArray[np.generic], seed: int
) -> tuple[list[Score], Advantage]:
    """All metrics with their intervals, and how much better the plan's ``metric`` is than the baseline's:
    one pass over the replicates for both. ValueError if a metric is undefined on these rows."""
    base = _of_baseline(metric, answers, y_train)
    all_statistics = [statistic(m, answers) for m in metrics] + [base]
    *drawn, base_drawn = bootstrap.replicates(all_statistics, answers.n, seed)
    scores = [bootstrap.interval(value(m, answers), figures) for m, figures in zip(metrics, drawn, strict=True)]
    ahead = sign(metric) * (value(metric, answers) - float(base(np.ones((1, answers.n)))[0]))
    difference = bootstrap.interval(ahead, sign(metric) * (drawn[list(metrics).index(metric)] - base_drawn))
    small = answers.n < bootstrap.FEW_ROWS
    return scores, Advantage(difference, bootstrap.luck(metric, answers, seed) if small else None)
