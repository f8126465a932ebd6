"""Numbers that say when something happened: days written as 20260301, months, years, seconds since 1970. Pure.

What can be told by name and range alone; whether every value is such a moment is looked at where the values are.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from enum import StrEnum

from app.core.data import Column, ColumnProfile, ColumnType


class TimeForm(StrEnum):
    """How a column says when. ``YEAR`` is the only one that other things are written as too, so it is always asked
    about: a car's or a wine's year is no time of the row."""

    DATE = "date"
    DAY = "day"
    MONTH = "month"
    SECONDS = "seconds"
    MILLISECONDS = "milliseconds"
    YEAR = "year"


FORM_WORDS = {
    TimeForm.DATE: "a date",
    TimeForm.DAY: "a day written as a number",
    TimeForm.MONTH: "a month written as a number",
    TimeForm.SECONDS: "a time in seconds since 1970",
    TimeForm.MILLISECONDS: "a time in milliseconds since 1970",
    TimeForm.YEAR: "a year",
}
MOST_UNDATED = 0.05
"""Of the rows: those without a time are left out where it divides; a person decides about more than these."""
FIRST_YEAR, LAST_YEAR = 1900, 2100
_FIRST_S, _LAST_S = 946_684_800, 4_102_444_800
"""1 January 2000 and 2100: smaller numbers of this length are amounts and ids."""

_OF_A_LIFE = re.compile(r"birth|born|(^|_)dob(_|$)|geburt|naiss")
_OF_A_THING = re.compile(r"built|build|blt|construct|renov|remod|model|vintage|found|graduat|publish|release")
_YEAR = re.compile(r"(^|_)(years?|yrs?|jahr|annee|ano|anno|jaar|season)(_|$)")
_DAY = re.compile(r"date|day|(^|_)(dt|ymd|yyyymmdd|datum|tag|jour|fecha)(_|$)")
_MONTH = re.compile(r"date|month|period|(^|_)(ym|yyyymm|monat|mois|mes)(_|$)")
_CLOCK = re.compile(r"time|date|epoch|unix|created|updated|(^|_)(ts|at|when|moment)(_|$)")
_NAMES_A_THING = re.compile(
    r"(^|_)(id|uuid|guid|no|nr|num|number|code|key|zip|plz|post|postal|postcode|cep|phone|tel|mobile|fax|house|account|"
    r"iban|sku|ean|isbn|amount|price|count|total|size|salary|income)(_|$)"
)


def bare_name(name: str) -> str:
    """``CustomerId``, ``customer id`` and ``customer_id`` as one."""
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
    return re.sub(r"[^a-z0-9]+", "_", apart).strip("_")


def time_form(column: Column, held: ColumnProfile) -> TimeForm | None:
    """How a column may say when a row happened; None for what says no time, or that of a life or of a thing."""
    name = bare_name(column.name)
    if _OF_A_LIFE.search(name) or held.distinct < 2:
        return None
    if column.type is ColumnType.DATETIME:
        return TimeForm.DATE
    if column.type not in (ColumnType.INTEGER, ColumnType.NUMBER) or held.minimum is None or held.maximum is None:
        return None
    ends = float(held.minimum), float(held.maximum)
    return next((form for form, named in _BY_NUMBER if named(name) and all(fits(form, end) for end in ends)), None)


def _is_year(name: str) -> bool:
    return bool(_YEAR.search(name)) and not _OF_A_THING.search(name)


def _is_day(name: str) -> bool:
    return bool(_DAY.search(name)) or not _NAMES_A_THING.search(name)


def _is_month(name: str) -> bool:
    return bool(_MONTH.search(name))


def _is_clock(name: str) -> bool:
    return bool(_CLOCK.search(name))


_BY_NUMBER = (
    (TimeForm.YEAR, _is_year),
    (TimeForm.MONTH, _is_month),
    (TimeForm.DAY, _is_day),
    (TimeForm.SECONDS, _is_clock),
    (TimeForm.MILLISECONDS, _is_clock),
)


def fits(form: TimeForm, number: float) -> bool:
    """Whether a number is a moment in this form."""
    if not float(number).is_integer() and form not in (TimeForm.SECONDS, TimeForm.MILLISECONDS):
        return False
    if form is TimeForm.YEAR:
        return FIRST_YEAR <= number <= LAST_YEAR
    if form is TimeForm.MONTH:
        return _is_date(int(number) * 100 + 1)
    if form is TimeForm.DAY:
        return _is_date(int(number))
    return _FIRST_S <= number / (1 if form is TimeForm.SECONDS else 1000) <= _LAST_S


def _is_date(number: int) -> bool:
    year, month, day = number // 10_000, number // 100 % 100, number % 100
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return False
    try:
        datetime(year, month, day, tzinfo=UTC)
    except ValueError:
        return False
    return True


def moment_of(number: float) -> datetime | None:
    """The moment that a number of a column used as time stands for; None for a year, a month or a mere number."""
    if fits(TimeForm.DAY, number):
        return datetime.strptime(f"{int(number)}", "%Y%m%d")
    for form, per_second in ((TimeForm.SECONDS, 1), (TimeForm.MILLISECONDS, 1000)):
        if fits(form, number):
            return datetime.fromtimestamp(number / per_second, UTC).replace(tzinfo=None, microsecond=0)
    return None
