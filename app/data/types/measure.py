"""What the cells of text columns look like, and the form each column is read in. Child side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from app.data.types import cells
from app.data.types.cells import Cells, Form

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

DECIMALS, THOUSANDS = "decimals", "thousands"
"""What a comma between digits may separate."""

NEARLY = 0.8
"""A column of which so many cells are numbers, dates or yes/no was meant to be: the others are named."""


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
    grouped: int
    sure_grouped: int
    booleans: int
    iso: int
    short_dates: int
    day_first: int
    month_first: int
    named: int
    year_first: int
    words: tuple[str, ...] = ()


def look(connection: duckdb.DuckDBPyConnection, relation: str, columns: Sequence[str]) -> list[Look]:
    """Look at every cell of some text columns of a FROM clause.

    The columns are laid below each other first: planned once for each column the query takes longer than it runs.
    """
    if not columns:
        return []
    rows = connection.execute(_look_sql(columns, relation)).fetchall()
    found = {str(name): _look_of(counts) for name, counts in rows}
    return [found.get(column, NOTHING) for column in columns]


def decide(seen: Look, day_first: bool | None = None, comma: str = "") -> Cells:
    """The form that reads every cell without losing anything; text if there is none. ``comma``: what it separates
    if somebody said so (decimals, thousands)."""
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
        if seen.commas + seen.integers == n and seen.commas and (seen.sure_commas or comma == DECIMALS):
            return Cells(Form.COMMA_NUMBER, missing=words)
        if seen.grouped + seen.numbers == n and seen.grouped and (seen.sure_grouped or comma == THOUSANDS):
            return Cells(Form.GROUPED_NUMBER, missing=words)
    patterns = _date_patterns(seen, day_first)
    if patterns is not None:
        return Cells(Form.MOMENT, patterns, words)
    return Cells(Form.TEXT)


def ambiguous_dates(seen: Look) -> bool:
    """Whether all cells are dates whichever way day and month are ordered."""
    return seen.present > 0 and seen.day_first == seen.month_first == seen.present


def either_order(seen: Look) -> bool:
    """Whether the cells that are dates are dates whichever way day and month are ordered."""
    others = max(seen.iso, seen.named, seen.year_first)
    return seen.day_first == seen.month_first > others


def ambiguous_commas(seen: Look) -> bool:
    """Whether all cells are numbers whose comma may separate decimals or thousands: ``1,234``."""
    one = seen.commas > 0 and not seen.sure_commas and seen.commas + seen.integers == seen.present
    other = seen.grouped > 0 and not seen.sure_grouped and seen.grouped + seen.numbers == seen.present
    return one or other


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
        (Form.GROUPED_NUMBER, seen.grouped + seen.numbers if seen.sure_grouped else 0),
        (Form.MOMENT, max(seen.iso, seen.day_first, seen.month_first, seen.named, seen.year_first)),
        (Form.BOOLEAN, seen.booleans),
    )
    form, fits = max(tries, key=lambda t: t[1])
    return (form, seen.present - fits) if NEARLY * seen.present <= fits < seen.present else None


def fitting(seen: Look, form: Form) -> int:
    """How many of the cells that are present fit a form."""
    return {
        Form.NUMBER: seen.numbers + seen.infinities,
        Form.INTEGER: seen.integers,
        Form.LOOSE_INTEGER: seen.integers,
        Form.COMMA_NUMBER: seen.commas + seen.integers,
        Form.GROUPED_NUMBER: seen.grouped + seen.numbers,
        Form.BOOLEAN: seen.booleans,
        Form.MOMENT: max(seen.iso, seen.day_first, seen.month_first, seen.named, seen.year_first),
    }.get(form, seen.present)


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


def _look_sql(columns: Sequence[str], relation: str) -> str:
    """One row a column that has any cell: its position and its counts. ``bare``: the cell without white space around
    it; ``word``: whether it stands for missing; ``p``: what is left; ``n``: whether that is a number."""
    long = f"(UNPIVOT (SELECT {', '.join(columns)} FROM {relation}) ON {', '.join(columns)} INTO NAME col VALUE cell)"
    bare = f"(SELECT col, cell, {cells.bare('cell')} AS bare FROM {long})"
    word = f"(SELECT col, cell, bare, lower(bare) IN ({cells.listed(cells.MISSING_WORDS)}) AS word FROM {bare})"
    left = f"(SELECT col, cell, word, CASE WHEN NOT word THEN bare END AS p FROM {word})"
    number = f"(SELECT col, cell, word, p, {_full('p', cells.NUMBER_PATTERN)} AS n FROM {left})"
    return f"SELECT col, {_COUNTS} FROM {number} GROUP BY col"


def _full(text: str, pattern: str) -> str:
    return f"regexp_full_match({text}, '{pattern}')"


def _dates(shape: str, patterns: Sequence[str]) -> str:
    return f"CASE WHEN {shape} THEN try_strptime(p, [{cells.listed(patterns)}]) IS NOT NULL END"


def _counts() -> str:
    short, comma = _full("p", SHORT_DATE_PATTERN), _full("p", cells.COMMA_PATTERN)
    grouped = _full("p", cells.GROUPED_PATTERN)
    tests = {
        "filled": "true",
        "present": "p IS NOT NULL",
        "integers": f"n AND {_full('p', cells.INTEGER_PATTERN)}",
        "canonical": "n AND try_cast(cell AS BIGINT)::VARCHAR = cell",
        "zeros": f"n AND {_full('p', '[+-]?0[0-9].*')}",
        "long": f"n AND length(p) > {cells.EXACT_DIGITS} AND {_full('p', '[+-]?0*[1-9][0-9]{15,}')}",
        "numbers": "n",
        "infinities": f"lower(p) IN ({cells.listed(cells.INFINITIES)})",
        "commas": comma,
        "sure_commas": f"{comma} AND NOT {_full('p', '[+-]?[1-9][0-9]{0,2},[0-9]{3}')}",
        "grouped": grouped,
        "sure_grouped": f"{grouped} AND NOT {_full('p', '[+-]?[1-9][0-9]{0,2},[0-9]{3}')}",
        "booleans": "lower(p) IN ('true', 'false')",
        "iso": f"CASE WHEN {_full('p', cells.ISO_PATTERN)} THEN try_cast(p AS TIMESTAMP) IS NOT NULL END",
        "short_dates": short,
        "day_first": _dates(short, timed(DAY_FIRST)),
        "month_first": _dates(short, timed(MONTH_FIRST)),
        "named": _dates(_full("p", NAMED_PATTERN), NAMED_MONTH),
        "year_first": _dates(_full("p", YEAR_FIRST_PATTERN), timed(YEAR_FIRST)),
    }
    counts = ", ".join(f"'{k}': count(*) FILTER (WHERE {v})" for k, v in tests.items())
    return f"{{{counts}, 'words': list(DISTINCT cell) FILTER (WHERE word)}}"


def _look_of(found: dict[str, object]) -> Look:
    words = found.pop("words")
    counts = {k: int(v) for k, v in found.items() if isinstance(v, int)}
    return Look(**counts, words=tuple(sorted(words)) if isinstance(words, list) else ())


_COUNTS = _counts()
NOTHING = Look(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
