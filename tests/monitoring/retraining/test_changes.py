"""What changes if the challenger answers: counted, listed, told for each group."""

import numpy as np
import pytest

from app.core.runs import Task
from app.monitoring.retraining.changes import both, group_changes, listed
from app.training.explaining.groups import Group
from app.training.metrics import Answers

LABELS = ("no", "yes")


def classes(actual, positive):
    p = np.asarray(positive, np.float64)
    return Answers(Task.BINARY, np.asarray(actual), np.column_stack([1 - p, p]), LABELS, 1)


def test_changed_decisions_are_right_or_wrong_and_what_moved_most_is_listed_first():
    champion = classes([1, 0, 1, 0], [0.4, 0.6, 0.9, 0.1])
    challenger = classes([1, 0, 1, 0], [0.6, 0.05, 0.2, 0.3])
    two = both(champion, challenger, (None, None))
    assert two.changed.tolist() == [True, True, True, False]
    assert (two.right.sum(), two.wrong.sum()) == (2, 1)
    found = listed(two, np.array([11, 12, 13, 14]), [["a", "b", "c", "d"]])
    assert [(c.row, c.actual, c.champion, c.challenger, c.values) for c in found] == [
        (13, "yes", "yes", "no", ("c",)),
        (12, "no", "yes", "no", ("b",)),
        (11, "yes", "no", "yes", ("a",)),
    ]


def test_both_answer_by_the_threshold_that_holds():
    champion, challenger = classes([1, 0], [0.35, 0.2]), classes([1, 0], [0.25, 0.31])
    assert not both(champion, challenger, (None, None)).changed.any()
    assert both(champion, challenger, (0.3, 0.3)).changed.all()


def test_a_number_counts_as_changed_beyond_the_champions_median_error():
    actual = np.array([10.0, 20.0, 30.0, 40.0])
    champion = Answers(Task.REGRESSION, actual, actual + np.array([1.0, 2.0, 2.0, 9.0]))
    challenger = Answers(Task.REGRESSION, actual, actual + np.array([2.5, 0.5, -0.5, 0.0]))
    two = both(champion, challenger, (None, None))
    assert two.moved == 2.0
    assert two.changed.tolist() == [False, False, True, True]
    assert (two.right.sum(), two.wrong.sum()) == (2, 0)


def test_a_group_where_the_challenger_is_worse_stands_out_and_a_small_one_is_not_judged():
    random = np.random.default_rng(0)
    actual = random.integers(0, 2, 600)
    good, bad = np.where(actual == 1, 0.8, 0.2), np.where(actual == 1, 0.45, 0.55)
    noise = random.normal(0, 0.01, 600)
    here = np.arange(600) < 200
    champion = classes(actual, good + noise)
    challenger = classes(actual, np.where(here, bad, good) + noise)
    few = np.arange(600) < 10
    two = both(champion, challenger, (None, None))
    found = group_changes(two, [Group("c", "rest", ~here), Group("c", "here", here), Group("c", "few", few)])
    told = {change.title: change for change in found}
    assert found[0].title == "here"
    assert told["here"].worse
    assert told["here"].wrong == 200
    assert told["here"].gain.high < 0
    assert (told["few"].small, told["few"].worse) == (True, False)
    assert not told["rest"].worse
    assert told["rest"].gain.value == pytest.approx(0, abs=0.01)
