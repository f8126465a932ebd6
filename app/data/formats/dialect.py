"""How a text table is written: delimiter, quotes, lines before the header, whether there is a header. Child side."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from app.data.types.cells import INTEGER_PATTERN, ISO_PATTERN, NUMBER_PATTERN

DELIMITERS = (",", ";", "\t", "|")
SAMPLE_ROWS = 1_000
MOST_PREAMBLE = 50
SURE_SHARE = 0.9
TYPED_SHARE = 0.6
"""Enough where a column of numbers or dates shows that it is a table."""
_TYPED = re.compile(f"{NUMBER_PATTERN}|{ISO_PATTERN}|[+-]?[0-9.]+,[0-9]+|(?i:true|false)")
_SINGLE_QUOTED = re.compile(r"(?:^|[,;\t|])'[^'\n]*'(?=[,;\t|]|$)", re.MULTILINE)

_SAID = re.compile(r"(?i)\"?sep=([,;|\t])\"?\r?\n")
"""What Excel writes, and reads, above a table to say which character separates its cells."""

RARE = (" ", ":", "^", "~")
"""Not looked for, but asked about where nothing else separates and they do so in every row."""

Rows = Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Dialect:
    """``delimiter``: empty for a single column. ``preamble``: lines before the header that are no part of the table.
    ``header``: the names as written, None if the first line is data already. ``width``: cells of most rows, or of the
    header if that has more. ``spoken``: how many lines of the preamble say something. ``others``: delimiters that
    would explain every row as well, each with the first row it makes."""

    delimiter: str
    quote: str
    preamble: int
    header: tuple[str, ...] | None
    width: int
    spoken: int = 0
    others: tuple[tuple[str, tuple[str, ...]], ...] = ()


def dialect_of(sample: str, delimiter: str | None = None, quote: str | None = None) -> Dialect:
    """Judge the first lines of a file; what is given is not judged. The sample must end at a line's end."""
    quote = quote if quote is not None else _quote(sample)
    said = _SAID.match(sample)
    if said and delimiter is None:
        delimiter = said[1]
    tried = DELIMITERS if delimiter in (None, *DELIMITERS) else (delimiter or "", *DELIMITERS)
    judged = [_judge(sample, d, quote) for d in tried]
    score, rows, used = max(judged, key=lambda one: (one[2] == delimiter, one[0]))
    others = tuple((d, tuple(r[0])) for _, r, d in judged if d != used and _even(rows) and _even(r))
    if delimiter is None and score <= 0:
        others = tuple((d, tuple(r[0])) for d in RARE if _rarely(d, r := parsed(sample, d, quote)))
        rows, used = [[line.rstrip("\r\n")] for line in text_lines(sample)[:SAMPLE_ROWS]], ""
    width = _usual_width(rows)
    preamble = first_table_row(rows, width)
    table = [row for row in rows[preamble:] if row]
    header = _completed(table, width) if table and has_header(table) else None
    spoken = sum(1 for row in rows[:preamble] if any(cell.strip() for cell in row)) - bool(said and preamble)
    return Dialect(
        used, quote, _line_of(sample, used, quote, preamble), header, max(width, len(header or ())), spoken, others
    )


def below_header(sample: str, line: int, delimiter: str, quote: str) -> Dialect:
    """The dialect of a file whose header a person pointed at (its line, from 1)."""
    lines = text_lines(sample)
    skipped = max(0, line - 1)
    rows = [row for row in parsed("".join(lines[skipped:]), delimiter, quote) if row]
    width = _usual_width(rows[1:] or rows)
    header = _completed(rows, width) if rows else None
    return Dialect(delimiter, quote, skipped, header, max(width, len(header or ())))


def has_header(rows: Rows) -> bool:
    """Whether the first row names the columns: it does unless its cells look like those below.

    A column counts if most of its other cells are numbers, dates or true/false. Years in a row, as in
    ``country,2019,2020``, are names all the same.
    """
    first, others = rows[0], rows[1:]
    typed = [i for i in range(len(first)) if _mostly_typed([row[i] for row in others if i < len(row)])]
    if not others or not typed:
        return not (first and all(cell.strip() == "" or _TYPED.fullmatch(cell.strip()) for cell in first))
    names = [first[i].strip() for i in typed]
    if not all(name and _TYPED.fullmatch(name) for name in names):
        return True
    return len(typed) < len(first) and len(names) > 1 and _counts_up(names)


def first_table_row(rows: Rows, width: int) -> int:
    """How many rows stand before the table: they are much narrower than it. 0 if there is no clear end."""
    if width < 2:
        return 0
    for i, row in enumerate(rows[: MOST_PREAMBLE + 1]):
        filled = len([cell for cell in row if cell.strip()])
        if len(row) >= width - 1 and filled >= max(2, (width + 1) // 2):
            return i
    return 0


def _completed(rows: Rows, width: int) -> tuple[str, ...]:
    """The header with a name for every column. R writes none over the row names, which come first; a delimiter at
    every row's end makes a last column without a name."""
    header = tuple(rows[0])
    missing = ("",) * (width - len(header))
    first = [row[0] for row in rows[1:] if row]
    ends = [row[-1].strip() for row in rows[1:] if len(row) == width]
    is_row_names = len(missing) == 1 and len(set(first)) == len(first) and any(ends)
    return (*missing, *header) if is_row_names else (*header, *missing)


def _quote(sample: str) -> str:
    single = len(_SINGLE_QUOTED.findall(sample))
    return "'" if '"' not in sample and single > max(2, sample.count("\n") // 2) else '"'


def _judge(sample: str, delimiter: str, quote: str) -> tuple[float, list[list[str]], str]:
    """How well a delimiter explains the sample: the share of rows of the usual width, if that is more than one."""
    rows = parsed(sample, delimiter, quote)
    width = _usual_width(rows)
    filled = [row for row in rows if row]
    if width < 2 or not filled:
        return 0.0, rows, delimiter
    before = first_table_row(filled, width)
    share = sum(len(row) == width for row in filled) / len(filled)
    sure = sum(len(row) == width for row in filled[before:]) / len(filled[before:])
    if before and sure < (TYPED_SHARE if _any_typed(filled[before:], width) else SURE_SHARE):
        # prose with commas in it: nothing shows where a table would begin
        return 0.0, rows, delimiter
    header_fits = 0.5 if len(filled[before]) == width else 0.0
    splits_numbers = 0.4 if delimiter == "," and _splits_numbers(filled) else 0.0
    return share + header_fits - splits_numbers + 0.001 * min(width, 100), rows, delimiter


def _any_typed(rows: Rows, width: int) -> bool:
    """Whether some column below the first row is mostly numbers, dates or true/false."""
    below = [row for row in rows[1:] if len(row) == width]
    return len(below) > 1 and any(_mostly_typed([row[i] for row in below]) for i in range(width))


def says_separator(line: str) -> bool:
    """Whether a line only says which character separates the cells."""
    return _SAID.match(line) is not None


def text_lines(sample: str) -> list[str]:
    """The lines with their ends; ``str.splitlines`` would also split at form feeds and paragraph signs."""
    return list(io.StringIO(sample, newline=""))


def parsed(sample: str, delimiter: str, quote: str) -> list[list[str]]:
    """The first rows as Python's csv module reads them."""
    reader = csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter or "\x1f", quotechar=quote or None)
    rows: list[list[str]] = []
    try:
        for row in reader:
            rows.append(row)
            if len(rows) >= SAMPLE_ROWS:
                break
    except csv.Error:
        pass  # what was read until then is judged; the whole file is read with care later
    return rows


def _even(rows: Rows) -> bool:
    """Whether all rows have the same number of cells, at least two, and a first row full of names or values."""
    filled = [row for row in rows if row]
    return (
        len(filled) > 1 and len(filled[0]) > 1 and {len(row) for row in filled} == {len(filled[0])} and all(filled[0])
    )


def _rarely(delimiter: str, rows: Rows) -> bool:
    """Whether a rare character makes an even table; spaces stand in names too, so these need a typed column."""
    return _even(rows) and (delimiter != " " or _any_typed(rows, len(rows[0])))


def _usual_width(rows: Rows) -> int:
    counts = Counter(len(row) for row in rows if row)
    return max(counts, key=lambda width: (counts[width], width), default=0)


def _splits_numbers(rows: Rows) -> bool:
    """Whether commas stand inside numbers that another delimiter separates: ``1,5;2,5``."""
    return sum(1 for row in rows[1:] if any(";" in cell or "\t" in cell for cell in row)) > len(rows) / 2


def _line_of(sample: str, delimiter: str, quote: str, row: int) -> int:
    """How many physical lines stand before a row of the sample."""
    if not row:
        return 0
    reader = csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter or "\x1f", quotechar=quote or None)
    for _ in range(row):
        next(reader)
    return reader.line_num


def _mostly_typed(cells: Sequence[str]) -> bool:
    present = [cell.strip() for cell in cells if cell.strip()]
    return bool(present) and sum(1 for cell in present if _TYPED.fullmatch(cell)) > 0.5 * len(present)


def _counts_up(names: Sequence[str]) -> bool:
    if not all(re.fullmatch(INTEGER_PATTERN, name) for name in names):
        return False
    numbers = [int(name) for name in names]
    return all(b - a == 1 for a, b in pairwise(numbers))
