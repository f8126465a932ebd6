"""Probe rows: thresholds on and beside, extremes, unseen values, in every column."""

import numpy as np

from app.core.data import ColumnType
from app.core.runs import Task
from app.export.probes import ROWS, probe_rows, thresholds
from app.runtime.canonical import MISSING


def test_thresholds_are_probed_on_and_beside(table_named) -> None:
    table = table_named("cancer")
    model = table.fit("tree")
    probes = probe_rows(model, table.inputs, table.x_out, 0)
    cuts = {name: values for name, values in thresholds(model).items() if len(values)}
    assert cuts
    for name, values in cuts.items():
        on = values.astype(np.float32)
        beside = np.concatenate([on, np.nextafter(on, np.float32(np.inf)), np.nextafter(on, np.float32(-np.inf))])
        assert np.isin(beside, probes[name]).all()


def test_extremes_are_probed_in_every_number(table_named) -> None:
    table = table_named("plane engines")
    probes = probe_rows(table.fit("linear"), table.inputs, table.x_out, 0)
    for spec in table.inputs:
        values = probes[spec.input][:, 0]
        if spec.type in (ColumnType.CATEGORY, ColumnType.TEXT):
            assert {MISSING, ""} <= set(values)
        else:
            assert np.isnan(values).any() and np.isin(np.float32([1e30, -1e30, 1e-45, 2**24]), values).all()
            assert (np.signbit(values) & (values == 0)).any()


def test_unseen_categories_are_probed_and_all_known_ones(table_named) -> None:
    table = table_named("plane engines")
    probes = probe_rows(table.fit("boosting", iterations=30), table.inputs, table.x_out, 0)
    for spec in table.inputs:
        if spec.type is ColumnType.CATEGORY:
            values = set(probes[spec.input][:, 0])
            assert set(spec.categories) <= values and "never seen" in values and "日本語" in values


def test_a_wide_table_gets_no_more_rows(make_table) -> None:
    raw = {f"n{i}": np.random.default_rng(i).normal(size=200) for i in range(300)}
    y = np.array(["a", "b"] * 100, dtype=object)
    table = make_table(raw, dict.fromkeys(raw, ColumnType.NUMBER), y, Task.BINARY)
    assert len(probe_rows(table.fit("tree"), table.inputs, table.x_out, 0)["c0"]) <= ROWS * 1.1


def test_the_same_seed_makes_the_same_probes(table_named) -> None:
    table = table_named("plane engines")
    model = table.fit("boosting", iterations=30)
    one, two = (probe_rows(model, table.inputs, table.x_out, 7) for _ in range(2))
    assert all((one[n] == two[n])[one[n] == one[n]].all() for n in one)
