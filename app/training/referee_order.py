"""What the referee asks of a child and what comes back, and what is kept of each rule: plain data, light to import."""

from __future__ import annotations

from dataclasses import dataclass

from app.core.runs import Score, Task


@dataclass(frozen=True, slots=True)
class AskedRule:
    """A rule as the query's recipe keeps it. ``right``: see ``sql.search.Found``; ``cv``: its score over the folds;
    ``score_s``: the engine's seconds for the hold-out, None if it was not asked: ``note`` says why."""

    title: str
    sql: str
    chosen: bool
    right: float
    train_s: float
    cv: Score | None = None
    score_s: float | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class RefereeOrder:
    """Files of predictions for the same rows. ``labels``: in the order of the probabilities; ``rights``: of each rule
    whose answers lie beside the query's, None of one that was not asked (see ``AskedRule``)."""

    model: str
    query: str
    task: Task
    metric: str
    labels: tuple[str, ...]
    positive: str | None
    seed: int
    rights: tuple[float | None, ...] = ()


@dataclass(frozen=True, slots=True)
class RuleScores:
    """A rule's figure on the hold-out, and how much better the model is on the same rows; None where the metric is
    undefined."""

    score: Score | None
    difference: Score | None


@dataclass(frozen=True, slots=True)
class Scores:
    """The two figures and the paired difference; positive: the model is better. ``rules``: of every rule that was
    ordered, in that order; ``model_score``: the model's figure with its interval, where rules were ordered."""

    model: float
    query: float
    difference: Score
    rules: tuple[RuleScores, ...] = ()
    model_score: Score | None = None
