"""Performance without labels: right when the inputs move, blind when the relation does, and that is known."""

import numpy as np
import pytest

from app.core.runs import Task
from app.monitoring.estimate import calibrated, estimate
from app.monitoring.performance import Labelled
from app.training.metrics import Answers, value


def answers(random, rows, shift=0.0, flip=0.0):
    """A model that is too sure of itself: the truth follows half of its logit. ``flip``: the relation changed."""
    logit = random.normal(shift, 2, rows)
    truth = random.random(rows) < 1 / (1 + np.exp(-logit / 2))
    truth ^= random.random(rows) < flip
    score = 1 / (1 + np.exp(-logit))
    return Answers(Task.BINARY, truth.astype(np.intp), np.column_stack([1 - score, score]), ("no", "yes"), 1)


def told(metric, holdout, window):
    nothing = Answers(Task.BINARY, np.zeros(0, np.intp), np.zeros((0, 2)), ("no", "yes"), 1)
    return estimate(metric, holdout, window.predicted, Labelled(np.zeros(0, np.intp), nothing), 0)


@pytest.fixture
def random():
    return np.random.default_rng(11)


@pytest.mark.parametrize("metric", ["accuracy", "roc_auc", "log_loss"])
def test_the_estimate_follows_inputs_that_moved(random, metric):
    holdout, window = answers(random, 6_000), answers(random, 6_000, shift=2.0)
    found = told(metric, holdout, window)
    assert found.value == pytest.approx(value(metric, window), abs=0.03)
    assert found.past_error < 0.05
    assert not found.on_window


def test_it_cannot_see_that_the_relation_changed_but_labels_show_its_error(random):
    holdout, window = answers(random, 6_000), answers(random, 6_000, flip=0.2)
    known = Labelled(np.arange(6_000), window)
    found = estimate("accuracy", holdout, window.predicted, known, 0)
    assert found.value > value("accuracy", window) + 0.04
    assert found.on_window
    assert found.past_error == pytest.approx(found.value - value("accuracy", window))


def test_scores_that_say_too_much_are_corrected(random):
    holdout = answers(random, 8_000)
    chances = calibrated(holdout, np.array([[0.05, 0.95]]))
    assert chances.sum() == pytest.approx(1.0)
    assert chances[0, 1] == pytest.approx(1 / (1 + np.exp(-np.log(19) / 2)), abs=0.06)


def test_values_have_no_estimate():
    values = Answers(Task.REGRESSION, np.arange(300.0), np.arange(300.0))
    assert estimate("rmse", values, np.arange(50.0), Labelled(np.arange(0), values), 0) is None
