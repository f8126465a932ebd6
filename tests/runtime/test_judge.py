"""A rule means the same for a column of a data version and for one row of a request."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta, timezone

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

from app.runtime.contract import Field
from app.runtime.judge import RowJudge, broken_mask, cells_of, days_of
from app.runtime.rules import OPERATORS, Rule

FIELDS = tuple(
    Field(name, type_, "input")
    for name, type_ in (
        ("age", "integer"), ("income", "number"), ("member", "boolean"), ("city", "category"), ("note", "text"),
        ("start", "datetime"), ("end", "datetime"), ("town", "category"), ("debt", "number"),
    )
)  # fmt: skip
NAMES = tuple(f.name for f in FIELDS)
WORDS = st.sampled_from(["Köln", "Łódź", "", "a:b", "東京"])
ZONES = st.sampled_from([None, UTC, timezone(timedelta(hours=5, minutes=30))])
MOMENTS = st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=ZONES).map(datetime.isoformat)
NEAR = st.sampled_from([0.1, 0.1 + 2**-40, -0.0, 0, 1, 2**53, 2**53 + 1, 1e300, 18, 17.999999999999996])
NUMBERS = NEAR | st.floats(-1e308, 1e308) | st.integers(-(2**60), 2**60)
WHOLE = st.sampled_from([2**53, 2**53 + 1, 18, 18.0]) | st.integers(-(2**70), 2**70)
VALUES = {"integer": WHOLE, "number": NUMBERS, "boolean": st.booleans(),
          "category": WORDS, "text": WORDS, "datetime": MOMENTS}  # fmt: skip
ROWS = st.lists(st.tuples(*(st.none() | VALUES[f.type] for f in FIELDS)), max_size=40)
BOUNDS = st.none() | NEAR.map(float) | st.floats(-1e6, 1e6)


PAIRS = (("start", "end"), ("age", "income"), ("debt", "income"), ("city", "town"), ("age", "member"), ("age", "city"))


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    kind, column = draw(st.sampled_from(["range", "categories", "missing", "relation"])), draw(st.sampled_from(NAMES))
    if kind == "relation":
        column, other = draw(st.sampled_from(PAIRS))
        return Rule(kind, column, operator=draw(st.sampled_from(OPERATORS)), other=other)
    return Rule(
        kind, column, draw(BOUNDS), draw(st.just(0.0) if kind == "missing" else BOUNDS),
        tuple(draw(st.lists(WORDS, max_size=3))), draw(st.sampled_from(OPERATORS)), draw(st.sampled_from(NAMES)),
    )  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.lists(rules(), max_size=8), ROWS)
def test_columns_and_single_rows_are_judged_alike(asked: list[Rule], rows: list[tuple[object, ...]]) -> None:
    judge = RowJudge(asked, FIELDS)
    one_by_one: dict[int, list[str]] = {}
    by_column: dict[int, list[str]] = {}
    judge.judge_each(rows, one_by_one)
    judge.judge_columns(rows, by_column)
    assert {k: sorted(v) for k, v in one_by_one.items()} == {k: sorted(v) for k, v in by_column.items()}


@settings(max_examples=200, deadline=None)
@given(st.lists(st.none() | st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1)), max_size=20))
def test_a_stored_date_counts_as_the_same_days_as_its_text(moments: list[datetime | None]) -> None:
    stored = np.array([np.datetime64("NaT") if m is None else np.datetime64(m) for m in moments], "datetime64[us]")
    texts = cells_of([None if m is None else m.isoformat() for m in moments], "datetime")
    assert np.array_equal(days_of(stored), texts, equal_nan=True)


def codes(rule: Rule, **values: object) -> list[str]:
    found: dict[int, list[str]] = {}
    RowJudge([rule], FIELDS).judge([tuple(values.get(name) for name in NAMES)], found)
    return found.get(0, [])


@pytest.mark.parametrize(
    ("rule", "kept", "broken"),
    [
        (Rule("range", "age", 0, 99), {"age": 99}, {"age": 100}),
        (Rule("range", "age", 0), {"age": 10**30}, {"age": -1}),
        (Rule("range", "start", 18262.0), {"start": "2020-01-01"}, {"start": "2019-12-31T23:59:59.999999"}),
        (Rule("range", "end", None, 18262.0), {"end": "2020-01-01T05:30:00+05:30"}, {"end": "2020-01-01T00:00:01"}),
        (Rule("range", "age", None, 2.0**53), {"age": 2**53 + 1}, {"age": 2**53 + 2}),
        (Rule("relation", "age", operator="<=", other="debt"),
         {"age": 2**53 + 1, "debt": 2**53}, {"age": 2, "debt": 1}),
        (Rule("relation", "start", operator="=", other="end"),
         {"start": "2020-01-01T05:30:00+05:30", "end": "2020-01-01"}, {"start": "2020-01-01", "end": "2020-01-02"}),
        (Rule("categories", "city", values=("Köln",)), {"city": "Köln"}, {"city": "köln"}),
        (Rule("missing", "city", maximum=0.0), {"city": ""}, {"city": None}),
        (Rule("relation", "start", operator="<=", other="end"), {"start": "2020-01-01", "end": "2020-01-01"},
         {"start": "2020-01-02", "end": "2020-01-01"}),
        (Rule("relation", "city", operator="!=", other="town"), {"city": "a", "town": "b"}, {"city": "a", "town": "a"}),
        (Rule("relation", "debt", operator="<", other="income"), {"debt": 1}, {"debt": 1, "income": 1.0}),
    ],
)  # fmt: skip
def test_a_row_breaks_a_rule_or_keeps_it(rule: Rule, kept: dict[str, object], broken: dict[str, object]) -> None:
    assert codes(rule, **kept) == []
    assert codes(rule, **broken) == [rule.code]


@pytest.mark.parametrize(
    "rule",
    [
        Rule("range", "age", 0, 9, on=False),
        Rule("range", "city", 0, 9),
        Rule("range", "gone", 0, 9),
        Rule("categories", "age", values=("1",)),
        Rule("missing", "debt", maximum=0.5),
        Rule("unique", "age"),
        Rule("rows", maximum=0),
        Rule("type", "age", values=("text",)),
        Rule("relation", "age", operator="<", other="city"),
        Rule("relation", "city", operator="<", other="town"),
        Rule("relation", "age", operator="<", other="gone"),
    ],
)
def test_what_a_single_row_cannot_break_is_not_judged(rule: Rule) -> None:
    assert codes(rule, age=100, city="x", town="y") == []


def test_a_missing_value_is_in_every_range() -> None:
    cells = np.array([math.nan, 5.0])
    assert broken_mask(Rule("range", "age", 0, 1), {"age": cells}).tolist() == [False, True]
