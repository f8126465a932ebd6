"""What is decided about probabilities after training: a threshold that bundles answer by, and a calibrated candidate
that is proven, reproduced and approved like any other."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from app.approval.approve import approve
from app.approval.approve import why_not as why_not_approve
from app.approval.calibrate import calibrate, why_not
from app.approval.check import train_and_check
from app.approval.rejudged import recorded_verdict
from app.approval.threshold import choose_threshold, forget_threshold
from app.bundles.build import build
from app.cli import main
from app.core.fairness import SELECTION
from app.core.gate_rules import GateKind, GateRule
from app.core.gates import GateResult
from app.core.ids import new_id
from app.core.progress import Silent
from app.core.proofs import Verdict
from app.core.runs import RunState, Task
from app.core.thresholds import Thresholds, outcome_words
from app.data.intake import add
from app.errors import BadInput, NotAllowed
from app.registry import audit, runs
from app.registry import gates as gates_of
from app.registry.thresholds import bundles_that_hold, record_threshold, threshold_of
from app.training.answers import read_predictions
from app.training.explaining.explain import fairness_of
from app.training.plan import make_plan
from app.training.reproduce import reproduce


def trained(project, folder, name, answer, gates=(), metric=None, head="a,b,y"):
    lines = [f"{i % 10},{i % 7},{answer(i)}" for i in range(400)]
    (folder / f"{name}.csv").write_text("\n".join([head, *lines]) + "\n")
    added = add(project, folder / f"{name}.csv", target="y", ctx=Silent())
    if gates:
        gates_of.record_gates(project, added.dataset.id, gates, "what it has to reach")
    plan = make_plan(project, added.version, added.reading, seconds=30, metric=metric)
    return train_and_check(project, replace(plan, families=("linear",)), Silent())


@pytest.fixture(scope="module")
def run(approval_project, tmp_path_factory):
    dice = random.Random(1)
    return trained(
        approval_project,
        tmp_path_factory.mktemp("t"),
        "two",
        lambda i: "yes" if i % 10 + dice.gauss(0, 3) > 5 else "no",
    )


def test_the_bundle_answers_by_the_threshold_and_proves_itself(approval_project, run):
    project = approval_project
    version = approve(project, run.id, reason="Good.", ctx=Silent())
    before = build(project, version.id, ctx=Silent())
    assert bundles_that_hold(project, version) == [before]
    chosen = choose_threshold(project, version.candidate_id, at=0.05, alarm=1, miss=20, ctx=Silent())
    assert threshold_of(project, version.candidate_id) == chosen
    assert chosen.actor == project.actor and chosen.summary.startswith("“yes” from 0.05 on")
    assert audit.entries(project, verb="threshold.set", limit=1)[0].noun == f"candidate:{version.candidate_id}"
    assert bundles_that_hold(project, version) == []
    after = build(project, version.id, ctx=Silent())
    assert after.sha256 != before.sha256
    folder = project.path / after.path
    assert json.loads((folder / "contract.json").read_bytes())["threshold"] == 0.05
    golden = [json.loads(line)["expected"] for line in (folder / "golden.jsonl").read_bytes().splitlines()]
    assert {(g["score"] >= 0.05, g["label"]) for g in golden} <= {(True, "yes"), (False, "no")}
    assert bundles_that_hold(project, version) == [after]
    said = subprocess.run([sys.executable, "-I", "serve.py", "--check"], cwd=folder, capture_output=True, check=False)
    assert said.returncode == 0, said.stderr
    about = json.loads((folder / "manifest.json").read_bytes())["about"]
    assert about["threshold"] == "0.05" and about["threshold_chosen"].startswith(project.actor)
    forget_threshold(project, version.candidate_id)
    assert threshold_of(project, version.candidate_id) is None
    assert bundles_that_hold(project, version) == [before]
    assert build(project, version.id, ctx=Silent()) == before


def test_the_command_line_finds_the_cheapest_and_keeps_it(approval_project, run, capsys):
    project = approval_project
    words = ["threshold", str(project.path), run.id, "--candidate", "linear", "--json"]
    assert main(words) == 0
    told = json.loads(capsys.readouterr().out)
    assert not told["chosen"] and told["threshold"] == 0.5
    assert main([*words, "--cheapest", "--miss", "1000"]) == 0
    cheap = json.loads(capsys.readouterr().out)
    assert cheap["chosen"] and cheap["misses"] == 0
    linear = next(c for c in runs.run(project, run.id).candidates if c.family == "linear")
    assert threshold_of(project, linear.id).miss == 1000
    column = fairness_of(project, linear.id, Silent()).columns[0]
    selected = sum(g.rows * f.value.value for g in column.groups for f in g.figures if f.measure == SELECTION)
    hits = cheap["false_alarms"] * cheap["precision"] / (1 - cheap["precision"])
    assert selected == pytest.approx(cheap["false_alarms"] + hits)  # fairness is that of the served labels
    assert main([*words, "--forget"]) == 0
    assert not json.loads(capsys.readouterr().out)["chosen"]


GATES = (GateRule(GateKind.BOUND, 0.55, "accuracy"), GateRule(GateKind.BOUND, 0.6, "roc_auc"))


@pytest.fixture(scope="module")
def gated(approval_project, tmp_path_factory):
    """Chosen by a metric of labels; with the SQL rule's gate, which it cannot pass."""
    dice, gates = random.Random(2), (*GATES, GateRule(GateKind.SQL_RULE))
    folder = tmp_path_factory.mktemp("gated")
    answer = lambda i: "yes" if i % 10 + dice.gauss(0, 3) > 5 else "no"  # noqa: E731
    return trained(approval_project, folder, "gated", answer, gates, metric="accuracy", head="c,d,y")


def again(project, run, gates):
    """Another run with the same candidates, to be judged by other gates: the champion's instead of the SQL rule's."""
    decided = [gate for gate in runs.decided_in_training(project, run.best.id) if gate.name != "sql_rule"]
    decided.append(GateResult("champion", True, None, None, "Nothing to beat."))
    started = runs.start_run(project, run.dataset_id, replace(run.plan, gates=gates), run.environment_sha256)
    for candidate in run.candidates:
        told = decided if candidate.id == run.best.id else []
        runs.record_candidate(project, replace(candidate, id=new_id(), run_id=started.id), told)
    return runs.end_run(project, started.id, RunState.FINISHED)


def test_gates_on_labels_judge_the_decision_at_the_threshold(approval_project, gated):
    project = approval_project
    trained_on = runs.decided_in_training(project, gated.best.id)
    assert {gate.name for gate in trained_on if not gate.passed} == {"sql_rule"}
    choose_threshold(project, gated.best.id, at=0.02, ctx=Silent())
    told = {gate.name: gate for gate in runs.gate_results(project, gated.best.id)}
    assert list(told) == [gate.name for gate in trained_on]
    for name in ("bound:accuracy", "sql_rule"):
        assert not told[name].passed and told[name].message.startswith("Answering from 0.02 on:")
    assert f"the model {told['bound:accuracy'].message.partition(' is ')[2][:3]}" in told["sql_rule"].message
    assert told["bound:roc_auc"] == next(gate for gate in trained_on if gate.name == "bound:roc_auc")
    assert runs.gate_results_of(project, [gated.best.id])[gated.best.id] == tuple(told.values())
    assert "Answering from 0.02" in why_not_approve(project, gated, gated.best)
    forget_threshold(project, gated.best.id)
    assert runs.gate_results(project, gated.best.id) == trained_on


def test_the_referees_verdict_holds_for_its_candidate_as_it_was_judged_and_where_no_label_decides(
    approval_project, gated
):
    by_auc = replace(gated, plan=replace(gated.plan, metric="roc_auc"))
    assert recorded_verdict(approval_project, gated, gated.best, None).name == "sql_rule"
    assert recorded_verdict(approval_project, gated, gated.best, 0.02) is None
    assert recorded_verdict(approval_project, by_auc, gated.best, 0.02) is not None
    assert recorded_verdict(approval_project, gated, gated.dummy, None) is None


def test_champion_and_candidate_are_compared_as_both_would_be_served(approval_project, gated):
    project = approval_project
    number = gates_of.record_gates(project, gated.dataset_id, (*GATES, GateRule(GateKind.CHAMPION, -0.01))).number
    champion, other = again(project, gated, number), again(project, gated, number)
    version = approve(project, champion.id, reason="Good.", ctx=Silent())
    with pytest.raises(NotAllowed, match=r"at 0\.02 a gate fails: Accuracy at the threshold"):
        choose_threshold(project, version.candidate_id, at=0.02, ctx=Silent())
    assert threshold_of(project, version.candidate_id) is None
    choose_threshold(project, version.candidate_id, at=0.45, ctx=Silent())  # it need not beat itself

    def against_champion(at):
        choose_threshold(project, other.best.id, at=at, ctx=Silent())
        return {gate.name: gate for gate in runs.gate_results(project, other.best.id)}["champion"]

    assert against_champion(0.45).value == 0  # the same answers
    assert version.label in against_champion(0.02).message and not against_champion(0.02).passed
    _stays_where_only_the_threshold_passes(project, version.candidate_id)


def _stays_where_only_the_threshold_passes(project, candidate_id):
    runs.add_gate_results(project, candidate_id, [GateResult("bound:macro_f1", False, 0.4, 0.5, "Too low.")])
    passed = [GateResult("bound:macro_f1", True, 0.6, 0.5, "High enough.")]
    record_threshold(project, candidate_id, at=0.4, alarm=1, miss=1, summary="", gates=passed)
    with pytest.raises(NotAllowed, match="without a threshold a gate fails: Too low"):
        forget_threshold(project, candidate_id)
    assert threshold_of(project, candidate_id).at == 0.4


def test_what_is_no_probability_is_refused(approval_project, run):
    with pytest.raises(BadInput, match="is a probability"):
        choose_threshold(approval_project, run.best.id, at=1.5, ctx=Silent())


def test_the_outcome_in_words():
    found = Thresholds("yes", 10, 4, (1.1, 0.8, 0.2), (0, 3, 4), (0, 1, 6))
    assert outcome_words(found, 0.8, 5, 20) == (
        "“yes” from 0.8 on: precision 75%, recall 75%, 1 false alarm and 1 miss of 10 hold-out rows, costing 25."
    )
    assert "precision none" in outcome_words(found, 1.0, 1, 1)
    assert found.cheapest_probability(100, 0) == 1.0


def test_the_calibrated_candidate_is_proven_reproduced_and_approved(approval_project, run, capsys):
    project = approval_project
    gates_of.record_gates(project, run.dataset_id, [GateRule(GateKind.CALIBRATION, 0.3)])
    tree = named(run, "tree")
    words = ["calibrate", str(project.path), run.id, "--candidate", "tree", "--json"]
    assert main(words) == 0
    made = runs.run(project, json.loads(capsys.readouterr().out)["run"])
    best = made.best
    assert made.state is RunState.FINISHED and best.name == "Depth-3 tree, calibrated"
    assert {c.family for c in made.candidates} == {"dummy", "sql", "tree"}
    assert made.notes[-1].startswith("Depth-3 tree of run")
    assert {g.name for g in runs.gate_results(project, best.id)} >= {"parity", "calibration"}
    before, after = (positives(project, candidate) for candidate in (tree, best))
    assert np.all(np.diff(after[np.argsort(before, kind="stable")]) >= -1e-12) and not np.allclose(before, after)
    assert reproduce(project, best.id, Silent()).verdict is Verdict.IDENTICAL
    version = approve(project, made.id, reason="Its probabilities hold.", ctx=Silent())
    assert "mapped by a sigmoid" in project.objects.read(version.card_sha256).decode()
    with pytest.raises(NotAllowed, match="calibrated already"):
        calibrate(project, best.id, Silent())
    with pytest.raises(NotAllowed, match="no exported model"):
        calibrate(project, named(run, "sql").id, Silent())


def named(run, family):
    return next(c for c in run.candidates if c.family == family)


def positives(project, candidate):
    path = project.objects.path(str(candidate.predictions_sha256))
    return read_predictions(path, Task.BINARY, ("no", "yes"), "yes")[1].predicted[:, 1]


def test_values_have_no_probabilities_to_calibrate(run):
    assert "Only classes" in why_not(replace(run.plan, task=Task.REGRESSION), named(run, "tree"), "{}")
    assert not why_not(run.plan, named(run, "tree"), "{}")
