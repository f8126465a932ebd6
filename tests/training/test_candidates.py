"""What models take and how families are bounded."""

import numpy as np
import pytest
from sklearn import datasets

from app.core.data import Column, ColumnType, Use
from app.core.runs import Task
from app.training.candidates import FAMILIES, build, canonical_inputs, default_params, specs
from app.training.families import MOST_NODES, MOST_WEIGHTS, within_bounds
from app.training.inputs import MOST_CATEGORIES


def columns(**types: ColumnType) -> list[Column]:
    return [Column(name, type_, Use.INPUT) for name, type_ in types.items()]


def texts(*values) -> np.ndarray:
    found = np.empty(len(values), dtype=object)
    found[:] = values
    return found


def test_inputs_are_named_in_order_with_range_and_missing() -> None:
    raw = {"n": np.array([3.0, np.nan, -1.5]), "d": np.array(["1970-01-03", "NaT", "NaT"], dtype="datetime64[us]")}
    number, day = specs(columns(n=ColumnType.NUMBER, d=ColumnType.DATETIME), raw)
    assert (number.input, number.minimum, number.maximum, number.missing) == ("c0", -1.5, 3.0, 1)
    assert (day.input, day.minimum, day.maximum, day.missing) == ("c1", 2.0, 2.0, 2)


def test_an_empty_column_has_no_range() -> None:
    (spec,) = specs(columns(n=ColumnType.NUMBER), {"n": np.full(3, np.nan)})
    assert (spec.minimum, spec.maximum, spec.missing) == (None, None, 3)


def test_categories_seen_once_are_other() -> None:
    (spec,) = specs(columns(k=ColumnType.CATEGORY), {"k": texts("b", "a", "b", "a", "rare", None)})
    assert spec.categories == ("a", "b") and spec.missing == 1


def test_there_is_a_bound_on_categories() -> None:
    many = texts(*(str(i) for i in range(1500)), *(str(i) for i in range(1500)), *["0"] * 5)
    (spec,) = specs(columns(k=ColumnType.CATEGORY), {"k": many})
    assert len(spec.categories) == MOST_CATEGORIES and "0" in spec.categories
    assert list(spec.categories) == sorted(spec.categories)


def test_canonical_inputs_are_single_columns() -> None:
    kinds = columns(n=ColumnType.NUMBER, k=ColumnType.CATEGORY)
    raw = {"n": np.array([1e39, 1.0]), "k": texts("a", None)}
    x = canonical_inputs(specs(kinds, raw), raw)
    assert x["c0"].shape == x["c1"].shape == (2, 1) and x["c0"].dtype == np.float32
    assert np.isnan(x["c0"][0, 0])


def test_an_unknown_family_is_an_error() -> None:
    with pytest.raises(KeyError):
        build("oracle", {}, (), Task.BINARY, 0)


@pytest.mark.parametrize("classes", [2, 3, 30, 100])
def test_settings_are_cut_to_what_a_file_may_hold(classes) -> None:
    forest = within_bounds("forest", {"trees": 300, "leaves": 5000}, classes)
    assert forest["trees"] * forest["leaves"] * 2 <= max(MOST_NODES, 300 * 30 * 2)
    assert forest["trees"] * forest["leaves"] * classes <= max(MOST_WEIGHTS, 300 * 30 * classes)
    boosting = within_bounds("boosting", {"iterations": 9000, "leaves": 31}, classes)
    assert boosting["iterations"] * 62 * (classes if classes > 2 else 1) <= max(MOST_NODES, 10 * 62 * classes)


def test_settings_within_the_bounds_stay() -> None:
    for family in FAMILIES:
        params = default_params(family, Task.BINARY, 1000)
        assert within_bounds(family, params, 2) == params


def table(task: Task):
    found = datasets.load_diabetes() if task is Task.REGRESSION else datasets.load_wine()
    raw = dict(zip(found.feature_names, found.data.T, strict=True))
    inputs = specs(columns(**dict.fromkeys(raw, ColumnType.NUMBER)), raw)
    y = found.target if task is Task.REGRESSION else texts(*(f"kind {t}" for t in found.target))
    return inputs, canonical_inputs(inputs, raw), y


@pytest.mark.parametrize("family", [f for f in FAMILIES if f != "dummy"])
def test_every_family_learns(family) -> None:
    inputs, x, y = table(Task.MULTICLASS)
    model = build(family, {}, inputs, Task.MULTICLASS, 0).fit(x, y)
    assert (model.predict(x) == y).mean() > 0.9
    assert model.predict_proba(x).sum(axis=1) == pytest.approx(1.0)
    inputs, x, y = table(Task.REGRESSION)
    model = build(family, {}, inputs, Task.REGRESSION, 0).fit(x, y)
    assert np.corrcoef(model.predict(x), y)[0, 1] > 0.6


def test_a_fold_with_one_class_answers_that_class() -> None:
    inputs, x, y = table(Task.MULTICLASS)
    for family in FAMILIES:
        model = build(family, {}, inputs, Task.MULTICLASS, 0).fit(x, texts(*["kind 1"] * len(y)))
        assert model.classes_ == ("kind 1",) and set(model.predict(x)) == {"kind 1"}


def test_a_fit_uses_one_thread_and_leaves_the_setting_as_it_was() -> None:
    from threadpoolctl import threadpool_info, threadpool_limits

    seen: list[set[int]] = []
    inputs, x, y = table(Task.REGRESSION)
    model = build("linear", {}, inputs, Task.REGRESSION, 0)
    fit = model.estimator.fit

    def watched(*args):
        seen.append({pool["num_threads"] for pool in threadpool_info()})
        return fit(*args)

    model.estimator.fit = watched
    with threadpool_limits(2):
        model.fit(x, y)
        after = {pool["num_threads"] for pool in threadpool_info()}
    assert seen == [{1}] and after == {2}


def test_trees_of_a_large_table_see_a_share_of_its_rows() -> None:
    assert default_params("forest", Task.BINARY, 20_000)["sample"] == 1
    assert default_params("forest", Task.BINARY, 120_000)["sample"] == 0.25
    inputs, x, y = table(Task.REGRESSION)
    model = build("forest", {"sample": 0.25, "trees": 5}, inputs, Task.REGRESSION, 0).fit(x, y)
    seen = [tree.tree_.n_node_samples[0] for tree in model.estimator.estimators_]
    assert max(seen) <= 0.25 * len(y)


def test_frequent_categories_are_ordered_by_the_target_and_rare_ones_by_name() -> None:
    random = np.random.default_rng(0)
    kinds, y = random.integers(0, 12, 3000), random.normal(size=3000)
    worth = random.permutation(12)
    raw = {"k": texts(*(f"k{kind:02}" for kind in kinds))}
    inputs = specs(columns(k=ColumnType.CATEGORY), raw)
    x, y = canonical_inputs(inputs, raw), y + 5 * worth[kinds]
    model = build("boosting", {}, inputs, Task.REGRESSION, 0).fit(x, y)
    assert [worth[int(name[1:])] for name in model.columns.categories.lists["c0"]] == list(range(12))
    few = build("boosting", {}, inputs, Task.REGRESSION, 0).fit({"c0": x["c0"][:600]}, y[:600])
    assert few.columns.categories.lists["c0"] == inputs[0].categories


def test_a_shallow_tree_of_a_long_table_is_fitted_on_some_rows_and_knows_every_class() -> None:
    assert "rows" not in default_params("tree", Task.BINARY, 30_000)
    assert default_params("tree", Task.BINARY, 300_000)["rows"] == 30_000
    inputs = specs(columns(n=ColumnType.NUMBER), {"n": np.arange(1000.0)})
    x = {"c0": np.arange(1000, dtype=np.float32)[:, None]}
    y = np.where(np.arange(1000) < 500, "low", "high").astype(object)
    y[777] = "rare"
    model = build("tree", {"rows": 100}, inputs, Task.MULTICLASS, 0).fit(x, y)
    assert model.classes_ == ("high", "low", "rare") and model.estimator.tree_.n_node_samples[0] == 101
