"""Rules about what is there, rules that wait for a decision and follow it, and a promotion that did not get through.

On rows of a registry alone: nothing is trained, as a rule that waits trains nothing.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.cli import main
from app.core.automation_words import sentence, steps_of, trigger_of
from app.core.automations import Automation, AutomationRun, Code, Occasion, Rule, RuleState, RunState, Step, StepResult
from app.core.challenges import Challenge, ChangedPlan, Comparison, Decision
from app.core.gate_rules import GateKind, GateRule
from app.core.gates import GateResult
from app.core.ids import new_id
from app.core.models import ModelVersion
from app.core.progress import Silent
from app.core.releases import ReleaseKind
from app.core.runs import Candidate, CandidateState, Evaluation, Plan, Score, Task
from app.core.runs import RunState as TrainState
from app.errors import BadInput, GateFailed, JobCancelled, ModelyardError, NotFound
from app.monitoring.automation.automation_steps import do
from app.monitoring.automation.automations import needing, run_automation, run_due, run_now
from app.monitoring.automation.doing import Doing
from app.monitoring.automation.making import make, problem_of
from app.monitoring.automation.waiting import follow_decisions, half_done, promised, tell, waiting_challenge
from app.monitoring.retraining.decide import decide, roll_out, threshold_taken_over
from app.monitoring.retraining.retrain import recorded
from app.registry import alerts, challenges, environments, models, releases, runs
from app.registry import automations as kept
from app.registry.project import Project
from app.registry.thresholds import record_threshold
from tests.monitoring.retraining.test_again import RECIPE
from tests.registry import story
from tests.registry.crash import fork

GAIN = Score(0.02, 0.01, 0.03)


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """A model, *people*, with one version."""
    with Project.create(tmp_path / "p", actor="Ada") as made:
        approved(made, trained(made, "people", None))
        yield made


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


class Cancelled(Silent):
    """Cancelled as soon as anything is told."""

    def progress(self, fraction: float | None, text: str) -> None:
        raise JobCancelled


def rule(when: str, steps: str, **about: str) -> Rule:
    return Rule(trigger_of(when), steps_of(steps), **about)


def waited(project: Project, automation: Automation, made: Challenge, at: Step = Step.WAIT) -> AutomationRun:
    """A run that came as far as a step that waits for the decision."""
    run = kept.claim(project, automation.id, Occasion(f"time {new_id()}", project.now(), "Every day at 06:30"))
    assert run is not None
    kept.record_step(project, run.id, StepResult(Step.RETRAIN, RunState.DONE, "Better.", challenge=made.id))
    kept.record_step(project, run.id, StepResult(at, RunState.WAITING, "It waits.", challenge=made.id))
    return kept.end_run(project, run.id, RunState.WAITING, "It waits.")


def failed(project: Project, automation: Automation, made: Challenge) -> AutomationRun:
    """A run whose promotion was decided, and then could not be rolled out."""
    run = kept.claim(project, automation.id, Occasion("look 1", project.now(), "people@1: Below its limit."))
    assert run is not None
    kept.record_step(project, run.id, StepResult(Step.PROMOTE, RunState.RUNNING, challenge=made.id))
    promoted(project, made)
    kept.record_step(project, run.id, StepResult(Step.PROMOTE, RunState.FAILED, "No room.", challenge=made.id))
    return kept.end_run(project, run.id, RunState.FAILED, "No room.")


NOT_THERE = [
    (rule("hand", "monitor", model="nobody"), "There is no model nobody", "Models of this project: people."),
    (rule("hand", "monitor", model="people@1"), "not about people@1", "Write people."),
    (rule("hand", "check", dataset="sheep"), "There is no data set sheep", "people"),
    (rule("hand", "retrain,promote", model="people", environment="moon"), "no environment moon", "staging"),
    (rule("hand", "refresh", dataset="people"), "people cannot be fetched again", "drop the file again"),
]


@pytest.mark.parametrize(("wrong", "words", "hint"), NOT_THERE)
def test_a_rule_about_what_is_not_there_is_refused_and_told_what_is(project, wrong, words, hint):
    with pytest.raises(ModelyardError, match=words) as refused:
        make(project, "Rule", wrong)
    assert hint in refused.value.hint
    assert words in problem_of(project, wrong)
    assert kept.automations(project) == []


def test_no_rule_promotes_a_model_of_unusual_rows_by_itself(project):
    approved(project, trained(project, "sensors", None, target=""), "sensors-unusual")
    wrong = rule("hand", "retrain,gate,promote", model="sensors-unusual", environment="staging")
    with pytest.raises(BadInput, match="unusual rows"):
        make(project, "Rule", wrong)
    asked = replace(wrong, steps=(*wrong.steps, Step.WAIT))
    assert make(project, "Rule", asked).rule.steps == (Step.RETRAIN, Step.GATE, Step.WAIT, Step.PROMOTE)


def test_a_rule_for_unusual_rows_has_no_choice_of_kinds(project):
    approved(project, trained(project, "sensors", None, target=""), "sensors-unusual")
    wrong = replace(rule("hand", "retrain,wait", model="sensors-unusual"), plan=ChangedPlan(families=("linear",)))
    with pytest.raises(BadInput, match="one kind of model only"):
        make(project, "Rule", wrong)


def live_and_retired(project: Project) -> None:
    live(project, ReleaseKind.PROMOTE, ReleaseKind.RETIRE)


def live(project: Project, *kinds: ReleaseKind) -> None:
    """Releases of people's newest version in staging, one after the other."""
    bundle = story.bundle(project, models.model_version_by_label(project, "people"))
    for kind in kinds:
        releases.record_release(
            project, environment_id="staging", model_id=models.models(project)[0].id, bundle_id=bundle.id,
            service_id=None, kind=kind, reason=".",
        )  # fmt: skip


def test_no_rule_brings_back_what_a_person_took_away(project):
    steps = rule("day:06:30", "retrain,wait,promote", model="people", environment="staging")
    renew, made = make(project, "Renew", steps), challenged(project)
    waited(project, renew, made)
    promoted(project, made)
    follow_decisions(project)
    assert promised(project, renew) is not None
    live_and_retired(project)
    assert promised(project, renew) is None
    held = do(Step.PROMOTE, Doing(project, steps, "Renew", "Ada started it", made), Silent())
    assert (held.state, held.note) == (
        RunState.WAITING, "Ada took people out of staging: a person decides whether it comes back.",
    )  # fmt: skip


def test_a_rule_says_in_its_row_that_its_model_was_retired(project, capsys):
    look = make(project, "Look", rule("hand", "monitor", model="people"))
    renew = make(project, "Renew", rule("hand", "retrain,gate", model="people"))
    assert problem_of(project, look.rule) == ""
    live_and_retired(project)
    gone = "people was retired: it is live nowhere any more."
    assert problem_of(project, look.rule) == gone
    for automation in (look, renew):
        run = run_now(project, automation, Silent())
        assert (run.state, run.note) == (RunState.STOPPED, gone), "nothing is trained or looked at for nobody"
    assert main(["automations", str(project.path)]) == 0
    assert "! people was retired" in capsys.readouterr().out


def test_a_rule_says_in_its_row_that_a_person_rolls_out_there(project):
    renew = rule("hand", "retrain,gate,promote", model="people", environment="Production")
    made = make(project, "Renew", renew)
    assert made.rule.environment == "production"
    assert problem_of(project, made.rule).startswith("production does not let automations roll out")


def test_a_rule_makes_no_other_challenger_while_one_waits(project):
    renew = make(project, "Renew", rule("day:06:30", "retrain,gate,wait", model="people"))
    made = challenged(project)
    waited(project, renew, made)
    run = run_now(project, renew, Silent())
    assert run is not None
    assert (run.state, [s.step for s in run.steps], run.challenge) == (RunState.WAITING, [Step.RETRAIN], made.id)
    assert "waits for your decision" in run.note
    assert len(challenges.challenges(project)) == 1
    (ran,) = needing(project)
    assert ran.challenge == made
    (alert,) = alerts.alerts(project)
    assert alert.line == f"Renew: {run.note}".removesuffix(" Nothing new is trained until then.")
    run_now(project, renew, Silent())
    assert len(alerts.alerts(project)) == 1, "what waits is told once"

    decide(project, made.id, Decision.KEPT, "Not on a Friday.")
    ends = [(run.state, run.note) for run in kept.runs(project)]
    assert ends == [(RunState.DONE, "Ada kept people@1: Not on a Friday.")] * 3
    assert alerts.alerts(project, closed=False) == []
    assert alerts.alerts(project)[0].reason == "By itself: Renew: Ada kept people@1: Not on a Friday."
    assert kept.runs(project)[2].steps[-1].state is RunState.DONE
    assert needing(project) == []


def test_a_killed_rule_goes_on_with_the_challenger_that_it_had_made(project):
    """Whoever kills it between the challenger and the next step leaves both rows of one transaction, or none."""
    renew = make(project, "Renew", rule("below", "retrain,gate,wait", model="people"))
    path, champion = project.path, models.model_version_by_label(project, "people")
    candidate = trained(project, "", runs.run(project, champion.run_id).dataset_id)
    run = runs.run(project, candidate.run_id)
    found = Comparison(champion.label, candidate.name, "roc_auc", unseen=300, rows=300, difference=GAIN)

    def dies(_made: Challenge) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        recorded(project, champion, run, found, dies)
    assert challenges.challenges(project) == []

    def work(tell) -> None:
        with Project.open(path, actor="The schedule") as mine:
            doing = kept.claim(mine, renew.id, Occasion("hand 1", mine.now(), "people@1: Below its limit."))
            kept.record_step(mine, doing.id, StepResult(Step.RETRAIN, RunState.RUNNING))

            def noted(made: Challenge) -> None:
                kept.record_step(mine, doing.id, StepResult(Step.RETRAIN, RunState.RUNNING, challenge=made.id))

            made = recorded(mine, champion, run, found, noted)
            tell("made", made.id)
            threading.Event().wait()

    child = fork(work)
    child.listen(20, lines=1)
    child.kill()
    run_due(project, Silent())
    again = run_now(project, renew, Silent())
    assert [(step.step, step.state) for step in again.steps] == [
        (Step.RETRAIN, RunState.DONE), (Step.GATE, RunState.DONE), (Step.WAIT, RunState.WAITING),
    ]  # fmt: skip
    assert again.steps[0].note.startswith("Made before this was cut off, and taken up again. Linear model against")
    (made,) = challenges.challenges(project)
    assert (made.id, again.challenge) == (child.confirmed[0][1], made.id)
    decide(project, made.id, Decision.KEPT, "Not on a Friday.")
    assert half_done(project, renew.id) is None


def test_a_rule_that_was_cut_off_twice_is_told_and_one_that_is_tried_again_is_not(project):
    renew = make(project, "Renew", rule("hand", "retrain", model="people"))
    for key, alerted in (("look 1", []), ("look 1 again", ["Renew: It was cut off."])):
        run = kept.claim(project, renew.id, Occasion(key, project.now(), "people@1: Below its limit."))
        tell(project, kept.end_run(project, run.id, RunState.INTERRUPTED, "It was cut off."), Silent())
        assert [alert.line for alert in alerts.alerts(project, closed=False)] == alerted
        assert [ran.run.id for ran in needing(project)] == [run.id][: len(alerted)]


def test_what_a_rule_had_made_and_somebody_overtook_is_not_taken_up(project):
    renew, made = make(project, "Renew", rule("hand", "retrain,gate", model="people")), challenged(project)
    run = kept.claim(project, renew.id, Occasion("hand 1", project.now(), "Ada started it"))
    kept.record_step(project, run.id, StepResult(Step.RETRAIN, RunState.RUNNING, challenge=made.id))
    assert half_done(project, renew.id) is None, "it runs"
    kept.end_run(project, run.id, RunState.INTERRUPTED, "Cancelled.")
    assert half_done(project, renew.id) == made
    challenged(project)
    assert half_done(project, renew.id) is None


def test_a_challenger_made_by_hand_is_waited_for_and_one_that_a_gate_stopped_is_not(project):
    waits, acts = rule("day:06:30", "retrain,wait", model="people"), rule("day:06:30", "retrain", model="people")
    made = challenged(project)
    assert waiting_challenge(project, waits) == made
    assert waiting_challenge(project, acts) is None
    renew = make(project, "Renew", waits)
    run = kept.claim(project, renew.id, Occasion("time 1", project.now(), "Every day at 06:30"))
    gate = StepResult(Step.GATE, RunState.STOPPED, "The champion stays.", Code.GATE, made.id)
    kept.record_step(project, run.id, gate)
    kept.end_run(project, run.id, RunState.STOPPED, gate.note)
    assert waiting_challenge(project, waits) is None


def test_a_rule_goes_on_once_the_challenger_was_promoted_and_only_once(project):
    steps = rule("day:06:30", "retrain,wait,promote", model="people", environment="staging")
    renew = make(project, "Renew", steps)
    assert sentence(renew.rule).endswith("then wait for a person to promote it, then roll it out to staging.")
    made = challenged(project)
    waited(project, renew, made)
    promoted(project, made)
    (ran,) = run_due(project, Silent()).ran
    first = kept.runs(project)[1]
    assert (first.state, first.note) == (RunState.DONE, "Ada promoted it to people@2: Better on this summer.")
    assert [s.step for s in ran.run.steps] == [Step.PROMOTE]
    assert ran.run.why == "people@2 was promoted by Ada, and is not live in staging yet"
    assert (ran.run.state, ran.run.challenge) == (RunState.FAILED, made.id)
    assert ran.run.note.startswith("people@2 is approved, and is not live in staging yet: people@2 has no exported")
    assert run_due(project, Silent()).ran == ()


def test_a_rule_that_was_changed_or_paused_while_it_waited_follows_a_later_decision_only(project):
    steps = rule("day:06:30", "retrain,wait,promote", model="people", environment="staging")
    renew, made = make(project, "Renew", steps), challenged(project)
    waited(project, renew, made)
    kept.change_automation(project, renew.id, "Renew it", renew.rule)
    for state in (RuleState.PAUSED, RuleState.ACTIVE):
        kept.set_state(project, renew.id, state)
    promoted(project, made)
    follow_decisions(project)
    held = kept.automation(project, renew.id)
    assert promised(project, held) is not None
    assert promised(project, replace(held, since=project.now())) is None, "what was decided before counts no more"


def test_what_was_paused_or_removed_while_another_rule_rolled_out_does_nothing(project):
    steps = rule("day:06:30", "retrain,wait,promote", model="people", environment="staging")
    first, second = make(project, "First", steps), make(project, "Second", steps)
    made = challenged(project)
    for automation in (first, second):
        waited(project, automation, made)
    promoted(project, made)

    class Meanwhile(Silent):
        def check_cancelled(self) -> None:
            kept.set_state(project, second.id, RuleState.PAUSED)

    assert [ran.automation.name for ran in run_due(project, Meanwhile()).ran] == ["First"]
    kept.set_state(project, second.id, RuleState.REMOVED)
    occasion = Occasion("time 7", project.now(), "Every day at 06:30")
    assert run_automation(project, second, occasion, Silent()) is None


def test_a_rule_whose_gates_cannot_be_asked_fails_and_blocks_no_other(project):
    environments.change_environment(project, "staging", gates=[GateRule(GateKind.SIZE, 10)])
    steps = rule("hand", "retrain,wait,promote", model="people", environment="staging")
    renew, made = make(project, "Renew", steps), challenged(project)
    waited(project, renew, made)
    promoted(project, made)
    project.objects.path(str(runs.candidate(project, str(made.candidate_id)).evaluation_sha256)).unlink()
    (ran,) = run_due(project, Silent()).ran
    assert ran.run.state is RunState.FAILED
    assert "object" in ran.run.note


def test_an_older_run_that_ends_takes_back_nothing_that_a_newer_one_says(project):
    renew, made = make(project, "Renew", rule("hand", "retrain,wait", model="people")), challenged(project)
    waited(project, renew, made)
    run = kept.claim(project, renew.id, Occasion("time 8", project.now(), "Every day at 06:30"))
    assert run is not None
    tell(project, kept.end_run(project, run.id, RunState.FAILED, "No room."), Silent())
    decide(project, made.id, Decision.KEPT, "Not on a Friday.")
    assert [alert.line for alert in alerts.alerts(project, closed=False)] == ["Renew: No room."]


def test_a_roll_out_that_was_cancelled_is_cut_off_and_no_failure(project):
    made = challenged(project, whole=True)
    promoted(project, made)
    asked = rule("hand", "retrain,wait,promote", model="people", environment="staging")
    with pytest.raises(JobCancelled):
        do(Step.PROMOTE, Doing(project, asked, "Renew", "Ada started it", made), Cancelled())


def test_where_no_rule_rolls_out_the_run_says_that_a_person_does(project):
    steps = rule("day:06:30", "retrain,wait,promote", model="people", environment="production")
    renew, made = make(project, "Renew", steps), challenged(project)
    waited(project, renew, made)
    promoted(project, made)
    assert run_due(project, Silent()).ran == ()
    (run,) = kept.runs(project)
    assert run.state is RunState.DONE
    assert run.note.endswith(
        "production does not let automations roll out: roll it out by modelyard promote, or on Services."
    )


def test_a_promotion_that_did_not_get_through_is_taken_up_and_nothing_is_trained(project):
    renew = make(project, "Renew", rule("below", "retrain,gate,promote", model="people", environment="staging"))
    made = challenged(project)
    failed(project, renew, made)
    (ran,) = run_due(project, Silent()).ran
    assert ([s.step for s in ran.run.steps], ran.run.challenge) == ([Step.PROMOTE], made.id)
    assert run_due(project, Silent()).ran == ()
    run = run_now(project, renew, Silent())
    told = [(s.step, s.state) for s in run.steps]
    assert told == [(Step.RETRAIN, RunState.DONE), (Step.GATE, RunState.DONE), (Step.PROMOTE, RunState.FAILED)]
    assert "is taken up" in run.steps[0].note
    assert (len(challenges.challenges(project)), len(models.model_versions(project))) == (1, 2)


def test_a_gate_of_the_environment_stops_a_rule_before_anything_is_approved(project):
    environments.change_environment(project, "staging", gates=[GateRule(GateKind.SIZE, 1)])
    renew = make(project, "Renew", rule("day:06:30", "retrain,wait,promote", model="people", environment="staging"))
    made = challenged(project)
    auto = replace(renew.rule, steps=(Step.RETRAIN, Step.PROMOTE))
    held = do(Step.PROMOTE, Doing(project, auto, "Renew", "Ada started it", made), Silent())
    assert (held.state, held.code) == (RunState.STOPPED, Code.GATE)
    assert held.note == (
        "Linear model does not pass the gates of staging. The exported model has 5.0 KB, to be at most 1 KB."
    )
    assert challenges.decision_of(project, made.id) is None
    assert len(models.model_versions(project)) == 1


def test_a_roll_out_that_a_gate_refuses_says_that_the_approval_stands(project):
    environments.change_environment(project, "staging", gates=[GateRule(GateKind.SIZE, 1)])
    live(project, ReleaseKind.PROMOTE)
    made = challenged(project)
    promoted(project, made)
    decided = challenges.decision_of(project, made.id)
    with pytest.raises(GateFailed, match="people@2 is approved, and is not rolled out: people@2 does not pass") as no:
        roll_out(project, decided, Silent())
    assert no.value.message.endswith("The exported model has 5.0 KB, to be at most 1 KB.")


def test_gates_are_asked_at_the_threshold_that_the_challenger_takes_over(project):
    environments.change_environment(project, "staging", gates=[GateRule(GateKind.BOUND, 0.5, "accuracy")])
    renew = make(project, "Renew", rule("day:06:30", "retrain,wait,promote", model="people", environment="staging"))
    made = challenged(project)
    champion = models.model_version(project, made.champion_version_id)
    record_threshold(project, champion.candidate_id, at=0.9, alarm=1, miss=1, summary="")
    auto = replace(renew.rule, steps=(Step.RETRAIN, Step.PROMOTE))
    with pytest.raises(NotFound, match="was not scored"):  # its answers are what is measured by another threshold
        do(Step.PROMOTE, Doing(project, auto, "Renew", "Ada started it", made), Silent())
    record_threshold(project, str(made.candidate_id), at=0.4, alarm=1, miss=1, summary="")
    assert threshold_taken_over(project, made) is None


def test_what_nobody_can_decide_any_more_is_not_waited_for(project):
    renew = make(project, "Renew", rule("day:06:30", "retrain,wait", model="people"))
    waited(project, renew, challenged(project))
    newer = challenged(project)
    assert needing(project) == []
    run_due(project, Silent())
    assert kept.runs(project)[0].state is RunState.STOPPED
    assert kept.runs(project)[0].note == "Overtaken: a newer challenger of people was made."
    waited(project, renew, newer)
    approved(project, trained(project, "", models.models(project)[0].dataset_id))
    run_due(project, Silent())
    assert (
        kept.runs(project)[0].note
        == "Overtaken: people@2 was approved since, the challenger was compared with people@1."
    )


def test_the_command_line_refuses_and_follows(project, capsys):
    path = str(project.path)
    add = ["automations", path, "--add", "Look", "--when", "hand", "--do", "monitor", "--json", "--model"]
    assert main([*add, "nobody"]) == 1
    assert "Models of this project: people." in capsys.readouterr().err
    made = challenged(project)
    waited(project, make(project, "Renew", rule("hand", "retrain,wait", model="people")), made)
    assert main(["decide", path, made.id, "--keep", "--reason", "Later.", "--as", "Bob", "--json"]) == 0
    capsys.readouterr()
    assert main(["automations", path, "--json"]) == 0
    (told,) = json.loads(capsys.readouterr().out)["automations"]
    assert told["problem"] is None
    assert (told["runs"][0]["state"], told["runs"][0]["note"]) == ("done", "Bob kept people@1: Later.")
    assert told["runs"][0]["challenge"] == made.id
