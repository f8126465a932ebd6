"""Which rows two models may be compared on: never one that either was fitted on."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from app.core.data import ColumnType
from app.core.runs import InputSpec, Recipe, SplitKind, SplitRule, Task
from app.monitoring.retraining.unseen_rows import unseen_rows
from app.training.material import load_again


def table(start, count, *, distinct=None):
    """Rows with numbers that no other row has (or few different ones), a day, a group and a class."""
    places = np.arange(start, start + count)
    random = np.random.default_rng(places[0])
    return {
        "a": places % distinct if distinct else places * 1.5,
        "day": places,
        "who": [f"g{i // 5}" for i in places],
        "y": np.where(random.random(count) < 0.4, "yes", "no"),
    }


def write(folder, name, *parts, order=None):
    whole = {key: np.concatenate([np.asarray(part[key]) for part in parts]) for key in parts[0]}
    if order is not None:
        whole = {key: values[order] for key, values in whole.items()}
    path = folder / f"{name}.parquet"
    pq.write_table(pa.table({key: pa.array(values.tolist()) for key, values in whole.items()}), path)
    return path, whole


def recipe(kind=SplitKind.STRATIFIED, column="", type_=None, **changes):
    rule = SplitRule(0, 0.2, 5, True, kind=kind, column=column, column_type=type_)
    number = InputSpec("a", ColumnType.NUMBER, "c0", 0)
    made = Recipe(
        "linear", "{}", (number,), "y", ColumnType.CATEGORY, Task.BINARY, ("no", "yes"), "yes", rule, 0, "", 10_000, 0
    )
    return replace(made, **changes)


def fitted_on(path, whole, wanted):
    """The values of ``a`` with the day that a model of this recipe was fitted on."""
    material = load_again(path, wanted)
    rows = material.rows[material.split.train]
    return set(zip(whole["a"][rows].tolist(), whole["day"][rows].tolist(), strict=True))


def compared(found, whole):
    rows = found.material.rows[found.rows]
    return set(zip(whole["a"][rows].tolist(), whole["day"][rows].tolist(), strict=True))


KINDS = [
    recipe(),
    recipe(SplitKind.GROUP, "who", ColumnType.CATEGORY),
    recipe(SplitKind.TIME, "day", ColumnType.INTEGER),
]


@pytest.mark.parametrize("champion", KINDS, ids=lambda r: r.split.kind.value)
def test_what_is_compared_on_was_fitted_on_by_neither_and_rows_in_another_order_are_known_again(champion, tmp_path):
    old, new = table(0, 600), table(600, 400)
    then, whole_then = write(tmp_path, "then", old)
    order = np.random.default_rng(3).permutation(1_000)
    now, whole = write(tmp_path, "now", old, new, order=order)
    found = unseen_rows(champion, then, champion, now)
    rows = compared(found, whole)
    assert len(rows) > 100
    assert not rows & fitted_on(then, whole_then, champion)
    assert not rows & fitted_on(now, whole, champion)
    fresh = {
        day
        for (_, day), is_new in zip(
            ((whole["a"][i], whole["day"][i]) for i in found.material.rows[found.rows]), found.fresh, strict=True
        )
        if is_new
    }
    assert fresh
    assert min(fresh) >= 600


def test_rows_held_out_by_another_seed_are_left_out_where_the_champion_was_fitted_on_them(tmp_path):
    path, whole = write(tmp_path, "same", table(0, 1_000))
    champion = recipe()
    other = replace(champion, split=replace(champion.split, seed=7), seed=7)
    found = unseen_rows(champion, path, other, path)
    assert found.left_out > 100
    assert not compared(found, whole) & fitted_on(path, whole, champion)
    assert not found.fresh.any()


def test_few_different_rows_are_compared_by_how_often_they_came_and_not_at_all_if_that_cannot_be_known(tmp_path):
    then, _ = write(tmp_path, "then", table(0, 1_000, distinct=20))
    now, _ = write(tmp_path, "now", table(0, 1_000, distinct=20), table(1_000, 500, distinct=20))
    told = unseen_rows(recipe(), then, recipe(), now)
    assert len(told.rows) > 200
    assert told.left_out == 0
    wide, _ = write(tmp_path, "wide", table(0, 1_000, distinct=20), table(2_000, 2_000, distinct=900))
    kept = unseen_rows(recipe(), then, recipe(), wide)
    known = kept.material.rows[kept.rows]
    assert (np.asarray(pq.read_table(wide)["a"])[known] >= 20).all()


def test_a_row_that_comes_again_is_fresh_though_the_champion_knows_its_like(tmp_path):
    old = table(0, 500, distinct=300)
    then, _ = write(tmp_path, "then", old)
    again = {key: np.asarray(values)[:100] for key, values in old.items()}
    now, _ = write(tmp_path, "now", old, again, order=np.random.default_rng(5).permutation(600))
    found = unseen_rows(recipe(), then, recipe(), now)
    assert 0 < found.fresh.sum() < 60
    assert len(found.rows) - found.fresh.sum() > 60
