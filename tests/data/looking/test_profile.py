"""Figures of a table against figures computed by hand or by numpy."""

from __future__ import annotations

import numpy as np
import pytest

from app.core.data import Profile
from app.data.looking import profile, profiling, rows
from app.data.reading import PROFILE_FILE
from app.errors import CorruptObject
from app.jobs.decoding import decode


def test_figures_of_every_type(data_project, drop):
    content = b"n,i,c,b,d\n1.5,3,x,true,2024-01-01\n2.5,5,y,false,2024-01-03\n,3,x,true,\n4,9,,true,2024-01-02\n"
    made = profile.load(data_project, drop(content).reading)
    number, whole, category, boolean, moment = made.columns

    assert made.rows == 4
    assert (number.missing, number.distinct, number.minimum, number.maximum) == (1, 3, "1.5", "4")
    assert number.mean == pytest.approx(8 / 3)
    assert (whole.minimum, whole.maximum, whole.histogram.counts) == ("3", "9", (2, 0, 1, 0, 0, 0, 1))
    assert (category.missing, category.top) == (1, (("x", 2), ("y", 1)))
    assert (boolean.top, boolean.histogram.labels) == ((("true", 3), ("false", 1)), ("true", "false"))
    assert (moment.minimum, moment.maximum) == ("2024-01-01 00:00:00", "2024-01-03 00:00:00")
    assert sum(moment.histogram.counts) == 3


def test_histogram_is_numpys(data_project, drop):
    values = np.random.default_rng(3).normal(size=2_000).round(4)
    made = profile.load(data_project, drop("x,y\n" + "".join(f"{v},{i % 2}\n" for i, v in enumerate(values))).reading)
    histogram = made.columns[0].histogram

    assert len(histogram.counts) == profiling.BINS
    assert sum(histogram.counts) == 2_000
    assert np.array(histogram.counts) == pytest.approx(np.histogram(values, histogram.edges)[0], abs=2)


def test_infinite_values_do_not_spoil_the_figures(data_project, drop):
    column = profile.load(data_project, drop(b"x,y\n1,a\n3,b\ninf,a\n-inf,b\n").reading).columns[0]

    assert (column.minimum, column.maximum, column.mean) == ("1", "3", 2.0)


def test_pages_are_the_rows(data_project, drop):
    reading = drop("i,t,x\n" + "".join(f"{i},text {i},{i / 4}\n" for i in range(1_000))).reading

    page = rows.page(data_project, reading, 990, 20)

    assert page.first == 990
    assert [row[0] for row in page.rows] == [str(i) for i in range(990, 1_000)]
    assert page.rows[2] == ("992", "text 992", "248")
    assert rows.page(data_project, reading, 5, 1, columns=(1, 2)).rows == (("text 5",),)
    assert rows.page(data_project, reading, 5_000, 10).rows == ()


def test_missing_cells_and_long_texts_in_a_page(data_project, drop):
    page = rows.page(data_project, drop(f"a,b\n1,{'x' * 2000}\n,y\n3,z\n").reading, 0, 10)

    assert len(page.rows[0][1]) == rows.LONGEST_CELL + 1
    assert page.rows[1] == (None, "y")


def test_pages_of_columns_that_differ_in_case(data_project, drop):
    reading = drop(b"Age,age\n1,a\n2,b\n").reading

    assert rows.page(data_project, reading, 0, 2).rows == (("1", "a"), ("2", "b"))


def test_whole_numbers_that_nearly_number_the_rows_are_counted_exactly(data_project, drop):
    values = [None if n == 7 else n - 1000 if n % 50 else -1000 for n in range(150_000)]
    lines = "".join(f"{'' if v is None else v},{n % 3}\n" for n, v in enumerate(values))
    near = profile.load(data_project, drop("near,y\n" + lines).reading).columns[0]
    assert (near.distinct, near.distinct_is_estimate) == (len(set(values) - {None}), False)
    assert near.missing == 1


def test_a_profile_in_pieces_is_the_profile(read_here, tmp_path):
    read_here(
        (
            "day,amount,plan\n" + "".join(f"2026-01-{1 + n % 28:02},{n / 4},{'abc'[n % 3]}\n" for n in range(300))
        ).encode()
    )
    data = (tmp_path / "child" / PROFILE_FILE).read_bytes()
    assert profile.in_pieces(data) == decode(data, Profile)


def test_what_was_decoded_is_kept_but_its_bytes_are_looked_at_each_time(drop, data_project):
    reading = drop("a,b\n" + "1,2\n" * 30).reading
    assert profile.load(data_project, reading) is profile.load(data_project, reading)
    stored = data_project.objects.path(reading.profile_sha256)
    stored.chmod(0o600)
    stored.write_bytes(b"{}")
    with pytest.raises(CorruptObject):
        profile.load(data_project, reading)
