"""From which probability on a binary model answers yes, and what that costs; how honest its probabilities are."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

CALIBRATED = ", calibrated"
"""How the name of a calibrated candidate ends."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a threshold does to the rows: the figures of Elkan (2001), "The foundations of cost-sensitive learning"."""

    hits: int
    alarms: int
    misses: int
    rows: int

    @property
    def precision(self) -> float | None:
        """Of those answered positive, the share that is; None if none is answered so."""
        return self.hits / (self.hits + self.alarms) if self.hits + self.alarms else None

    @property
    def recall(self) -> float | None:
        """Of those that are positive, the share answered so; None if there is none."""
        return self.hits / (self.hits + self.misses) if self.hits + self.misses else None

    def matrix(self, labels: tuple[str, ...], positive: str) -> tuple[tuple[int, ...], ...]:
        """Two classes as ``Evaluation.confusion`` has them: ``[i][j]`` are rows of class i that are answered j."""
        rejected = self.rows - self.hits - self.alarms - self.misses
        cells = ((rejected, self.alarms), (self.misses, self.hits))
        return tuple(tuple(cells[true == positive][said == positive] for said in labels) for true in labels)

    def cost(self, alarm: float, miss: float) -> float:
        """What all mistakes cost together. ``alarm``, ``miss``: what one costs."""
        return alarm * self.alarms + miss * self.misses


@dataclass(frozen=True, slots=True)
class ChosenThreshold:
    """What a person decided: positive is answered from the probability ``at`` on. ``alarm``, ``miss``: what one mistake
    costs; ``summary``: what it does to the hold-out, in words; ``actor``, ``chosen_at``: who and when; ``mistakes``:
    its false alarms and misses on the hold-out, None where they were not kept."""

    at: float
    alarm: float
    miss: float
    summary: str
    actor: str
    chosen_at: str
    mistakes: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Thresholds:
    """``at``: thresholds on the probability of ``of``, falling from one above every row's; a row is answered ``of``
    from its threshold on. ``hits``, ``alarms``: how many positives and others that is, of ``positives`` and ``rows``
    of the hold-out. At most 2,000 of the different probabilities, both ends kept."""

    of: str
    rows: int
    positives: int
    at: tuple[float, ...]
    hits: tuple[int, ...]
    alarms: tuple[int, ...]

    def outcome(self, threshold: float) -> Outcome:
        """What this threshold does."""
        return self._outcome(max(0, bisect_right(self.at, -threshold, key=lambda at: -at) - 1))

    def cheapest(self, alarm: float, miss: float) -> float:
        """The threshold at which the mistakes cost least, the highest of equals."""
        best = min(range(len(self.at)), key=lambda i: self._outcome(i).cost(alarm, miss))
        return self.at[best]

    def cheapest_probability(self, alarm: float, miss: float) -> float:
        """The cheapest that is a probability: *never* is answered from just above the highest on, at most from 1."""
        return min(1.0, self.cheapest(alarm, miss))

    def _outcome(self, index: int) -> Outcome:
        hits = self.hits[index]
        return Outcome(hits, self.alarms[index], self.positives - hits, self.rows)


@dataclass(frozen=True, slots=True)
class Calibration:
    """Rows in groups of equal size by their probability of ``of`` (empty: of the class that was answered).
    ``predicted``, ``observed``: each group's mean probability and share of rows where it came true.

    ``error``: the expected calibration error, the mean distance of the two; ``chance``: what 95 of 100 models whose
    probabilities are right would stay below on so many rows.
    """

    of: str
    rows: int
    predicted: tuple[float, ...]
    observed: tuple[float, ...]
    error: float
    chance: float


def outcome_words(found: Thresholds, at: float, alarm: float, miss: float) -> str:
    """``From 0.312: precision 61 %, recall 88 %, 40 false alarms, 9 misses of 950 rows, costing 760.``"""
    told = found.outcome(at)
    alarms = f"{told.alarms:,} false alarm{'' if told.alarms == 1 else 's'}"
    misses = f"{told.misses:,} miss{'' if told.misses == 1 else 'es'}"
    precision, recall = (f"{v:.0%}" if v is not None else "none" for v in (told.precision, told.recall))
    return (
        f"“{found.of}” from {at:.3g} on: precision {precision}, recall {recall}, {alarms} and "
        f"{misses} of {told.rows:,} hold-out rows, costing {told.cost(alarm, miss):,.6g}."
    )
