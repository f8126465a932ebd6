"""Contributions add up to the answer, of a linear model they are exact; effects and neighbours are right too."""

import numpy as np
import pytest

from app.core.data import ColumnType
from app.core.runs import InputSpec
from app.training.explaining.contributions import background_size, contributions
from app.training.explaining.effects import dependence
from app.training.explaining.nearest import gower

SPECS = tuple(InputSpec(f"column {i}", ColumnType.NUMBER, f"c{i}", 0, -3.0, 3.0) for i in range(4))
CATEGORY = InputSpec("kind", ColumnType.CATEGORY, "k", 0, categories=("a", "b"))


def table(n, seed=0):
    dice = np.random.default_rng(seed)
    x = {s.input: dice.normal(size=(n, 1)).astype(np.float32) for s in SPECS}
    return x | {"k": dice.choice(np.array(["a", "b"], dtype=object), (n, 1))}


def row(x, i):
    return {name: values[i : i + 1] for name, values in x.items()}


def crooked(x):
    """Nothing adds up in it by itself."""
    c = [x[s.input][:, 0].astype(float) for s in SPECS]
    return np.sin(3 * c[0]) * c[1] + np.where(x["k"][:, 0] == "a", c[2], -c[2]) * 100


def linear(x):
    return sum(w * x[s.input][:, 0].astype(float) for w, s in zip((2.0, -1.0, 0.5, 0.0), SPECS, strict=True))


@pytest.mark.parametrize("seed", range(5))
def test_contributions_add_up_to_the_answer(seed):
    x = table(50, seed)
    base, amounts, output = contributions(crooked, (*SPECS, CATEGORY), row(x, 7), x, np.random.default_rng(seed))
    assert abs(base + amounts.sum() - output) < 1e-9
    assert abs(output - crooked(row(x, 7))[0]) < 1e-9
    assert abs(base - crooked(x).mean()) < 1e-9


def test_of_a_linear_model_they_are_exact_whatever_the_orders():
    """The Shapley value of a linear model: weight x (value - mean of the background)."""
    x = table(40)
    _, amounts, _ = contributions(linear, (*SPECS, CATEGORY), row(x, 3), x, np.random.default_rng(1))
    exact = [
        w * float(x[s.input][3, 0] - x[s.input].mean(dtype=float)) for w, s in zip((2, -1, 0.5, 0), SPECS, strict=True)
    ]
    assert np.allclose(amounts, [*exact, 0.0], atol=1e-6)


def test_an_interaction_is_shared_evenly():
    """f = ab with a background of one row (0, 0): both did the same, so each gets half of it."""
    x = {"c0": np.float32([[2.0]]), "c1": np.float32([[3.0]])}
    nothing = {name: np.zeros((1, 1), np.float32) for name in x}
    base, amounts, output = contributions(
        lambda x: (x["c0"] * x["c1"])[:, 0].astype(float), SPECS[:2], x, nothing, np.random.default_rng(0)
    )
    assert (base, output, amounts.tolist()) == (0.0, 6.0, [3.0, 3.0])


def test_many_inputs_are_walked_in_batches_with_the_same_result(monkeypatch):
    x = table(20)
    whole = contributions(crooked, (*SPECS, CATEGORY), row(x, 0), x, np.random.default_rng(2))
    monkeypatch.setattr("app.training.explaining.contributions.BATCH_CELLS", 60)
    parts = contributions(crooked, (*SPECS, CATEGORY), row(x, 0), x, np.random.default_rng(2))
    assert np.allclose(whole[1], parts[1]) and whole[0] == parts[0]


def test_the_background_shrinks_with_many_inputs():
    assert background_size(10, 1000) == 100
    assert background_size(10, 30) == 30
    assert 10 <= background_size(1000, 1000) < 25


def test_partial_dependence_of_a_linear_model_is_its_line():
    x = table(500)
    found = dependence(linear, SPECS[0], x, "", np.random.default_rng(0))
    steps = np.diff(found.mean) / np.diff(found.at)
    assert np.allclose(steps, 2.0, atol=1e-4)
    assert found.at[0] >= np.quantile(x["c0"], 0.009) and found.at[-1] <= np.quantile(x["c0"], 0.991)
    assert len(found.spread) == 9 and all(len(line) == len(found.at) for line in found.lines)


def test_single_lines_show_what_the_mean_hides():
    """Half of the rows go up and half go down: the mean is flat, the lines are not."""
    x = table(400, 3)
    found = dependence(crooked, SPECS[2], x, "yes", np.random.default_rng(0))
    assert np.ptp(found.mean) < 0.3 * max(np.ptp(line) for line in found.lines)
    assert {np.sign(line[-1] - line[0]) for line in found.lines} == {1.0, -1.0}


def test_categories_are_named_and_texts_have_no_effect():
    x = table(100)
    found = dependence(crooked, CATEGORY, x, "", np.random.default_rng(0))
    assert set(found.labels) == {"a", "b"} and found.at == (0.0, 1.0)
    text = InputSpec("words", ColumnType.TEXT, "k", 0)
    assert dependence(crooked, text, x, "", np.random.default_rng(0)) is None


def test_gower_is_the_mean_of_the_columns_distances():
    x = {"c0": np.float32([[0], [3], [np.nan]]), "k": np.array([["a"], ["b"], ["a"]], dtype=object)}
    one = {"c0": np.float32([[0]]), "k": np.array([["a"]], dtype=object)}
    assert gower((SPECS[0], CATEGORY), one, x).tolist() == [0.0, (0.5 + 1) / 2, 0.5]
    missing = one | {"c0": np.float32([[np.nan]])}
    assert gower((SPECS[0], CATEGORY), missing, x).tolist() == [0.5, 1.0, 0.0]
