"""Everything that waits for a person is on Home, once, and its button leads to where it is settled."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.core.alerts import Alert, AlertKind, AlertState, Mute, ThenNow
from app.core.automations import Automation, AutomationRun, Code, Rule, RuleState, RunState, Step, StepResult, Trigger
from app.core.automations import When as WhenRuns
from app.core.challenges import Challenge
from app.core.data import Column, ColumnType, Dataset, DataVersion, ParseRecipe, Reading, Use
from app.core.deploy import Service, ServiceState, ServiceStatus
from app.core.models import ModelVersion
from app.core.runs import Candidate, CandidateState, Plan, Run, Score, Task
from app.core.runs import RunState as TrainingState
from app.monitoring.automation.automations import Ran
from app.ui.home.overview import DataState, Overview
from app.ui.home.todo import Todo
from app.ui.home.todos import todos
from app.ui.home.waiting import Muted, OpenChallenge, Unseen

AT = "2026-03-03T09:00:00.000000Z"
VERSION = DataVersion("v2", "d", 2, "", (), 100, None, AT)
COLUMNS = (Column("left", ColumnType.CATEGORY, Use.TARGET),)
READING = Reading("r", "v2", 1, ParseRecipe("csv"), COLUMNS, None, "", "", (), AT)
MODEL = ModelVersion("m1", "m", "churn", 1, "run1", "c1", "", AT)
CHALLENGE = Challenge("ch", "m", "m1", "run2", "c2", "v2", "", AT)
OPEN = OpenChallenge(CHALLENGE, "churn", "The challenger's ROC AUC is 0.02 better.")
RULE = Automation("a", 1, "Weekly", Rule(Trigger(WhenRuns.HAND), (Step.RETRAIN,), "churn"), RuleState.ACTIVE, AT, "Ada")

SILENT = Mute("m", "2026-03-04T09:00:00.000000Z", "A sale", "Ada", AT)
WORSE = ThenNow("ROC AUC", 0.81, AT, 0.78, "2026-03-09T09:00:00.000000Z", True)
EVERY = replace(SILENT, model_id=None)


def run(number: int, state: TrainingState = TrainingState.FINISHED, *, found: bool = True) -> Run:
    best = Candidate(
        f"c{number}", f"run{number}", "Forest", "forest", CandidateState.PASSED, False, 1.0, Score(1, 1, 1)
    )
    plan = Plan("v2", "r", "left", Task.BINARY, "roc_auc")
    return Run(f"run{number}", number, "d", plan, "", state, AT, (best,) if found else (), (), "Why.")


def state(newest: Run | None = None, model: ModelVersion | None = None, **more: str) -> DataState:
    return DataState(Dataset("d", "churn", AT), VERSION, READING, newest, model, **more)


def service(actual: ServiceState, version: str = "churn@1") -> ServiceStatus:
    recorded = Service("s", "churn", "b", ServiceState.RUNNING, 8000, "logs/s", AT)
    return ServiceStatus(recorded, actual, None, None, version, 3, "It ended 3 times.")


def ran(state_: RunState, note: str, *steps: StepResult) -> Ran:
    return Ran(RULE, AutomationRun("ar", "a", "hand", "Ada started it", AT, state_, steps, note, AT))


def alert(kind: AlertKind) -> Alert:
    return Alert("al", "m", "churn", kind, "s", "churn@1: moved", None, AT, AlertState.OPEN, "", "Ada", AT)


def told(overview: Overview) -> list[Todo]:
    return todos(overview, str)


UNEASY = replace(service(ServiceState.RUNNING), message="The project was moved.", uneasy=True)
DONE = Overview(data=(state(run(1), MODEL),), services=(service(ServiceState.RUNNING),))


def test_nothing_waits_where_a_model_answers() -> None:
    (todo,) = told(DONE)
    assert (todo.text, todo.status, todo.first) == ("Nothing waits for you.", "ok", True)


@pytest.mark.parametrize(
    ("overview", "text", "page", "what"),
    [
        (Overview(), "This project has no data yet.", "data", None),
        (Overview(data=(state(),)), "churn version 2 is ready to be trained on.", "data", "v2"),
        (Overview(data=(state(run(1)),)), "Run 1 on churn waits for approval.", "data", "v2"),
        (Overview(data=(state(run(1), why_not="No better."),)), "Run 1 on churn cannot be approved.", "data", "v2"),
        (Overview(data=(state(run(1, found=False)),)), "Run 1 on churn found nothing to approve. Why.", "data", "v2"),
        (Overview(data=(state(run(1, TrainingState.FAILED)),)), "Run 1 on churn failed. Why.", "train", None),
        (Overview(data=(state(blocked="One class."),)), "churn: One class.", "data", "v2"),
        (Overview(data=(state(run(1), MODEL),)), "churn@1 is approved and answers nowhere yet.", "models", "m1"),
        (replace(DONE, services=(service(ServiceState.FAILED),)), "Service churn does not answer.", "services", "s"),
        (replace(DONE, services=(UNEASY,)), "churn: The project was moved.", "services", "s"),
        (replace(DONE, alerts=(alert(AlertKind.SCORES),)), "churn@1: moved", "monitor", "alerts:al"),
        (
            replace(DONE, alerts=(alert(AlertKind.PERFORMANCE),), figures={"al": WORSE}),
            "churn@1: moved ROC AUC: 0.810 (2026-03-03 ", "monitor", "alerts:al",
        ),
        (replace(DONE, unseen=(Unseen("m1", "churn@1", 5_000),)), "churn@1 answered 5,000 times", "monitor", "m1"),
        (replace(DONE, gone_folders=("/logs",)), "The watched folder /logs is not there", "settings", "log_folders"),
        (replace(DONE, silenced=("chat",)), "Alerts do not go to chat since", "monitor", "alerts"),
        (replace(DONE, muted=(Muted("churn", SILENT),)), "Alerts of churn are muted until ", "monitor", "m"),
        (replace(DONE, muted=(Muted("", EVERY),)), "All alerts are muted until ", "monitor", "alerts"),
    ],
)  # fmt: skip
def test_what_waits_is_told_once_and_leads_there(overview: Overview, text: str, page: str, what: object) -> None:
    (todo,) = told(overview)
    assert todo.text.startswith(text)
    assert (todo.page, todo.what) == (page, what)


def test_a_challenger_waits_though_its_run_is_the_newest_and_an_automation_waits_for_it() -> None:
    waiting = replace(DONE, data=(state(run(2), MODEL),), challengers=(OPEN,), challenging=frozenset({"run2"}))
    (todo,) = told(waiting)
    assert (todo.text, todo.page, todo.what) == (f"churn: {OPEN.words}", "models", CHALLENGE)
    (todo,) = told(replace(waiting, stuck=(replace(ran(RunState.WAITING, "waits"), challenge=CHALLENGE),)))
    assert todo.text == f"Weekly waits for your decision about churn. {OPEN.words}"
    (todo,) = told(replace(waiting, challengers=(replace(OPEN, why_not="A gate failed."),)))
    assert todo.text.endswith("A gate failed.")


def test_a_challenger_that_was_turned_down_waits_no_longer() -> None:
    kept = replace(DONE, data=(state(run(2), MODEL),), challenging=frozenset({"run2"}))
    assert [todo.text for todo in told(kept)] == ["Nothing waits for you."]


def test_a_model_that_was_stopped_or_taken_back_is_meant_to_be() -> None:
    stopped = replace(DONE, services=(service(ServiceState.STOPPED),))
    taken_back = Overview(data=DONE.data, released=frozenset({"m1"}))
    assert {todo.status for overview in (stopped, taken_back) for todo in told(overview)} == {"ok"}


def test_an_automation_that_failed_leads_to_that_run() -> None:
    failed = ran(RunState.FAILED, "No disk.")
    (todo,) = told(replace(DONE, stuck=(failed,)))
    assert (todo.status, todo.text, todo.page, todo.what) == ("fail", "Weekly: No disk.", "automations", failed.run)


def test_data_that_a_rule_refused_are_told_once() -> None:
    note = StepResult(Step.CHECK, RunState.STOPPED, "churn@2: One class.", Code.REFUSED)
    stopped = ran(RunState.STOPPED, "churn@2: One class.", note)
    assert [todo.page for todo in told(replace(DONE, stuck=(stopped,)))] == ["automations"]
    blocked = replace(DONE, data=(state(run(1), MODEL, blocked="One class."),), stuck=(stopped,))
    assert [(todo.page, todo.text) for todo in told(blocked)] == [("data", "churn: One class.")]


def test_the_alert_of_an_automation_is_told_with_it_or_by_itself_once_it_is_paused() -> None:
    about = replace(alert(AlertKind.AUTOMATION), subject=RULE.id)
    failed = replace(DONE, stuck=(ran(RunState.FAILED, "No disk."),), alerts=(about,))
    assert [todo.page for todo in told(failed)] == ["automations"]
    assert [todo.page for todo in told(replace(failed, stuck=()))] == ["monitor"]


def test_the_alert_of_a_service_is_the_services_own_line() -> None:
    fallen = replace(DONE, services=(service(ServiceState.FAILED),), alerts=(alert(AlertKind.SERVICE),))
    assert [todo.page for todo in told(fallen)] == ["services"]
