"""A model, *people*, with challengers, decisions and runs of a rule, as rows of a registry alone: nothing is trained,
as a rule that waits trains nothing."""

from __future__ import annotations

from app.core.automation_words import steps_of, trigger_of
from app.core.automations import Automation, AutomationRun, Occasion, Rule, RunState, Step, StepResult
from app.core.challenges import Challenge, Comparison, Decision
from app.core.gates import GateResult
from app.core.ids import new_id
from app.core.models import ModelVersion
from app.core.releases import ReleaseKind
from app.core.runs import Candidate, CandidateState, Evaluation, Plan, Score, Task
from app.core.runs import RunState as TrainState
from app.registry import automations as kept
from app.registry import challenges, models, releases, runs
from app.registry.project import Project
from tests.monitoring.retraining.test_again import RECIPE
from tests.registry import story

GAIN = Score(0.02, 0.01, 0.03)


def trained(
    project: Project, name: str, dataset_id: str | None, target: str = "left", *, whole: bool = False
) -> Candidate:
    """A candidate that passed its gates, of a run on a newer version of the data; ``whole``: with all that a bundle is
    built of, as far as names go."""
    version, reading = story.add(project, new_id(), dataset_id, None if dataset_id else name)
    task = Task.BINARY if target else Task.ANOMALY
    plan = Plan(version.id, reading.id, target, task, "roc_auc" if target else "stability:0.05")
    run = runs.start_run(project, version.dataset_id, plan, project.objects.put_json({}))
    put = project.objects.put_bytes
    exported = {"recipe_sha256": project.objects.put_json(RECIPE), "predictions_sha256": put(b"predictions")}
    evaluation = project.objects.put_json(Evaluation(100, (("roc_auc", Score(0.8, 0.7, 0.9)),)))
    made = Candidate(
        new_id(), run.id, "Linear model", "linear", CandidateState.PASSED, False, 0.5, Score(0.8, 0.7, 0.9), None,
        onnx_sha256=put(f"onnx {run.id}".encode()), evaluation_sha256=evaluation, onnx_bytes=5_000,
        **exported if whole else {},
    )  # fmt: skip
    runs.record_candidate(project, made, [GateResult("parity", True, None, None, "Passed.")])
    runs.end_run(project, run.id, TrainState.FINISHED)
    return made


def approved(project: Project, candidate: Candidate, name: str = "people") -> ModelVersion:
    card, run = project.objects.put_bytes(f"# {candidate.id}".encode()), runs.run(project, candidate.run_id)
    return models.record_approval(
        project, candidate_id=candidate.id, name=name, dataset_id=run.dataset_id, reason="Better.", card=card
    )


def challenged(project: Project, *, whole: bool = False) -> Challenge:
    """A challenger of the newest version that is better, and that nobody decided about."""
    champion = models.model_version_by_label(project, "people")
    candidate = trained(project, "", runs.run(project, champion.run_id).dataset_id, whole=whole)
    found = Comparison(champion.label, candidate.name, "roc_auc", unseen=300, rows=300, difference=GAIN)
    return challenges.record_challenge(
        project, champion_version_id=champion.id, run_id=candidate.run_id, candidate_id=candidate.id,
        data_version_id=runs.run(project, candidate.run_id).plan.version_id, comparison=found,
    )  # fmt: skip


def promoted(project: Project, made: Challenge) -> ModelVersion:
    """What ``decide`` records, without proving a model that is none here."""
    with project.database.write():
        challenges.record_decision(project, made.id, Decision.PROMOTED, "Better on this summer.")
        return approved(project, runs.candidate(project, str(made.candidate_id)))


def live(project: Project, *kinds: ReleaseKind) -> None:
    """Releases of people's newest version in staging, one after the other."""
    bundle = story.bundle(project, models.model_version_by_label(project, "people"))
    for kind in kinds:
        releases.record_release(
            project, environment_id="staging", model_id=models.models(project)[0].id, bundle_id=bundle.id,
            service_id=None, kind=kind, reason=".",
        )  # fmt: skip


def live_and_retired(project: Project) -> None:
    live(project, ReleaseKind.PROMOTE, ReleaseKind.RETIRE)


def rule(when: str, steps: str, **about: str) -> Rule:
    return Rule(trigger_of(when), steps_of(steps), **about)


def waited(project: Project, automation: Automation, made: Challenge, at: Step = Step.WAIT) -> AutomationRun:
    """A run that came as far as a step that waits for the decision."""
    run = kept.claim(project, automation.id, Occasion(f"time {new_id()}", project.now(), "Every day at 06:30"))
    assert run is not None
    kept.record_step(project, run.id, StepResult(Step.RETRAIN, RunState.DONE, "Better.", challenge=made.id))
    kept.record_step(project, run.id, StepResult(at, RunState.WAITING, "It waits.", challenge=made.id))
    return kept.end_run(project, run.id, RunState.WAITING, "It waits.")
