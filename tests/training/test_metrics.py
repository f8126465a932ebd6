"""Metrics under weights equal scikit-learn's on the rows that the weights stand for."""

import numpy as np
import pytest
from sklearn import metrics as reference

from app.core.runs import Task
from app.training.metrics import Answers, class_answers, statistic, value


def binary(n=400, decimals=9, seed=0):
    random = np.random.default_rng(seed)
    p = random.random(n).round(decimals)
    y = np.where(random.random(n) < p, "yes", "no").astype(object)
    return class_answers(Task.BINARY, y, np.column_stack([1 - p, p]), ("no", "yes"), "yes"), y, p


def regression(n=300, seed=0):
    random = np.random.default_rng(seed)
    y = random.normal(size=n) * 10 + 100
    return Answers(Task.REGRESSION, y, y + random.normal(size=n))


@pytest.mark.parametrize("decimals", [1, 9])
def test_roc_auc_equals_the_reference_with_and_without_ties(decimals):
    answers, y, p = binary(decimals=decimals)
    assert value("roc_auc", answers) == pytest.approx(reference.roc_auc_score(y == "yes", p))


def test_roc_auc_of_the_other_class_is_the_mirror():
    random = np.random.default_rng(0)
    p = random.random(200)
    y = np.where(random.random(200) < p, "yes", "no").astype(object)
    columns = np.column_stack([1 - p, p])
    yes = class_answers(Task.BINARY, y, columns, ("no", "yes"), "yes")
    no = class_answers(Task.BINARY, y, columns, ("no", "yes"), "no")
    assert value("roc_auc", no) == pytest.approx(value("roc_auc", yes))
    assert no.positive == 0


def test_log_loss_and_accuracy_equal_the_reference_for_three_classes():
    random = np.random.default_rng(1)
    p = random.dirichlet([1, 1, 1], 300)
    labels = ("a", "b", "c")
    y = np.array([labels[i] for i in random.integers(0, 3, 300)], dtype=object)
    answers = class_answers(Task.MULTICLASS, y, p, labels, None)
    assert value("log_loss", answers) == pytest.approx(reference.log_loss(y.astype(str), p))
    assert value("accuracy", answers) == np.mean(np.array(labels)[p.argmax(1)] == y)


@pytest.mark.parametrize(
    ("metric", "same"),
    [
        ("rmse", reference.root_mean_squared_error),
        ("mae", reference.mean_absolute_error),
        ("r2", reference.r2_score),
    ],
)
def test_regression_metrics_equal_the_reference(metric, same):
    answers = regression()
    assert value(metric, answers) == pytest.approx(same(answers.actual, answers.predicted))


@pytest.mark.parametrize("metric", ["roc_auc", "log_loss", "accuracy", "rmse", "mae", "r2"])
def test_weights_mean_that_rows_were_drawn_so_often(metric):
    answers = binary(120, 2)[0] if metric in ("roc_auc", "log_loss", "accuracy") else regression(120)
    drawn = np.random.default_rng(3).integers(0, 120, 120)
    weights = np.bincount(drawn, minlength=120).astype(float)[None, :]
    again = Answers(answers.task, answers.actual[drawn], answers.predicted[drawn], answers.labels, answers.positive)
    assert statistic(metric, answers)(weights)[0] == pytest.approx(value(metric, again))


def test_an_undefined_metric_is_nan_and_never_a_number():
    one_class = class_answers(
        Task.BINARY, np.array(["no"] * 3, dtype=object), np.full((3, 2), 0.5), ("no", "yes"), "yes"
    )
    assert np.isnan(value("roc_auc", one_class))
    assert np.isnan(value("r2", Answers(Task.REGRESSION, np.ones(3), np.arange(3.0))))
