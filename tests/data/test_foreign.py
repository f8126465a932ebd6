"""A file to predict is read by the model's contract, and its rows come back as they stood in it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from app.core.data import ParseRecipe
from app.core.progress import Silent
from app.data.foreign import ForeignRows, read_for_contract
from app.errors import BadInput, FileRefused
from app.runtime.contract import Field

FIELDS = (
    Field("id", "number", "identifier"),
    Field("age", "number", "input", "c0"),
    Field("visits", "integer", "input", "c1"),
    Field("paid", "boolean", "input", "c2"),
    Field("zip", "category", "input", "c3"),
    Field("since", "datetime", "input", "c4"),
    Field("left", "boolean", "target"),
)
TEXT = "note,zip,age,visits,paid,since,id\nhi,01067,3.5,4,yes,2020-01-02,C7\n=x,,,,,,\n"


@pytest.fixture
def read(tmp_path: Path):
    def read_file(path: Path) -> ForeignRows:
        folder = tmp_path / "child"
        folder.mkdir()
        return read_for_contract(path, FIELDS, folder, Silent())

    return read_file


def test_values_have_the_contracts_types(read, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(TEXT, encoding="utf-8")
    foreign = read(path)
    assert (foreign.rows, foreign.columns) == (2, ("note", "zip", "age", "visits", "paid", "since", "id"))
    (batch,) = foreign.batches(10)
    first, second = batch.rows()
    assert first == {
        "id": "C7", "age": 3.5, "visits": 4, "paid": True, "zip": "01067", "since": "2020-01-02T00:00:00",
    }  # fmt: skip
    assert set(second.values()) == {None}
    assert batch.cells.to_pylist()[0] == {
        "note": "hi", "zip": "01067", "age": "3.5", "visits": "4", "paid": "yes", "since": "2020-01-02", "id": "C7",
    }  # fmt: skip


def test_a_typed_source_is_read_by_its_types(read, tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    table = pa.table(
        {
            "age": pa.array([3, None], pa.int32()),
            "visits": pa.array([4, 5], pa.int64()),
            "paid": [True, None],
            "zip": pa.array([1067, 10115], pa.int64()),
            "since": pa.array([0, None], pa.timestamp("us")),
        }
    )
    pq.write_table(table, path)
    (batch,) = read(path).batches(10)
    assert batch.rows() == [
        {"age": 3.0, "visits": 4, "paid": True, "zip": "1067", "since": "1970-01-01T00:00:00"},
        {"age": None, "visits": 5, "paid": None, "zip": "10115", "since": None},
    ]
    assert isinstance(batch.rows()[0]["age"], float)
    assert batch.cells.num_rows == 2


@pytest.mark.parametrize("size", [1, 7, 4096, 100_000])
def test_batches_keep_cells_and_values_together(read, tmp_path: Path, size: int) -> None:
    path = tmp_path / "a.csv"
    lines = [f"{n},01067,{n}.5,{n},yes,2020-01-02,C{n}" for n in range(9_000)]
    path.write_text("note,zip,age,visits,paid,since,id\n" + "\n".join(lines), encoding="utf-8")
    foreign = read(path)
    seen = 0
    for batch in foreign.batches(size):
        assert len(batch.rows()) == batch.cells.num_rows == min(size, 9_000 - seen)
        assert [row["visits"] for row in batch.rows()] == list(range(seen, seen + len(batch.rows())))
        assert batch.cells.column("note").to_pylist() == [str(n) for n in range(seen, seen + len(batch.rows()))]
        seen += len(batch.rows())
    assert seen == 9_000


def test_missing_columns_are_named_all_at_once(read, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("age,Visits\n1,2\n", encoding="utf-8")
    with pytest.raises(BadInput, match=r"visits.*paid.*zip.*since"):
        read(path)


def test_a_cell_of_another_type_is_named_with_its_row(read, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(TEXT + "x,1,many,1,no,2020-01-02,C9\n", encoding="utf-8")
    with pytest.raises(BadInput, match=r"age: row 3 .*many.* is not a number"):
        read(path)


def test_what_is_no_table_is_refused_with_its_code(read, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"\x80\x04K*.")
    with pytest.raises(FileRefused):
        read(path)


def test_a_file_is_read_as_the_answers_about_the_training_data_say(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("when;price\n03/04/2021;1,234\n05/06/2021;2,345\n", encoding="utf-8")
    fields = (Field("when", "datetime", "input", "c0"), Field("price", "number", "input", "c1"))
    recipe = ParseRecipe("csv", delimiter=";", day_first=False, decimal=",", answered=("DELIMITER_DECIMAL",))

    def values(recipe: ParseRecipe | None, name: str) -> dict[str, object]:
        (tmp_path / name).mkdir()
        (batch,) = read_for_contract(path, fields, tmp_path / name, Silent(), recipe).batches(10)
        return batch.rows()[0]

    assert values(recipe, "months") == {"when": "2021-03-04T00:00:00", "price": 1.234}
    assert values(replace(recipe, day_first=True, decimal=".", comma_of=(("price", "thousands"),)), "days") == {
        "when": "2021-04-03T00:00:00",
        "price": 1234.0,
    }


def test_a_separator_that_cannot_be_guessed_is_the_training_datas(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a!b\n1!2\n", encoding="utf-8")
    fields = (Field("a", "integer", "input", "c0"), Field("b", "integer", "input", "c1"))
    (tmp_path / "child").mkdir()
    foreign = read_for_contract(path, fields, tmp_path / "child", Silent(), ParseRecipe("csv", delimiter="!"))
    (batch,) = foreign.batches(10)
    assert batch.rows() == [{"a": 1, "b": 2}]
