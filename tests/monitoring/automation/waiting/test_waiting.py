"""Rules that wait for a decision and follow it."""

from __future__ import annotations

import json

from app.cli import main
from app.core.automations import Code, Occasion, RunState, Step, StepResult
from app.core.challenges import Decision
from app.core.progress import Silent
from app.core.releases import ReleaseKind
from app.monitoring.automation.automations import needing, run_due, run_now
from app.monitoring.automation.making import make
from app.monitoring.automation.waiting import tell, waiting_challenge
from app.monitoring.retraining.decide import decide
from app.registry import alerts, challenges, models
from app.registry import automations as kept
from tests.monitoring.automation.waiting.people import approved, challenged, live, rule, trained, waited


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


def test_an_older_run_that_ends_takes_back_nothing_that_a_newer_one_says(project):
    renew, made = make(project, "Renew", rule("hand", "retrain,wait", model="people")), challenged(project)
    waited(project, renew, made)
    run = kept.claim(project, renew.id, Occasion("time 8", project.now(), "Every day at 06:30"))
    assert run is not None
    tell(project, kept.end_run(project, run.id, RunState.FAILED, "No room."), Silent())
    decide(project, made.id, Decision.KEPT, "Not on a Friday.")
    assert [alert.line for alert in alerts.alerts(project, closed=False)] == ["Renew: No room."]


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
    waited(project, renew, newer)
    live(project, ReleaseKind.PROMOTE)
    run_due(project, Silent())
    assert kept.runs(project)[0].note == "Overtaken: people@2 is in use, the challenger was compared with people@1."


def test_the_command_line_refuses_and_follows(project, capsys):
    path = str(project.path)
    add = ["automations", path, "--add", "Look", "--when", "hand", "--do", "monitor", "--json", "--model"]
    assert main([*add, "nobody"]) == 1
    assert "Models of this project: people." in capsys.readouterr().err
    made = challenged(project)
    waited(project, make(project, "Renew", rule("hand", "retrain,wait", model="people")), made)
    assert main(["decide", path, made.id, "--keep", "--reason", "Later", "--as", "Bob", "--json"]) == 0
    capsys.readouterr()
    assert main(["automations", path, "--json"]) == 0
    (told,) = json.loads(capsys.readouterr().out)["automations"]
    assert told["problem"] is None
    assert (told["runs"][0]["state"], told["runs"][0]["note"]) == ("done", "Bob kept people@1: Later.")
    assert told["runs"][0]["challenge"] == made.id
