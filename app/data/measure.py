"""What the cells of text columns look like, and the form each column is read in. Child side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from app.data import cells
from app.data.cells import Cells, Form

DAY_FIRST = ("%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y", "%d/%m/%y", "%d.%m.%y", "%d-%m-%y")
MONTH_FIRST = ("%m/%d/%Y", "%m.%d.%Y", "%m-%d-%Y", "%m/%d/%y", "%m.%d.%y", "%m-%d-%y")
NAMED_MONTH = ("%d %b %Y", "%d-%b-%Y", "%d-%b-%y", "%b %d, %Y", "%d %B %Y", "%B %d, %Y")
YEAR_FIRST = ("%Y/%m/%d", "%Y.%m.%d")
ISO: tuple[str, ...] = ()
"""No pattern: ISO 8601, which needs none."""
TIMES = ("", " %H:%M", " %H:%M:%S")
SHORT_DATE_PATTERN = r"[0-9]{1,2}([./-])[0-9]{1,2}[./-]([0-9]{4}|[0-9]{2})( [0-9]{1,2}:[0-9]{2}(:[0-9]{2})?)?"
NAMED_PATTERN = r"([0-9]{1,2}[ -])?[A-Za-z]{3,9}[ -]([0-9]{1,2}, )?[0-9]{2,4}"
YEAR_FIRST_PATTERN = r"[0-9]{4}[/.][0-9]{1,2}[/.][0-9]{1,2}( [0-9]{1,2}:[0-9]{2}(:[0-9]{2})?)?"

NEARLY = 0.8
"""A column of which so many cells are numbers, dates or yes/no was meant to be: the others are named."""

_BATCH = 100
_COUNTS = ["filled", "present", "integers", "canonical", "zeros", "long", "numbers", "infinities", "commas", "sure_commas", "booleans", "iso", "short_dates", "day_first", "month_first", "named", "year_first"]


@dataclass(frozen=True, slots=True)
class Look:
    """Counts over a column's cells. ``filled``: not NULL; ``present``: neither blank nor a word for *missing*,
    and all the others are among these. ``words``: the cells that were taken for missing, as they stand."""

    filled: int
    present: int
    integers: int
    canonical: int
    zeros: int
    long: int
    numbers: int
    infinities: int
    commas: int
    sure_commas: int
    booleans: int
    iso: int
    short_dates: int
    day_first: int
    month_first: int
    named: int
    year_first: int
    words: tuple[str, ...] = ()


def look(connection: duckdb.DuckDBPyConnection, relation: str, columns: Sequence[str]) -> list[Look]:
    """Look at every cell of some text columns of a FROM clause."""
    looks: list[Look] = []
    for start in range(0, len(columns), _BATCH):
        batch = columns[start : start + _BATCH]
        row = connection.execute(f"SELECT {', '.join(map(_look_sql, batch))} FROM {relation}").fetchone()
        assert row is not None
        looks += [_look_of(found) for found in row]
    return looks


def decide(seen: Look, day_first: bool | None = None, decimal: str = ".") -> Cells:
    """The form that reads every cell without losing anything; text if there is none."""
    n, words = seen.present, seen.words
    if not n:
        return Cells(Form.EMPTY, missing=words)
    if seen.booleans == n:
        return Cells(Form.BOOLEAN, missing=words)
    if not seen.zeros and not lost_digits(seen):
        if seen.integers == n:
            return Cells(Form.INTEGER if seen.canonical == n else Form.LOOSE_INTEGER, missing=words)
        if seen.numbers + seen.infinities == n and seen.numbers:
            return Cells(Form.NUMBER, missing=words)
        if seen.commas + seen.integers == n and seen.commas and (seen.sure_commas or decimal == ","):
            return Cells(Form.COMMA_NUMBER, missing=words)
    patterns = _date_patterns(seen, day_first)
    if patterns is not None:
        return Cells(Form.MOMENT, patterns, words)
    return Cells(Form.TEXT)


def ambiguous_dates(seen: Look) -> bool:
    """Whether all cells are dates whichever way day and month are ordered."""
    return seen.present > 0 and seen.day_first == seen.month_first == seen.present


def ambiguous_commas(seen: Look) -> bool:
    """Whether all cells are numbers whose comma may separate decimals or thousands: ``1,234``."""
    return seen.commas > 0 and not seen.sure_commas and seen.commas + seen.integers == seen.present


def lost_zeros(seen: Look) -> bool:
    """Whether the cells are numbers that would lose zeros in front."""
    return seen.zeros > 0 and seen.numbers == seen.present and not lost_digits(seen)


def lost_digits(seen: Look) -> bool:
    """Whether the cells are whole numbers of which some have more digits than a double keeps."""
    return seen.long > 0 and seen.integers + seen.zeros >= seen.present


def unsettled(seen: Look) -> bool:
    """Whether a question about a column of text is open; until it is answered it is not used."""
    return ambiguous_dates(seen) or ambiguous_commas(seen) or almost(seen) is not None


def almost(seen: Look) -> tuple[Form, int] | None:
    """What a column was meant to be though some cells do not fit: the form and how many cells do not."""
    if seen.zeros or seen.long or not seen.present:
        return None
    tries = (
        (Form.NUMBER, seen.numbers + seen.infinities),
        (Form.COMMA_NUMBER, seen.commas + seen.integers if seen.sure_commas else 0),
        (Form.MOMENT, max(seen.iso, seen.day_first, seen.month_first, seen.named, seen.year_first)),
        (Form.BOOLEAN, seen.booleans),
    )
    form, fits = max(tries, key=lambda t: t[1])
    return (form, seen.present - fits) if NEARLY * seen.present <= fits < seen.present else None


def _date_patterns(seen: Look, day_first: bool | None) -> tuple[str, ...] | None:
    """The patterns that read all cells; empty for ISO 8601; None if there are none or day and month are unclear."""
    n = seen.present
    if seen.iso == n:
        return ()
    if seen.year_first == n:
        return timed(YEAR_FIRST)
    if seen.named == n:
        return NAMED_MONTH
    if seen.day_first == n and (seen.month_first < n or day_first is True):
        return timed(DAY_FIRST)
    if seen.month_first == n and (seen.day_first < n or day_first is False):
        return timed(MONTH_FIRST)
    return None


def timed(patterns: Sequence[str]) -> tuple[str, ...]:
    """Date patterns, each without and with a time of day."""
    return tuple(pattern + time for pattern in patterns for time in TIMES)


def _look_sql(column: str) -> str:
    """One column's counts as a struct; expensive tests only look at cells of the right shape."""
    bare, word = cells.bare(column), f"coalesce({cells.is_missing_word(column)}, true)"
    integer, number = cells.matches(column, "[+-]?[0-9]+"), cells.matches(column, cells.NUMBER_PATTERN)
    comma = cells.matches(column, cells.COMMA_PATTERN)
    short = cells.matches(column, SHORT_DATE_PATTERN)
    tests = {
        "filled": f"{column} IS NOT NULL",
        "present": "true",
        "integers": cells.matches(column, cells.INTEGER_PATTERN),
        "canonical": f"try_cast({column} AS BIGINT)::VARCHAR = {column}",
        "zeros": f"{number} AND {cells.matches(column, '[+-]?0[0-9].*')}",
        "long": f"{integer} AND length(ltrim({bare}, '+-0')) > {cells.EXACT_DIGITS}",
        "numbers": number,
        "infinities": f"lower({bare}) IN ({', '.join(map(repr, cells.INFINITIES))})",
        "commas": comma,
        "sure_commas": f"{comma} AND NOT {cells.matches(column, '[+-]?[1-9][0-9]{0,2},[0-9]{3}')}",
        "booleans": f"lower({bare}) IN ('true', 'false')",
        "iso": f"CASE WHEN {cells.matches(column, cells.ISO_PATTERN)} THEN try_cast({bare} AS TIMESTAMP) IS NOT NULL END",
        "short_dates": short,
        "day_first": _dates(bare, short, timed(DAY_FIRST)),
        "month_first": _dates(bare, short, timed(MONTH_FIRST)),
        "named": _dates(bare, cells.matches(column, NAMED_PATTERN), NAMED_MONTH),
        "year_first": _dates(bare, cells.matches(column, YEAR_FIRST_PATTERN), timed(YEAR_FIRST)),
    }
    present = {k: v if k == "filled" else f"NOT {word} AND {v}" for k, v in tests.items()}
    counts = ", ".join(f"'{k}': count(*) FILTER (WHERE {v})" for k, v in present.items())
    return f"{{{counts}, 'words': list(DISTINCT {column}) FILTER (WHERE {column} IS NOT NULL AND {word})}}"


def _dates(bare: str, shape: str, patterns: Sequence[str]) -> str:
    listed = ", ".join(f"'{p}'" for p in patterns)
    return f"CASE WHEN {shape} THEN try_strptime({bare}, [{listed}]) IS NOT NULL END"


def _look_of(found: dict[str, object]) -> Look:
    words = found.pop("words")
    counts = {k: int(v) for k, v in found.items() if k in _COUNTS and isinstance(v, int)}
    return Look(**counts, words=tuple(sorted(words)) if isinstance(words, list) else ())
