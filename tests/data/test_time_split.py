"""By time: the past trains, the newest rows test, and nothing that comes later moves an old row."""

from dataclasses import replace

import numpy as np
import pytest

from app.core.runs import SplitKind, Task
from app.data.split import row_digests, split_rows
from app.data.time_split import split_by_time
from app.errors import BadInput

DEFAULTS = {"task": Task.BINARY, "seed": 0, "holdout": 0.2, "folds": 5, "max_rows": 200_000}


def days(n, seed=0):
    spread = np.random.default_rng(seed).integers(0, 1000, n)
    return np.datetime64("2024-01-01", "us") + spread.astype("timedelta64[D]")


def labels(n, seed=1):
    return np.where(np.random.default_rng(seed).random(n) < 0.4, "yes", "no").astype(object)


def digests(n):
    return row_digests({"x": np.arange(float(n))}, ["x"])


def split_of(times, y, **changes):
    return split_by_time(times, digests(len(y)), y, **(DEFAULTS | changes))


def test_every_held_out_row_is_newer_than_every_training_row():
    times = days(1000)
    split = split_of(times, labels(1000))
    assert times[split.train].max() < times[split.holdout].min()
    assert len(split.holdout) == pytest.approx(200, abs=5)
    assert split.rule.kind is SplitKind.TIME
    assert np.datetime64(split.rule.cut) == times[split.holdout].min()


def test_folds_go_forward_in_time():
    times = days(1000)
    split = split_of(times, labels(1000))
    scored = []
    for fold in range(split.rule.folds):
        fitted, out = split.fold_rows(fold)
        assert times[fitted].max() < times[out].min()
        scored += out.tolist()
    assert len(scored) == len(set(scored)) and set(scored) < set(split.train.tolist())


def test_with_the_stored_cut_rows_added_later_move_no_old_row_across():
    times, y = days(500), labels(500)
    before = split_of(times, y)
    later = times.max() + np.arange(1, 201).astype("timedelta64[D]")
    after = split_of(np.concatenate([times, later]), np.concatenate([y, labels(200, 3)]), cut=before.rule.cut)
    assert set(before.train) == set(after.train)
    assert set(after.holdout) == set(before.holdout) | set(range(500, 700))
    assert after.rule.cut == before.rule.cut


@pytest.mark.parametrize("n", [30, 120, 1000])
def test_dividing_again_with_what_was_recorded_gives_the_same_rule(n):
    times, y = days(n), labels(n)
    first = split_of(times, y)
    again = split_of(times, y, folds=first.rule.folds, cut=first.rule.cut)
    assert replace(again.rule, note="") == replace(first.rule, note="")
    assert np.array_equal(again.fold, first.fold)


def test_rows_of_one_moment_stay_on_one_side_and_numbers_are_times_too():
    years = np.repeat(np.arange(2010.0, 2020.0), 37)
    split = split_of(years, labels(370))
    assert split.rule.cut == "2018.0"
    assert set(years[split.holdout]) == {2018.0, 2019.0}


def test_rows_without_a_time_are_left_out_and_said():
    times = days(300)
    times[:7] = np.datetime64("NaT")
    split = split_of(times, labels(300))
    assert not set(range(7)) & set(np.concatenate([split.train, split.holdout]))
    assert any("7 rows without a time" in note for note in split.notes)


def test_the_note_names_the_day_of_the_cut():
    times = np.datetime64("2026-01-01", "us") + np.arange(100).astype("timedelta64[D]")
    assert "newest 20%" in split_of(times, labels(100)).notes[0]
    assert "from 22 March 2026 on" in split_of(times, labels(100)).notes[0]


def test_a_class_that_appears_only_after_the_cut_is_left_out_of_the_test():
    times = np.datetime64("2026-01-01", "us") + np.arange(200).astype("timedelta64[D]")
    y = np.where(np.arange(200) % 2 == 0, "a", "b").astype(object)
    y[-3:] = "new"
    split = split_of(times, y, task=Task.MULTICLASS)
    assert "new" not in y[split.holdout]
    assert any("3 rows of classes" in note for note in split.notes)


@pytest.mark.parametrize(
    ("times", "y", "words"),
    [
        (np.full(100, np.datetime64("2026-01-01", "us")), labels(100), "same time"),
        (np.repeat(np.array([1.0, 2.0]), 50), labels(100), "Too few different times"),
        (np.arange(100.0), np.where(np.arange(100) < 60, "a", "b").astype(object), "only one class"),
        (np.arange(100.0), np.where(np.arange(100) < 85, "a", "b").astype(object), "only one class"),
        (np.arange(5.0), labels(5), "too few"),
    ],
)
def test_what_cannot_be_divided_by_time_is_refused_in_words(times, y, words):
    with pytest.raises(BadInput, match=words):
        split_of(times, y)


def groups(n=1200, many=90, seed=0):
    return np.random.default_rng(seed).integers(0, many, n).astype(np.float64)


def by_group(keys, y, **changes):
    return split_rows(row_digests({"g": keys}, ["g"]), y, kind=SplitKind.GROUP, **(DEFAULTS | changes))


def test_all_rows_of_a_group_are_on_one_side_and_in_one_fold():
    keys = groups()
    split = by_group(keys, labels(len(keys)))
    assert not set(keys[split.train]) & set(keys[split.holdout])
    for group in np.unique(keys[split.train]):
        assert len(set(split.fold[keys[split.train] == group])) == 1
    sizes = np.bincount(split.fold)
    assert len(sizes) == 5 and sizes.max() < 1.3 * sizes.min()


def test_groups_and_rows_added_later_move_no_old_group():
    keys = groups()
    more = np.concatenate([keys, groups(300, 200, seed=7)])
    before, after = by_group(keys, labels(1200)), by_group(more, labels(1500))
    assert before.rule.moved == after.rule.moved == ()
    assert set(keys[before.holdout]) <= set(more[after.holdout])
    assert set(keys[before.train]) <= set(more[after.train])


def test_few_groups_are_divided_whole_and_two_are_refused():
    keys = np.repeat(np.arange(6.0), 60)
    split = by_group(keys, labels(360))
    assert not set(keys[split.train]) & set(keys[split.holdout])
    assert split.rule.folds <= 5
    with pytest.raises(BadInput, match="group"):
        by_group(np.repeat(np.arange(2.0), 60), labels(120))
