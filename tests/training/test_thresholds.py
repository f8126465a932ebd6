"""Thresholds count what a person would count, the cheapest is the cheapest; honest probabilities look honest."""

import numpy as np
import pytest

from app.core.runs import Task
from app.training.metrics import Answers, class_answers
from app.training.thresholds import MOST_POINTS, calibration, thresholds


def binary(n, seed, honest=True):
    dice = np.random.default_rng(seed)
    p = dice.random(n).round(2)
    y = np.where(dice.random(n) < (p if honest else p**3), "yes", "no").astype(object)
    return class_answers(Task.BINARY, y, np.column_stack([1 - p, p]), ("no", "yes"), "yes"), p, y


@pytest.mark.parametrize("threshold", [0.0, 0.005, 0.3, 0.305, 0.99, 1.0, 1.5])
def test_an_outcome_is_what_counting_gives(threshold):
    answers, p, y = binary(500, 0)
    found = thresholds(answers).outcome(threshold)
    said, true = p >= threshold, y == "yes"
    assert (found.hits, found.alarms, found.misses) == ((said & true).sum(), (said & ~true).sum(), (~said & true).sum())


def test_precision_and_recall_are_none_where_they_mean_nothing():
    answers, _, _ = binary(500, 0)
    found = thresholds(answers).outcome(1.5)
    assert (found.precision, found.recall) == (None, 0.0)


@pytest.mark.parametrize(("alarm", "miss"), [(1, 1), (1, 10), (10, 1), (0, 1), (1, 0)])
def test_the_cheapest_is_cheaper_than_every_other(alarm, miss):
    answers, p, y = binary(400, 1)
    found = thresholds(answers)
    paid = found.outcome(found.cheapest(alarm, miss)).cost(alarm, miss)
    every = [alarm * ((p >= t) & (y == "no")).sum() + miss * ((p < t) & (y == "yes")).sum() for t in [*set(p), 2.0]]
    assert paid == min(every)


def test_of_honest_probabilities_the_cheapest_is_near_the_ratio_of_costs():
    """Elkan 2001: answer yes from alarm / (alarm + miss) on."""
    answers, _, _ = binary(20_000, 2)
    assert abs(thresholds(answers).cheapest(1, 4) - 0.2) < 0.06


def test_many_different_probabilities_keep_both_ends():
    dice = np.random.default_rng(0)
    p = dice.random(5000)
    y = np.where(dice.random(5000) < p, "yes", "no").astype(object)
    found = thresholds(class_answers(Task.BINARY, y, np.column_stack([1 - p, p]), ("no", "yes"), "yes"))
    assert len(found.at) == MOST_POINTS + 1 == len(found.hits)
    assert found.hits[-1] == found.positives and found.alarms[-1] == 5000 - found.positives
    assert found.at[0] > p.max() and found.at[-1] == p.min()


def test_honest_probabilities_are_within_chance_and_crooked_ones_are_not():
    beyond = 0
    for seed in range(20):
        honest = calibration(binary(600, seed)[0], seed)
        beyond += honest.error > honest.chance
    assert beyond <= 4
    crooked = calibration(binary(600, 0, honest=False)[0], 0)
    assert crooked.error > 3 * crooked.chance and crooked.of == "yes"
    assert list(crooked.predicted) == sorted(crooked.predicted) and len(crooked.predicted) == 10


def test_the_error_is_the_mean_distance():
    p = np.repeat([0.2, 0.8], 10)
    y = np.array((["yes"] * 4 + ["no"] * 6) + ["yes"] * 10, dtype=object)
    found = calibration(class_answers(Task.BINARY, y, np.column_stack([1 - p, p]), ("no", "yes"), "yes"), 0)
    assert found.observed == (0.4, 1.0) and abs(found.error - 0.2) < 1e-12


def test_of_several_classes_the_answered_one_is_looked_at():
    p = np.tile([0.7, 0.2, 0.1], (100, 1))
    answers = Answers(Task.MULTICLASS, np.repeat([0, 1], [70, 30]), p, ("a", "b", "c"))
    found = calibration(answers, 0)
    assert found.of == "" and abs(np.mean(found.observed) - 0.7) < 1e-9
