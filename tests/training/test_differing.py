"""Two runs are told apart by what was asked, by their data and by their environment."""

from dataclasses import replace

import pytest

from app.core.data import ColumnEdit, Use
from app.core.progress import Silent
from app.core.runs import RunState
from app.data.edit import edit_columns
from app.registry import datasets, runs
from app.training.differing import Differing, facts, since_then, what_differs
from app.training.environment import environment


@pytest.fixture(scope="module")
def start(training_project):
    """A run that ended at once, with its environment changed as told."""

    def started(plan, **changes):
        version = datasets.version(training_project, plan.version_id)
        sha256 = training_project.objects.put_json(replace(environment(), **changes))
        run = runs.start_run(training_project, version.dataset_id, plan, sha256)
        return runs.end_run(training_project, run.id, RunState.CANCELLED)

    return started


@pytest.fixture(scope="module")
def plan(plan_of, write_csv):
    columns = {"age": list(range(20, 60)), "plan": ["a", "b"] * 20, "left": ["yes", "no", "no", "yes"] * 10}
    return plan_of(write_csv("people", columns), "left")


def test_the_same_plan_twice_differs_in_nothing(training_project, start, plan):
    assert what_differs(training_project, start(plan), start(plan)) == ()


def test_the_plan_is_compared_field_by_field(training_project, start, plan):
    other = replace(plan, seed=3, families=("linear",))
    assert what_differs(training_project, start(plan), start(other)) == (
        Differing("plan", "seed", "0", "3"),
        Differing("plan", "families", "linear, forest, boosting, network", "linear"),
    )


def test_another_use_of_a_column_is_a_difference_of_the_data(training_project, start, plan):
    edits = [ColumnEdit("plan", use=Use.IGNORED)]
    reading = edit_columns(training_project, plan.reading_id, edits, ctx=Silent())
    found = what_differs(training_project, start(plan), start(replace(plan, reading_id=reading.id)))
    assert Differing("data", "column plan", "category, input", "category, ignored") in found
    assert {difference.where for difference in found} == {"data"}


def test_several_runs_are_told_side_by_side_what_is_alike_too(training_project, start, plan):
    three = [start(plan), start(replace(plan, seed=3)), start(plan, python="3.14.0")]
    found = {(fact.where, fact.name): fact for fact in facts(training_project, three)}
    assert found["plan", "seed"].told == ("0", "3", "0") and found["plan", "seed"].differs
    assert found["environment", "python"].told[2] == "3.14.0"
    assert not found["plan", "target"].differs and found["data", "rows"].told == ("40",) * 3
    assert {key for key, fact in found.items() if fact.differs} == {("plan", "seed"), ("environment", "python")}


def test_another_machine_is_a_difference_of_the_environment(training_project, start, plan):
    there = start(plan, python="3.14.0", threads=(("OMP_NUM_THREADS", "8"),))
    found = what_differs(training_project, start(plan), there)
    assert {(d.name, d.other) for d in found} >= {("python", "3.14.0"), ("OMP_NUM_THREADS", "8")}
    assert {difference.where for difference in found} == {"environment"}


def test_what_is_another_one_now_than_when_a_run_was_made(training_project, start, plan):
    assert since_then(training_project, start(plan)) == ()
    found = since_then(training_project, start(plan, python="3.9.1"))
    assert [(d.name, d.one, d.other) for d in found] == [("python", "3.9.1", environment().python)]
