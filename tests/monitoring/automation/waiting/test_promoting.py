"""A rule goes on with what a person promoted, as far as the place and its gates let it; a promotion that did not get
through is taken up."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.core.automation_words import sentence
from app.core.automations import Automation, AutomationRun, Code, Occasion, RuleState, RunState, Step, StepResult
from app.core.challenges import Challenge
from app.core.gate_rules import GateKind, GateRule
from app.core.progress import Silent
from app.core.releases import ReleaseKind
from app.errors import GateFailed, JobCancelled, NotFound
from app.monitoring.automation.automation_steps import do
from app.monitoring.automation.automations import run_automation, run_due, run_now
from app.monitoring.automation.doing import Doing
from app.monitoring.automation.making import make
from app.monitoring.automation.waiting import follow_decisions, promised
from app.monitoring.retraining.decide import roll_out, threshold_taken_over
from app.registry import automations as kept
from app.registry import challenges, environments, models, runs
from app.registry.project import Project
from app.registry.thresholds import record_threshold
from tests.monitoring.automation.waiting.people import (
    challenged,
    live,
    live_and_retired,
    promoted,
    rule,
    waited,
)


class Cancelled(Silent):
    """Cancelled as soon as anything is told."""

    def progress(self, fraction: float | None, text: str) -> None:
        raise JobCancelled


def failed(project: Project, automation: Automation, made: Challenge) -> AutomationRun:
    """A run whose promotion was decided, and then could not be rolled out."""
    run = kept.claim(project, automation.id, Occasion("look 1", project.now(), "people@1: Below its limit."))
    assert run is not None
    kept.record_step(project, run.id, StepResult(Step.PROMOTE, RunState.RUNNING, challenge=made.id))
    promoted(project, made)
    kept.record_step(project, run.id, StepResult(Step.PROMOTE, RunState.FAILED, "No room.", challenge=made.id))
    return kept.end_run(project, run.id, RunState.FAILED, "No room.")


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
