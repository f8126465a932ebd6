"""Edits make readings; nothing is lost, and a type that does not fit is refused in words."""

from __future__ import annotations

import pytest

from app.core.data import ColumnEdit, ColumnType, ParseRecipe, Use
from app.core.progress import Silent
from app.data.edit import edit_columns, set_target
from app.data.types.misfits import misfits_of
from app.errors import BadInput, TypesRefused
from app.registry import datasets

TABLE = b"zip,age,name,churned\n01234,31,Ann,yes\n90210,45,Bob,no\n11111,x20,Cid,yes\n02345,33,Dot,no\n"


@pytest.fixture
def reading(drop):
    return drop(TABLE, target="churned").reading


def edit(project, reading, *edits, **options):
    return edit_columns(project, reading.id, edits, ctx=Silent(), **options)


def test_many_columns_change_in_one_reading(data_project, reading, cells_of):
    made = edit(
        data_project,
        reading,
        ColumnEdit("zip", ColumnType.INTEGER),
        ColumnEdit("churned", ColumnType.BOOLEAN),
        ColumnEdit("name", use=Use.IDENTIFIER),
    )

    assert made.number == reading.number + 1
    assert [str(c.type) for c in made.columns] == ["integer", "category", "category", "boolean"]
    assert made.column("name").use is Use.IDENTIFIER
    assert made.positive == "true"
    assert cells_of(made)[0] == (1234, "31", "Ann", True)
    assert datasets.current_reading(data_project, reading.version_id) == made


def test_undo_selects_the_earlier_reading(data_project, reading, cells_of):
    made = edit(data_project, reading, ColumnEdit("zip", ColumnType.INTEGER))
    datasets.select_reading(data_project, reading.id)

    assert datasets.current_reading(data_project, reading.version_id) == reading
    assert cells_of(reading)[0][0] == "01234"
    assert datasets.readings(data_project, reading.version_id) == [reading, made]


def test_misfit_names_row_column_cell_and_count(data_project, reading):
    with pytest.raises(BadInput, match=r"age: row 3 'x20' is not a whole number - 1 of 4 cells"):
        edit(data_project, reading, ColumnEdit("age", ColumnType.INTEGER))

    assert datasets.readings(data_project, reading.version_id) == [reading]


def test_misfits_become_missing_when_asked(data_project, reading, cells_of):
    made = edit(data_project, reading, ColumnEdit("age", ColumnType.INTEGER), set_missing_bad=True)

    assert [row[1] for row in cells_of(made)] == [31, 45, None, 33]
    assert made.column("age").use is Use.INPUT
    assert made.recipe.set_missing == ("age",)


def test_earlier_edits_stay(data_project, reading, cells_of):
    made = edit(data_project, reading, ColumnEdit("age", ColumnType.INTEGER), set_missing_bad=True)
    made = edit(data_project, made, ColumnEdit("zip", ColumnType.INTEGER))

    assert cells_of(made)[2] == (11111, None, "Cid", "yes")


def test_target_moves_and_the_old_one_becomes_input(data_project, reading):
    made = set_target(data_project, reading.id, "zip", Silent())

    assert made.target == "zip"
    assert made.column("churned").use is Use.INPUT
    assert made.table_sha256 == reading.table_sha256


def test_two_targets_are_refused(data_project, reading):
    with pytest.raises(BadInput, match="Only one column"):
        edit(data_project, reading, ColumnEdit("zip", use=Use.TARGET), ColumnEdit("age", use=Use.TARGET))


def test_unknown_column_is_refused(data_project, reading):
    with pytest.raises(BadInput, match="nope"):
        edit(data_project, reading, ColumnEdit("nope", use=Use.IGNORED))


def test_positive_class_must_be_a_class(data_project, reading):
    assert edit(data_project, reading, positive="no").positive == "no"
    with pytest.raises(BadInput, match="maybe"):
        edit(data_project, reading, positive="maybe")


def test_no_change_makes_no_reading(data_project, reading):
    assert edit(data_project, reading, ColumnEdit("zip", use=Use.INPUT)) == reading


def test_a_target_of_one_class_is_found_after_an_edit(data_project, drop):
    reading = drop(b"x,y,z\n1,a,k\n2,b,k\n4,a,k\n", target="y").reading

    made = set_target(data_project, reading.id, "z", Silent())

    assert [f.code for f in made.findings if f.blocks_training] == ["TARGET_ONE_CLASS"]
    back = set_target(data_project, made.id, "y", Silent())
    assert not [f for f in back.findings if f.blocks_training]


def test_answer_to_day_or_month_reads_the_dates(data_project, drop, cells_of):
    reading = drop(b"d,x\n01/02/2024,1\n03/04/2024,2\n").reading
    answered = ParseRecipe("csv", day_first=True)

    made = edit(data_project, reading, recipe=answered)

    assert (str(made.column("d").type), made.column("d").use) == ("datetime", Use.INPUT)
    assert cells_of(made)[0][0].isoformat() == "2024-02-01T00:00:00"
    assert not made.findings


def test_answer_is_remembered_for_the_next_version(data_project, drop):
    reading = drop(b"d,x\n01/02/2024,1\n03/04/2024,2\n").reading
    edit(data_project, reading, recipe=ParseRecipe("csv", day_first=False))

    after = drop(b"d,x\n05/06/2024,1\n07/08/2024,2\n", "next.csv")

    assert (after.version.number, str(after.reading.column("d").type)) == (2, "datetime")


def test_another_encoding_reads_other_letters(data_project, drop, cells_of):
    reading = drop("name,x\nŻółć,1\nŁódź,2\n".encode("cp1250")).reading

    made = edit(data_project, reading, recipe=ParseRecipe("csv", encoding="cp1252"))

    assert cells_of(made)[1][0] == "Łódź".encode("cp1250").decode("cp1252")


def test_types_of_parquet_columns_change(data_project, drop, cells_of):
    import pyarrow as pa

    from tests.data.corpus import parquet

    table = pa.table({"code": [1, 2, 10], "flag": [1.0, 0.0, None], "when": ["2024-01-31", "2024-02-01", None]})
    reading = drop(parquet(table), "t.parquet").reading

    made = edit(data_project, reading, ColumnEdit("code", ColumnType.CATEGORY), ColumnEdit("flag", ColumnType.BOOLEAN))

    assert [row[:2] for row in cells_of(made)] == [("1", True), ("2", False), ("10", None)]


def test_misfits_of_many_columns_are_told_in_one_sentence(data_project, drop):
    rows = "".join(f"{'n/k' if n in (3, 40, 41, 50) else n},{'soon' if n == 7 else '2024-01-01'}\n" for n in range(60))
    reading = drop("size,day\n" + rows).reading

    with pytest.raises(TypesRefused) as caught:
        edit(data_project, reading, ColumnEdit("size", ColumnType.NUMBER), ColumnEdit("day", ColumnType.DATETIME))

    assert (
        caught.value.message
        == "Cells of 2 columns do not fit: size (4 of 60, row 4 'n/k') and day (1 of 60, row 8 'soon')."
    )
    size, day = misfits_of(caught.value.misfits)
    assert (size.column, size.rows, size.bad) == ("size", (4, 41, 42, 51), 4)
    assert (day.column, day.rows, day.cells) == ("day", (8,), ("soon",))


def test_several_misfits_name_the_first_rows(data_project, drop):
    reading = drop("size\n" + "".join(f"{'n/k' if n in (3, 40, 41, 50) else n}\n" for n in range(60))).reading

    with pytest.raises(TypesRefused, match=r"size: 4 of 60 cells are no numbers: rows 4, 41, 42 and 1 more \('n/k'"):
        edit(data_project, reading, ColumnEdit("size", ColumnType.NUMBER))


def test_zeros_and_digits_are_not_lost_unless_that_is_accepted(data_project, drop, cells_of):
    reading = drop("zip,id,x\n01234,123456789012345678,1\n90210,9223372036854775808,2\n").reading
    number = [ColumnEdit(name, ColumnType.NUMBER) for name in ("zip", "id")]

    with pytest.raises(TypesRefused, match=r"zip \(1 of 2 would lose zeros in front, row 1 '01234'\) and id") as caught:
        edit(data_project, reading, *number, may_lose=False)
    assert [m.loses for m in misfits_of(caught.value.misfits)] == ["zeros in front", "digits"]

    assert cells_of(reading)[0][:2] == ("01234", "123456789012345678")
    assert cells_of(edit(data_project, reading, *number))[0][0] == 1234.0
    with pytest.raises(TypesRefused, match="would lose zeros in front: row 1"):
        edit(data_project, reading, ColumnEdit("zip", ColumnType.NUMBER), may_lose=False)
    with pytest.raises(TypesRefused, match="whole numbers of at most 15 digits"):
        edit(data_project, reading, ColumnEdit("id", ColumnType.INTEGER))


def test_long_whole_numbers_of_the_source_come_back_exactly(data_project, drop, cells_of):
    import pyarrow as pa

    from tests.data.corpus import parquet

    ids = [123456789012345678, 9223372036854775807, 3]
    reading = drop(parquet(pa.table({"id": ids, "x": [1.5, 2.5, 3.5]})), "t.parquet").reading
    as_text = edit(data_project, reading, ColumnEdit("id", ColumnType.TEXT))
    assert [row[0] for row in cells_of(as_text)] == [str(number) for number in ids]
    back = edit(data_project, as_text, ColumnEdit("id", ColumnType.INTEGER))
    assert [row[0] for row in cells_of(back)] == ids
