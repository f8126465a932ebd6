"""Tables are judged batch after batch as in one piece, and the offending rows are the right ones."""

from __future__ import annotations

import math

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

from app.core.contracts import Broken, Why
from app.data.contracts.tally import TableJudge
from app.runtime.contract import Field
from app.runtime.judge import RowJudge
from app.runtime.rules import Rule

TYPES = {"id": "text", "age": "integer", "income": "number", "start": "datetime", "end": "datetime", "city": "category"}


def objects(*values: object) -> np.ndarray:
    return np.array([*values, None], dtype=object)[:-1]


def judged(rule: Rule, batches: list[dict[str, np.ndarray]], types: dict[str, str] = TYPES) -> Broken | None:
    judge = TableJudge([rule], types)
    for batch in batches:
        judge.take(batch, len(next(iter(batch.values()))))
    return next(iter(judge.broken()), None)


def rows_of(rule: Rule, *batches: dict[str, np.ndarray], types: dict[str, str] = TYPES) -> tuple[int, ...] | None:
    broken = judged(rule, list(batches), types)
    return None if broken is None else broken.rows


def test_rows_are_numbered_over_all_batches() -> None:
    ages = np.array([20.0, 120.0, math.nan, 30.0, 121.0, -1.0])
    broken = judged(Rule("range", "age", 0, 99), [{"age": ages[:4]}, {"age": ages[4:]}])
    assert broken == Broken(0, 3, (2, 5, 6), 6, above=2)


def test_only_the_first_twenty_rows_are_named_and_all_are_counted() -> None:
    broken = judged(Rule("range", "age", maximum=0), [{"age": np.ones(15)}, {"age": np.ones(15)}])
    assert broken is not None
    assert (broken.count, broken.rows) == (30, tuple(range(1, 21)))


@pytest.mark.parametrize(("allowed", "kept"), [(0.0, False), (0.29, True), (0.28, False), (1.0, True)])
def test_a_share_may_be_missing(allowed: float, kept: bool) -> None:
    cells = np.array([math.nan] * 29 + [1.0] * 71)
    broken = judged(Rule("missing", "income", maximum=allowed), [{"income": cells}])
    assert (broken is None) == kept
    if broken is not None:
        assert (broken.count, broken.of) == (29, 100)


def test_a_value_that_was_there_before_offends_whatever_batch_it_was_in() -> None:
    rule = Rule("unique", "id")
    assert rows_of(rule, {"id": objects("a", None, "b")}, {"id": objects(None, "a", "c", "b")}) == (5, 7)
    assert rows_of(rule, {"id": objects("a", "b")}, {"id": objects("A", None, None)}) is None


def test_one_zero_is_the_other() -> None:
    assert rows_of(Rule("unique", "age"), {"age": np.array([0.0, 1.0, -0.0, math.nan, math.nan])}) == (3,)


@pytest.mark.parametrize(
    ("rows", "kept"),
    [(Rule("rows", minimum=4), True), (Rule("rows", minimum=5), False), (Rule("rows", maximum=3), False)],
)
def test_rows_are_counted_without_looking_at_a_column(rows: Rule, kept: bool) -> None:
    judge = TableJudge([rows], TYPES)
    assert judge.columns == ()
    judge.take({}, 4)
    assert (judge.broken() == ()) == kept


def test_dates_are_compared_as_dates() -> None:
    start = np.array(["2020-01-01", "2020-01-03", "NaT"], "datetime64[us]")
    end = np.array(["2020-01-02", "2020-01-02", "2020-01-02"], "datetime64[us]")
    assert rows_of(Rule("relation", "start", operator="<=", other="end"), {"start": start, "end": end}) == (2,)
    assert rows_of(Rule("range", "start", 18262, 18263), {"start": start}) == (2,)


@pytest.mark.parametrize(
    ("wanted", "type_", "cells", "rows"),
    [
        ("integer", "text", objects("1", "x", " 3 ", None, "4.5"), (2, 5)),
        ("number", "text", objects("1", "1e3", "1,5"), (3,)),
        ("datetime", "text", objects("2020-01-01", "soon"), (2,)),
        ("boolean", "text", objects("yes", "maybe"), (2,)),
        ("number", "text", objects("1", "2"), ()),
        ("integer", "number", np.array([1.0, 2.5, math.nan]), (2,)),
        ("integer", "number", np.array([1.0, 2.0]), None),
        ("number", "integer", np.array([1.0]), None),
        ("category", "text", objects("a"), None),
        ("category", "integer", np.array([1.0, math.nan, 2.0]), (1, 3)),
        ("integer", "text", objects(None, None), None),
    ],
)
def test_the_cells_that_made_another_type_of_a_column_are_named(
    wanted: str, type_: str, cells: np.ndarray, rows: tuple[int, ...] | None
) -> None:
    assert rows_of(Rule("type", "age", values=(wanted,)), {"age": cells}, types={"age": type_}) == rows


def test_a_rule_that_means_nothing_any_more_is_broken_and_says_why() -> None:
    table = {"age": objects("a")}
    gone = judged(Rule("range", "weight", 0, 9), [table], {"age": "text"})
    other = judged(Rule("range", "age", 0, 9), [table], {"age": "text"})
    assert gone is not None and gone.why is Why.NO_COLUMN
    assert other is not None and other.why is Why.OTHER_TYPE


def test_a_rule_that_is_off_is_not_judged_and_its_column_not_read() -> None:
    judge = TableJudge([Rule("range", "age", 0, 1, on=False), Rule("missing", "city")], TYPES)
    assert judge.columns == ("city",)
    judge.take({"city": objects(None)}, 1)
    assert [b.rule for b in judge.broken()] == [1]


FIELDS = (Field("age", "integer", "input"), Field("city", "category", "input"), Field("income", "number", "input"))
ROWS = st.lists(
    st.tuples(
        st.none() | st.integers(-5, 5), st.none() | st.sampled_from("abc"), st.none() | st.floats(-5, 5, width=32)
    ),
    max_size=60,
)
RULES = (
    Rule("range", "age", -2, 2), Rule("categories", "city", values=("a", "b")), Rule("missing", "city", maximum=0.0),
    Rule("relation", "age", operator="<=", other="income"), Rule("relation", "age", operator="!=", other="income"),
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(ROWS, st.integers(1, 20))
def test_a_data_version_and_its_rows_as_requests_break_the_same_rules(rows: list[tuple], size: int) -> None:
    """The one contract: stored in columns and judged in batches, or sent row by row."""
    table = TableJudge(RULES, {f.name: f.type for f in FIELDS})
    for first in range(0, len(rows), size):
        part = rows[first : first + size]
        age, city, income = ([row[i] for row in part] for i in range(3))
        floats = [np.array([math.nan if v is None else v for v in c], np.float64) for c in (age, income)]
        table.take({"age": floats[0], "city": objects(*city), "income": floats[1]}, len(part))
    found: dict[int, list[str]] = {}
    RowJudge(RULES, FIELDS).judge_each(rows, found)
    asked = {rule.code: sum(rule.code in codes for codes in found.values()) for rule in RULES}
    counted = {RULES[b.rule].code: b.count for b in table.broken()}
    assert counted == {code: count for code, count in asked.items() if count}
