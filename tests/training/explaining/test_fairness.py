"""How groups are treated: known rates are found, few rows are not compared, intervals hold what is true."""

import numpy as np
import pytest

from app.core.data import Column, ColumnType, Use
from app.core.fairness import ERROR_RATE, FALSE_POSITIVE, MEAN_ERROR, SELECTION, TRUE_POSITIVE, gap_words
from app.core.runs import Task
from app.training.explaining.fairness import fairness, groups_of, largest_gap
from app.training.explaining.group_gates import calibration_error
from app.training.metrics import Answers
from app.training.thresholds import calibration

SEX = Column("sex", ColumnType.CATEGORY, Use.IGNORED, personal=True)
AGE = Column("age", ColumnType.NUMBER, Use.INPUT)


def binary(chosen, actual):
    p = np.where(np.asarray(chosen, bool), 0.9, 0.1)
    return Answers(Task.BINARY, np.asarray(actual, np.intp), np.column_stack([1 - p, p]), ("no", "yes"), 1)


def grouped(*parts):
    """(group, chosen, actual) for each part's rows: ``("f", chosen, actual, count)``."""
    sex = np.concatenate([np.full(n, name, dtype=object) for name, _, _, n in parts])
    chosen = np.concatenate([np.full(n, c) for _, c, _, n in parts])
    actual = np.concatenate([np.full(n, a) for _, _, a, n in parts])
    return groups_of([SEX], {"sex": sex}), binary(chosen, actual)


def figure(column, title, measure):
    group = next(g for g in column.groups if g.title == title)
    return next(f for f in group.figures if f.measure == measure)


@pytest.fixture
def unfair():
    """Of 200 women 20 of 100 positives are found and 10 of 100 others; of 300 men 90 of 100 and 60 of 200."""
    return grouped(
        ("f", 1, 1, 20), ("f", 0, 1, 80), ("f", 1, 0, 10), ("f", 0, 0, 90),
        ("m", 1, 1, 90), ("m", 0, 1, 10), ("m", 1, 0, 60), ("m", 0, 0, 140),
    )  # fmt: skip


def test_rates_differences_and_ratios_are_those_that_were_planted(unfair):
    groups, answers = unfair
    found = fairness(groups, {"sex"}, answers, seed=0)
    (column,) = found.columns
    assert column.personal and found.of == "yes" and found.rows == 500
    for measure, women, men in ((SELECTION, 0.15, 0.5), (TRUE_POSITIVE, 0.2, 0.9), (FALSE_POSITIVE, 0.1, 0.3)):
        of_women, of_men = figure(column, "sex is f", measure), figure(column, "sex is m", measure)
        assert of_women.value.value == pytest.approx(women) and of_men.value.value == pytest.approx(men)
        assert of_men.difference is None and of_men.ratio is None, "the largest group is the reference"
        assert of_women.difference.value == pytest.approx(women - men)
        assert of_women.difference.low < women - men < of_women.difference.high < 0
        assert of_women.ratio.value == pytest.approx(women / men)
        gap = column.gap(measure)
        assert (gap.high, gap.low) == ("sex is m", "sex is f")
        assert gap.difference.value == pytest.approx(men - women) and gap.difference.low > 0
    assert "Selection rate differs by 0.35" in gap_words(column.gap(SELECTION))


def test_few_rows_are_shown_but_not_compared():
    groups, answers = grouped(("f", 1, 1, 40), ("f", 0, 0, 160), ("m", 1, 1, 100), ("m", 0, 0, 100), ("x", 1, 1, 29))
    (column,) = fairness(groups, set(), answers, seed=0).columns
    few = figure(column, "sex is x", SELECTION)
    assert few.small and few.value.value == 1 and few.difference is None
    assert not column.personal and column.gap(SELECTION).high == "sex is m"


def test_a_rate_of_no_rows_has_no_value():
    groups, answers = grouped(("f", 0, 0, 100), ("m", 1, 1, 50), ("m", 0, 0, 100))
    (column,) = fairness(groups, set(), answers, seed=0).columns
    empty = figure(column, "sex is f", TRUE_POSITIVE)
    assert empty.value is None and empty.rows == 0 and empty.small
    assert column.gap(TRUE_POSITIVE) is None


def test_groups_treated_alike_differ_by_no_more_than_noise():
    dice = np.random.default_rng(1)
    sex = np.array(["f", "m"], dtype=object)[dice.integers(0, 2, 2000)]
    answers = binary(dice.random(2000) < 0.4, dice.random(2000) < 0.4)
    groups = groups_of([SEX], {"sex": sex})
    (column,) = fairness(groups, set(), answers, seed=0).columns
    small = next(f for g in column.groups for f in g.figures if f.difference and f.measure == SELECTION)
    assert small.difference.low < 0 < small.difference.high


def test_values_are_compared_by_their_mean_error_and_numbers_by_quarters():
    dice = np.random.default_rng(2)
    age, y = dice.uniform(20, 80, 800), dice.normal(size=800)
    predicted = y + np.where(age > 65, 2.0, 0.0)
    answers = Answers(Task.REGRESSION, y, predicted)
    (column,) = fairness(groups_of([AGE], {"age": age}), set(), answers, seed=0).columns
    assert len(column.groups) == 4 and column.gap(MEAN_ERROR).difference.value == pytest.approx(2.0, abs=0.1)
    assert all(f.ratio is None for g in column.groups for f in g.figures if f.measure == MEAN_ERROR)


def test_of_several_classes_mistakes_are_counted():
    labels = ("a", "b", "c")
    actual = np.arange(300) % 3
    told = np.where(np.arange(300) < 150, actual, (actual + 1) % 3)
    answers = Answers(Task.MULTICLASS, actual, np.eye(3)[told], labels)
    groups = groups_of([SEX], {"sex": np.array(["f"] * 150 + ["m"] * 150, dtype=object)})
    gap = largest_gap(groups[0], ERROR_RATE, answers, seed=0)
    assert gap.difference.value == 1.0 and gap.high == "sex is m"


def test_the_calibration_error_is_that_of_the_curve_with_an_interval():
    dice = np.random.default_rng(3)
    p = dice.random(1000)
    honest = Answers(
        Task.BINARY, (dice.random(1000) < p).astype(np.intp), np.column_stack([1 - p, p]), ("no", "yes"), 1
    )
    boast = Answers(honest.task, honest.actual, np.round(honest.predicted), honest.labels, 1)
    for answers in (honest, boast):
        found = calibration_error(answers, seed=0)
        assert found.value == pytest.approx(calibration(answers, 0).error)
        assert found.low <= found.value <= found.high
    assert calibration_error(boast, 0).low > calibration_error(honest, 0).high
    assert honest.rows(honest.actual == 1).n == int(honest.actual.sum())
