"""Which numbers say when something happened, and which only look like it."""

import pytest

from app.core.data import Column, ColumnProfile, ColumnType, Use
from app.core.moments import TimeForm, bare_name, fits, moment_of, time_form
from app.core.runs import SplitKind
from app.core.split_words import cut_words, plan_words


def form(name, low, high, type_=ColumnType.INTEGER):
    held = ColumnProfile(name, 0, 50, minimum=str(low), maximum=str(high))
    return time_form(Column(name, type_, Use.INPUT), held)


@pytest.mark.parametrize(
    ("name", "low", "high", "expected"),
    [
        ("day", 20190101, 20231231, TimeForm.DAY),
        ("x7", 20190101, 20231231, TimeForm.DAY),
        ("DateKey", 20130105, 20160228, TimeForm.DAY),
        ("month", 201901, 202312, TimeForm.MONTH),
        ("created_at", 1546300800, 1703980800, TimeForm.SECONDS),
        ("timestamp", 1546300800123, 1703980800456, TimeForm.MILLISECONDS),
        ("year", 2003, 2009, TimeForm.YEAR),
        ("YrSold", 2006, 2010, TimeForm.YEAR),
    ],
)
def test_days_months_seconds_and_years_are_told(name, low, high, expected):
    assert form(name, low, high) is expected
    assert form(name, f"{low}.0", f"{high}.0", ColumnType.NUMBER) is expected


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        ("customer_id", 20190101, 20231231),
        ("order_no", 1546300800, 1703980800),
        ("phone", 1546300800, 1703980800),
        ("id", 1000, 2050),
        ("house_number", 1901, 2024),
        ("zip", 20010, 20999),
        ("amount", 1546300800, 1703980800),
        ("x", 20191301, 20231231),
        ("x", 1950, 2020),
        ("year_of_birth", 1920, 2005),
        ("birthday", 19200101, 20051231),
        ("year_built", 1900, 2020),
        ("model_year", 1970, 1982),
        ("years_at_company", 0, 40),
        ("month", 1, 12),
        ("duration_time", 5, 4000),
    ],
)
def test_ids_house_numbers_and_years_of_birth_are_no_times(name, low, high):
    assert form(name, low, high) is None


def test_a_date_is_one_unless_somebody_was_born_on_it():
    assert form("seen", "2019-01-01", "2020-01-01", ColumnType.DATETIME) is TimeForm.DATE
    assert form("date_of_birth", "1920-01-01", "2020-01-01", ColumnType.DATETIME) is None
    assert form("seen", "a", "b", ColumnType.CATEGORY) is None


def test_impossible_days_and_infinities_fit_nothing():
    assert not fits(TimeForm.DAY, 20190230) and not fits(TimeForm.MONTH, 201913) and not fits(TimeForm.YEAR, 1999.5)
    assert not any(fits(one, float("inf")) or fits(one, float("nan")) for one in TimeForm)


def test_a_cut_that_is_a_number_says_what_it_stands_for():
    assert cut_words("20260301.0", ColumnType.INTEGER) == "20260301 (1 March 2026)"
    assert cut_words("1772323200.0", ColumnType.NUMBER) == "1772323200 (1 March 2026)"
    assert cut_words("2009.0", ColumnType.INTEGER) == "2009" and moment_of(37.5) is None
    assert bare_name("CustomerId") == bare_name("customer id") == "customer_id"


def test_what_was_found_by_itself_says_why_and_from_when_on():
    why, since = "The rows are in the order of seen", "from 3 March 2026 on"
    told = plan_words(SplitKind.TIME, "seen", 0.2, classes=True, why=why, since=since)
    assert told == "The rows are in the order of seen: the newest 20% are held out, from 3 March 2026 on."
    chosen = plan_words(SplitKind.TIME, "seen", 0.2, classes=True, since=since)
    assert chosen == "Tested on the newest 20% of the rows by seen, from 3 March 2026 on."
