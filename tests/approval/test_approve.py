"""Only a candidate that passed every gate becomes a model version, with its card and an entry in the history."""

from dataclasses import replace

import pytest

from app.approval.approve import approve, name_for, why_not
from app.approval.gates import summary
from app.core.gates import GateResult
from app.core.ids import new_id
from app.core.progress import Silent
from app.core.runs import CandidateState, RunState
from app.errors import BadInput, NotAllowed
from app.registry import audit, datasets, models, runs
from app.registry.project import Project
from tests.registry import story

PASSED = GateResult("better_than_baseline", True, 0.1, 0.0, "better")


@pytest.fixture
def open_run(approval_project, good_run):
    """A run that still takes candidates, and how to end it."""
    made = runs.start_run(approval_project, good_run.dataset_id, good_run.plan, good_run.environment_sha256)
    yield made
    if runs.run(approval_project, made.id).state is RunState.RUNNING:
        runs.end_run(approval_project, made.id, RunState.FINISHED)


def with_candidate(project, run, like, gates=(PASSED,), **changes):
    """Record a candidate like another one, end the run; the run and the candidate."""
    candidate = replace(like, id=new_id(), run_id=run.id, **changes)
    runs.record_candidate(project, candidate, gates)
    return runs.end_run(project, run.id, RunState.FINISHED), candidate


def test_the_best_candidate_becomes_version_one_named_after_its_data(approval_project, good_run):
    reason = summary(runs.gate_results(approval_project, good_run.best.id))
    before = audit.count(approval_project)
    version = approve(approval_project, good_run.id, reason=reason, ctx=Silent())
    assert version.label.endswith("@1") and version.candidate_id == good_run.best.id
    entry = audit.entries(approval_project, limit=1)[0]
    assert entry.verb == "model.approve" and audit.count(approval_project) == before + 1
    assert models.approvals(approval_project, version.id)[0].reason == reason
    with pytest.raises(NotAllowed, match="already approved"):
        approve(approval_project, good_run.id, reason="again", ctx=Silent())


def test_the_card_says_what_it_is_made_of_and_shows_names_as_plain_text(approval_project, open_run, good_run):
    run, candidate = with_candidate(
        approval_project, open_run, good_run.best, runs.gate_results(approval_project, good_run.best.id)
    )
    version = approve(approval_project, run.id, reason="We need <b>it</b>.", ctx=Silent())
    text = approval_project.objects.read(version.card_sha256).decode()
    assert text.startswith("---\nlibrary_name: onnx\npipeline_tag: tabular-classification\n")
    for words in ("ROC AUC", "hold-out", "SHA-256 of the data", "passed:", "probe rows", "Limits", "folds", "baseline"):
        assert words in text
    body = text.split("---", 2)[2]
    assert "<b>" not in body and r"x \| y" in body and r"\<b\>\*c\*" in body
    assert candidate.onnx_sha256 in text


def test_a_failed_gate_blocks_with_its_words(approval_project, noise_run):
    assert noise_run.best is not None
    with pytest.raises(NotAllowed, match="noise"):
        approve(approval_project, noise_run.id, reason="please", ctx=Silent())
    assert models.version_of_candidate(approval_project, noise_run.best.id) is None


def test_a_candidate_that_failed_parity_cannot_be_approved_even_by_name(approval_project, open_run, good_run):
    run, candidate = with_candidate(approval_project, open_run, good_run.best, state=CandidateState.PARITY_FAILED)
    assert run.best is None
    for chosen in (None, candidate.id):
        with pytest.raises(NotAllowed, match="exported model"):
            approve(approval_project, run.id, candidate_id=chosen, reason="please", ctx=Silent())


def test_a_certificate_about_another_model_is_noticed(approval_project, open_run, good_run):
    other = next(c for c in good_run.candidates if c.id != good_run.best.id and not c.baseline)
    run, _ = with_candidate(approval_project, open_run, good_run.best, parity_sha256=other.parity_sha256)
    with pytest.raises(NotAllowed, match="not about this model"):
        approve(approval_project, run.id, reason="please", ctx=Silent())


def test_the_baseline_and_runs_that_go_on_are_not_approvable(approval_project, open_run, good_run):
    with pytest.raises(NotAllowed, match="beaten"):
        approve(approval_project, good_run.id, candidate_id=good_run.dummy.id, reason="please", ctx=Silent())
    assert why_not(approval_project, open_run, good_run.best) == "This run is still running."


def test_without_gates_nothing_is_approved(approval_project, open_run, good_run):
    run, _ = with_candidate(approval_project, open_run, good_run.best, gates=())
    with pytest.raises(NotAllowed, match="No gate"):
        approve(approval_project, run.id, reason="please", ctx=Silent())


def test_an_approval_needs_a_reason(approval_project, good_run):
    with pytest.raises(BadInput, match="reason"):
        approve(approval_project, good_run.id, reason="  ", ctx=Silent())


def test_a_model_keeps_its_name_when_its_data_are_renamed(tmp_path):
    with Project.create(tmp_path / "p", actor="Ada") as project:
        story.whole(project, "people")
        (run,) = runs.runs(project)
        datasets.rename_dataset(project, run.dataset_id, "customers")
        assert name_for(project, run) == "data people"
        assert name_for(project, replace(run, plan=replace(run.plan, target=""))) == "customers-unusual"
