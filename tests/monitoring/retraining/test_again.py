"""The champion's plan once more: a recipe that left columns out takes no more of them because the fit has more time."""

from dataclasses import replace

import pytest

from app.core.data import ColumnProfile, ColumnType
from app.core.runs import Candidate, CandidateState, InputSpec, Plan, Recipe, SplitRule, Task
from app.monitoring.retraining.again import other_values, recipe_orders, recipe_plan, search_plan

INPUTS = tuple(InputSpec(f"c{i}", ColumnType.NUMBER, f"c{i}", 0) for i in range(120))
RECIPE = Recipe(
    "boosting", "{}", INPUTS, "y", ColumnType.CATEGORY, Task.BINARY, ("no", "yes"), "yes", SplitRule(0, 0.2, 5, True),
    0, "", 10_000, 1_000,
)  # fmt: skip
NARROWED = replace(RECIPE, divided_by=tuple((f"c{i}", ColumnType.NUMBER) for i in range(1_000)))
PLAN = Plan("v", "r", "y", Task.BINARY, "roc_auc", "yes", seconds=8.0, search=True)
CHAMPION = Candidate("c", "r", "Boosted trees", "boosting", CandidateState.PASSED, False, 20.0)


@pytest.mark.parametrize(("recipe", "columns"), [(RECIPE, 0), (NARROWED, 120)])
def test_a_recipe_keeps_its_own_number_of_columns_in_a_longer_time(recipe, columns):
    made = recipe_plan(PLAN, CHAMPION, recipe, 2_000)
    assert (made.columns, made.search) == (columns, False)
    assert made.seconds == 6 * 20 * 2


def test_a_search_is_done_again_after_a_refit_that_searched_nothing():
    refit = recipe_plan(PLAN, CHAMPION, NARROWED, 2_000)
    assert search_plan(refit) == replace(PLAN, seconds=refit.seconds)
    assert not search_plan(replace(refit, task=Task.ANOMALY)).search


def test_a_recipe_is_fitted_beside_a_baseline_where_there_is_a_target():
    for recipe, query, families in (
        (RECIPE, False, ["dummy", "boosting"]),
        (RECIPE, True, ["dummy", "sql", "boosting"]),
        (replace(RECIPE, task=Task.ANOMALY, family="isolation"), False, ["isolation"]),
    ):
        assert [o.family for o in recipe_orders(CHAMPION, recipe, query=query)] == families


def test_values_that_ask_for_another_kind_of_answer_are_named():
    before = ColumnProfile("late", 0, 2, top=(("no", 90), ("yes", 10)))
    now = ColumnProfile("late", 0, 3, top=(("no", 95), ("yes", 12), ("Yes ", 1)))
    assert other_values(now, before) == '3 different values, 2 before; new: "Yes " (1 row)'
    many = ColumnProfile("late", 0, 900, top=(("1", 3), ("2", 2)))
    assert other_values(now, many) == "3 different values, 900 before"
