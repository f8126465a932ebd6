"""The metrics that a person can choose to optimise equal scikit-learn's, weights included, or say why they cannot."""

import numpy as np
import pytest
from sklearn import metrics as reference

from app.core.metrics import GREATER_IS_BETTER, METRIC_WORDS, cost_metric, costs_of
from app.core.runs import Task
from app.errors import BadInput
from app.training.bootstrap import difference, scores
from app.training.metrics import BOUNDS, Answers, class_answers, refuse_undefined, statistic, told, value
from app.training.offered import METRICS

CLASSES = ("a", "b", "c", "d")
COSTS = cost_metric({("a", "b"): 5.0, ("b", "a"): 100.0, ("c", "a"): 1.5})


def several(rows=300, seed=0):
    """Answers where class d is rare and never answered."""
    random = np.random.default_rng(seed)
    p = random.dirichlet([2, 1, 1, 0.05], rows)
    p[:, 3] = 0
    y = np.array(CLASSES, dtype=object)[random.choice(4, rows, p=[0.5, 0.3, 0.18, 0.02])]
    return class_answers(Task.MULTICLASS, y, p / p.sum(axis=1, keepdims=True), CLASSES, None)


def two(rows=300, decimals=9, seed=0):
    random = np.random.default_rng(seed)
    p = random.random(rows).round(decimals)
    y = np.where(random.random(rows) < p**3, "yes", "no").astype(object)
    return class_answers(Task.BINARY, y, np.column_stack([1 - p, p]), ("no", "yes"), "yes")


def numbers(rows=300, seed=0):
    random = np.random.default_rng(seed)
    y = random.normal(size=rows) * 10 + 100
    return Answers(Task.REGRESSION, y, y + random.normal(size=rows) * 4)


def drawn_weights(rows, seed=1):
    return np.bincount(np.random.default_rng(seed).integers(0, rows, rows), minlength=rows).astype(float)


def sklearn_cost(answers, weights):
    total = sum(
        weight * costs_of(COSTS).get((CLASSES[truth], CLASSES[said]), 0.0)
        for truth, said, weight in zip(answers.actual, answers.chosen, weights, strict=True)
    )
    return total / weights.sum()


REFERENCES = [
    ("macro_f1", several, lambda a, w: reference.f1_score(a.actual, a.chosen, average="macro", sample_weight=w)),
    ("macro_f1", two, lambda a, w: reference.f1_score(a.actual, a.chosen, average="macro", sample_weight=w)),
    (
        "balanced_accuracy",
        several,
        lambda a, w: reference.balanced_accuracy_score(a.actual, a.chosen, sample_weight=w),
    ),
    (
        "average_precision",
        two,
        lambda a, w: reference.average_precision_score(a.actual == 1, a.predicted[:, 1], sample_weight=w),
    ),
    (
        "average_precision",
        lambda: two(decimals=1),
        lambda a, w: reference.average_precision_score(a.actual == 1, a.predicted[:, 1], sample_weight=w),
    ),
    (COSTS, several, sklearn_cost),
    (
        "mape",
        numbers,
        lambda a, w: reference.mean_absolute_percentage_error(a.actual, a.predicted, sample_weight=w),
    ),
    *(
        (
            f"pinball:{q}",
            numbers,
            lambda a, w, q=q: reference.mean_pinball_loss(a.actual, a.predicted, alpha=q, sample_weight=w),
        )
        for q in (0.1, 0.5, 0.9)
    ),
]


@pytest.mark.parametrize(("metric", "answers", "same"), REFERENCES)
def test_a_metric_equals_the_reference_with_and_without_weights(metric, answers, same):
    made = answers()
    ones, drawn = np.ones(made.n), drawn_weights(made.n)
    both = statistic(metric, made)(np.stack([ones, drawn]))
    assert both == pytest.approx([same(made, ones), same(made, drawn)])
    assert ones.sum() == drawn.sum() and both[0] != both[1]


@pytest.mark.parametrize(("metric", "answers", "_same"), REFERENCES)
def test_every_metric_has_words_a_sign_bounds_and_an_interval_within_them(metric, answers, _same):
    low, high = BOUNDS[metric]
    score = scores([metric], answers(), 0)[0]
    assert low <= score.low < score.value < score.high <= high
    assert METRIC_WORDS[metric] and GREATER_IS_BETTER[metric] in (True, False)


@pytest.mark.parametrize(
    "metric", [m for task, of_task in METRICS.items() if task is not Task.ANOMALY for m in of_task]
)
def test_a_better_candidate_is_ahead_whatever_the_metrics_sign(metric):
    worse = numbers() if metric in METRICS[Task.REGRESSION] else two()
    truth = worse.actual.astype(float) if worse.task is Task.REGRESSION else np.eye(2)[worse.actual]
    better = Answers(worse.task, worse.actual, 0.2 * worse.predicted + 0.8 * truth, worse.labels, worse.positive)
    assert difference(metric, better, worse, 0).low > 0


def test_a_class_that_a_replicate_misses_is_left_out_of_its_mean_as_the_reference_does():
    answers = several()
    weights = np.where(answers.actual == 3, 0.0, 1.0)
    kept = answers.actual != 3
    expected = reference.f1_score(answers.actual[kept], answers.chosen[kept], average="macro")
    assert statistic("macro_f1", answers)(weights[None, :])[0] == pytest.approx(expected)


def test_an_error_is_no_share_of_zero():
    with_zero = Answers(Task.REGRESSION, np.array([0.0, 2.0]), np.array([1.0, 2.0]))
    assert np.isnan(value("mape", with_zero))
    with pytest.raises(BadInput, match=r"MAPE is undefined where the target is 0"):
        told("mape", METRICS[Task.REGRESSION], with_zero)
    with pytest.raises(BadInput, match="MAPE"):
        refuse_undefined("mape", with_zero.actual)
    refuse_undefined("rmse", with_zero.actual)


def test_an_undefined_metric_that_was_not_asked_for_is_left_out():
    constant = Answers(Task.REGRESSION, np.array([0.0, 0.0]), np.array([1.0, 2.0]))
    assert told("mae", ("rmse", "mae", "r2"), constant) == ["rmse", "mae"]


def test_average_precision_without_positives_has_no_value():
    none = class_answers(Task.BINARY, np.array(["no"] * 3, dtype=object), np.full((3, 2), 0.5), ("no", "yes"), "yes")
    assert np.isnan(value("average_precision", none))


def test_costs_survive_their_name_and_a_strange_class_is_refused():
    costs = {("a:b=c", "“d”"): 3.0}
    assert costs_of(cost_metric(costs)) == costs
    with pytest.raises(BadInput, match="a:b=c"):
        value(cost_metric(costs), several())


@pytest.mark.parametrize("costs", [{}, {("a", "b"): -1.0}, {("a", "b"): float("nan")}])
def test_costs_that_are_none_are_refused(costs):
    with pytest.raises(BadInput):
        cost_metric(costs)
