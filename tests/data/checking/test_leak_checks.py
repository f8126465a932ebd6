"""Columns that give the target away are named; honest ones, however good, are not."""

import numpy as np
import pytest
from sklearn import datasets

from app.core.data import Column, ColumnType, Use
from app.core.runs import Task
from app.data.checking import single_scores as scores
from app.data.checking.leak_checks import leak_findings
from app.data.checking.sample import Sample

RANDOM = np.random.default_rng(0)
N = 1000
Y = np.where(RANDOM.random(N) < 0.3, "yes", "no").astype(object)
YES = Y == "yes"


def found(values, type_, y=Y, y_type=ColumnType.CATEGORY, task=Task.BINARY):
    column, target = Column("x", type_, Use.INPUT), Column("y", y_type, Use.TARGET)
    sample = Sample({"x": np.asarray(values), "y": np.asarray(y)}, np.arange(len(y)), len(y))
    return leak_findings(sample, target, [column], task)


def codes(*args, **options):
    return [finding.code for finding in found(*args, **options)]


def mostly(share):
    """The target's side, wrong in a share of the rows."""
    wrong = np.arange(N) % round(1 / (1 - share)) == 0
    return np.where(wrong, ~YES, YES)


@pytest.mark.parametrize(
    ("values", "type_"),
    [
        (YES * 3.0 + RANDOM.normal(size=N) * 0.5, ColumnType.NUMBER),
        (np.where(YES, np.nan, RANDOM.normal(size=N)), ColumnType.NUMBER),
        (np.where(mostly(0.998), "closed", "open").astype(object), ColumnType.CATEGORY),
        (mostly(0.998).astype(float), ColumnType.BOOLEAN),
        (np.datetime64("2026-01-01", "us") + (YES * 400).astype("timedelta64[D]"), ColumnType.DATETIME),
    ],
    ids=["number", "filled only for one class", "category", "yes/no", "date"],
)
def test_a_column_that_tells_the_class_nearly_always_is_named(values, type_):
    (finding,) = found(values, type_)
    assert finding.code == "TARGET_LEAK_LIKELY"
    assert finding.column == "x" and "x alone tells y" in finding.message and not finding.blocks_training


@pytest.mark.parametrize(
    ("values", "type_"),
    [
        (YES * 2.5 + RANDOM.normal(size=N), ColumnType.NUMBER),
        (RANDOM.normal(size=N), ColumnType.NUMBER),
        (mostly(0.95).astype(float), ColumnType.BOOLEAN),
        (np.array([f"c{i}" for i in range(N)], dtype=object), ColumnType.CATEGORY),
        (np.full(N, np.nan), ColumnType.NUMBER),
    ],
    ids=["a good input", "noise", "right in 95 %", "every value once", "empty"],
)
def test_an_honest_column_stays_unnamed(values, type_):
    assert codes(values, type_) == []


def test_few_rows_of_a_class_name_nothing_by_chance():
    y = np.full(200, "no", dtype=object)
    y[:5] = "yes"
    assert codes((y == "yes") * 1.0, ColumnType.NUMBER, y) == []


def test_ranges_that_belong_to_one_of_several_classes_are_a_leak():
    y = RANDOM.integers(0, 4, N)
    assert codes(y * 10 + RANDOM.random(N), ColumnType.NUMBER, y * 1.0, ColumnType.INTEGER, Task.MULTICLASS) == [
        "TARGET_LEAK_LIKELY"
    ]


def test_a_number_repeated_in_other_units_with_noise_is_a_leak_and_a_good_input_is_none():
    y = RANDOM.normal(size=N)
    asked = {"y": y, "y_type": ColumnType.NUMBER, "task": Task.REGRESSION}
    assert codes(y * 2 + 1 + RANDOM.normal(size=N) * 0.01, ColumnType.NUMBER, **asked) == ["TARGET_LEAK_LIKELY"]
    assert codes(np.exp(5 * y), ColumnType.NUMBER, **asked) == ["TARGET_LEAK_LIKELY"]
    assert codes(y + RANDOM.normal(size=N) * 0.2, ColumnType.NUMBER, **asked) == []
    steps = np.array([f"grade {int(v)}" for v in y * 2], dtype=object)
    assert codes(steps, ColumnType.CATEGORY, **asked) == []
    assert codes(steps, ColumnType.CATEGORY, **(asked | {"y": np.trunc(y * 2)})) != []


def test_a_text_that_names_the_class_is_found_with_row_and_cell():
    y = np.array(["refund", "delivery", "praise"] * 100, dtype=object)
    texts = np.array([f"Ticket {i}: moved to {label} queue" for i, label in enumerate(y)], dtype=object)
    (finding,) = found(texts, ColumnType.TEXT, y, task=Task.MULTICLASS)
    assert finding.code == "TARGET_IN_TEXT"
    assert finding.rows[:2] == (1, 2) and "refund" in finding.cells[0] and "300 rows" in finding.message


def test_a_text_that_uses_the_words_of_any_class_is_honest():
    y = np.array(["refund", "delivery", "praise"] * 100, dtype=object)
    any_word = RANDOM.permutation(y)
    texts = np.array([f"About my {word} please" for word in any_word], dtype=object)
    assert codes(texts, ColumnType.TEXT, y, task=Task.MULTICLASS) == []


@pytest.mark.parametrize("load", [datasets.load_breast_cancer, datasets.load_wine, datasets.load_iris])
def test_tables_of_easy_classes_have_no_leak(load):
    bunch = load()
    for values in bunch.data.T:
        task = Task.BINARY if bunch.target.max() == 1 else Task.MULTICLASS
        assert codes(values, ColumnType.NUMBER, bunch.target * 1.0, ColumnType.INTEGER, task) == []


def test_the_scores_are_0_by_chance_and_1_when_sure():
    classes = scores.codes_of(Y)
    noise = RANDOM.normal(size=N)
    assert scores.auc(noise, YES) == pytest.approx(0.5, abs=0.06)
    assert scores.auc(YES * 1.0, YES) == 1.0 == scores.auc(-1.0 * YES, YES)
    assert abs(scores.neighbour_gain(noise, classes)) < 0.1
    assert scores.majority_gain(scores.codes_of(RANDOM.integers(0, 5, N)), classes) <= 0.01
    assert scores.majority_gain(classes, classes) == 1.0
    assert scores.correlation(noise, noise**3) == pytest.approx(1.0)
