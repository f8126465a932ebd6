"""Raw columns as the canonical step takes them."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from app.core.data import Column, ColumnType, Use
from app.data import table


@pytest.fixture
def raw(data_project, drop):
    reading = drop(b"n,i,c,b,d\n1.5,3,x,true,2024-01-01\n,5,y,,\n4,,,false,2024-01-02T03:04:05\n").reading
    return table.load(data_project.objects.path(reading.table_sha256), reading.columns)


def test_numbers_and_yes_no_are_floats_with_nan(raw):
    np.testing.assert_array_equal(raw["n"], [1.5, np.nan, 4])
    np.testing.assert_array_equal(raw["i"], [3, 5, np.nan])
    np.testing.assert_array_equal(raw["b"], [1, np.nan, 0])
    assert {raw[name].dtype for name in "nib"} == {np.dtype(np.float64)}


def test_texts_are_str_or_none(raw):
    assert raw["c"].dtype == object
    assert raw["c"].tolist() == ["x", "y", None]


def test_dates_are_microseconds(raw):
    assert raw["d"].dtype == np.dtype("datetime64[us]")
    assert raw["d"][2] == np.datetime64("2024-01-02T03:04:05")
    assert np.isnat(raw["d"][1])


def test_whole_numbers_can_be_categories(data_project, drop):
    reading = drop("n,x\n" + "".join(f"{20_000_000 + i % 3},{i}.5\n" for i in range(60))).reading

    assert reading.column("n").type is ColumnType.CATEGORY
    raw = table.load(data_project.objects.path(reading.table_sha256), reading.columns)
    assert raw["n"][:2].tolist() == ["20000000", "20000001"]


def test_unknown_column_is_a_key_error(data_project, drop):
    reading = drop(b"a,b\n1,x\n2,y\n").reading

    with pytest.raises(KeyError, match="nope"):
        table.load(data_project.objects.path(reading.table_sha256), [Column("nope", ColumnType.NUMBER, Use.INPUT)])


def test_numbers_leave_arrow_with_their_gaps_and_their_slice():
    values = pa.chunked_array([pa.array([9.0, None, 1.5]).slice(1), pa.array([2.5, None])])
    np.testing.assert_array_equal(table.plain(values, np.float64, np.nan), [np.nan, 1.5, 2.5, np.nan])
    sliced = pa.array([None, 7, None, 8], pa.int32()).slice(1)
    np.testing.assert_array_equal(table.plain(sliced, np.int32, -1), [7, -1, 8])
    assert len(table.plain(pa.array([], pa.float64()), np.float64, np.nan)) == 0
