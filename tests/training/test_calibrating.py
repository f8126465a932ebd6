"""Calibrated probabilities come true as often as they say; the candidate is proven, reproduced and approved."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import onnxruntime
import pytest
from onnx import TensorProto

from app.approval.approve import approve, why_not
from app.approval.calibrate import calibrate
from app.approval.calibrate import why_not as cannot
from app.approval.check import train_and_check
from app.bundles.build import build
from app.cli import main
from app.core.gate_rules import GateKind, GateRule
from app.core.progress import Silent
from app.core.proofs import Verdict
from app.core.runs import CandidateState, Run, RunState, Task
from app.errors import NotAllowed
from app.export.graph import Graph, tensor
from app.export.sigmoid import Sigmoid, sigmoid_of
from app.registry import gates, runs
from app.registry.project import Project
from app.training.calibrated import fit_sigmoid
from app.training.explain import calibration_of
from app.training.metrics import Answers
from app.training.reproduce import reproduce
from app.training.thresholds import calibration


def shares(rows: int, classes: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).dirichlet(np.ones(classes), rows)


@pytest.mark.parametrize("classes", [2, 4])
def test_the_graph_answers_as_the_formula_does_also_at_the_ends(classes: int) -> None:
    sigmoid = Sigmoid(0.4, (0.0, *np.linspace(-1, 1, classes - 1)))
    graph = Graph()
    graph.add("Identity", sigmoid.emit(graph, "c0"), output="value")
    wide = [tensor("c0", TensorProto.FLOAT, [None, classes])], [tensor("value", TensorProto.FLOAT, [None, classes])]
    p = np.concatenate([shares(500, classes, 0), np.eye(classes), np.full((1, classes), 1 / classes)])
    p[0] = [1 - 1e-7, *[1e-7 / (classes - 1)] * (classes - 1)]
    session = onnxruntime.InferenceSession(graph.serialise(*wide))
    given = session.run(None, {"c0": p.astype(np.float32)})[0]
    np.testing.assert_allclose(given, sigmoid.apply(p), atol=1e-6)
    np.testing.assert_allclose(given.sum(axis=1), 1, atol=1e-6)
    assert sigmoid_of(sigmoid.as_text()) == sigmoid


@pytest.mark.parametrize("classes", [2, 3])
def test_a_planted_distortion_is_taken_back(classes: int) -> None:
    """Right probabilities, made too sure and shifted, come back."""
    right = shares(20_000, classes, 1)
    dice = np.random.default_rng(2)
    actual = (dice.random((20_000, 1)) > right.cumsum(axis=1)).sum(axis=1).astype(np.intp)
    wrong = Sigmoid(2.0, (0.0, *[0.7] * (classes - 1))).apply(right)
    found = fit_sigmoid(wrong, actual)
    assert found.slope == pytest.approx(0.5, abs=0.03)
    assert found.shifts[1] == pytest.approx(-0.35, abs=0.06)
    assert fit_sigmoid(wrong, actual) == found
    if classes == 2:
        before, after = (Answers(Task.BINARY, actual, p, ("a", "b"), 1) for p in (wrong, found.apply(wrong)))
        assert calibration(before, 0).error > 0.05 > 0.02 > calibration(after, 0).error


def test_few_rows_that_all_came_true_do_not_make_it_sure() -> None:
    p = np.array([[0.2, 0.8]] * 5 + [[0.8, 0.2]] * 5)
    found = fit_sigmoid(p, np.array([1] * 5 + [0] * 5, dtype=np.intp))
    assert 0.7 < found.apply(p)[0, 1] < 0.95


@pytest.fixture(scope="module")
def trained(training_project: Project, write_csv, plan_of) -> Iterator[tuple[Project, Run]]:
    """A tree and a linear model on a noisy target, with a gate of their own; both are fitted in no time."""
    dice = np.random.default_rng(5)
    x = dice.normal(size=(900, 3)).round(3)
    yes = dice.random(900) < 1 / (1 + np.exp(-1.5 * x[:, 0] + x[:, 1]))
    columns = {"a": x[:, 0], "b": x[:, 1], "c": x[:, 2], "came": np.where(yes, "yes", "no")}
    plan = plan_of(write_csv("noisy", columns), "came", seconds=40, families=("linear",))
    run = train_and_check(training_project, plan, Silent())
    gates.record_gates(training_project, run.dataset_id, [GateRule(GateKind.CALIBRATION, 0.2)])
    yield training_project, run


def named(run: Run, family: str):
    return next(c for c in run.candidates if c.family == family)


def test_the_calibrated_candidate_is_proven_reproduced_and_approved(trained: tuple[Project, Run]) -> None:
    project, run = trained
    tree = named(run, "tree")
    made = calibrate(project, tree.id, Silent())
    assert made.state is RunState.FINISHED and made.number > run.number
    best = made.best
    assert best is not None and best.name == "Depth-3 tree, calibrated" and best.state is CandidateState.PASSED
    assert {c.family for c in made.candidates} == {"dummy", "sql", "tree"}
    assert {g.name for g in runs.gate_results(project, best.id)} >= {"parity", "calibration"}
    told = calibration_of(project, best.id, Silent())
    assert told.error < max(told.chance, calibration_of(project, tree.id, Silent()).error)
    assert reproduce(project, best.id, Silent()).verdict is Verdict.IDENTICAL
    assert not why_not(project, made, best)
    version = approve(project, made.id, reason="Its probabilities hold.", ctx=Silent())
    assert build(project, version.id, ctx=Silent()).size_bytes > 0
    with pytest.raises(NotAllowed, match="calibrated already"):
        calibrate(project, best.id, Silent())
    with pytest.raises(NotAllowed, match="no exported model"):
        calibrate(project, named(run, "sql").id, Silent())


def test_the_order_of_the_rows_stays_for_two_classes(trained: tuple[Project, Run]) -> None:
    from app.training.answers import read_predictions

    project, run = trained
    linear = named(run, "linear")
    assert main(["calibrate", str(project.path), str(run.number), "--candidate", "linear", "--json"]) == 0
    made = runs.runs(project)[0]
    found = [
        read_predictions(project.objects.path(str(c.predictions_sha256)), Task.BINARY, ("no", "yes"), "yes")[1]
        for c in (linear, named(made, "linear"))
    ]
    before, after = (answers.predicted[:, 1] for answers in found)
    assert np.all(np.diff(after[np.argsort(before, kind="stable")]) >= -1e-12)
    assert not np.allclose(before, after)
    assert made.notes[-1].startswith("Linear model of run")


def test_values_have_no_probabilities_to_calibrate(trained: tuple[Project, Run]) -> None:
    _, run = trained
    assert "Only classes" in cannot(replace(run.plan, task=Task.REGRESSION), named(run, "tree"), "{}")
    assert not cannot(run.plan, named(run, "tree"), "{}")
