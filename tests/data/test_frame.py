"""A notebook gets the very rows and types that training sees."""

import pandas as pd
import pytest

from app.data.frame import frame, inputs_and_target
from app.errors import CorruptObject, NotFound

TABLE = """zip,age,paid,joined,note,churned
01067,31,true,2024-01-05,hello world of words,yes
80331,,false,2024-02-01,another text again,no
01067,45,,2023-12-31,,yes
80331,52,true,,some more of the same,
"""


def test_types_missing_values_and_leading_zeros_are_kept(data_project, drop):
    drop(TABLE, "people.csv", target="churned")
    made = frame(data_project, "people")
    assert made["zip"].tolist() == ["01067", "80331", "01067", "80331"]
    assert str(made["age"].dtype) == "Int64"
    assert made["age"].isna().tolist() == [False, True, False, False]
    assert made["joined"].iloc[0] == pd.Timestamp("2024-01-05")
    assert pd.isna(made["joined"].iloc[3])


def test_it_says_which_data_it_is(data_project, drop):
    added = drop(TABLE, "people.csv", target="churned")
    attrs = frame(data_project, "people@1").attrs
    assert attrs["sha256"] == added.version.sha256
    assert (attrs["dataset"], attrs["version"], attrs["target"]) == ("people", 1, "churned")


def test_inputs_and_target_leave_out_rows_without_a_target(data_project, drop):
    added = drop(TABLE, "people.csv", target="churned")
    x, y = inputs_and_target(frame(data_project, "people"), added.reading)
    assert len(x) == len(y) == 3
    assert "churned" not in x.columns


def test_unknown_data_and_changed_bytes_are_refused(data_project, drop):
    added = drop(TABLE, "people.csv", target="churned")
    with pytest.raises(NotFound):
        frame(data_project, "nobody")
    path = data_project.objects.path(added.reading.table_sha256)
    path.chmod(0o644)
    path.write_bytes(path.read_bytes()[:-1] + b"!")
    with pytest.raises(CorruptObject):
        frame(data_project, "people")
