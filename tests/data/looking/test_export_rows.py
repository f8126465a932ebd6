"""Every row that is shown is in the file, exact to the last digit, and nothing in it runs as a formula."""

from __future__ import annotations

import csv

import pandas as pd
import pytest

from app.core.progress import Silent
from app.data.looking.export_rows import export_csv
from app.data.looking.order import Wanted
from app.errors import EnvironmentProblem

TABLE = (
    "zip,id,big,note,@x,when\n"
    "01234,123456789012345678,9223372036854775808,=1+1,1.5,2024-01-31\n"
    '90210,123456789012345679,9223372036854775807,"a, b",-2,2024-02-01\n'
    "00501,123456789012345680,3,-5,3,2024-02-02\n"
    ",123456789012345681,4,@cmd,,2024-02-03\n"
)


@pytest.fixture
def reading(drop):
    return drop(TABLE).reading


def lines_of(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


def test_digits_and_zeros_come_out_as_they_went_in_and_formulas_are_quoted(data_project, reading, tmp_path):
    out = tmp_path / "rows.csv"
    assert export_csv(data_project, reading, 4, Wanted(), out, Silent()) == 4
    head, *rows = lines_of(out)
    assert head == ["zip", "id", "big", "note", "'@x", "when"]
    assert rows[0] == ["01234", "123456789012345678", "9223372036854775808", "'=1+1", "1.5", "2024-01-31"]
    assert rows[1][3:5] == ["a, b", "-2"]
    assert [row[3] for row in rows[2:]] == ["-5", "'@cmd"]
    assert rows[3][0] == ""
    assert pd.read_csv(out, dtype=str)["id"].tolist() == [f"12345678901234567{i}" for i in (8, 9)] + [
        "123456789012345680",
        "123456789012345681",
    ]


def test_only_what_is_shown_is_written_in_its_order(data_project, reading, tmp_path):
    out = tmp_path / "rows.csv"
    assert export_csv(data_project, reading, 4, Wanted("not missing(zip)", "zip"), out, Silent()) == 3
    assert [row[0] for row in lines_of(out)[1:]] == ["00501", "01234", "90210"]


def test_a_place_that_cannot_be_written_is_named(data_project, reading, tmp_path):
    with pytest.raises(EnvironmentProblem, match="could not be written"):
        export_csv(data_project, reading, 4, Wanted(), tmp_path / "nowhere" / "rows.csv", Silent())
