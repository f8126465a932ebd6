"""The SQL referee: would a plain query have been enough?"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from app.core.runs import Score


class Ruling(StrEnum):
    """``ENOUGH``: the model is not better than the query by more than the margin. ``NOT_ENOUGH``: it is better
    beyond the noise and by more than the margin. ``UNDECIDED``: these rows cannot tell."""

    ENOUGH = "enough"
    NOT_ENOUGH = "not_enough"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class Query:
    """A rule in SQL. ``lines``: the expression, DuckDB's dialect; ``title``: what kind of rule it is; ``train_s`` and
    ``score_s``: seconds to find it and to run it over the hold-out."""

    title: str
    lines: tuple[str, ...]
    train_s: float
    score_s: float


@dataclass(frozen=True, slots=True)
class TriedRule:
    """One of the rules that a run found, run by an engine on the hold-out: told, never chosen by. ``chosen``: the folds
    chose it, so the verdict is about it; ``cv``: by the plan's metric over the folds; ``score`` and ``difference``: by
    the verdict's metric, positive is better for the model. ``note``: why it has no figures, where it has none; its
    query's ``score_s`` is 0 then."""

    query: Query
    chosen: bool
    cv: Score | None = None
    score: Score | None = None
    difference: Score | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class RefereeVerdict:
    """Model against query on the same hold-out rows. ``difference``: how much better the model is, positive is
    better, paired; ``margin``: what counts as better at all; ``sentence``: all of it for people; ``model_score_s``:
    seconds that the model took for the hold-out, None where it was not measured. ``rules``: every rule that was found,
    the simplest first, empty in runs made before they were kept; ``model_interval``: the model's figure with its
    interval, None without rules."""

    ruling: Ruling
    metric: str
    model: str
    model_score: float
    query_score: float
    difference: Score
    margin: float
    query: Query
    model_train_s: float
    sentence: str
    model_score_s: float | None = None
    rules: tuple[TriedRule, ...] = ()
    model_interval: Score | None = None


@dataclass(frozen=True, slots=True)
class EngineProof:
    """A dialect's query, run by an engine over the hold-out and compared with the recorded answers."""

    dialect: str
    engine: str
    rows: int
    label_differences: int
    max_difference: float


@dataclass(frozen=True, slots=True)
class QueryCertificate:
    """Which dialects were run, and which were only translated and parsed back (``written``). ``tolerance``: the largest
    difference of a number that passes."""

    tolerance: float
    proven: tuple[EngineProof, ...]
    written: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether every engine answered every row as the run recorded it."""
        return all(p.label_differences == 0 and p.max_difference <= self.tolerance for p in self.proven)


@dataclass(frozen=True, slots=True)
class QueryBundle:
    """A query bundle that was written. ``sha256``: the bundle id; ``path``: relative to the project, POSIX; ``at`` and
    ``actor``: who decided for the query, and when."""

    sha256: str
    run_id: str
    path: str
    size_bytes: int
    at: str
    actor: str
    summary: str
