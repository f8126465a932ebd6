"""No hold-out row is looked at before the final score, and no scored row is fitted on."""

from dataclasses import replace

import numpy as np
import pytest

from app.core.data import Column, ColumnType, Use
from app.core.runs import Task
from app.data.split import row_digests, split_rows
from app.training.bench import lay_out
from app.training.folds import cross_validate
from app.training.material import Material
from app.training.metrics import class_answers
from app.training.pace import Pace

COLUMNS = (Column("id", ColumnType.NUMBER, Use.INPUT), Column("shop", ColumnType.CATEGORY, Use.INPUT))


@pytest.fixture(scope="module")
def material():
    random = np.random.default_rng(0)
    n = 600
    raw = {"id": np.arange(n, dtype=float), "shop": random.choice(np.array(["a", "b"], dtype=object), n)}
    y = np.where(random.random(n) < 0.4, "yes", "no").astype(object)
    split = split_rows(row_digests(raw, sorted(raw)), y, task=Task.BINARY, seed=0, holdout=0.2, folds=5, max_rows=10**6)
    return Material(raw, y, np.arange(n), split, 0)


def rows_looked_at(material):
    """The ids that cross-validation fitted on and scored, fold by fold."""
    seen = []
    bench = lay_out(material, COLUMNS, Task.BINARY)

    def fit(x, y, x_out, y_out):
        seen.append((set(x["c0"][:, 0].astype(int).tolist()), set(x_out["c0"][:, 0].astype(int).tolist())))
        return class_answers(Task.BINARY, y_out, np.full((len(y_out), 2), 0.5), bench.labels, "yes")

    cross_validate(bench, "roc_auc", fit, Pace(60), 0, lambda fold, folds: None)
    return seen


def leaks(seen, holdout):
    return any(fitted & scored or (fitted | scored) & holdout for fitted, scored in seen)


def test_cross_validation_never_sees_the_hold_out_nor_fits_on_what_it_scores(material):
    seen = rows_looked_at(material)
    assert len(seen) == 5
    assert not leaks(seen, set(material.split.holdout.tolist()))
    assert set.union(*(scored for _, scored in seen)) == set(material.split.train.tolist())


def test_a_split_that_leaks_would_be_noticed(material):
    split = material.split
    every = np.arange(600)
    leaky = replace(material, split=replace(split, train=every, fold=np.arange(600) % 5))
    assert leaks(rows_looked_at(leaky), set(split.holdout.tolist()))


def test_ranges_and_categories_come_from_training_rows_alone(material):
    raw = {name: values.copy() for name, values in material.raw.items()}
    raw["id"][material.split.holdout] = 1e6
    raw["shop"][material.split.holdout] = "only held out"
    bench = lay_out(replace(material, raw=raw), COLUMNS, Task.BINARY)
    assert bench.inputs[0].maximum < 600
    assert "only held out" not in bench.inputs[1].categories
    assert float(bench.x_out["c0"].max()) == 1e6
