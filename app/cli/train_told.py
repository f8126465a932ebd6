"""How a run came out, as a line of words and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.cli.answer import Answer, Exit

if TYPE_CHECKING:
    from app.core.data import Dataset, DataVersion
    from app.core.gates import GateResult
    from app.core.runs import Candidate, Plan, Run


def train_answer(dataset: Dataset, version: DataVersion, run: Run, gates: tuple[GateResult, ...]) -> Answer:
    """How a run came out, with the exit code that tells it."""
    from app.core.runs import RunState

    body = train_body(dataset, version, run, gates)
    lines = _train_lines(dataset, version, run, gates)
    if run.state is RunState.CANCELLED:
        hint = f"Finished candidates are kept: modelyard runs, run {run.number}." if run.best else ""
        return Answer(body, lines, Exit.CANCELLED, f"Run {run.number} was cancelled.", hint)
    if run.best is None:
        reason = run.reason or "no candidate finished."
        return Answer(body, lines, Exit.FAILED, f"Run {run.number} has nothing to approve: {reason}", _slower_hint(run))
    failed = [g for g in gates if not g.passed]
    if any(g.name == "data_checks" for g in failed):
        return Answer(body, lines, Exit.REFUSED, next(g.message for g in failed if g.name == "data_checks"))
    if failed:
        return Answer(body, lines, Exit.GATE, f"A gate failed: {failed[0].message}", "This run cannot be approved.")
    return Answer(body, lines)


def _slower_hint(run: Run) -> str:
    return f"Give it more time than {run.plan.seconds:g} s with --seconds."


def train_body(
    dataset: Dataset, version: DataVersion, run: Run | None, gates: tuple[GateResult, ...]
) -> dict[str, object]:
    """The answer of ``train``. Score and interval are the hold-out's of the best candidate."""
    from app.core.runs import GREATER_IS_BETTER

    plan: Plan | None = run.plan if run else None
    best = run.best if run else None
    dummy = run.dummy if run else None
    score = best.holdout if best else None
    return {
        "run": run.id if run else None,
        "dataset": dataset.name,
        "version": version.number,
        "target": plan.target or None if plan else None,
        "task": str(plan.task) if plan else None,
        "metric": plan.metric if plan else None,
        "greater_is_better": GREATER_IS_BETTER[plan.metric] if plan else None,
        "score": score.value if score else None,
        "interval": [score.low, score.high] if score else None,
        "cv": best.cv.value if best and best.cv else None,
        "baseline": dummy.holdout.value if dummy and dummy.holdout else None,
        "candidates": [_candidate_body(c) for c in run.candidates if c.family != "sql"] if run else [],
        "gates": [{"name": g.name, "passed": g.passed, "value": g.value, "bound": g.bound} for g in gates],
        "deployable": bool(best and gates and all(g.passed for g in gates)),
    }


def _candidate_body(candidate: Candidate) -> dict[str, object]:
    from app.core.runs import CandidateState

    return {
        "name": candidate.name,
        "score": candidate.holdout.value if candidate.holdout else None,
        "seconds": candidate.seconds,
        "parity": "passed" if candidate.state is CandidateState.PASSED else "failed",
    }


def _train_lines(dataset: Dataset, version: DataVersion, run: Run, gates: tuple[GateResult, ...]) -> list[str]:
    from app.core.runs import METRIC_WORDS

    what = f"predicting {run.plan.target}" if run.plan.target else "looking for unusual rows"
    lines = [f"Run {run.number} on {dataset.name}@{version.number}, {what}:"]
    for c in run.candidates:
        score = f"{c.holdout.value:.4f} [{c.holdout.low:.4f}, {c.holdout.high:.4f}]" if c.holdout else c.note
        mark = "*" if run.best and c.id == run.best.id else " "
        lines.append(f" {mark} {c.name:<28} {METRIC_WORDS[run.plan.metric]} {score}  {c.seconds:.1f} s")
    lines += [f"   {'passed' if g.passed else 'FAILED'}: {g.message}" for g in gates]
    lines += [f"   {note}" for note in run.notes]
    if run.best and all(g.passed for g in gates):
        lines.append(f"Approve it with: modelyard approve PROJECT {run.number}")
    return lines
