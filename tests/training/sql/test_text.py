"""Numbers and names as a person would write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.training.sql import text

FIGURES = st.floats(allow_nan=False, allow_infinity=False, width=32)


@given(FIGURES, FIGURES)
def test_a_bound_lies_between_its_neighbours(one, other):
    low, high = sorted((one, other))
    if low < high:
        assert low <= text.between(low, high) < high


def test_a_bound_has_as_few_digits_as_it_can():
    assert text.between(12.25, 13.75) == 13
    assert text.between(0.11, 0.1234) == 0.12
    assert text.between(18.0, 19.0) == 18.0
    with pytest.raises(ValueError, match="nothing between"):
        text.between(1.0, 1.0)


def test_numbers_are_written_without_exponents():
    assert [text.number(v) for v in (0.000012345, 1.387, -0.5, 123456.0)] == ["0.00001234", "1.387", "-0.5", "123500"]
    assert [text.exact(v) for v in (12.0, 0.1)] == ["12", "0.1"]


def test_quotes_are_doubled():
    assert text.name('a "b"') == '"a ""b"""'
    assert text.string("it's") == "'it''s'"


def test_days_become_a_moment():
    assert text.moment(18_262.5) == "TIMESTAMP '2020-01-01 12:00:00'"
