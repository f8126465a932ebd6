"""Runs as lines of a long table: what was asked, how the best candidate did, without reading any object.

Tuples with names: thousands of them are made at once, and a frozen dataclass takes five times as long to make.
"""

from __future__ import annotations

from typing import NamedTuple

from app.core.runs import Plan, RunState, Score

Question = tuple[str, str, str, str | None]
"""Data set, target, metric and positive class: scores of one question can be compared."""


class CandidateLine(NamedTuple):
    """A candidate without its objects. ``gates``, ``passed``: how many were decided, and passed."""

    id: str
    name: str
    family: str
    cv: float | None
    holdout: Score | None
    seconds: float
    onnx_bytes: int
    gates: int = 0
    passed: int = 0


class RunLine(NamedTuple):
    """``data``: ``churn v3``; ``best``: as ``Run.best``; ``approved``: ``churn@2``, the newest of its candidates that
    is one; ``baseline``: the dummy's score; ``scores``: each candidate's on the hold-out, by name. ``is_baseline``: the
    line is not about the run's best candidate but about what has to be beaten, and its id is that candidate's."""

    id: str
    number: int
    data: str
    state: RunState
    created_at: str
    plan: Plan
    environment_sha256: str
    best: CandidateLine | None
    baseline: float | None
    approved: str
    scores: dict[str, float]
    is_baseline: bool = False

    @property
    def question(self) -> Question:
        """What it answers."""
        return self.data.rpartition(" v")[0], self.plan.target, self.plan.metric, self.plan.positive

    def standing_for(self, candidate: CandidateLine) -> RunLine:
        """The same run's line about a baseline of it."""
        return self._replace(id=candidate.id, best=candidate, approved="", is_baseline=True)
