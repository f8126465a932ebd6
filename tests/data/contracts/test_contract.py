"""A contract is suggested, kept, broken and changed; each version is judged by it."""

from __future__ import annotations

import csv
import io
import random
from dataclasses import replace
from datetime import date, timedelta

import pytest

from app.core.contract_words import broken_words, rule_words
from app.core.data import ColumnEdit, ColumnType, Outcome, Use
from app.core.decisions import Decision
from app.core.progress import Silent
from app.data.contracts.contract import change, check, judge, settle, suggest, types_of
from app.data.contracts.contract_findings import CONTRACT_BROKEN
from app.data.edit import edit_columns
from app.errors import BadInput, NotFound
from app.registry import audit, contracts, datasets, decisions
from app.runtime.rules import Rule

HEADER = ["customer", "age", "fee", "plan", "start", "end", "left"]


def table(rows: int = 200, *, first: int = 0, seed: int = 1) -> list[list[object]]:
    """Customers that keep every promise: ids once, ages 18 to 85, fees now and then missing, start before end."""
    chance = random.Random(seed)
    made: list[list[object]] = []
    for i in range(rows):
        start = date(2023, 1, 1) + timedelta(days=chance.randrange(500))
        made.append([
            f"C{first + i:06d}", 18 + i % 68, "" if i % 50 == 7 else round(chance.uniform(5, 80), 2), "abc"[i % 3],
            start, start + timedelta(days=chance.randrange(400)), chance.choice(["yes", "no"]),
        ])  # fmt: skip
    return made


def text(rows: list[list[object]]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows([HEADER, *rows])
    return out.getvalue()


@pytest.fixture
def churn(drop):
    return drop(text(table()), "churn.csv")


@pytest.fixture
def suggested(data_project, churn):
    return suggest(data_project, churn.dataset.id, Silent())


@pytest.fixture
def agreed(data_project, churn, suggested):
    return change(data_project, churn.dataset.id, suggested, "What version 1 keeps", Silent()).contract


def of(rules, kind, column=None):
    return next((r for r in rules if r.kind == kind and r.column == column), None)


def test_what_version_1_keeps_is_suggested(suggested) -> None:
    assert of(suggested, "type", "age").values == ("integer",)
    assert (of(suggested, "range", "age").minimum, of(suggested, "range", "age").maximum) == (0.0, 119.0)
    assert of(suggested, "missing", "age").maximum == 0.0
    assert 0.02 < of(suggested, "missing", "fee").maximum < 0.1
    assert of(suggested, "categories", "plan").values == ("a", "b", "c")
    assert of(suggested, "unique", "customer") is not None
    assert of(suggested, "relation", "start") == Rule("relation", "start", operator="<=", other="end")
    assert of(suggested, "rows") == Rule("rows", minimum=100.0, on=False)
    assert of(suggested, "range", "customer") is None


def test_the_suggestion_is_kept_by_what_it_was_made_of(data_project, churn, suggested) -> None:
    assert judge(data_project, churn.reading, suggested, Silent()).broken == ()


def test_of_a_column_with_an_open_question_nothing_is_suggested(data_project, drop) -> None:
    rows = "".join(f"{'oops' if n == 7 else n},{'ab'[n % 2]}\n" for n in range(200))
    rules = suggest(data_project, drop(f"total,plan\n{rows}").dataset.id, Silent())
    assert {rule.column for rule in rules} == {"plan", None}


def test_nothing_is_enforced_until_a_person_says_so(data_project, churn, suggested, drop) -> None:
    bad = table(first=1000)
    bad[4][1] = 400
    assert contracts.contract_of(data_project, churn.dataset.id) is None
    added = drop(text(bad), "churn2.csv")
    assert added.dataset == churn.dataset
    assert CONTRACT_BROKEN not in added.codes


def test_accidental_neighbours_are_no_relation(data_project, drop) -> None:
    chance = random.Random(4)
    rows = [(chance.uniform(0, 100), chance.uniform(90, 190), chance.uniform(300, 400)) for _ in range(60)]
    added = drop("a,b,c\n" + "".join(f"{a},{min(99, a)},{c}\n" for a, _, c in rows), "pairs.csv")
    found = [r for r in suggest(data_project, added.dataset.id, Silent()) if r.kind == "relation"]
    assert [(r.column, r.operator, r.other) for r in found] == [("b", "<=", "a")]


def test_a_new_version_is_judged_and_the_offending_rows_are_told(data_project, agreed, drop) -> None:
    bad = table(300, first=1000, seed=2)
    for row in (17, 240, 299):
        bad[row - 1][1] = 120 + row
    bad[8][3] = "gold"
    bad[9][4], bad[9][5] = bad[9][5] + timedelta(days=1), bad[9][4]
    bad[20][0] = bad[3][0]
    added = drop(text(bad), "churn2.csv")
    assert added.outcome is Outcome.WARN
    broken = {(f.column, f.message): f for f in added.findings if f.code == CONTRACT_BROKEN}
    assert [message for _, message in broken] == [
        "customer: 1 row repeats an earlier value: row 21.",
        "age: 3 rows are above 119: rows 17, 240 and 299.",
        "plan: 1 row is none of the allowed values (gold): row 9.",
        "start: 1 row is above end: row 10.",
    ]
    ages = next(f for f in broken.values() if f.column == "age")
    assert (ages.rows, ages.cells, ages.blocks_training) == ((17, 240, 299), ("137", "360", "419"), True)
    plans = next(f for f in broken.values() if f.column == "plan")
    assert (plans.cells, plans.blocks_training) == (("gold",), False)
    assert datasets.current_reading(data_project, added.version.id).findings == added.reading.findings


def test_a_column_that_became_text_is_said_once_with_the_cells_to_blame(agreed, drop) -> None:
    bad = table(first=1000)
    bad[2][1], bad[7][1] = "old", "young"
    found = [f for f in drop(text(bad), "churn2.csv").findings if f.code == CONTRACT_BROKEN and f.column == "age"]
    assert [f.message for f in found] == [
        "age: the type is category, not whole number; 2 rows are to blame: rows 3 and 8."
    ]
    assert found[0].cells == ("old", "young")


def test_a_type_that_a_person_changes_is_judged_too(data_project, churn, agreed) -> None:
    edits = [ColumnEdit("age", type=ColumnType.TEXT)]
    after = edit_columns(data_project, churn.reading.id, edits, ctx=Silent())
    assert [f.column for f in after.findings if f.code == CONTRACT_BROKEN] == ["age"]


def test_changing_the_contract_judges_the_newest_version_anew(data_project, churn, agreed) -> None:
    tight = [replace(r, maximum=50.0) if (r.kind, r.column) == ("range", "age") else r for r in agreed.rules]
    changed = change(data_project, churn.dataset.id, tight, "No pensioners", Silent())
    assert changed.contract.number == 2
    assert [tight[b.rule].column for b in changed.judgement.broken] == ["age"]
    assert [f.column for f in changed.reading.findings if f.code == CONTRACT_BROKEN] == ["age"]
    assert changed.reading.table_sha256 == churn.reading.table_sha256
    back = change(data_project, churn.dataset.id, agreed.rules, "After all", Silent())
    assert back.contract.number == 3
    assert [f for f in back.reading.findings if f.code == CONTRACT_BROKEN] == []
    assert [c.number for c in contracts.contracts(data_project, churn.dataset.id)] == [3, 2, 1]
    told = audit.entries(data_project, text="", verb="contract.change")
    assert len(told) == 3


def test_a_contract_that_finds_nothing_new_makes_no_reading(data_project, churn, agreed) -> None:
    assert datasets.readings(data_project, churn.version.id) == [churn.reading]


def test_a_reading_of_before_the_contract_is_settled(data_project, churn, suggested) -> None:
    rule = Rule("range", "age", 0, 20)
    change(data_project, churn.dataset.id, [rule], "Children only", Silent())
    datasets.select_reading(data_project, churn.reading.id)
    settled = settle(data_project, churn.reading, Silent())
    assert [f.column for f in settled.findings if f.code == CONTRACT_BROKEN] == ["age"]
    assert settle(data_project, settled, Silent()) == settled


def test_an_older_version_is_judged_by_the_contract_of_today_before_it_is_trained_on(
    data_project, churn, agreed, drop
) -> None:
    drop(text(table(first=1000)), "churn2.csv")
    change(data_project, churn.dataset.id, [Rule("range", "age", 0, 50)], "Only the young", Silent())
    before = datasets.current_reading(data_project, churn.version.id)
    assert not [f for f in before.findings if f.code == CONTRACT_BROKEN]
    assert [f.column for f in settle(data_project, before, Silent()).findings if f.blocks_training] == ["age"]


def test_check_is_ok_until_a_rule_that_blocks_is_broken_and_again_when_it_is_waived(data_project, agreed, drop) -> None:
    assert check(data_project, "churn", Silent()).ok
    bad = table(first=1000)
    bad[3][3] = "gold"
    drop(text(bad), "churn2.csv")
    only_said = check(data_project, "churn", Silent())
    assert only_said.ok and only_said.judgement.broken
    bad[5][1] = 400
    third = drop(text(bad), "churn3.csv")
    assert not check(data_project, "churn", Silent()).ok
    assert check(data_project, "churn@1", Silent()).ok
    decisions.decide(data_project, third.version.id, CONTRACT_BROKEN, "age", Decision.WAIVE, "A turtle")
    assert check(data_project, "churn", Silent()).ok


def test_without_a_contract_there_is_nothing_to_check_by(data_project, churn) -> None:
    with pytest.raises(NotFound, match="no contract yet"):
        check(data_project, "churn", Silent())


@pytest.mark.parametrize(
    "rule",
    [
        Rule("range", "weight", 0, 9),
        Rule("range", "age"),
        Rule("range", "age", 9, 0),
        Rule("range", "plan", 0, 9),
        Rule("categories", "plan"),
        Rule("missing", "age", maximum=1.5),
        Rule("relation", "age", operator="<", other="plan"),
        Rule("relation", "age", operator="~", other="fee"),
        Rule("rows"),
    ],
)
def test_a_rule_that_says_nothing_is_refused_and_nothing_recorded(data_project, churn, rule) -> None:
    with pytest.raises(BadInput):
        change(data_project, churn.dataset.id, [rule], "Why not", Silent())
    assert contracts.contract_of(data_project, churn.dataset.id) is None


def test_a_change_needs_a_reason(data_project, churn, suggested) -> None:
    with pytest.raises(BadInput, match="reason"):
        change(data_project, churn.dataset.id, suggested, "  ", Silent())


def test_a_new_use_keeps_what_the_contract_found(data_project, churn, agreed, drop) -> None:
    bad = table(first=1000)
    bad[5][1] = 400
    added = drop(text(bad), "churn2.csv")
    after = edit_columns(data_project, added.reading.id, [ColumnEdit("fee", use=Use.IGNORED)], ctx=Silent())
    assert [f.column for f in after.findings if f.code == CONTRACT_BROKEN] == ["age"]


def test_rules_are_told_in_words(churn) -> None:
    types = types_of(churn.reading)
    assert rule_words(Rule("range", "age", 0, 99), types) == "age: from 0 to 99"
    assert rule_words(Rule("range", "start", 18262.0), types) == "start: at least 2020-01-01"
    assert rule_words(Rule("missing", "fee", maximum=0.025), types) == "fee: at most 2.5 % missing"
    assert rule_words(Rule("relation", "start", operator="<=", other="end"), types) == "start: at most end"
    assert rule_words(Rule("rows", minimum=1000), types) == "at least 1,000 rows"


def test_a_range_is_told_by_the_side_that_is_broken(data_project, churn) -> None:
    def words(rule: Rule) -> str:
        (broken,) = judge(data_project, churn.reading, [rule], Silent()).broken
        return broken_words(rule, broken, types_of(churn.reading))

    assert words(Rule("range", "age", 19, 99)) == "age: 3 rows are below 19: rows 1, 69 and 137."
    assert words(Rule("range", "age", 19, 84)).startswith("age: 5 rows are not from 19 to 84: rows 1, 68, 69")
