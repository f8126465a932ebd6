"""What is due is done once and recorded; bad data stop a rule, a rule that fails blocks no other; a dry run records
nothing. Without any model: what needs one is walked in tests/journeys."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.cli import main
from app.cli.answer import Exit
from app.cli.automation_commands import cases_of, exit_of
from app.core.automation_words import steps_of, trigger_of
from app.core.automations import Automation, AutomationRun, Code, Rule, RuleState, RunState, StepResult, checked
from app.core.challenges import Comparison
from app.core.progress import Recorder, Silent
from app.core.runs import Score
from app.data.intake import add
from app.errors import JobCancelled
from app.monitoring.automation.automations import Ran, RanDue, dry_run, run_due, run_now
from app.monitoring.automation.challenger_steps import held_back
from app.registry import audit, automations, datasets
from app.registry.project import Project


class Clock:
    """A clock that only the test moves."""

    def __init__(self) -> None:
        self.time = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.time += timedelta(milliseconds=1)
        return self.time


def table(path: Path, rows: int) -> Path:
    lines = [f"{i},{'yes' if i % 3 else 'no'}" for i in range(rows)]
    path.write_text("\n".join(["fee,left", *lines]), "utf-8")
    return path


@pytest.fixture(scope="module")
def clock():
    return Clock()


@pytest.fixture(scope="module")
def project(tmp_path_factory, clock):
    folder = tmp_path_factory.mktemp("automations")
    with Project.create(folder / "people", actor="Ada", clock=clock) as made:
        add(made, table(folder / "people.csv", 90), name="people", target="left", ctx=Silent())
        yield made


def rule(when: str, steps: str, **about: str) -> Rule:
    return checked(Rule(trigger_of(when), steps_of(steps), **about))


def test_what_is_due_runs_once_and_a_failing_rule_blocks_no_other(project, clock):
    broken = automations.add_automation(project, "Broken", rule("day:06:30", "monitor", model="nobody"))
    fresh = automations.add_automation(project, "Fresh", rule("day:06:30", "refresh,check", dataset="people"))
    paused = automations.add_automation(project, "Paused", rule("day:06:30", "collect"))
    automations.set_state(project, paused.id, RuleState.PAUSED)
    assert run_due(project, Silent(), UTC).ran == ()

    clock.time += timedelta(days=3)
    table(project.path.parent / "people.csv", 120)
    first, second = run_due(project, Silent(), UTC).ran
    assert (first.automation, first.run.state) == (broken, RunState.FAILED)
    assert first.run.note.startswith("There is no model nobody in this project.")
    assert (second.automation, second.run.state, second.run.why) == (fresh, RunState.DONE, "Every day at 06:30")
    assert [s.note for s in second.run.steps] == [
        "people@2: 120 rows.",
        "people@2: no check blocks; it has no contract.",
    ]
    assert run_due(project, Silent(), UTC).ran == ()
    assert [e.verb for e in audit.entries(project, verb="data.add")] == ["data.add", "data.add"]

    clock.time += timedelta(days=1)
    assert [ran.run.trigger for ran in run_due(project, Silent(), UTC).ran] == ["time 2026-03-05T06:30Z"] * 2
    for one in (broken, paused):
        automations.set_state(project, one.id, RuleState.REMOVED)


def test_bad_data_stop_a_rule_with_the_reason(project, clock):
    (project.path.parent / "people.csv").write_text("fee,left\n" + "1,yes\n" * 50, "utf-8")
    clock.time += timedelta(days=1)
    ended = run_due(project, Silent(), UTC)
    (ran,) = ended.found(Code.REFUSED)
    assert (ran.run.state, ran.run.steps[-1].state) == (RunState.STOPPED, RunState.STOPPED)
    assert ran.run.note.startswith("people@3: ")
    assert not ended.unanswered
    assert len(datasets.versions(project, datasets.datasets(project)[0].id)) == 3


def test_a_person_starts_a_rule_and_cancels_it(project):
    fresh = automations.find_automation(project, "Fresh")
    with pytest.raises(JobCancelled):
        run_now(project, fresh, Recorder(cancel_at=0))
    cut = automations.runs(project, fresh.id)[0]
    assert (cut.state, cut.note, cut.why) == (RunState.INTERRUPTED, "Cancelled.", "Ada started it")


def test_a_dry_run_tells_the_past_and_records_nothing(project):
    before = audit.count(project)
    (past,) = dry_run(project, "2026-03-02T00:00:00.000000Z", UTC)
    assert [o.at[:16] for o in past.occasions] == [f"2026-03-{day:02}T06:30" for day in range(2, 7)]
    assert past.now is None
    assert audit.count(project) == before


def test_the_command_line_adds_runs_and_tells(project, capsys):
    path = str(project.path)

    def said(*words: str) -> tuple[int, dict]:
        code = main([*words, "--json"])
        return code, json.loads(capsys.readouterr().out)

    made = ["automations", path, "--add", "Check", "--when", "hand", "--do", "check", "--data", "people"]
    code, body = said(*made)
    assert (code, body["automations"][-1]["name"], body["automations"][-1]["when"]) == (0, "Check", "hand")
    assert body["automations"][-1]["sentence"] == "When somebody starts it: check people."
    assert said(*made)[0] == 1
    assert said("automations", path, "--when", "day:06:30", "--do", "collect")[0] == 1, "neither added nor tried"
    assert said("automations", path, "--same-recipe")[0] == 1, "of which rule?"
    plan = ["--dry-run", "--when", "hand", "--do", "check", "--data", "people", "--families", "linear"]
    assert said("automations", path, *plan)[0] == 1, "it retrains nothing"
    changed = ["automations", path, "--change", "Check", "--name", "Check it", "--when", "monday:07:15"]
    assert said(*changed)[1]["automations"][-1]["sentence"] == "Every Monday at 07:15: check people."
    assert said("automations", path, "--change", "Check it", "--search")[0] == 1, "it retrains nothing"
    code, body = said("automations", path, "--change", "Check it", "--name", "Check", "--when", "hand")
    assert (code, body["automations"][-1]["name"], body["automations"][-1]["when"]) == (0, "Check", "hand")
    code, body = said("automations", path, "--run", "Check")
    assert (code, body["ran"][0]["state"], body["ran"][0]["steps"][0]["step"]) == (4, "stopped", "check")
    before = audit.count(project)
    code, body = said("automations", path, "--dry-run", "--when", "day:06:30", "--do", "collect")
    assert (code, body["sentence"]) == (0, "Every day at 06:30: collect predictions.")
    assert isinstance(body["would_have_run"], list)
    assert audit.count(project) == before
    assert said("automations", path, "--pause", "Check")[1]["automations"][-1]["state"] == "paused"
    assert said("automations", path, "--remove", "Check")[1]["automations"][-1]["name"] == "Fresh"
    code, body = said("run-due", path, "--dry-run", "--since", "2026-03-02")
    assert (code, body["automations"][0]["name"]) == (0, "Fresh")
    assert len(body["automations"][0]["would_have_run"]) >= 5
    automations.set_state(project, automations.find_automation(project, "Fresh").id, RuleState.PAUSED)
    report = project.path.parent / "due.xml"
    assert said("run-due", path, "--junit", str(report)) == (0, {"ran": [], "interrupted": []})
    assert 'tests="1" failures="0"' in report.read_text(), "some CI services take a report of nothing for a failure"


@pytest.mark.parametrize(
    ("low", "high", "live", "state"),
    [
        (0.01, 0.03, "", None),
        (-0.01, 0.03, "churn@2", None),
        (0.01, 0.03, "churn@1", RunState.WAITING),
        (-0.03, -0.01, "churn@2", RunState.STOPPED),
    ],
)
def test_no_rule_promotes_what_is_worse_or_was_compared_with_another_version(low, high, live, state):
    gap = Score((low + high) / 2, low, high)
    held = held_back(Comparison("churn@2", "Linear model", "roc_auc", rows=300, difference=gap), live)
    assert (held.state if held else None) is state


def ran(name: str, steps: str, state: RunState, code: Code = Code.NOTHING, model: str = "churn") -> Ran:
    made = Automation(name, 1, name, rule("hand", steps, model=model), RuleState.ACTIVE, "", "Ada")
    found = tuple(StepResult(step, RunState.DONE, "", code) for step in made.rule.steps)
    return Ran(made, AutomationRun("r", name, "k", "", "", state, found, f"What {name} found.", ""))


ACT = ran("Look", "monitor", RunState.DONE, Code.ACT)
CODES = [
    ((), Exit.OK),
    ((ran("Look", "monitor", RunState.DONE),), Exit.OK),
    ((ACT,), Exit.DRIFT),
    ((ACT, ran("Renew", "retrain,gate", RunState.DONE)), Exit.OK),
    ((ACT, ran("Renew", "retrain,wait", RunState.WAITING)), Exit.OK),
    ((ACT, ran("Renew", "retrain", RunState.DONE, model="other")), Exit.DRIFT),
    ((ACT, ran("Renew", "retrain,gate", RunState.STOPPED, Code.GATE)), Exit.GATE),
    ((ran("Renew", "retrain,gate", RunState.STOPPED),), Exit.OK),
    ((ACT, ran("Broken", "monitor", RunState.FAILED)), Exit.FAILED),
    ((ran("Broken", "monitor", RunState.FAILED), ran("Check", "check", RunState.STOPPED, Code.REFUSED)), Exit.REFUSED),
]


@pytest.mark.parametrize(("done", "code"), CODES)
def test_the_exit_code_tells_what_needs_somebody_most(done: tuple[Ran, ...], code: Exit):
    told, problem = exit_of(RanDue(done, ()))
    assert told is code
    assert bool(problem) == (code is not Exit.OK)


@pytest.mark.parametrize(("done", "code"), CODES)
def test_the_report_for_a_ci_service_fails_where_the_exit_code_tells_so(done: tuple[Ran, ...], code: Exit):
    cases = cases_of(RanDue(done, ()))
    assert [case.name for case in cases] == [ran.automation.name for ran in done]
    assert any(case.problem for case in cases) == (code is not Exit.OK)
