"""Which rows a score flags, and how far another seed agrees."""

import numpy as np
import pytest

from app.core.data import ColumnType
from app.core.runs import InputSpec, Task
from app.export.convert import convert
from app.export.parity import prove
from app.export.probes import probe_rows
from app.training.baseline import measure
from app.training.candidates import build
from app.training.flagging import cut, flagged
from app.training.metrics import Answers, value

ROWS = 400


def test_the_highest_scores_are_flagged_and_ties_go_together():
    assert flagged(np.array([0.1, 0.9, 0.5, 0.7]), 0.5).tolist() == [False, True, False, True]
    assert flagged(np.array([0.1, 0.5, 0.5, 0.9]), 0.5).tolist() == [False, False, False, True]


def test_a_score_that_says_nothing_flags_nothing_and_is_not_stable():
    flat = np.full(ROWS, 0.5)
    assert not flagged(flat, 0.05).any()
    assert value("stability:0.05", Answers(Task.ANOMALY, np.tile(flat, (2, 1)).T, flat)) == 0.0
    assert not (flat >= cut(flat, 0.05)).any()


def test_stability_is_the_share_that_other_seeds_flag_too():
    score = np.arange(ROWS, dtype=float)
    same, other = score.copy(), score[::-1]
    assert value("stability:0.05", Answers(Task.ANOMALY, same[:, None], score)) == 1.0
    assert value("stability:0.05", Answers(Task.ANOMALY, np.column_stack([same, other]), score)) == 0.5


def test_flagging_at_random_is_no_better_than_the_baseline():
    random = np.random.default_rng(0)
    answers = Answers(Task.ANOMALY, random.normal(size=(ROWS, 3)), random.normal(size=ROWS), threshold=2.0)
    _, advantage = measure(["stability:0.05", "flagged"], "stability:0.05", answers, np.zeros(0), 0)
    assert advantage.difference.low <= 0


@pytest.fixture(scope="module")
def isolated():
    random = np.random.default_rng(0)
    number = np.where(random.random(ROWS) < 0.1, np.nan, random.normal(size=ROWS) * 1e6).astype(np.float32)
    kind = np.array(["a", "b", "c"], dtype=object)[random.integers(0, 3, ROWS)]
    number[:4], kind[:4] = 1e9, "odd"
    x = {"c0": number[:, None], "c1": kind[:, None]}
    specs = (
        InputSpec("number", ColumnType.NUMBER, "c0", 1, -1e7, 1e9),
        InputSpec("kind", ColumnType.CATEGORY, "c1", 0, categories=("a", "b", "c", "odd")),
    )
    return build("isolation", {"trees": 30, "share": 0.01}, specs, Task.ANOMALY, 0).fit(x, np.zeros(ROWS)), specs, x


def test_planted_rows_are_flagged_and_no_others(isolated):
    model, _, x = isolated
    assert np.flatnonzero(model.predict(x) >= model.cut).tolist() == [0, 1, 2, 3]


def test_the_exported_forest_scores_and_labels_alike(isolated):
    model, specs, x = isolated
    proof = prove(
        model, convert(model, specs, Task.ANOMALY, ()), specs, Task.ANOMALY, (), x, probe_rows(model, specs, x, 0)
    )
    assert proof.passed
    assert proof.max_difference < 1e-6
    assert proof.label_differences == 0


def test_parity_notices_another_cut(isolated):
    model, specs, x = isolated
    exported = convert(model, specs, Task.ANOMALY, ())
    right = model.cut
    try:
        model.cut = 0.5
        assert not prove(model, exported, specs, Task.ANOMALY, (), x, x).passed
    finally:
        model.cut = right
