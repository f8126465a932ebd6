"""Boosting that is watched while it grows stops where it should, and answers as the finished model does."""

import numpy as np
import pytest
from sklearn import datasets

from app.core.data import Column, ColumnType, Use
from app.core.runs import Plan, Task
from app.training.bench import Bench, lay_out
from app.training.material import Division
from app.training.search.growing import parameters
from app.training.search.search_orders import TrialOrder
from app.training.search.trying import _Trying
from app.training.search.unseen import views


@pytest.fixture(scope="module", params=[Task.BINARY, Task.MULTICLASS, Task.REGRESSION])
def trying(request, tmp_path_factory):
    import pyarrow as pa
    import pyarrow.parquet as pq

    from app.training.material import load_material

    loads = (datasets.load_breast_cancer, datasets.load_wine, datasets.load_diabetes)
    found = dict(zip(("binary", "multiclass", "regression"), loads, strict=True))[request.param]()
    names = np.array([f"kind {t}" for t in found.target], dtype=object)
    y = found.target if request.param is Task.REGRESSION else names
    columns = {f"x{i}": found.data[:, i] for i in range(8)}
    path = tmp_path_factory.mktemp("grow") / "table.parquet"
    pq.write_table(pa.table({**columns, "y": y}), path)
    inputs = [Column(name, ColumnType.NUMBER, Use.INPUT) for name in columns]
    type_ = ColumnType.NUMBER if request.param is Task.REGRESSION else ColumnType.CATEGORY
    material = load_material(path, inputs, Column("y", type_, Use.TARGET), request.param, Division(0, 0.2, 5, 10_000))
    bench: Bench = lay_out(material, inputs, request.param)
    metric = {"binary": "roc_auc", "multiclass": "log_loss", "regression": "rmse"}[request.param]
    plan = Plan("v", "r", "y", request.param, metric, "kind 1" if request.param is Task.BINARY else None)
    order = TrialOrder(1, "Gradient boosting", "boosting", '{"rate": 0.3, "leaves": 31, "least": 2}', 0, 3, 60.0)
    return _Trying(order, plan, bench, views(bench, 3, 0, 0))


def test_it_stops_long_before_the_last_iteration_where_nothing_gets_better(trying):
    params, predicted, fit_s = trying.answered(trying.resolved())
    assert 5 <= params["iterations"] < 400 and fit_s > 0
    assert len(predicted) == sum(len(view.y_out) for view in trying.parts)


def test_what_was_watched_is_what_the_finished_model_answers(trying):
    """One chunk, so that the whole is one fit: sums of trees read one by one are the model's own answers."""
    _, watched, _ = trying.answered({**trying.resolved(), "iterations": 30})
    steps = trying.answered({**trying.resolved(), "iterations": 30})[0]["iterations"]
    assert steps <= 36
    view = trying.parts[0]
    from app.training.candidates import Model

    found = [
        np.abs(
            trying._predicted(
                Model("boosting", {**trying.resolved(), "iterations": n}, trying.bench.inputs, trying.plan.task, 0).fit(
                    view.x, view.y
                ),
                view,
            )
            - watched[: len(view.y_out)]
        ).max()
        for n in range(5, 31, 5)
    ]
    assert min(found) < 1e-9


def test_the_final_fit_carries_a_few_more_iterations_as_it_has_more_rows():
    assert parameters({"rate": 0.1}, 100, 5)["iterations"] > parameters({"rate": 0.1}, 100, 1)["iterations"] == 100
