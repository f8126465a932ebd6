"""A copy of the target is found in a table of any size, and only a whole copy is one."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from app.core.data import Column, ColumnType, Use
from app.core.progress import Silent
from app.core.runs import Task
from app.data import engine
from app.data.checking import target_checks
from app.data.checking.leak_checks import leak_findings
from app.data.checking.sample import take_sample
from app.data.checking.target_checks import target_findings
from app.data.looking.profiling import profile_table

N = 3000


@pytest.fixture
def findings(tmp_path, monkeypatch):
    """Check a table as one that is larger than what is looked at first."""
    monkeypatch.setattr(target_checks, "SCREENED_ROWS", 1000)

    def look(**changes):
        rng = np.random.default_rng(0)
        y = rng.normal(size=N)
        values = {"x": rng.normal(size=N), "other": y * 2.54 + 1, "y": y} | changes
        types = [ColumnType.NUMBER if v.dtype.kind == "f" else ColumnType.CATEGORY for v in values.values()]
        columns = [Column(n, t, Use.TARGET if n == "y" else Use.INPUT) for n, t in zip(values, types, strict=True)]
        path = tmp_path / "table.parquet"
        pq.write_table(pa.table({n: pa.array(v.tolist()) for n, v in values.items()}), path, row_group_size=500)
        with engine.connect(tmp_path) as connection:
            source = engine.parquet(path, len(columns))
            profile = profile_table(connection, source, list(values), Silent())
            return {f.column: f.code for f in target_findings(connection, source, path, columns, profile)}

    return look


def test_the_target_in_other_units_is_a_copy(findings):
    assert findings() == {"other": "TARGET_LEAK"}


def test_a_copy_in_the_first_rows_alone_is_none(findings):
    y = np.random.default_rng(1).normal(size=N)
    other = np.where(np.arange(N) < 1500, y, np.random.default_rng(2).normal(size=N))
    assert findings(y=y, other=other) == {}


def test_renamed_classes_are_a_copy_and_one_swapped_row_is_nearly_one(findings):
    y = np.array([f"c{i * 7 % 3}" for i in range(N)], dtype=object)
    other = np.array([label.replace("c", "kind ") for label in y], dtype=object)
    assert findings(y=y, other=other) == {"other": "TARGET_LEAK"}
    other[2500] = "kind 0" if other[2500] != "kind 0" else "kind 1"
    assert findings(y=y, other=other)["other"] == "TARGET_LEAK_LIKELY"


def test_a_sample_is_spread_over_the_table_in_its_order(tmp_path, monkeypatch):
    monkeypatch.setattr("app.data.checking.sample.MOST_ROWS", 600)
    path = tmp_path / "table.parquet"
    pq.write_table(pa.table({"n": np.arange(10_000.0)}), path, row_group_size=1000)
    sample = take_sample(path, [Column("n", ColumnType.NUMBER, Use.INPUT)])
    assert sample.total == 10_000 and 500 < len(sample.rows) <= 600
    assert np.array_equal(sample.values["n"], sample.rows)
    assert sample.rows[0] < 100 and sample.rows[-1] > 9900 and (np.diff(sample.rows) > 0).all()
    assert "in a sample of" in sample.of_all
    assert np.array_equal(sample.rows, take_sample(path, [Column("n", ColumnType.NUMBER, Use.INPUT)]).rows)


@pytest.mark.parametrize("step", [2, 4, 5, 8, 16])
def test_a_target_in_step_with_the_rows_does_not_escape_the_sample(tmp_path, monkeypatch, step):
    monkeypatch.setattr("app.data.checking.sample.MOST_ROWS", 1_000)
    path = tmp_path / "table.parquet"
    y = np.array(["yes" if i % step == 0 else "no" for i in range(8_000)], dtype=object)
    noise = np.random.default_rng(0).normal(size=len(y))
    pq.write_table(pa.table({"x": (y == "yes") * 9.0 + noise, "y": y.tolist()}), path, row_group_size=2_000)
    columns = [Column("x", ColumnType.NUMBER, Use.INPUT), Column("y", ColumnType.CATEGORY, Use.TARGET)]
    (found,) = leak_findings(take_sample(path, columns), columns[1], columns[:1], Task.BINARY)
    assert found.code == "TARGET_LEAK_LIKELY" and "x alone tells y" in found.message
