"""The hold-out is decided by each row's own content."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.runs import Task
from app.data.split import Split, row_digests, split_rows
from app.errors import BadInput

DEFAULTS = {"seed": 0, "holdout": 0.2, "folds": 5, "max_rows": 200_000}


def table_of(n, seed=0):
    rng = np.random.default_rng(seed)
    return {
        "number": rng.normal(size=n).round(3),
        "category": rng.choice(np.array(["a", "b", "ü", None], dtype=object), n),
        "when": np.datetime64("2024-01-01", "us") + rng.integers(0, 10**12, n).astype("timedelta64[us]"),
    }


def split_of(table, y, task=Task.BINARY, **changes) -> Split:
    return split_rows(row_digests(table, sorted(table)), y, task=task, **(DEFAULTS | changes))


def labels(n, share=0.4, seed=1):
    return np.where(np.random.default_rng(seed).random(n) < share, "yes", "no").astype(object)


def appended(table, more):
    return {name: np.concatenate([table[name], more[name]]) for name in table}


@settings(max_examples=40, deadline=None)
@given(st.integers(60, 400), st.integers(1, 300), st.integers(0, 50), st.integers(0, 5))
def test_rows_added_later_move_no_old_row_across(n, added, data_seed, seed):
    table, more = table_of(n, data_seed), table_of(added, data_seed + 1000)
    y, more_y = labels(n), labels(added, seed=2)
    before = split_of(table, y, seed=seed)
    after = split_of(appended(table, more), np.concatenate([y, more_y]), seed=seed)
    if before.rule.moved:
        return
    assert set(before.train) <= set(after.train)
    assert set(before.holdout) <= set(after.holdout)


@settings(max_examples=30, deadline=None)
@given(st.integers(60, 300), st.integers(0, 50))
def test_equal_rows_fall_on_the_same_side_and_in_the_same_fold(n, data_seed):
    table = table_of(n, data_seed)
    double = appended(table, table)
    y = np.concatenate([labels(n), labels(n)])
    split = split_of(double, y)
    side = np.full(2 * n, -2)
    side[split.train] = split.fold
    side[split.holdout] = -1
    assert np.array_equal(side[:n], side[n:])


def test_order_of_rows_and_columns_does_not_matter():
    table, y = table_of(300), labels(300)
    order = np.random.default_rng(5).permutation(300)
    shuffled = {name: table[name][order] for name in reversed(list(table))}
    split, other = (
        split_of(table, y),
        split_rows(row_digests(shuffled, list(shuffled)), y[order], task=Task.BINARY, **DEFAULTS),
    )
    assert set(order[other.holdout]) == set(split.holdout)


def test_zero_and_minus_zero_and_number_types_are_the_same_value():
    assert row_digests({"x": np.array([0.0])}, ["x"]) == row_digests({"x": np.array([-0.0])}, ["x"])
    assert row_digests({"x": np.array([3])}, ["x"]) == row_digests({"x": np.array([3.0])}, ["x"])
    assert (
        row_digests({"x": np.array([True, None], dtype=object)}, ["x"])[0] == row_digests({"x": np.ones(1)}, ["x"])[0]
    )


def test_digests_are_the_same_in_every_process_and_release():
    table = {"a": np.array([1.5, np.nan]), "b": np.array(["ü", None], dtype=object)}
    digests = [f"{d:016x}" for d in row_digests(table, ["a", "b"])]
    code = (
        "import numpy as np; from app.data.split import row_digests;"
        "t={'a': np.array([1.5, np.nan]), 'b': np.array(['ü', None], dtype=object)};"
        "print(*[f'{d:016x}' for d in row_digests(t, ['a', 'b'])])"
    )
    there = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={"PYTHONHASHSEED": "7"}
    )
    assert there.stdout.split() == digests == ["9bbd0c0745385efb", "19d45c5b97e79b36"]


@pytest.mark.parametrize("times", [1, 50], ids=["each value once", "each value often"])
def test_values_keep_their_digest_however_many_are_alike(times):
    values = np.array(["a", "ä€", None, "", True, 2.5, "\udc80"] * times, dtype=object)
    found = [f"{d:016x}" for d in row_digests({"few": values}, ["few"])]
    once = ["134e2eb038f23ca2", "27f9ab222a8b5bc9", "6c183c6ac94d5cbb", "0591f067dbe18c69", "2321b34404c66319"]
    assert found == [*once, "2ed8aee12cf264ab", "2792a4c1e2517c8f"] * times  # as released first


def test_hold_out_is_about_a_fifth_and_folds_are_stratified():
    n = 20_000
    y = labels(n, 0.1)
    split = split_of(table_of(n) | {"id": np.arange(n)}, y)
    assert len(split.holdout) == pytest.approx(0.2 * n, rel=0.05)
    assert (y[split.holdout] == "yes").mean() == pytest.approx((y == "yes").mean(), abs=0.02)
    per_fold = [(y[split.train][split.fold == f] == "yes").sum() for f in range(5)]
    assert max(per_fold) - min(per_fold) <= 1
    assert split.notes == () and split.rule.moved == ()


def test_another_seed_holds_out_other_rows():
    table, y = table_of(1000), labels(1000)
    assert set(split_of(table, y).holdout) != set(split_of(table, y, seed=1).holdout)


def test_a_rare_class_is_repaired_onto_both_sides_and_recorded():
    n = 2000
    y = np.full(n, "common", dtype=object)
    y[[3, 700, 1500]] = "rare"
    y[1000:] = np.where(y[1000:] == "rare", "rare", "other")
    repaired = 0
    for seed in range(10):
        split = split_of(table_of(n), y, Task.MULTICLASS, seed=seed)
        assert "rare" in y[split.train] and "rare" in y[split.holdout]
        repaired += len(split.rule.moved)
    assert repaired > 0


def test_a_class_of_one_row_is_left_out_with_a_sentence():
    y = labels(500)
    y[7] = "lonely"
    split = split_of(table_of(500), y, Task.MULTICLASS)
    assert 7 not in split.train and 7 not in split.holdout
    assert any("lonely" in note for note in split.notes)


def test_a_class_smaller_than_the_folds_means_fewer_folds_and_says_so():
    y = np.full(500, "a", dtype=object)
    y[:4] = "b"
    split = split_of(table_of(500), y)
    assert split.rule.folds < 5
    assert any("folds instead of 5" in note for note in split.notes)
    for fold in range(split.rule.folds):
        fit, scored = split.fold_rows(fold)
        assert "b" in y[fit] and "b" in y[scored]


def test_twenty_rows_get_three_folds_and_a_sentence():
    for seed in range(20):
        split = split_of(table_of(20), labels(20, 0.5), seed=seed)
        assert 2 <= split.rule.folds <= 3
        assert any("rows to train on" in note for note in split.notes)
        assert len(split.train) + len(split.holdout) == 20


def test_a_regression_of_twenty_rows_holds_out_at_least_two():
    for seed in range(30):
        split = split_of(table_of(20), np.arange(20.0), Task.REGRESSION, seed=seed)
        assert len(split.holdout) >= 2


def test_above_the_bound_rows_are_sampled_and_it_is_said():
    n = 5000
    split = split_of(table_of(n) | {"id": np.arange(n)}, labels(n), max_rows=1000)
    full = split_of(table_of(n) | {"id": np.arange(n)}, labels(n))
    assert len(split.train) + len(split.holdout) == 1000
    assert set(split.holdout) <= set(full.holdout)
    assert any("sample of 1,000 of 5,000" in note for note in split.notes)


def test_two_yes_no_columns_can_still_be_divided_and_it_is_said():
    rng = np.random.default_rng(0)
    table = {"a": rng.integers(0, 2, 400).astype(float), "b": rng.integers(0, 2, 400).astype(float)}
    split = split_of(table, labels(400))
    assert 40 < len(split.holdout) < 140
    assert any("4 different rows" in note for note in split.notes)


@pytest.mark.parametrize("y", [["a"] * 19 + ["b"], ["a"] * 20, ["a"] * 18 + ["b", "b"]])
def test_too_little_to_train_on_is_refused_in_words(y):
    with pytest.raises(BadInput, match=r"class|rows"):
        split_of(table_of(20), np.array(y, dtype=object))
