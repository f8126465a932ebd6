"""Intervals cover what they say, comparisons are paired, luck is told from skill."""

import numpy as np
import pytest

from app.approval.gates import LUCK
from app.core.runs import Score, Task
from app.training import bootstrap
from app.training.baseline import baseline_answers, measure
from app.training.evaluate import CURVE_POINTS, confusion, evaluation, pr_curve, roc_curve
from app.training.folds import fold_score
from app.training.metrics import Answers, class_answers


def coin(n, skill, seed=0):
    """Answers that are right with probability (1 + skill) / 2."""
    random = np.random.default_rng(seed)
    truth = random.random(n) < 0.5
    right = random.random(n) < (1 + skill) / 2
    score = np.where(truth == right, 0.7, 0.3) + random.normal(scale=0.05, size=n)
    y = np.where(truth, "yes", "no").astype(object)
    return class_answers(Task.BINARY, y, np.column_stack([1 - score, score]), ("no", "yes"), "yes"), y


def noisy(n, noise, seed=0):
    random = np.random.default_rng(seed)
    y = random.normal(size=n)
    return Answers(Task.REGRESSION, y, y + noise * random.normal(size=n))


def test_the_interval_of_a_known_error_covers_it_about_95_times_in_100():
    covered = 0
    for seed in range(60):
        found = bootstrap.scores(("mae",), noisy(150, 1.0, seed), seed)[0]
        covered += found.low <= np.sqrt(2 / np.pi) <= found.high
    assert covered >= 51


def test_the_same_seed_gives_the_same_interval_and_the_figure_lies_inside():
    answers, _ = coin(300, 0.4)
    first, again = (bootstrap.scores(("roc_auc", "accuracy"), answers, 5) for _ in range(2))
    assert first == again
    assert all(s.low <= s.value <= s.high for s in first)


def test_a_paired_difference_is_narrower_than_the_two_intervals():
    random = np.random.default_rng(0)
    one = noisy(400, 1.0)
    other = Answers(Task.REGRESSION, one.actual, one.predicted + 0.05 * random.normal(size=400) + 0.05)
    gap = bootstrap.difference("rmse", one, other, 0)
    single = bootstrap.scores(("rmse",), one, 0)[0]
    assert gap.high - gap.low < (single.high - single.low) / 3


def test_better_is_positive_for_metrics_of_either_sign():
    good, bad = noisy(300, 0.2), noisy(300, 1.0)
    assert bootstrap.difference("rmse", good, bad, 0).low > 0
    assert bootstrap.difference("r2", good, bad, 0).low > 0
    assert bootstrap.difference("r2", bad, good, 0).high < 0


def test_candidates_scored_on_other_rows_are_not_compared():
    with pytest.raises(ValueError, match="same rows"):
        bootstrap.difference("rmse", noisy(100, 1.0, 0), noisy(100, 1.0, 1), 0)


def test_a_perfect_score_on_four_rows_is_called_luck_and_on_forty_it_is_not():
    for n, lucky in ((4, True), (40, False)):
        y = np.array(["no", "yes"] * (n // 2), dtype=object)
        p = (y == "yes") * 0.8 + 0.1
        answers = class_answers(Task.BINARY, y, np.column_stack([1 - p, p]), ("no", "yes"), "yes")
        _, advantage = measure(("roc_auc",), "roc_auc", answers, y, 0)
        assert advantage.difference.low > 0
        assert (advantage.luck > LUCK) is lucky


def test_the_baseline_says_the_shares_of_training_or_the_mean():
    answers, _ = coin(10, 0.0)
    y_train = np.array(["no"] * 3 + ["yes"], dtype=object)
    assert baseline_answers(answers, y_train).predicted.tolist() == [[0.75, 0.25]] * 10
    assert set(baseline_answers(noisy(5, 1.0), np.array([1.0, 2.0, 6.0])).predicted) == {3.0}


def test_noise_is_not_better_than_the_baseline():
    won = 0
    for seed in range(20):
        answers, y = coin(200, 0.0, seed)
        won += measure(("roc_auc",), "roc_auc", answers, y, seed)[1].difference.low > 0
    assert won <= 2


def test_folds_that_share_rows_widen_the_interval():
    figures = [0.8, 0.82, 0.78, 0.81, 0.79]
    found = fold_score("roc_auc", figures, 1 / 4)
    plain = 2.776 * np.std(figures, ddof=1) / np.sqrt(5)
    assert found.value == pytest.approx(0.8)
    assert found.high - found.value == pytest.approx(plain * 1.5)
    assert fold_score("roc_auc", [0.5, 1.0], 1.0).high == 1.0


def test_curves_are_thinned_and_keep_their_ends():
    answers, _ = coin(5000, 0.4)
    roc, pr = roc_curve(answers), pr_curve(answers)
    assert len(roc.x) == len(roc.y) == CURVE_POINTS >= len(pr.x)
    assert (roc.x[0], roc.y[0], roc.x[-1], roc.y[-1], pr.x[-1]) == (0, 0, 1, 1, 1)
    area = np.trapezoid(roc.y, roc.x)
    assert area == pytest.approx(bootstrap.scores(("roc_auc",), answers, 0)[0].value, abs=2e-3)


def test_confusion_counts_every_row_once():
    answers, y = coin(500, 0.4)
    counts = np.array(confusion(answers))
    assert counts.sum() == 500 and counts.sum(axis=1).tolist() == [(y == "no").sum(), (y == "yes").sum()]


def test_residuals_are_a_sample_of_pairs():
    answers = noisy(5000, 0.5)
    shown = evaluation(answers, [("rmse", Score(1, 0, 2))], (), 0)
    assert len(shown.actual) == len(shown.predicted) == 2000
    assert set(zip(shown.actual, shown.predicted, strict=True)) <= set(
        zip(answers.actual.tolist(), answers.predicted.tolist(), strict=True)
    )
