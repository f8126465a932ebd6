"""What the columns' uses bring about: thin classes, time, groups, equal rows; and when nothing is said."""

import pytest

from app.core.data import ColumnEdit, Use
from app.core.progress import Silent
from app.data.edit import edit_columns


def table(rows, *columns) -> str:
    """``columns``: (name, row -> cell)."""
    head = ",".join(name for name, _ in columns)
    return "\n".join([head, *(",".join(str(cell(i)) for _, cell in columns) for i in range(rows))]) + "\n"


def day(i: int) -> str:
    month, rest = divmod(i % 336, 28)
    return f"2025-{month + 1:02d}-{rest + 1:02d}"


def said(result, *codes):
    found = {f.code: f for f in result.findings}
    return [found[code] for code in codes if code in found]


LABEL = ("y", lambda i: "yes" if i * 7919 % 10 < 4 else "no")
NUMBER = ("x", lambda i: i * 7907 % 1009)


@pytest.mark.parametrize(
    ("classes", "blocks", "words"),
    [
        (lambda i: "b" if i in (3, 40) else "a", True, "'b' has 2 rows; at least 3 are needed"),
        (lambda i: "b" if i < 4 else "a", False, "Fewer than 5 folds"),
        (lambda i: {0: "lonely"}.get(i, "abc"[i % 3]), False, "A class with a single row is left out"),
    ],
)
def test_thin_classes_are_named_and_block_where_nothing_can_be_tested(drop, classes, blocks, words):
    (found,) = said(drop(table(80, NUMBER, ("y", classes)), target="y"), "CLASS_FEW_ROWS")
    assert words in found.message and found.blocks_training is blocks


def test_classes_of_five_rows_and_numbers_are_not_thin(drop):
    result = drop(table(80, NUMBER, ("y", lambda i: "b" if i < 5 else "a")), target="y")
    assert said(result, "CLASS_FEW_ROWS") == []
    assert said(drop(table(81, NUMBER, ("y", lambda i: i * 3.5)), target="y"), "CLASS_FEW_ROWS") == []


def test_a_date_cannot_be_predicted_and_says_so_when_it_is_added(drop):
    (found,) = said(drop(table(80, NUMBER, ("when", day)), target="when"), "TARGET_IS_DATE")
    assert found.blocks_training


def test_rows_in_the_order_of_a_date_suggest_a_split_by_time_until_it_is_used(drop, data_project):
    result = drop(table(300, NUMBER, ("seen", day), LABEL), target="y")
    (found,) = said(result, "TIME_SPLIT_SUGGESTED")
    assert found.column == "seen" and "in the order of seen" in found.message
    assert [(choice.value, choice.hint) for choice in found.choices] == [("time:seen", "from 17 September 2025 on")]
    used = edit_columns(data_project, result.reading.id, [ColumnEdit("seen", use=Use.TIME)], ctx=Silent())
    assert said(used, "TIME_SPLIT_SUGGESTED") == []
    (cut,) = said(used, "SPLIT_BY_TIME")
    assert cut.message == "The newest rows by seen are held out, from 17 September 2025 on."
    back = edit_columns(data_project, used.id, [ColumnEdit("seen", use=Use.INPUT)], ctx=Silent())
    assert said(back, "TIME_SPLIT_SUGGESTED") == [found]


def test_rows_without_a_target_take_no_part_in_where_a_time_cuts(drop):
    unknown = ("y", lambda i: "" if i >= 250 else LABEL[1](i))
    (found,) = said(drop(table(300, NUMBER, ("seen", day), unknown), target="y"), "TIME_SPLIT_SUGGESTED")
    assert found.choices[0].hint == "from 5 August 2025 on"  # row 200 of 250


def test_a_target_that_moves_with_a_date_suggests_it_too(drop):
    shuffled = ("seen", lambda i: day(i * 101 % 336))
    moves = ("y", lambda i: i * 101 % 336 + i % 13 + 0.5)
    (found,) = said(drop(table(300, NUMBER, shuffled, moves), target="y"), "TIME_SPLIT_SUGGESTED")
    assert "y moves with the date seen" in found.message


@pytest.mark.parametrize(
    ("name", "cell", "words"),
    [
        ("day", lambda i: day(i).replace("-", ""), "a day written as a number"),
        ("created_at", lambda i: 1_700_000_000 + 3600 * i, "a time in seconds since 1970"),
    ],
)
def test_numbers_that_are_moments_suggest_it_as_dates_do(drop, name, cell, words):
    (found,) = said(drop(table(300, NUMBER, (name, cell), LABEL), target="y"), "TIME_SPLIT_SUGGESTED")
    assert found.column == name and words in found.message


def test_numbers_that_only_look_like_moments_suggest_nothing(drop):
    friends = (
        ("order_id", lambda i: 1_700_000_000 + 3600 * i),
        ("house_number", lambda i: 20190101 + i),
        ("day", lambda i: 20190101 + i * 28),
        ("year_of_birth", lambda i: 1930 + i // 4),
        ("year", lambda i: 1930 + i // 4),
    )
    assert said(drop(table(300, NUMBER, *friends, LABEL), target="y"), "TIME_SPLIT_SUGGESTED") == []


@pytest.mark.parametrize("name", ["seen", "date_of_birth"])
def test_a_date_in_no_order_or_of_birth_suggests_nothing(drop, name):
    cells = (lambda i: day(i * 101 % 336)) if name == "seen" else day
    assert said(drop(table(300, NUMBER, (name, cells), LABEL), target="y"), "TIME_SPLIT_SUGGESTED") == []


@pytest.mark.parametrize("name", ["customer_id", "PatientID", "user"])
def test_an_id_that_repeats_suggests_to_keep_its_rows_together(drop, data_project, name):
    result = drop(table(300, NUMBER, (name, lambda i: f"K{i * 37 % 90}"), LABEL), target="y")
    (found,) = said(result, "GROUP_SPLIT_SUGGESTED")
    assert found.column == name and "90 values in 300 rows" in found.message
    used = edit_columns(data_project, result.reading.id, [ColumnEdit(name, use=Use.GROUP)], ctx=Silent())
    assert said(used, "GROUP_SPLIT_SUGGESTED") == []


@pytest.mark.parametrize(
    ("name", "many"), [("customer_id", 300), ("store_id", 6), ("plan", 90)], ids=["unique", "few", "no id"]
)
def test_other_columns_are_no_groups(drop, name, many):
    result = drop(table(300, NUMBER, (name, lambda i: f"K{i % many}"), LABEL), target="y")
    assert said(result, "GROUP_SPLIT_SUGGESTED") == []


def test_equal_inputs_with_another_answer_are_counted_and_shown(drop):
    wrong = {290: 10, 291: 11}
    result = drop(
        table(
            300, ("x", lambda i: wrong.get(i, i) * 31 % 1009), ("y", lambda i: "yes" if i % 2 == (i > 288) else "no")
        ),
        target="y",
    )
    (found,) = said(result, "LABEL_CONFLICT")
    assert "4 rows have the same inputs as another row but another y" in found.message
    assert set(found.rows) == {11, 12, 291, 292}


def test_coarse_inputs_contradict_each_other_without_a_word(drop):
    result = drop(table(2000, ("x", lambda i: i * 31 % 200), LABEL), target="y")
    assert said(result, "LABEL_CONFLICT") == []


def test_copies_across_the_cut_or_across_groups_are_found(drop, data_project):
    copied = ("x", lambda i: (i - 200) * 31 % 1009 if i >= 290 else i * 31 % 1009)
    groups = ("who", lambda i: f"K{i * 37 % 97}")
    result = drop(table(300, copied, ("seen", lambda i: day(i)), groups, LABEL), target="y")
    off = [ColumnEdit("seen", use=Use.TIME), ColumnEdit("who", use=Use.IGNORED)]
    by_time = edit_columns(data_project, result.reading.id, off, ctx=Silent())
    (found,) = said(by_time, "DUPLICATES_ACROSS_SPLIT")
    assert "10 of the newest 60 rows have the same inputs as an older row" in found.message and found.rows[0] == 291
    on = [ColumnEdit("seen", use=Use.IGNORED), ColumnEdit("who", use=Use.GROUP)]
    by_group = edit_columns(data_project, result.reading.id, on, ctx=Silent())
    (found,) = said(by_group, "DUPLICATES_ACROSS_SPLIT")
    assert "20 rows have the same inputs as a row of another who" in found.message


def test_so_few_different_rows_that_equal_ones_are_on_both_sides_are_said(drop):
    few = (("a", lambda i: i % 2), ("b", lambda i: i // 2 % 2))
    (found,) = said(drop(table(400, *few, LABEL), target="y"), "DUPLICATES_ACROSS_SPLIT")
    assert "only 4 different rows" in found.message


def test_copies_stay_on_one_side_when_divided_by_chance_so_nothing_is_said(drop):
    result = drop(
        table(300, ("x", lambda i: i // 2 * 31 % 1009), ("y", lambda i: "yes" if i // 2 % 2 else "no")), target="y"
    )
    assert said(result, "DUPLICATES_ACROSS_SPLIT") == []


def test_where_both_are_used_the_time_decides_and_it_is_said(drop, data_project):
    result = drop(table(300, NUMBER, ("seen", day), ("who", lambda i: f"K{i % 90}"), LABEL), target="y")
    both = [ColumnEdit("seen", use=Use.TIME), ColumnEdit("who", use=Use.GROUP)]
    edited = edit_columns(data_project, result.reading.id, both, ctx=Silent())
    (found,) = said(edited, "TIME_BEFORE_GROUP")
    assert len(said(edited, "SPLIT_BY_TIME")) == 1
    assert str(found.outcome) == "accept" and "divided by seen" in found.message
