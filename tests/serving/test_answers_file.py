"""Answers beside their rows, in files that are safe to open."""

from __future__ import annotations

import csv
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from app.serving.answers_file import free_names, harmless, writer

ROWS = pa.table({"name": ["Bo", "=1+1", None], "age": ["3", "-4.5", ""]})
ANSWERS = {"prediction_id": ["a", "b", "c"], "label": [True, False, True], "probability_yes": [0.5, 1.0, 0.25]}


def test_csv_holds_the_rows_and_the_answers(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    with writer(path, "csv", ROWS.column_names, list(ANSWERS)) as out:
        out.write(ROWS, ANSWERS)
        out.write(ROWS.slice(0, 1), {name: values[:1] for name, values in ANSWERS.items()})
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    assert rows == [
        ["name", "age", "prediction_id", "label", "probability_yes"],
        ["Bo", "3", "a", "true", "0.5"],
        ["'=1+1", "-4.5", "b", "false", "1.0"],
        ["", "", "c", "true", "0.25"],
        ["Bo", "3", "a", "true", "0.5"],
    ]


def test_parquet_keeps_types(tmp_path: Path) -> None:
    path = tmp_path / "out.parquet"
    with writer(path, "parquet", ROWS.column_names, list(ANSWERS)) as out:
        out.write(ROWS, ANSWERS)
        out.write(ROWS, ANSWERS)
    table = pq.read_table(path)
    assert table.num_rows == 6
    assert table.column("label").type == pa.bool_()
    assert table.column("probability_yes").type == pa.float64()
    assert table.column("name").to_pylist()[1] == "=1+1"


def test_a_name_that_is_taken_gets_a_number() -> None:
    assert free_names(["label", "label_2"], ["prediction_id", "label"]) == {
        "prediction_id": "prediction_id",
        "label": "label_3",
    }


@pytest.mark.parametrize("text", ["=1+1", "+cmd", "-2+3", "@SUM(A1)", "\tx", "\rx", "=", "-", "--1", "-1 000"])
def test_formulas_are_quoted(text: str) -> None:
    assert harmless(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "a=b", "-1", "+1.5", "-1e-5", "-,5", "1-2", "'=x", "2020-01-01", "-.5"])
def test_what_is_no_formula_stays(text: str) -> None:
    assert harmless(text) == text
