"""Serving sees exactly the figures that training saw."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.runtime.canonical import MISSING, canonical, days, moment, number_block, numbers

any_number = st.one_of(st.none(), st.booleans(), st.integers(-(10**18), 10**18), st.floats(allow_nan=False))


@given(st.lists(st.tuples(any_number, any_number, any_number), min_size=1, max_size=5))
def test_a_block_of_numbers_is_what_each_column_would_be(rows: list[tuple[object, ...]]) -> None:
    block = number_block(rows)
    for line, column in zip(block, zip(*rows, strict=True), strict=True):
        assert line.tobytes() == numbers(column).tobytes()


@given(st.datetimes(timezones=st.one_of(st.none(), st.timezones())))
def test_a_moment_as_text_is_the_same_day_as_the_stored_one(when: dt.datetime) -> None:
    try:
        utc = when if when.tzinfo is None else when.astimezone(dt.UTC).replace(tzinfo=None)
    except OverflowError:
        with pytest.raises(OverflowError):
            moment(when.isoformat())
        return
    stored = np.array([np.datetime64(utc, "us")])
    if when.tzinfo is not None and when.utcoffset() != dt.datetime.fromisoformat(when.isoformat()).utcoffset():
        return  # historic offsets with fractions of a second are not written by isoformat
    assert days([when.isoformat()]).tobytes() == days(stored).tobytes()


def test_what_overflows_float32_is_missing() -> None:
    assert np.isnan(numbers([1e39, -1e39, None, float("inf")])).all()
    assert numbers([True, False, 2**24 + 1]).ravel().tolist() == [1.0, 0.0, 2.0**24]


def test_missing_texts_have_a_value_of_their_own() -> None:
    assert canonical("category", ["a", None]).ravel().tolist() == ["a", MISSING]
    assert canonical("text", ["It's  GROSS,größe 東京", None]).ravel().tolist() == ["it s gross größe 東京", MISSING]
    assert np.isnan(canonical("datetime", [None])).all()
    assert canonical("datetime", ["1970-01-02"]).tolist() == [[1.0]]
