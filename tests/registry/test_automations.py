"""Rules and their runs in the registry: kept for ever, claimed once, found again when their process was killed."""

from __future__ import annotations

import json
import threading

import pytest
import sqlalchemy as sa

from app.core.automations import Code, Occasion, Rule, RuleState, RunState, Step, StepResult, Trigger, When
from app.core.challenges import SAME_PLAN, ChangedPlan
from app.core.ids import new_id
from app.errors import BadInput, NotAllowed, NotFound
from app.registry import audit, automations, datasets
from app.registry import automation_runs as asked
from app.registry.environments import change_environment
from app.registry.project import Project
from app.registry.rows import to_json
from app.registry.tables import automation_events, automation_rules, automation_runs

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


@pytest.mark.parametrize("name", ["", "  ", "Watch churn", "7", "two\nlines"])
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


DAILY = Rule(Trigger(When.DAY, "06:30"), (Step.COLLECT,))


def in_another_window(project, work):
    """Open the project once more, as Bo: other connections, in a thread of its own."""
    failed = []

    def go() -> None:
        with Project.open(project.path, actor="Bo") as theirs:
            try:
                work(theirs)
            except Exception as error:
                failed.append(error)

    other = threading.Thread(target=go)
    other.start()
    other.join()
    assert not failed, failed


def test_another_name_is_no_other_rule_and_what_was_counted_still_counts(project, made, clock):
    clock.advance(hours=1)
    renamed = automations.change_automation(project, made.id, "Watch it", RULE)
    assert (renamed.name, renamed.since) == ("Watch it", made.since)
    clock.advance(hours=1)
    assert automations.change_automation(project, made.id, "Watch it", DAILY).since == project.now()


def test_what_waits_is_found_however_many_runs_came_after_it(project, made):
    waits = automations.claim(project, made.id, MORNING)
    automations.record_step(project, waits.id, StepResult(Step.WAIT, RunState.WAITING, "It waits.", challenge="c-1"))
    automations.end_run(project, waits.id, RunState.WAITING, "It waits.")
    own = {"automation_id": made.id, "host": "h", "pid": 1, "process_started": 0.0, "created_at": "2026-08-01"}
    later = [own | {"id": new_id(), "trigger": f"time {n}"} for n in range(1_500)]
    told = [
        {"run_id": row["id"], "step": "", "state": state, "note": '{"note":"","code":"","challenge":""}', "at": "2026"}
        for row in later
        for state in ("running", "done")
    ]
    with project.database.write() as connection:
        connection.execute(sa.insert(automation_runs), later)
        connection.execute(sa.insert(automation_events), told)
    ended = automations.run(project, waits.id)
    assert asked.runs_that(project, RunState.WAITING) == [ended]
    assert asked.runs_about(project, "c-1") == [ended]
    assert asked.newest_about_any(project, made.id) == ended
    assert asked.newest_runs(project)[made.id].id == max(row["id"] for row in later)
    assert len(asked.runs_that(project, RunState.DONE, automation_id=made.id)) == 1_500


def test_two_who_change_other_parts_of_a_rule_lose_nothing(project, made):
    def theirs(mine) -> None:
        automations.change_automation(mine, made.id, "Watch it", RULE)
        automations.set_state(mine, made.id, RuleState.PAUSED)

    in_another_window(project, theirs)
    both = automations.change_automation(project, made.id, made.name, DAILY, begun=made)
    assert (both.name, both.rule, both.state) == ("Watch it", DAILY, RuleState.PAUSED)
    assert automations.set_state(project, made.id, RuleState.ACTIVE).rule == DAILY


def test_of_two_who_change_the_same_the_later_is_told_by_whom(project, made):
    in_another_window(project, lambda mine: automations.change_automation(mine, made.id, made.name, DAILY))
    other = Rule(Trigger(When.DAY, "07:15"), (Step.COLLECT,))
    with pytest.raises(NotAllowed, match="Bo changed this automation meanwhile: Every day at 06:30"):
        automations.change_automation(project, made.id, made.name, other, begun=made)
    assert automations.change_automation(project, made.id, made.name, DAILY, begun=made).rule == DAILY
    in_another_window(project, lambda mine: automations.set_state(mine, made.id, RuleState.REMOVED))
    for change in (
        lambda: automations.change_automation(project, made.id, made.name, other, begun=made),
        lambda: automations.set_state(project, made.id, RuleState.PAUSED),
    ):
        with pytest.raises(NotFound, match="was removed by Bo meanwhile"):
            change()
    assert automations.set_state(project, made.id, RuleState.ACTIVE, put_back=True).state is RuleState.ACTIVE


def test_a_change_that_waits_for_another_is_of_what_that_one_left(project, made):
    """The rule is read when the writer's turn has come: before, the later one wrote back what the first had changed."""
    with project.database.write():
        automations.change_automation(project, made.id, made.name, DAILY)
        waiting = threading.Thread(target=in_another_window, args=(project, lambda mine: _pause(mine, made.id)))
        waiting.start()
        waiting.join(0.3)
        assert waiting.is_alive(), "it waits for the first one's transaction"
    waiting.join()
    assert automations.automation(project, made.id).rule == DAILY
    assert automations.automation(project, made.id).state is RuleState.PAUSED


def _pause(project, id_: str) -> None:
    automations.set_state(project, id_, RuleState.PAUSED)


def test_a_name_is_not_given_twice_by_a_change(project, made):
    other = automations.add_automation(project, "Second", RULE)
    with pytest.raises(BadInput):
        automations.change_automation(project, other.id, made.name, RULE)


def test_a_rule_keeps_its_plan_and_one_of_before_means_the_champions(project, made):
    plan = ChangedPlan(True, ("linear", "boosting"), 60.0)
    rule = Rule(Trigger(When.HAND), (Step.RETRAIN,), "churn", plan=plan)
    renew = automations.add_automation(project, "Renew", rule)
    assert automations.automation(project, renew.id).rule == rule
    told = json.loads(audit.entries(project, verb="automation.add")[0].payload)
    assert told["plan"] == "by a new search among linear and boosting models within 60 s"
    old = to_json({"trigger": {"when": "hand"}, "steps": ["retrain"], "model": "churn"})
    with project.database.write() as connection:
        row = {"automation_id": "old", "name": "Old", "state": "active", "actor": "Ada", "at": project.now()}
        connection.execute(sa.insert(automation_rules).values(row | {"rule": old}))
    assert automations.find_automation(project, "Old").rule.plan == SAME_PLAN


def test_a_rule_follows_its_data_and_its_environment_to_their_new_names(project, story):
    version, _ = story.add(project, "1", None, "people")
    steps = (Step.CHECK, Step.RETRAIN, Step.PROMOTE)
    made = automations.add_automation(project, "Renew", Rule(Trigger(When.HAND), steps, "churn", "people", "staging"))
    datasets.rename_dataset(project, version.dataset_id, "customers")
    change_environment(project, "staging", new_name="test")
    rule = automations.automation(project, made.id).rule
    assert (rule.dataset, rule.environment) == ("customers", "test")


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


def test_runs_are_found_by_how_they_stand_and_whom_they_are_about_however_many_came_since(project, made, clock):
    waiting = automations.claim(project, made.id, MORNING)
    automations.record_step(project, waiting.id, StepResult(Step.WAIT, RunState.WAITING, challenge="c" * 36))
    waiting = automations.end_run(project, waiting.id, RunState.WAITING)
    assert not asked.has_done(project, Step.PROMOTE)
    for step, code in ((Step.PROMOTE, Code.PERSON), (Step.PROMOTE, Code.NOTHING), (Step.COLLECT, Code.NOTHING)):
        clock.advance(hours=1)
        run = automations.claim(project, made.id, Occasion(f"hand {project.now()}", project.now(), "Ann started it"))
        automations.record_step(project, run.id, StepResult(step, RunState.DONE, "", code))
        automations.end_run(project, run.id, RunState.DONE)
        assert asked.has_done(project, Step.PROMOTE) == (code is not Code.PERSON)
    assert asked.runs_that(project, RunState.WAITING) == asked.runs_about(project, "c" * 36) == [waiting]
    assert len(asked.runs_that(project, RunState.DONE, RunState.WAITING)) == 4
    assert asked.runs_about(project, "d" * 36) == asked.runs_that(project, RunState.RUNNING) == []
    assert asked.ran_since(project, waiting.created_at)
    assert not asked.ran_since(project, run.created_at), "a person started that"


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
