"""Rules and broken rules in words: the same in the window, on the command line and in findings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from app.core.contracts import Broken, Why
from app.core.data import TYPE_WORDS, ColumnType
from app.runtime.rules import Rule

_EPOCH = datetime(1970, 1, 1)
_LISTED = 5

OPERATOR_WORDS = {"<": "below", "<=": "at most", "=": "equal to", ">=": "at least", ">": "above", "!=": "other than"}
_INSTEAD = {"<": "not below", "<=": "above", "=": "other than", ">=": "below", ">": "not above", "!=": "equal to"}

Types = Mapping[str, str]
"""A table's columns with their types: dates are told as dates, not as days."""


def rule_words(rule: Rule, types: Types) -> str:
    """``age: from 0 to 99``."""
    about = f"{rule.column}: " if rule.column is not None else ""
    return about + demand_words(rule, types)


def demand_words(rule: Rule, types: Types) -> str:
    """What a rule asks of its column: ``from 0 to 99``, ``never missing``, ``at most end``."""
    if rule.kind == "type":
        return type_words(rule)
    if rule.kind == "categories":
        return f"one of {_listed(rule.values)}"
    if rule.kind == "missing":
        return f"at most {share_words(rule.maximum or 0.0)} missing" if rule.maximum else "never missing"
    if rule.kind == "unique":
        return "no value twice"
    if rule.kind == "relation":
        return f"{OPERATOR_WORDS[rule.operator]} {rule.other}"
    words = _bounds_words(rule, types)
    return words if rule.kind == "range" else f"{words} rows"


def broken_words(rule: Rule, broken: Broken, types: Types) -> str:
    """``age: 3 rows are above 99: rows 17, 240 and 811``."""
    if rule.kind == "rows":
        return f"There are {broken.of:,} rows, not {_bounds_words(rule, types)}."
    if broken.why is Why.NO_COLUMN:
        gone = rule.column if rule.column not in types else rule.other
        return f"There is no column {gone}."
    if broken.why is Why.OTHER_TYPE:
        now = TYPE_WORDS[ColumnType(types[rule.column or ""])]
        return f"{rule.column} is of type {now} now: “{demand_words(rule, types)}” cannot be judged."
    what = _SAID[rule.kind](rule, broken, types)
    return f"{rule.column}: {what}{_rows_words(broken)}"


def _type(rule: Rule, broken: Broken, types: Types) -> str:
    now = TYPE_WORDS[ColumnType(types[rule.column or ""])]
    said = f"the type is {now}, not {type_words(rule)}"
    every = broken.count == broken.of or not broken.count
    return said if every else f"{said}; {_rows_are(broken)} to blame"


def _range(rule: Rule, broken: Broken, types: Types) -> str:
    if broken.above == broken.count and rule.maximum is not None:
        return f"{_rows_are(broken)} above {bound_words(rule, rule.maximum, types)}"
    if not broken.above and rule.minimum is not None:
        return f"{_rows_are(broken)} below {bound_words(rule, rule.minimum, types)}"
    return f"{_rows_are(broken)} not {_bounds_words(rule, types)}"


def _categories(rule: Rule, broken: Broken, types: Types) -> str:
    seen = dict.fromkeys(broken.cells)
    named = f" ({_listed(tuple(seen))})" if seen else ""
    return f"{_rows_are(broken)} none of the allowed values{named}"


def _missing(rule: Rule, broken: Broken, types: Types) -> str:
    values = "1 value is" if broken.count == 1 else f"{broken.count:,} values are"
    if not rule.maximum:
        return f"{values} missing"
    share = share_words(broken.count / max(broken.of, 1))
    return f"{values} missing ({share}), at most {share_words(rule.maximum)} may be"


def _unique(rule: Rule, broken: Broken, types: Types) -> str:
    return f"{broken.count:,} {'row repeats' if broken.count == 1 else 'rows repeat'} an earlier value"


def _relation(rule: Rule, broken: Broken, types: Types) -> str:
    return f"{_rows_are(broken)} {_INSTEAD[rule.operator]} {rule.other}"


_SAID = {
    "type": _type,
    "range": _range,
    "categories": _categories,
    "missing": _missing,
    "unique": _unique,
    "relation": _relation,
}


def type_words(rule: Rule) -> str:
    """The type that a rule asks for, as it is called on screen."""
    return TYPE_WORDS[ColumnType(rule.values[0])] if rule.values else ""


def bound_words(rule: Rule, bound: float, types: Types) -> str:
    """A bound as a person writes it: a date for dates."""
    is_date = rule.kind == "range" and types.get(rule.column or "") == ColumnType.DATETIME
    return date_words(bound) if is_date else f"{bound:,.15g}"


def date_words(days: float) -> str:
    """Days since 1970 as a date, with the time unless it is midnight."""
    try:
        moment = _EPOCH + timedelta(days=days)
    except OverflowError:
        return f"{days:,.15g} days"
    return moment.isoformat(sep=" ").removesuffix(" 00:00:00")


def share_words(share: float) -> str:
    """``2.5 %``."""
    return f"{share * 100:.3g} %"


def _bounds_words(rule: Rule, types: Types) -> str:
    low, high = (None if b is None else bound_words(rule, b, types) for b in (rule.minimum, rule.maximum))
    if low is not None and high is not None:
        return f"from {low} to {high}"
    return f"at least {low}" if low is not None else f"at most {high}" if high is not None else "any number of"


def _rows_are(broken: Broken) -> str:
    return "1 row is" if broken.count == 1 else f"{broken.count:,} rows are"


def _rows_words(broken: Broken) -> str:
    if not broken.rows:
        return "."
    shown = [f"{row:,}" for row in broken.rows[:_LISTED]]
    more = broken.count - len(shown)
    if more:
        return f": rows {', '.join(shown)} and {more:,} more."
    return f": row {shown[0]}." if len(shown) == 1 else f": rows {', '.join(shown[:-1])} and {shown[-1]}."


def _listed(values: Sequence[str]) -> str:
    shown = ", ".join(values[:_LISTED])
    return f"{shown} and {len(values) - _LISTED:,} more" if len(values) > _LISTED else shown
