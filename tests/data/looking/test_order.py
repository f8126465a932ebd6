"""A filter and a sort give the rows that pandas would give, in any size and with every digit."""

from __future__ import annotations

import pandas as pd
import pytest

from app.core.progress import Silent
from app.data.frame import frame
from app.data.intake import add
from app.data.looking import order as orders
from app.data.looking.order import Wanted, order
from app.data.looking.row_filter import parse
from app.data.looking.rows import page, page_of
from app.errors import BadInput
from app.registry.project import Project

LINES = ["age,plan name,joined,fee,happy,id"]
for n in range(300):
    age = "" if n % 11 == 0 else str(20 + n * 7 % 50)
    plan = "" if n % 13 == 0 else ("basic", "Plus and more", "pro")[n % 3]
    day = f"2024-01-{n % 28 + 1:02}"
    LINES.append(f"{age},{plan},{day},{n * 1.5 - 100},{'yes' if n % 4 else 'no'},{900719925474099100 + n}")


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    with Project.create(tmp_path_factory.mktemp("order") / "project", actor="Ada") as made:
        yield made


@pytest.fixture(scope="module")
def table(project, tmp_path_factory):
    from app.core.data import ColumnEdit, ColumnType
    from app.data.edit import edit_columns

    file = tmp_path_factory.mktemp("csv") / "table.csv"
    file.write_text("\n".join(LINES) + "\n")
    reading = add(project, file, ctx=Silent()).reading
    reading = edit_columns(project, reading.id, [ColumnEdit("happy", ColumnType.BOOLEAN)], ctx=Silent())
    return reading, frame(project, "table")


def shown(project, reading, text="", sort=None, descending=False):
    found = order(project, reading, 300, Wanted(text, sort, descending), Silent())
    return list(found.numbers(0, 300))


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("age > 40", lambda t: t["age"] > 40),
        ("AGE<=27", lambda t: t["age"] <= 27),
        ("age != 41", lambda t: t["age"].notna() & (t["age"] != 41)),
        ("fee = -97", lambda t: t["fee"] == -97),
        ("fee > 1e2 and age < 30", lambda t: (t["fee"] > 100) & (t["age"] < 30)),
        ("plan name = basic", lambda t: t["plan name"] == "basic"),
        ('plan name = "Plus and more" and happy = yes', lambda t: (t["plan name"] == "Plus and more") & t["happy"]),
        ("plan name = 'Plus and more' and happy = 'yes'", lambda t: (t["plan name"] == "Plus and more") & t["happy"]),
        ("plan name contains PLUS", lambda t: t["plan name"].astype("string").str.contains("Plus").fillna(False)),
        ("missing(age)", lambda t: t["age"].isna()),
        ("not missing(plan name); age is missing", lambda t: t["plan name"].notna() & t["age"].isna()),
        ("happy = no", lambda t: ~t["happy"]),
        ("joined = 2024-01-05", lambda t: t["joined"] == "2024-01-05"),
        ("joined > 2024-01-27", lambda t: t["joined"] >= "2024-01-28"),
        ("id = 900719925474099123", lambda t: pd.Series(range(300)) == 23),
        ("rows 17, 240-242", lambda t: pd.Series(range(300)).isin([16, 239, 240, 241])),
        ('"plus and"', lambda t: t["plan name"] == "Plus and more"),
    ],
)
def test_a_filter_leaves_the_rows_that_pandas_would(project, table, text, rule):
    reading, frame_ = table
    wanted = rule(frame_).fillna(False).astype(bool)
    assert shown(project, reading, text) == list(frame_.index[wanted])
    assert 0 < wanted.sum() < 300


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("column", ["age", "fee", "joined", "happy", "id"])
def test_sorting_is_stable_with_missing_values_last(project, table, column, descending):
    reading, frame_ = table
    wanted = frame_.sort_values(column, ascending=not descending, kind="stable", na_position="last")
    assert shown(project, reading, sort=column, descending=descending) == list(wanted.index)


def test_texts_are_sorted_without_regard_to_their_case(data_project, drop):
    reading = drop("w,x\nb,1\nA,2\na,3\nC,4\n").reading
    assert shown(data_project, reading, sort="w") == [1, 2, 0, 3]


def test_a_child_finds_the_same_order(project, table, monkeypatch):
    reading, _ = table
    here = shown(project, reading, "age > 30", "fee", descending=True)
    monkeypatch.setattr(orders, "SMALL_ROWS", 0)
    assert shown(project, reading, "age > 30", "fee", descending=True) == here


def test_rows_are_fetched_by_their_numbers_in_the_order_asked_for(project, table):
    reading, _ = table
    every = page(project, reading, 0, 300).rows
    assert page_of(project, reading, [250, 3, 90]).rows == (every[250], every[3], every[90])
    assert page_of(project, reading, []).rows == ()
    assert every[23][5] == "900719925474099123"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("agee > 4", "There is no column agee."),
        ("age > x", "age is a whole number; 'x' is not."),
        ("age >", "A value is missing after age >."),
        ("missing(agee)", "There is no column agee."),
        ("happy = maybe", "happy is yes or no; 'maybe' is neither."),
        ("joined > soon", "joined is a date; 'soon' is not written as one."),
        ("plan name = a or plan name = b", "Conditions can be joined by 'and' only, not by 'or'."),
        ("age > nan", "age is a whole number; 'nan' is not."),
    ],
)
def test_a_mistake_is_named(table, text, message):
    reading, _ = table
    with pytest.raises(BadInput) as caught:
        parse(text, reading.columns)
    assert caught.value.message == message


def test_an_apostrophe_inside_a_word_is_no_quote(data_project, drop):
    reading = drop("name,x\nO'Brien,1\nD'Arc,2\nSmith or Sons,3\n").reading
    assert shown(data_project, reading, "name = O'Brien and x = 1") == [0]
    assert shown(data_project, reading, "name contains D'A") == [1]
    assert shown(data_project, reading, "name = Smith or Sons") == [2]


def test_what_is_typed_never_runs_as_code(project, table):
    reading, _ = table
    for text in ("plan name = x' OR '1'='1", "x'); DROP TABLE t --", 'plan name contains "%"', "rows 1) OR (1"):
        assert shown(project, reading, text) == []
