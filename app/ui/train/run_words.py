"""Runs, candidates and gates as a person reads them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication

from app.core.gates import GateResult
from app.core.runs import GREATER_IS_BETTER, METRIC_WORDS, Candidate, CandidateState, Plan, Run, RunState, Score
from app.core.search import Trial
from app.ui.widgets.scores import ScoreLine
from app.ui.words import with_ends


def _tr(text: str) -> str:
    return QCoreApplication.translate("runs", text)


STATE_STATUS = {
    RunState.RUNNING: "running",
    RunState.FINISHED: "ok",
    RunState.CANCELLED: "warn",
    RunState.FAILED: "fail",
    RunState.INTERRUPTED: "warn",
    RunState.DISCARDED: "info",
}
STATE_WORDS = {
    RunState.RUNNING: "running",
    RunState.FINISHED: "finished",
    RunState.CANCELLED: "cancelled",
    RunState.FAILED: "failed",
    RunState.INTERRUPTED: "interrupted",
    RunState.DISCARDED: "discarded",
}


def predicts_words(plan: Plan) -> str:
    """The column that is predicted; without one what is looked for."""
    return plan.target or _tr("unusual rows")


def candidate_line(candidate: Candidate, best: Candidate | None) -> ScoreLine:
    """A candidate as a line of the picture: its hold-out score, of a fresh one the cross-validated."""
    status, note = _how_it_ended(candidate)
    score = candidate.holdout or candidate.cv
    return ScoreLine(
        candidate.name, score, status, note, candidate.baseline, best is not None and candidate.id == best.id
    )


def candidate_place(candidate: Candidate, sign: int) -> float:
    """By the cross-validated score, smaller is better. ``sign``: 1 where a greater score is better, else -1."""
    return -sign * candidate.cv.value if candidate.cv is not None else float("inf")


def trial_line(trial: Trial) -> ScoreLine:
    """A setting that was scored over folds, not yet a candidate."""
    return ScoreLine(trial.name, trial.score, "", _tr("trial {0}").format(trial.number))


def candidate_lines(run: Run) -> list[ScoreLine]:
    """A run's best candidate first, then the others by their cross-validated score, baselines last."""
    best, sign = run.best, 1 if GREATER_IS_BETTER[run.plan.metric] else -1

    def place(candidate: Candidate) -> tuple[bool, bool, float]:
        return candidate.baseline, best is None or candidate.id != best.id, candidate_place(candidate, sign)

    return [candidate_line(candidate, best) for candidate in sorted(run.candidates, key=place)]


def _how_it_ended(candidate: Candidate) -> tuple[str, str]:
    if candidate.baseline:
        return "info", _tr("plain SQL") if candidate.family == "sql" else _tr("baseline")
    if candidate.state is CandidateState.PASSED:
        return "ok", _tr("parity passed")
    if candidate.state is CandidateState.PARITY_FAILED:
        return "fail", _tr("parity failed")
    return "fail", _tr("failed")


def score_words(metric: str, score: Score | None) -> str:
    """``ROC AUC 0.842 [0.801, 0.880]``."""
    return f"{_tr(METRIC_WORDS[metric])} {with_ends(score)}"


def gates_words(gates: Sequence[GateResult]) -> tuple[str, str]:
    """Status and words of all gates together."""
    passed = sum(gate.passed for gate in gates)
    if passed == len(gates):
        return "ok", _tr("{0} of {1} gates passed").format(passed, len(gates))
    return "fail", _tr("{0} of {1} gates failed").format(len(gates) - passed, len(gates))


def why_not_approve(run: Run, gates: Sequence[GateResult]) -> str:
    """Why the best candidate may not be approved; empty if it may."""
    if run.best is None:
        return run.reason or _tr("No candidate finished with a passed parity check.")
    failed = next((gate for gate in gates if not gate.passed), None)
    return failed.message if failed is not None else ""
