"""The column that decides comes first, one that does nothing comes to zero, and the time is kept."""

import time

import numpy as np

from app.core.data import ColumnType
from app.core.runs import InputSpec, Task
from app.training.explaining.importance import importance, unreached
from app.training.metrics import Answers
from tests.patience import least


def problem(n=1500, columns=5):
    random = np.random.default_rng(0)
    x = {f"c{i}": random.normal(size=(n, 1)).astype(np.float32) for i in range(columns)}
    specs = tuple(InputSpec(f"column {i}", ColumnType.NUMBER, f"c{i}", 0) for i in range(columns))
    y = 3.0 * x["c1"][:, 0].astype(float) + x["c3"][:, 0] + 0.1 * random.normal(size=n)
    return specs, x, y


def model(x):
    return 3.0 * x["c1"][:, 0].astype(float) + x["c3"][:, 0]


def test_columns_come_in_the_order_in_which_they_matter():
    specs, x, y = problem()
    found = importance(model, specs, x, Answers(Task.REGRESSION, y, model(x)), "rmse", seed=0, seconds=5)
    assert [i.column for i in found[:2]] == ["column 1", "column 3"]
    assert found[1].mean > 10 * abs(found[2].mean)
    assert all(i.low <= i.mean <= i.high for i in found)
    assert {i.mean for i in found[2:]} == {0.0}


def test_a_slow_model_of_many_columns_keeps_to_the_time():
    specs, x, y = problem(400, 60)

    def slow(inputs):
        until = time.perf_counter() + 0.02
        while time.perf_counter() < until:
            pass
        return model(inputs)

    def took() -> float:
        started = time.monotonic()
        found = importance(slow, specs, x, Answers(Task.REGRESSION, y, model(x)), "rmse", seed=0, seconds=0.3)
        assert 1 <= len(found) < 60 and unreached(specs, found) == 60 - len(found)
        return time.monotonic() - started

    assert least(took, 1.0) < 1.0
