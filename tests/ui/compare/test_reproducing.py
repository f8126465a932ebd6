"""What *Reproduce* says of a refit: the verdict, the first stage that differs, what changed since."""

from __future__ import annotations

import pytest

from app.core.proofs import Reproduction, Verdict
from app.core.runs import Candidate, CandidateState, Plan, Run, RunState, Task
from app.training.differing import Differing
from app.ui.compare.reproducing import Reproduced, details_of, message_of, status_of

Stages = tuple[Verdict, Verdict, Verdict]
SAME, NEAR, OTHER = Verdict.IDENTICAL, Verdict.EQUAL, Verdict.DIFFERENT
RUN = Run("r", 1, "d", Plan("v", "r", "y", Task.BINARY, "roc_auc"), "", RunState.FINISHED, "")
CANDIDATE = Candidate("c", "r", "Forest", "forest", CandidateState.PASSED, False, 1.0)


def found(stages: Stages, gap: float | None, *changed: Differing) -> Reproduced:
    worst = max(stages, key=(SAME, NEAR, OTHER).index)
    return Reproduced(RUN, CANDIDATE, Reproduction(worst, *stages, gap), changed)


@pytest.mark.parametrize(
    ("stages", "gap", "status", "message", "details"),
    [
        ((SAME, SAME, SAME), 0.0, "ok", "Identical: Forest", "Packages, Python"),
        ((SAME, SAME, NEAR), 0.0, "info", "Equal within tolerance", "bytes of the exported model"),
        ((SAME, NEAR, NEAR), 2e-7, "info", "Equal within tolerance", "predictions differ first, by at most"),
        ((SAME, OTHER, OTHER), 0.25, "fail", "Different: Forest", "predictions differ first, by at most 0.25"),
        ((SAME, OTHER, OTHER), None, "fail", "Different", "other classes or rows"),
        ((OTHER, OTHER, OTHER), None, "fail", "Different", "split differs first"),
    ],
)
def test_the_verdict_and_the_first_stage_that_differs_are_said(
    stages: Stages, gap: float | None, status: str, message: str, details: str
) -> None:
    said = found(stages, gap)
    assert status_of(said.proof) == status
    assert message in message_of(said)
    assert details in details_of(said)


def test_what_changed_since_the_run_is_named_and_the_rest_counted() -> None:
    changed = [Differing("environment", f"package{i}", "1", "2" if i else "") for i in range(8)]
    said = details_of(found((SAME, OTHER, OTHER), 0.5, *changed))
    assert "package0 1 → –" in said and "package1 1 → 2" in said and "and 2 more" in said
