"""What is typed into a contract's table becomes a rule, or is refused in words."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import BadInput
from app.runtime.rules import Rule
from app.ui.contract.contract_draft import Draft, kinds_for, least_text, most_text, new_rule, with_least, with_most

TYPES = {"age": "integer", "fee": "number", "plan": "category", "start": "datetime", "end": "datetime"}
AGE, PLAN = Rule("range", "age", 0, 99), Rule("categories", "plan", values=("basic", "plus"))

SAME = Rule("relation", "start", operator="=", other="end")


@pytest.mark.parametrize(
    ("rule", "text", "made"),
    [
        (AGE, "120", replace(AGE, maximum=120.0)),
        (AGE, "1,200.5", replace(AGE, maximum=1200.5)),
        (AGE, "  ", replace(AGE, maximum=None)),
        (Rule("range", "start"), "2020-01-01", Rule("range", "start", maximum=18262.0)),
        (Rule("range", "start"), "2020-01-01 12:00", Rule("range", "start", maximum=18262.5)),
        (Rule("missing", "age", maximum=0.0), "2.5", Rule("missing", "age", maximum=0.025)),
        (Rule("missing", "age", maximum=0.5), "none", Rule("missing", "age", maximum=0.0)),
        (PLAN, 'a, "b, c",a', replace(PLAN, values=("a", "b, c"))),
        (SAME, "<= end", replace(SAME, operator="<=")),
        (Rule("type", "age", values=("number",)), "Whole number", Rule("type", "age", values=("integer",))),
    ],
)  # fmt: skip
def test_what_is_typed_is_understood(rule: Rule, text: str, made: Rule) -> None:
    assert with_most(rule, text, TYPES) == made


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (AGE, "old"),
        (Rule("range", "start"), "soon"),
        (Rule("missing", "age", maximum=0.0), "120"),
        (Rule("missing", "age", maximum=0.0), "few"),
        (PLAN, " , "),
        (Rule("relation", "start", operator="=", other="end"), "<= fee"),
        (Rule("relation", "start", operator="=", other="end"), "before end"),
        (Rule("type", "age", values=("number",)), "colour"),
    ],
)
def test_nonsense_is_refused_with_a_hint(rule: Rule, text: str) -> None:
    with pytest.raises(BadInput) as refused:
        with_most(rule, text, TYPES)
    assert refused.value.hint


@given(st.lists(st.text("abc, \"'é", min_size=1).filter(lambda v: v == v.strip()), min_size=1, max_size=5, unique=True))
def test_categories_are_shown_as_they_can_be_typed_again(values: list[str]) -> None:
    rule = replace(PLAN, values=tuple(values))
    assert with_most(rule, most_text(rule, TYPES), TYPES) == rule


@given(st.floats(-1e6, 1e6).map(lambda v: round(v, 4)), st.integers(-20_000, 60_000))
def test_bounds_are_shown_as_they_can_be_typed_again(number: float, days: int) -> None:
    for rule in (Rule("range", "fee", number), Rule("range", "start", float(days))):
        assert with_least(rule, least_text(rule, TYPES), TYPES) == rule


def test_every_change_can_be_taken_back_and_names_itself_as_the_reason() -> None:
    draft = Draft([AGE, PLAN])
    assert not draft.is_changed
    draft.change(0, replace(AGE, maximum=120.0), TYPES)
    draft.remove([1], TYPES)
    assert draft.rules == (replace(AGE, maximum=120.0),)
    assert draft.reason() == "age from 0 to 120; without plan one of basic, plus"
    draft.undo()
    draft.undo()
    draft.undo()
    assert draft.rules == (AGE, PLAN)
    assert (draft.is_changed, draft.undo_effect) == (False, "")


def test_a_rule_is_added_beside_those_of_its_column() -> None:
    draft = Draft([AGE, PLAN])
    assert draft.add(new_rule("missing", "age", TYPES), TYPES) == 1
    assert [r.kind for r in draft.rules] == ["range", "missing", "categories"]


def test_only_rules_that_mean_something_are_offered() -> None:
    assert kinds_for("category") == ["type", "categories", "missing", "unique", "relation"]
    assert kinds_for("integer") == ["type", "range", "missing", "unique", "relation"]
    assert new_rule("relation", "start", TYPES) == Rule("relation", "start", operator="<=", other="end")
    with pytest.raises(BadInput, match="compares"):
        new_rule("relation", "plan", TYPES)
