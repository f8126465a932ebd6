"""A sigmoid behind probabilities: in the graph as in the formula, and fitted so that they come true."""

from __future__ import annotations

import numpy as np
import onnxruntime
import pytest
from onnx import TensorProto

from app.core.runs import Task
from app.export.graph import Graph, tensor
from app.export.sigmoid import Sigmoid, sigmoid_of
from app.training.calibrated import fit_sigmoid
from app.training.metrics import Answers
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
    assert 0.8 < found.apply(p)[0, 1] < 0.97


def test_classes_that_are_told_apart_well_are_left_as_they_are() -> None:
    """The log loss of sure and right probabilities does not suffer."""
    p = np.full((60, 3), 0.004) + 0.988 * np.eye(3)[np.arange(60) % 3]
    mapped = fit_sigmoid(p, np.arange(60) % 3).apply(p)
    assert mapped[0, 0] >= p[0, 0]
