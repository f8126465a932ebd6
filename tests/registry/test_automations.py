"""Rules and their runs in the registry: kept for ever, claimed once, found again when their process was killed."""

from __future__ import annotations

import threading

import pytest

from app.core.automations import Code, Occasion, Rule, RuleState, RunState, Step, StepResult, Trigger, When
from app.errors import BadInput, NotFound
from app.registry import audit, automations
from app.registry.project import Project

RULE = Rule(Trigger(When.HAND), (Step.COLLECT,))
MORNING = Occasion("time 2026-07-27T06:30Z", "2026-07-27T06:30:00.000000Z", "Every day at 06:30")


@pytest.fixture
def made(project):
    return automations.add_automation(project, "Watch churn", RULE)


def test_a_rule_is_found_by_number_name_and_id_until_it_is_removed(project, made):
    other = automations.add_automation(project, "Second", RULE)
    for text in ("1", "#1", "Watch churn", made.id, made.id[:30]):
        assert automations.find_automation(project, text) == made
    automations.set_state(project, made.id, RuleState.REMOVED)
    assert automations.automations(project) == [other]
    assert other.number == 2
    with pytest.raises(NotFound, match="Second"):
        automations.find_automation(project, "1")


@pytest.mark.parametrize("name", ["", "  ", "Watch churn", "7"])
def test_a_name_that_would_be_mistaken_is_refused(project, made, name):
    with pytest.raises(BadInput):
        automations.add_automation(project, name, RULE)


def test_a_change_counts_from_its_own_time_and_the_same_again_changes_nothing(project, made, clock):
    clock.advance(hours=1)
    assert automations.change_automation(project, made.id, made.name, RULE) == made
    daily = Rule(Trigger(When.DAY, "06:30"), (Step.COLLECT,))
    changed = automations.change_automation(project, made.id, made.name, daily)
    assert (changed.rule, changed.since) == (daily, project.now())
    clock.advance(hours=1)
    paused = automations.set_state(project, made.id, RuleState.PAUSED)
    assert (paused.state, paused.since) == (RuleState.PAUSED, project.now())
    verbs = [e.verb for e in audit.entries(project, verb="automation")]
    assert verbs == ["automation.pause", "automation.change", "automation.add"]


def test_a_run_keeps_its_steps_and_how_it_ended(project, made):
    run = automations.claim(project, made.id, MORNING)
    assert (run.state, run.why, run.steps) == (RunState.RUNNING, "Every day at 06:30", ())
    automations.record_step(project, run.id, StepResult(Step.CHECK, RunState.RUNNING))
    bad = StepResult(Step.CHECK, RunState.STOPPED, "churn@2: 3 rows break a rule.", Code.REFUSED)
    automations.record_step(project, run.id, bad)
    ended = automations.end_run(project, run.id, RunState.STOPPED, bad.note)
    assert (ended.state, ended.steps, ended.note) == (RunState.STOPPED, (bad,), bad.note)
    assert automations.end_run(project, run.id, RunState.DONE) == ended
    assert automations.runs(project) == [ended]
    assert [e.verb for e in audit.entries(project, verb="automation")][:2] == ["automation.stopped", "automation.run"]


def test_an_occasion_is_claimed_once_by_however_many_ask_at_the_same_moment(project, made):
    barrier, got = threading.Barrier(8), []

    def ask() -> None:
        with Project.open(project.path, actor="Bo") as mine:
            barrier.wait()
            got.append(automations.claim(mine, made.id, MORNING))

    asking = [threading.Thread(target=ask) for _ in range(8)]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join()
    (run,) = [one for one in got if one is not None]
    automations.end_run(project, run.id, RunState.DONE)
    assert automations.claim(project, made.id, MORNING) is None


def test_a_rule_that_runs_is_not_started_for_another_occasion(project, made):
    run = automations.claim(project, made.id, MORNING)
    other = Occasion("hand 1", MORNING.at, "Ann started it")
    assert automations.claim(project, made.id, other) is None
    automations.end_run(project, run.id, RunState.DONE)
    assert automations.claim(project, made.id, other) is not None


def test_a_killed_run_is_found_again_and_marked_and_one_that_lives_is_not(project, made, crash):
    path, id_ = project.path, made.id

    def work(tell):
        with Project.open(path, actor="Child") as mine:
            run = automations.claim(mine, id_, MORNING)
            automations.record_step(mine, run.id, StepResult(Step.COLLECT, RunState.RUNNING))
            tell("claimed", run.id)
            threading.Event().wait()

    child = crash.fork(work)
    child.listen(20, lines=1)
    assert automations.mark_interrupted(project) == []
    child.kill()
    (marked,) = automations.mark_interrupted(project)
    assert (marked.id, marked.state) == (child.confirmed[0][1], RunState.INTERRUPTED)
    assert marked.note == "The program ended while it ran at collect."
    assert automations.mark_interrupted(project) == []
