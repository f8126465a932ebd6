"""What changes if the challenger answers instead of the champion, row by row and group by group. Child side."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from app.core.challenges import Changed, GroupChange
from app.core.runs import Score, Task
from app.training.explaining.groups import Group
from app.training.explaining.slices import SMALL_ROWS, holm, row_losses
from app.training.metrics import Answers, Floats

MOST_LISTED = 1_000
Mask = npt.NDArray[np.bool_]
NORMAL_975 = 1.959964


@dataclass(frozen=True, slots=True)
class Both:
    """Two models' answers to the same rows. ``before``, ``now``: (n,) positions of the decided class, or values."""

    champion: Answers
    challenger: Answers
    before: npt.NDArray[np.generic]
    now: npt.NDArray[np.generic]
    moved: float

    @property
    def changed(self) -> Mask:
        """(n,) answered differently."""
        if self.champion.task is Task.REGRESSION:
            return np.asarray(np.abs(self._gap) > self.moved)
        return np.asarray(self.before != self.now)

    @property
    def right(self) -> Mask:
        """(n,) answered differently, and right only now, or nearer to the truth."""
        return self.changed & self._nearer(self.now, self.before)

    @property
    def wrong(self) -> Mask:
        """(n,) answered differently, and right no longer, or farther from the truth."""
        return self.changed & self._nearer(self.before, self.now)

    @property
    def _gap(self) -> Floats:
        return np.asarray(self.now, np.float64) - np.asarray(self.before, np.float64)

    def _nearer(self, one: npt.NDArray[np.generic], other: npt.NDArray[np.generic]) -> Mask:
        actual = self.champion.actual
        if self.champion.task is Task.ANOMALY:
            return np.zeros(self.champion.n, dtype=bool)
        if self.champion.task is Task.REGRESSION:
            values = np.asarray(actual, np.float64)
            return np.asarray(np.abs(one - values) < np.abs(other - values))  # type: ignore[operator]
        return np.asarray(one == actual)


def both(champion: Answers, challenger: Answers, thresholds: tuple[float | None, float | None]) -> Both:
    """A number counts as answered differently if it moves by more than the champion's median error."""
    moved = 0.0
    if champion.task is Task.REGRESSION:
        moved = float(np.median(np.abs(champion.predicted - np.asarray(champion.actual, np.float64))))
    return Both(champion, challenger, decided(champion, thresholds[0]), decided(challenger, thresholds[1]), moved)


def decided(answers: Answers, threshold: float | None) -> npt.NDArray[np.generic]:
    """(n,) positions of the answered class as the server answers, or the values."""
    if answers.task is Task.REGRESSION:
        return answers.predicted
    if answers.task is Task.ANOMALY:
        return answers.selected.astype(np.intp)
    if threshold is None or answers.task is not Task.BINARY:
        return answers.chosen
    return np.where(answers.predicted[:, answers.positive] >= threshold, answers.positive, 1 - answers.positive)


def score_of_row(answers: Answers, chosen: npt.NDArray[np.generic]) -> Floats:
    """(n,) P(positive), of several classes P(the answer), the value of a regression, how unusual a row is."""
    if not answers.task.classifies:
        return answers.predicted
    if answers.task is Task.BINARY:
        return np.asarray(answers.predicted[:, answers.positive])
    return np.asarray(answers.predicted[np.arange(answers.n), chosen.astype(np.intp)])


def listed(two: Both, rows: npt.NDArray[np.intp], values: Sequence[Sequence[str]]) -> tuple[Changed, ...]:
    """The changed rows, what moved most first. ``rows``: (n,) their places from 1; ``values``: a column each."""
    before, now = score_of_row(two.champion, two.before), score_of_row(two.challenger, two.now)
    places = np.flatnonzero(two.changed)
    places = places[np.argsort(-np.abs(now[places] - before[places]), kind="stable")][:MOST_LISTED]
    return tuple(
        Changed(
            int(rows[i]),
            _truth(two.champion, i),
            word(two.champion, two.before[i]),
            word(two.champion, two.now[i]),
            float(before[i]),
            float(now[i]),
            tuple(column[i] for column in values),
        )
        for i in places.tolist()
    )


def _truth(answers: Answers, place: int) -> str:
    """Empty where there is none."""
    return "" if answers.task is Task.ANOMALY else word(answers, answers.actual[place])


def word(answers: Answers, answer: np.generic) -> str:
    """A class by its name, a number as people read it."""
    if answers.task is Task.REGRESSION:
        return f"{float(answer):.6g}"
    return answers.labels[int(answer)]


def group_changes(two: Both, groups: Sequence[Group]) -> tuple[GroupChange, ...]:
    """Each group's changes; where most changed first, those where the challenger is worse on top. One-sided tests of
    the paired mean loss (central limit theorem, 30 rows or more), all of them together by Holm's method (1979)."""
    gains = row_losses(two.champion) - row_losses(two.challenger)
    judged = [(_group(two, group, gains), _worse_by_chance(gains[group.mask])) for group in groups]
    stands = holm([math.nan if change.small else p for change, p in judged])
    found = [replace(change, worse=worse) for (change, _), worse in zip(judged, stands, strict=True)]
    return tuple(sorted(found, key=lambda c: (not c.worse, -c.changed / max(c.rows, 1))))


def _group(two: Both, group: Group, gains: Floats) -> GroupChange:
    mask = group.mask
    rows = int(mask.sum())
    changed, right, wrong = (int((which & mask).sum()) for which in (two.changed, two.right, two.wrong))
    gain = _mean(gains[mask])
    return GroupChange(group.title, rows, changed, right, wrong, gain, small=rows < SMALL_ROWS, worse=False)


def _mean(gains: Floats) -> Score | None:
    if len(gains) < 2:
        return None
    mean, half = float(gains.mean()), NORMAL_975 * float(gains.std(ddof=1)) / math.sqrt(len(gains))
    return Score(mean, mean - half, mean + half)


def _worse_by_chance(gains: Floats) -> float:
    """The probability of a mean gain so low if there were no difference at all."""
    if len(gains) < SMALL_ROWS:
        return math.nan
    spread = float(gains.std(ddof=1)) / math.sqrt(len(gains))
    if spread == 0:
        return 0.0 if gains.mean() < 0 else 1.0
    return 0.5 * math.erfc(-float(gains.mean()) / spread / math.sqrt(2))
