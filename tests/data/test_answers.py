"""Questions about a file are answered with another reading of the same bytes, and not asked again for the next one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.core.data import ColumnEdit, ColumnType, Outcome, Reading, Use
from app.core.decisions import Decision
from app.core.progress import Silent
from app.data.edit import edit_columns
from app.data.wishes import NO_WISHES, wishes_from, with_answer
from app.errors import BadInput
from app.registry import datasets, decisions
from tests.data.corpus import SHEET, lines, workbook, zipped

CP1252 = "name,city\nMüller,Köln\nGrößer,Düsseldorf\nCafé,Orléans\n".encode("cp1252")
PREAMBLE = b"Report of 2024\nmade by Ann\nage,city,x\n31,Oslo,1\n45,Rome,2\n20,Bonn,3\n"


@pytest.fixture
def answer(data_project):
    """Answer a question: the recipe's fields that it sets, and edits of columns."""

    def make(reading: Reading, code: str, *edits: ColumnEdit, missing: bool = False, **settings) -> Reading:
        (finding,) = [f for f in reading.findings if f.code == code]
        recipe = with_answer(replace(reading.recipe, **settings), finding.question)
        return edit_columns(
            data_project, reading.id, list(edits), recipe=recipe, set_missing_bad=missing, ctx=Silent()
        )  # fmt: skip

    return make


def outcomes(reading: Reading) -> dict[str, str]:
    return {f.code: str(f.outcome) for f in reading.findings}


def choices(reading: Reading, code: str) -> dict[str, str]:
    (finding,) = [f for f in reading.findings if f.code == code]
    return {c.value: c.hint for c in finding.choices}


def test_another_encoding_can_be_chosen_and_is_remembered(drop, answer, cells_of):
    first = drop(CP1252).reading
    assert choices(first, "ENCODING_GUESSED")["mac_roman"] == "M¸ller, Kˆln, Grˆﬂer"
    chosen = answer(first, "ENCODING_GUESSED", encoding="mac_roman")
    assert cells_of(chosen)[0][0] == "M¸ller"
    assert outcomes(chosen) == {"ENCODING_GUESSED": "accept"}
    assert "cp1252" in choices(chosen, "ENCODING_GUESSED")  # it can be changed back

    second = drop(CP1252 + "Bär,Bonn\n".encode("mac_roman"), "newer.csv").reading
    assert (second.recipe.encoding, outcomes(second)) == ("mac_roman", {"ENCODING_GUESSED": "accept"})


def test_an_encoding_that_cannot_be_is_refused_and_changes_nothing(data_project, drop, answer):
    first = drop(CP1252).reading
    with pytest.raises(BadInput, match="utf-8"):
        answer(first, "ENCODING_GUESSED", encoding="utf-8")
    assert datasets.current_reading(data_project, first.version_id) == first


def test_the_warning_about_the_encoding_outlives_other_edits(data_project, drop):
    first = drop(CP1252).reading
    edited = edit_columns(data_project, first.id, [ColumnEdit("name", type=ColumnType.TEXT)], ctx=Silent())
    typed = edit_columns(data_project, edited.id, [], recipe=replace(edited.recipe, day_first=True), ctx=Silent())
    assert outcomes(typed)["ENCODING_GUESSED"] == "warn"


def test_two_delimiters_that_fit_are_a_question(drop, answer, cells_of):
    first = drop(b"a;b,c;d\n1;2,3;4\n5;6,7;8\n").reading
    assert outcomes(first)["DELIMITER_GUESSED"] == "ask"
    assert choices(first, "DELIMITER_GUESSED") == {",": "2 columns: a;b and c;d"}
    chosen = answer(first, "DELIMITER_GUESSED", delimiter=",")
    assert [c.name for c in chosen.columns] == ["a;b", "c;d"]
    assert cells_of(chosen)[0] == ("1;2", "3;4")
    second = drop(b"a;b,c;d\n11;2,3;4\n15;6,7;8\n", "next.csv").reading
    assert [c.name for c in second.columns] == ["a;b", "c;d"]
    assert Outcome.ASK not in {f.outcome for f in second.findings}


def test_another_line_can_be_the_header(drop, answer, cells_of):
    first = drop(PREAMBLE).reading
    (finding,) = first.findings
    assert finding.cells == ("Report of 2024", "made by Ann")
    assert choices(first, "PREAMBLE")["4"] == "31,Oslo,1"
    chosen = answer(first, "PREAMBLE", header_line=4)
    assert [c.name for c in chosen.columns] == ["31", "Oslo", "1"]
    assert len(cells_of(chosen)) == 2
    assert "3" in choices(chosen, "PREAMBLE")
    one = answer(first, "PREAMBLE", header_line=1)
    assert one.columns[0].name == "Report of 2024"


def test_a_preamble_that_was_said_to_be_right_is_not_asked_again(drop, answer):
    first = drop(PREAMBLE).reading
    answer(first, "PREAMBLE")
    second = drop(PREAMBLE.replace(b"2024", b"2025") + b"50,Pisa,4\n", "next.csv")
    assert second.version.number == 2
    assert outcomes(second.reading) == {"PREAMBLE": "accept"}


def test_what_was_kept_is_not_asked_again(data_project, drop):
    first = drop(PREAMBLE)
    decisions.decide(data_project, first.version.id, "PREAMBLE", None, Decision.KEEP)
    second = drop(PREAMBLE + b"50,Pisa,4\n", "next.csv")
    assert (second.version.number, second.outcome) == (2, Outcome.ACCEPT)


def test_a_new_fault_is_asked_all_the_same(drop, answer):
    answer(drop(PREAMBLE).reading, "PREAMBLE")
    second = drop(PREAMBLE + b"50,Pisa\n", "next.csv").reading
    assert outcomes(second) == {"PREAMBLE": "accept", "RAGGED_ROWS": "ask"}


def test_rows_of_another_width_can_be_left_out(drop, answer, cells_of):
    first = drop(b"a,b,c\n1,2,3\n4,5\n6,7,8,9\n1,1,1\n").reading
    (finding,) = first.findings
    assert (finding.rows, finding.cells) == ((2, 3), ("2 of 3 cells", "4 of 3 cells"))
    chosen = answer(first, "RAGGED_ROWS", drop_ragged=True)
    assert cells_of(chosen) == [(1, 2, 3), (1, 1, 1)]
    (told,) = [f for f in chosen.findings if f.code == "RAGGED_ROWS"]
    assert (told.outcome, told.rows) == (Outcome.ACCEPT, (2, 3))
    assert "left out" in told.message


def test_another_sheet_can_be_chosen(drop, answer, cells_of):
    book = workbook({"A": SHEET, "B": [["x", "y"], [1, 2], [3, 4]]})
    first = drop(book, "t.xlsx").reading
    assert choices(first, "SHEET_CHOICE") == {"B": "3 rows: x and y"}
    chosen = answer(first, "SHEET_CHOICE", sheet="B")
    assert cells_of(chosen) == [(1, 2), (3, 4)]
    assert choices(chosen, "SHEET_CHOICE").keys() == {"A"}
    second = drop(workbook({"A": SHEET, "B": [["x", "y"], [5, 6], [7, 8], [9, 1]]}), "t2.xlsx")
    assert (second.version.number, second.reading.recipe.sheet) == (2, "B")


def test_another_file_of_an_archive_can_be_chosen(drop, answer, cells_of):
    pack = zipped({"big.csv": lines("a,b", [f"{i},x" for i in range(50)]), "small.csv": b"c,d\n1,2\n3,4\n"})
    first = drop(pack, "t.zip").reading
    assert choices(first, "IS_ZIP") == {"small.csv": "12 bytes"}
    assert cells_of(answer(first, "IS_ZIP", member="small.csv")) == [(1, 2), (3, 4)]


def test_two_date_columns_are_answered_each_for_itself(drop, answer, cells_of):
    first = drop(b"d,e,x\n01/02/2024,03/04/2024,1\n05/06/2024,07/08/2024,2\n").reading
    dates = {f.column: f for f in first.findings}
    assert dates["d"].cells == ("01/02/2024", "05/06/2024")
    reading = first
    for name, first_is_day in (("d", True), ("e", False)):
        recipe = with_answer(reading.recipe, dates[name].question)
        recipe = replace(recipe, day_first_of=(*recipe.day_first_of, (name, first_is_day)))
        edit = ColumnEdit(name, type=ColumnType.DATETIME)
        reading = edit_columns(answer.__closure__[0].cell_contents, reading.id, [edit], recipe=recipe, ctx=Silent())
    assert [str(v)[:10] for v in cells_of(reading)[0][:2]] == ["2024-02-01", "2024-03-04"]
    assert [reading.column(n).use for n in "de"] == [Use.INPUT, Use.INPUT]

    second = drop(b"d,e,x\n02/02/2024,03/05/2024,1\n05/07/2024,07/08/2024,2\n", "next.csv").reading
    assert [str(v)[:10] for v in cells_of(second)[0][:2]] == ["2024-02-02", "2024-03-05"]
    assert not [f for f in second.findings if f.outcome is Outcome.ASK]


def test_an_answer_that_does_not_fit_the_next_file_is_asked_again(drop, answer):
    first = drop(b"d,x\n01/02/2024,1\n03/04/2024,2\n").reading
    answer(first, "DATES_AMBIGUOUS", ColumnEdit("d", type=ColumnType.DATETIME), day_first_of=(("d", True),))
    second = drop(b"d,x\n01/31/2024,1\n03/04/2024,2\n", "next.csv").reading
    (asked,) = [f for f in second.findings if f.outcome is Outcome.ASK]
    assert (asked.code, asked.column, asked.rows, asked.cells) == ("ANSWER_OUTDATED", "d", (1,), ("01/31/2024",))


@pytest.mark.parametrize(("separates", "value"), [("decimals", 1.234), ("thousands", 1234.0)])
def test_a_comma_is_what_a_person_says(drop, answer, cells_of, separates, value):
    first = drop(b"x;y\n1,234;a\n5,678;b\n").reading
    edit = ColumnEdit("x", type=ColumnType.NUMBER)
    chosen = answer(first, "DELIMITER_DECIMAL", edit, comma_of=(("x", separates),))
    assert cells_of(chosen)[0][0] == value
    second = drop(b"x;y\n1,234;a\n9,678;b\n", "next.csv").reading
    assert (cells_of(second)[0][0], [f.code for f in second.findings]) == (value, [])


def test_thousands_that_are_sure_are_read_and_said(drop, cells_of):
    reading = drop(b'x,y\n"1,234.50",a\n"12,345,678",b\n7,c\n').reading
    assert [row[0] for row in cells_of(reading)] == [1234.5, 12345678.0, 7.0]
    (finding,) = reading.findings
    assert finding.code == "DELIMITER_DECIMAL"
    assert "thousands" in finding.message


def test_bad_cells_set_to_missing_are_told_and_stay_so_in_the_next_version(drop, answer, cells_of):
    rows = [f"{'oops' if i == 7 else i},{i % 3}" for i in range(40)]
    first = drop(lines("x,y", rows)).reading
    edit = ColumnEdit("x", type=ColumnType.NUMBER, use=Use.INPUT)
    chosen = answer(first, "MIXED_TYPES", edit, missing=True)
    (told,) = [f for f in chosen.findings if f.column == "x"]
    assert (told.code, told.outcome, told.rows, told.cells) == ("SET_MISSING", Outcome.ACCEPT, (8,), ("oops",))

    rows[20] = "none of it,1"
    second = drop(lines("x,y", rows), "next.csv").reading
    assert [row[0] for row in cells_of(second)].count(None) == 2
    assert not [f for f in second.findings if f.outcome is Outcome.ASK]

    many = [f"{'oops' if i % 2 else i},{i % 3}" for i in range(40)]
    third = drop(lines("x,y", many), "third.csv").reading
    assert [f.code for f in third.findings if f.outcome is Outcome.ASK] == ["ANSWER_OUTDATED"]
    assert cells_of(third)[1][0] == "oops"


def test_leading_zeros_dropped_once_are_dropped_in_the_next_version(drop, answer, cells_of):
    first = drop(b"zip,x\n01234,1\n90210,2\n").reading
    answer(first, "LEADING_ZEROS", ColumnEdit("zip", type=ColumnType.NUMBER))
    second = drop(b"zip,x\n04321,1\n90210,2\n", "next.csv").reading
    assert cells_of(second)[0][0] == 4321.0
    assert outcomes(second) == {}


def test_na_can_mean_missing(drop, answer, cells_of):
    first = drop(b"country,x\nDE,1\nNA,2\nFR,3\nDE,4\n").reading
    chosen = answer(first, "NA_AMBIGUOUS", missing_words_of=("country",))
    assert cells_of(chosen)[1][0] is None
    assert outcomes(chosen) == {}
    second = drop(b"country,x\nDE,1\nNA,2\nnull,3\nDE,4\n", "next.csv").reading
    assert [row[0] for row in cells_of(second)] == ["DE", None, None, "DE"]


def test_groups_in_json_become_columns(drop, answer, cells_of):
    first = drop(b'[{"a": 1, "b": {"c": 1, "d": {"e": "x"}}}, {"a": 2, "b": {"c": 3}}]', "t.json").reading
    chosen = answer(first, "NESTED_VALUES", spread=True)
    assert [c.name for c in chosen.columns] == ["a", "b.c", "b.d.e"]
    assert cells_of(chosen)[0] == (1, 1, "x")


def test_an_answer_is_undone_by_the_reading_before(data_project, drop, answer):
    first = drop(PREAMBLE).reading
    answer(first, "PREAMBLE", header_line=1)
    datasets.select_reading(data_project, first.id)
    assert datasets.current_reading(data_project, first.version_id) == first


def test_wishes_of_the_command_line_are_followed(drop, cells_of):
    wishes = wishes_from(["header_line=1", "delimiter=semicolon", "decimal=comma"])
    reading = drop(b"a;b\n1,234;x\n5,678;y\n", wishes=wishes).reading
    assert cells_of(reading)[0] == (1.234, "x")
    assert not [f for f in reading.findings if f.outcome is Outcome.ASK]


@pytest.mark.parametrize(
    "text", ["colour=red", "encoding", "encoding=klingon", "delimiter=ab", "header_line=x", "day_first=maybe"]
)
def test_wishes_that_cannot_be_are_named(text):
    with pytest.raises(BadInput):
        wishes_from([text])
    assert wishes_from([]) == NO_WISHES


def test_a_date_whose_order_nobody_said_stays_a_question(data_project, drop, cells_of):
    first = drop(b"d,x\n01/02/2024,1\n03/04/2024,2\n").reading
    made = edit_columns(data_project, first.id, [ColumnEdit("d", type=ColumnType.DATETIME)], ctx=Silent())
    assert str(cells_of(made)[0][0])[:10] == "2024-02-01"
    assert outcomes(made)["DATES_AMBIGUOUS"] == "ask"


def test_a_bad_cell_among_dates_offers_both_orders(drop):
    rows = [f"0{1 + i % 9}/0{1 + i % 8}/2024,{i}" for i in range(20)]
    assert choices(drop(lines("d,x", [*rows, "soon,3"])).reading, "MIXED_TYPES").keys() == {"day first", "month first"}
