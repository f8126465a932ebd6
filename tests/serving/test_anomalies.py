"""Without a target the whole loop still goes round: train, approve, bundle, answer a file, trace, monitor."""

import csv
import json

import numpy as np
import pytest

from app.approval.approve import approve
from app.approval.check import train_and_check
from app.bundles.build import build
from app.core.automations import Rule, RunState, Step, Trigger, When
from app.core.challenges import Standing
from app.core.data import ColumnEdit, Use
from app.core.monitoring import Verdict
from app.core.progress import Silent
from app.core.runs import Task
from app.data.edit import edit_columns
from app.data.intake import add
from app.errors import BadInput
from app.monitoring.asked import Asked
from app.monitoring.automation.automation_steps import do
from app.monitoring.automation.doing import Doing
from app.monitoring.monitor import monitor
from app.monitoring.retraining.decide import decide
from app.monitoring.retraining.rehearse import rehearse
from app.monitoring.retraining.retrain import retrain
from app.registry import challenges, runs
from app.registry.project import Project
from app.serving.predict import predict_file
from app.serving.trace import trace
from app.training.compare import compare
from app.training.order import CandidateOrder
from app.training.plan import make_plan
from app.training.reproduce import reproduce

FORESTS = [
    CandidateOrder(f"{trees} trees", "isolation", 0.9, variant=json.dumps({"trees": trees, "share": 0.05}))
    for trees in (30, 60)
]
ROWS, ODD = 700, 14


@pytest.fixture(scope="module")
def loop(tmp_path_factory):
    folder = tmp_path_factory.mktemp("anomalies")
    random = np.random.default_rng(0)
    with (folder / "pumps.csv").open("w", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(["heat", "site"])
        lines.writerows((500.0 + i, "D") for i in range(ODD))
        lines.writerows((f"{random.normal(60, 4):.3f}", random.choice(["A", "B"])) for _ in range(ROWS - ODD))
    with Project.create(folder / "project", actor="Ada") as project:
        added = add(project, folder / "pumps.csv", ctx=Silent())
        edits = [ColumnEdit(c.name, use=Use.INPUT) for c in added.reading.columns]
        reading = edit_columns(project, added.reading.id, edits, ctx=Silent())
        plan = make_plan(project, added.version, reading, seconds=60, metric="stability:0.05")
        yield project, train_and_check(project, plan, Silent(), only=FORESTS), folder


def test_the_run_has_a_stable_forest_that_passes_its_gates(loop):
    project, run, _ = loop
    assert (run.plan.task, run.plan.target) == (Task.ANOMALY, "")
    assert run.best.holdout.value > 0.5
    assert all(gate.passed for gate in runs.gate_results(project, run.best.id))


def test_a_metric_that_needs_a_target_is_refused(loop):
    project, run, _ = loop
    from app.registry import datasets

    version, reading = datasets.version(project, run.plan.version_id), datasets.reading(project, run.plan.reading_id)
    with pytest.raises(BadInput, match="needs a target"):
        make_plan(project, version, reading, metric="rmse")


def test_it_is_refitted_identically_and_compared_with_itself(loop):
    project, run, _ = loop
    assert reproduce(project, run.best.id, Silent()).verdict == "identical"
    assert compare(project, run.best.id, run.candidates[0].id, Silent()).low <= 0


def test_a_file_is_answered_traced_and_watched(loop):
    project, run, folder = loop
    version = approve(project, run.id, reason="steady", ctx=Silent())
    assert version.label == "pumps-unusual@1"
    build(project, version.id, ctx=Silent())
    predict_file(project, version.id, folder / "pumps.csv", folder / "out.csv", Silent())
    with (folder / "out.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["heat", "site", "prediction_id", "label", "score"]
    assert {row["label"] for row in rows[:ODD]} == {"anomaly"}
    assert sum(row["label"] == "anomaly" for row in rows) < 4 * ODD
    assert all(0 < float(row["score"]) < 1 for row in rows)
    assert trace(project, rows[0]["prediction_id"]).whole
    report = monitor(project, version.label, Asked(1000), Silent())
    assert report.verdict is Verdict.OK
    assert report.estimate is None


def test_a_challenger_is_set_beside_it_rehearsed_and_left_to_a_person(loop):
    project, _, folder = loop
    random = np.random.default_rng(1)
    with (folder / "pumps.csv").open("a", newline="") as file:
        csv.writer(file).writerows((f"{random.normal(75, 4):.3f}", random.choice(["A", "B"])) for _ in range(300))
    add(project, folder / "pumps.csv", name="pumps", ctx=Silent())
    made = retrain(project, "pumps-unusual", ctx=Silent())
    found = challenges.comparison(project, made)
    assert (found.problem, found.standing, found.difference) == ("", Standing.UNDECIDED, None)
    told = found.flags
    assert told.both + told.champion_alone + told.challenger_alone <= found.rows == found.unseen
    assert found.changed == told.champion_alone + told.challenger_alone == len(found.listed)
    assert told.champion.value > told.challenger.value
    assert 0 <= told.overlap.low <= told.overlap.value <= told.overlap.high <= 1
    assert {row.actual for row in found.listed} <= {""}
    assert sum(group.rows for group in found.groups if group.title.startswith("site")) == found.rows

    replayed = rehearse(project, made.id, last=400, ctx=Silent())
    assert (replayed.rows, replayed.moved) == (400, 0.0)
    assert {(r.champion, r.challenger) for r in replayed.listed} <= {("anomaly", "normal"), ("normal", "anomaly")}
    assert len(replayed.listed) == replayed.changed

    steps = (Step.RETRAIN, Step.GATE, Step.WAIT)
    doing = Doing(project, Rule(Trigger(When.HAND), steps, "pumps-unusual"), "Renew", "Ada started it", made)
    assert do(Step.GATE, doing, Silent()).note.endswith("Nothing says which of two models of unusual rows is right.")
    assert do(Step.WAIT, doing, Silent()).state is RunState.WAITING
    by_itself = Rule(Trigger(When.HAND), (Step.RETRAIN, Step.PROMOTE), "pumps-unusual", environment="staging")
    held = do(Step.PROMOTE, Doing(project, by_itself, "Renew", "Ada started it", made), Silent())
    assert (held.state, held.note.endswith("A person decides.")) == (RunState.WAITING, True)
    assert decide(project, made.id, "promoted", "Hotter pumps are usual now.").model_version_id
