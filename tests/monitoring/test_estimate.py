"""Performance without labels: right when the inputs move, blind when the relation does, and that is known."""

import numpy as np
import pytest

from app.core.data import ColumnType
from app.core.runs import InputSpec, Task
from app.monitoring.estimate import calibrated, estimate
from app.monitoring.loss_model import estimate_loss, features
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


def test_values_have_none_by_confidence():
    values = Answers(Task.REGRESSION, np.arange(300.0), np.arange(300.0))
    assert estimate("rmse", values, np.arange(50.0), Labelled(np.arange(0), values), 0) is None


def spread(random, rows, low, high):
    """Values whose error grows with the input; features as the loss model takes them."""
    x = random.uniform(low, high, rows)
    answered = 2 * x
    return Answers(Task.REGRESSION, answered + random.normal(0, 0.2 + x, rows), answered), np.column_stack(
        [x, answered]
    )


@pytest.mark.parametrize("metric", ["rmse", "mae"])
def test_an_error_that_grows_where_the_inputs_went_is_expected_there(random, metric):
    holdout, then = spread(random, 4_000, 0, 4)
    window, now = spread(random, 4_000, 2, 4)
    nothing = Labelled(np.zeros(0, np.intp), Answers(Task.REGRESSION, np.zeros(0), np.zeros(0)))
    found = estimate_loss(metric, holdout, then, now, nothing, 0)
    assert found.value == pytest.approx(value(metric, window), rel=0.08)
    assert found.value > 1.2 * value(metric, holdout)
    assert found.past_error < 0.25
    known = estimate_loss(metric, holdout, then, now, Labelled(np.arange(4_000), window), 0)
    assert known.on_window
    assert known.past_error == pytest.approx(abs(known.value - value(metric, window)))


def test_a_figure_that_is_no_mean_over_rows_has_no_estimate(random):
    holdout, then = spread(random, 300, 0, 4)
    assert estimate_loss("r2", holdout, then, then, Labelled(np.arange(0), holdout), 0) is None


def test_categories_and_answers_are_features_of_the_loss():
    inputs = (
        InputSpec("plan", ColumnType.CATEGORY, "c0", 0, categories=("a", "b")),
        InputSpec("age", ColumnType.NUMBER, "c1", 0),
    )
    x = {"c0": np.array([["b"], ["z"]], object), "c1": np.array([[1.0], [2.0]], np.float32)}
    np.testing.assert_array_equal(features(inputs, x, np.array([7.0, 8.0])), [[1, 1, 7], [np.nan, 2, 8]])
