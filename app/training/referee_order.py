"""What the referee asks of a child and what comes back: plain data, light to import."""

from __future__ import annotations

from dataclasses import dataclass

from app.core.runs import Score, Task


@dataclass(frozen=True, slots=True)
class RefereeOrder:
    """Files of predictions for the same rows. ``labels``: in the order of the probabilities."""

    model: str
    query: str
    task: Task
    metric: str
    labels: tuple[str, ...]
    positive: str | None
    seed: int


@dataclass(frozen=True, slots=True)
class Scores:
    """The two figures and the paired difference; positive: the model is better."""

    model: float
    query: float
    difference: Score
