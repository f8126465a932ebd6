"""Runs as lines of a long table: what was asked, how the best candidate did, without reading any object."""

from __future__ import annotations

from dataclasses import dataclass

from app.core.runs import Plan, RunState, Score


@dataclass(frozen=True, slots=True)
class CandidateLine:
    """A candidate without its objects. ``gates``, ``passed``: how many were decided, and passed."""

    id: str
    name: str
    family: str
    baseline: bool
    cv: float | None
    holdout: Score | None
    seconds: float
    onnx_bytes: int
    gates: int = 0
    passed: int = 0


@dataclass(frozen=True, slots=True)
class RunLine:
    """``data``: ``churn v3``; ``best``: as ``Run.best``; ``approved``: ``churn@2``, the first of its candidates that is
    one;
    ``scores``: each candidate's on the hold-out, by name."""

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
