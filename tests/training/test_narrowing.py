"""Of a table with more columns than the time allows those that tell most are kept, by training rows alone."""

import time
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from app.core.data import Column, ColumnType, Use
from app.core.metrics import cost_metric
from app.core.runs import CandidateState, Plan, Recipe, Task
from app.training.at_threshold import AtOrder, measure_at
from app.training.bench import lay_out
from app.training.column_budget import LEAST_TEXTS, columns_in_time, texts_in_time
from app.training.fit import fit_candidate
from app.training.material import Division, load_material
from app.training.order import ONNX, PREDICTIONS, RECIPE, CandidateOrder, FitOrder, Measured
from app.training.pace import Pace
from app.training.refit import refit
from app.training.search.unseen import views
from app.training.sql.rules import Sum
from app.training.sql.search import rules_of

COLUMNS, ROWS = 230, 400
TARGET = Column("y", ColumnType.CATEGORY, Use.TARGET)


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    random = np.random.default_rng(0)
    x = random.normal(size=(ROWS, COLUMNS))
    shop = random.choice(["a", "b", "c"], ROWS)
    score = x[:, 7] + (np.abs(x[:, 190]) - 0.8) * 2 + (shop == "b") * 2 + random.normal(size=ROWS) * 0.5
    columns = {f"n{i}": x[:, i] for i in range(COLUMNS)} | {"shop": shop, "note": [f"no {i}" for i in range(ROWS)]}
    path = tmp_path_factory.mktemp("wide") / "table.parquet"
    pq.write_table(pa.table(columns | {"y": np.where(score > 0.6, "yes", "no")}), path)
    return path


@pytest.fixture(scope="module")
def inputs():
    numbers = [Column(f"n{i}", ColumnType.NUMBER, Use.INPUT) for i in range(COLUMNS)]
    others = [Column("shop", ColumnType.CATEGORY, Use.INPUT), Column("note", ColumnType.TEXT, Use.INPUT)]
    return (*numbers, *others)


@pytest.fixture(scope="module")
def material(table, inputs):
    return load_material(table, inputs, TARGET, Task.BINARY, Division(0, 0.2, 5, 10_000))


def kept(bench):
    return [spec.name for spec in bench.inputs]


def test_columns_that_tell_in_a_line_a_curve_or_a_category_are_kept_and_text_always(material, inputs):
    bench = lay_out(material, inputs, Task.BINARY, 12)
    assert len(bench.inputs) == 12 and {"n7", "n190", "shop", "note"} <= set(kept(bench))
    assert set(bench.x) == set(bench.x_out) == {spec.input for spec in bench.inputs}
    assert any("of 232 columns the 12" in note.lower() for note in bench.notes)


def test_neither_the_hold_out_nor_a_fold_s_scored_rows_choose(material, inputs):
    """The mutant: what those rows say is turned around, and the choice stays."""
    before = lay_out(material, inputs, Task.BINARY, 12)
    turned = material.y.copy()
    turned[material.split.holdout] = "yes"
    assert kept(lay_out(replace(material, y=turned), inputs, Task.BINARY, 12)) == kept(before)
    fitted, scored = material.split.fold_rows(0)
    random = np.random.default_rng(1)
    turned[scored] = random.permutation(turned[scored])
    after = lay_out(replace(material, y=turned), inputs, Task.BINARY, 12)
    assert list(views(after, 1, 0, 0)[0].x) == list(views(before, 1, 0, 0)[0].x)
    turned[fitted] = random.permutation(turned[fitted])
    assert kept(lay_out(replace(material, y=turned), inputs, Task.BINARY, 12)) != kept(before)


def test_numbers_and_several_classes_choose_as_well(material, inputs):
    number = (material.raw["n31"] ** 2).astype(np.float64)
    assert "n31" in kept(lay_out(replace(material, y=number), inputs, Task.REGRESSION, 9))
    third = np.digitize(material.raw["n44"].astype(np.float64), [-0.5, 0.5]).astype(str).astype(object)
    assert "n44" in kept(lay_out(replace(material, y=third), inputs, Task.MULTICLASS, 9))


def test_of_many_text_columns_those_with_the_most_telling_words_are_kept(material, inputs):
    random = np.random.default_rng(2)
    words = random.choice(["red", "green", "blue"], (6, len(material.y))).astype(object)
    words[4] = np.where(material.y == "yes", words[4] + " large", words[4])
    texts = {f"t{i}": line for i, line in enumerate(words)}
    columns = (*inputs[:20], *(Column(name, ColumnType.TEXT, Use.INPUT) for name in texts))
    bench = lay_out(replace(material, raw=material.raw | texts), columns, Task.BINARY, 22, 2)
    assert len(bench.inputs) == 22 and "t4" in kept(bench)
    assert sum(spec.type is ColumnType.TEXT for spec in bench.inputs) == 2
    assert texts_in_time(3, 1) == 3 and LEAST_TEXTS <= texts_in_time(1000, 20) < texts_in_time(1000, 200) < 1000


def test_missing_and_constant_columns_are_no_trouble(material, inputs):
    raw = dict(material.raw)
    raw["n0"], raw["n1"] = np.full(len(material.y), np.nan), np.ones(len(material.y))
    raw["n2"] = np.where(material.y == "yes", np.nan, raw["n2"].astype(np.float64))  # that it is missing tells all
    names = kept(lay_out(replace(material, raw=raw), inputs, Task.BINARY, 12))
    assert "n2" in names and not {"n0", "n1"} & set(names)


def test_a_query_answers_rows_whose_cell_is_empty_nowhere_but_in_the_hold_out(material, inputs):
    cells = material.raw["n7"].astype(np.float64)
    cells[material.split.holdout] = np.nan
    bench = lay_out(replace(material, raw=material.raw | {"n7": cells}), inputs, Task.BINARY, 12)
    plan = Plan("v", "r", "y", Task.BINARY, "roc_auc", "yes", seconds=6.0)
    (total,) = [found.rule for found in rules_of(bench, plan, Pace(0.0)).found if isinstance(found.rule, Sum)]
    assert [term.feature.missing for term in total.terms if term.feature.spec.name == "n7"] == [True]


def test_what_was_kept_is_in_the_recipe_and_a_refit_divides_and_answers_alike(table, inputs, tmp_path):
    class Child:
        folder = tmp_path

        def progress(self, fraction, text):
            pass

    now = time.monotonic()
    plan = Plan("v", "r", "y", Task.BINARY, "roc_auc", "yes", seconds=6.0)
    order = FitOrder(plan, inputs, TARGET, str(table), "0" * 64, now, now + 600)
    fitted = fit_candidate(Child(), CandidateOrder("Linear model", "linear", 0.5), order)
    assert fitted.state is CandidateState.PASSED
    recipe = msgspec.json.decode((tmp_path / RECIPE).read_bytes(), type=Recipe)
    assert len(recipe.inputs) == 100 and len(recipe.divided_by) == len(inputs)
    asked = Measured(metrics=("accuracy", "roc_auc", cost_metric({("maybe", "no"): 5.0})))
    files = [str(tmp_path / name) for name in (ONNX, PREDICTIONS)]
    later = AtOrder(replace(order, measured=asked), recipe, *files, "", "", None, ())
    assert [metric for metric, _ in measure_at(Child(), later).figures] == ["accuracy", "roc_auc"], "of no such class"
    again = refit(recipe, Path(table))
    assert again.onnx == (tmp_path / ONNX).read_bytes()
    assert again.rows.tolist() == pq.read_table(tmp_path / PREDICTIONS)["row"].to_pylist()


@pytest.mark.parametrize(("columns", "seconds", "least"), [(60, 1, 60), (10_000, 4, 100), (10_000, 20, 300)])
def test_more_seconds_keep_more_columns(columns, seconds, least):
    assert columns_in_time(columns, seconds) == least
    assert columns_in_time(columns, 10 * seconds) >= least
