"""Every byte of a CSV file looked at once, without a Python loop over its lines. Child side.

Only arrays of positions are handled: quotes, line ends, delimiters. What stands between an odd and an even quote is
inside a cell. If a quote stands where RFC 4180 (section 2.5-2.7) allows none, the count of quotes proves nothing:
then ``stray_quotes`` says so and the file is read with care instead (see ``csv_source``). Measured: about 1 s a GB
on one core, so the order of the steps and what is not counted twice matter here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from app.core.progress import JobContext
from app.data.findings import SHOWN_ROWS, refused

CHUNK_BYTES = 1 << 20
LONGEST_LINE = 16 << 20
LONGEST_HEADER = 1 << 20
"""Room for as many columns as a table may have, with long names."""

_LF, _CR = 10, 13
Bytes = npt.NDArray[np.uint8]
Places = npt.NDArray[np.int64]


@dataclass
class Scan:
    """What was seen. ``records``: rows with the header, blank lines left out. ``short``/``long``: how many rows have
    fewer or more cells than ``width``; ``ragged``: the first of them as (record, cells); ``longest``: bytes of the
    longest record."""

    width: int
    records: int = 0
    lines: int = 0
    short: int = 0
    long: int = 0
    widest: int = 0
    longest: int = 0
    blank: int = 0
    quotes: int = 0
    crlf: int = 0
    lf: int = 0
    cr: int = 0
    stray_quotes: bool = False
    ragged: list[tuple[int, int]] = field(default_factory=list)

    @property
    def mixed_line_ends(self) -> bool:
        """Whether lines end in more than one way, or in the way of old Macs, which not all readers know."""
        return self.cr > 0 or (self.crlf > 0 and self.lf > 0)


def scan(path: Path, delimiter: str, quote: str, width: int, skip: int, ctx: JobContext) -> Scan:
    """Look at a clean UTF-8 file but for its first ``skip`` lines.

    Raises FileRefused (LINE_TOO_LONG, HEADER_TOO_LONG, UNCLOSED_QUOTE).
    """
    seen = Scan(width, lines=skip)
    total = path.stat().st_size or 1
    done, rest = 0, b""
    with path.open("rb", buffering=0) as file:
        if skip:
            done += _skipped(path, skip)
            file.seek(done)
        while chunk := file.read(CHUNK_BYTES):
            done += len(chunk)
            rest = _take(seen, rest + chunk, delimiter, quote, final=False)
            _check_length(seen, rest, quote)
            ctx.progress(done / total, "Looking at every line")
    if rest:
        _take(seen, rest, delimiter, quote, final=True)
    return seen


def _skipped(path: Path, lines: int) -> int:
    """How many bytes the first lines are."""
    with path.open("rb") as file:
        return sum(len(file.readline()) for _ in range(lines))


def _take(seen: Scan, data: bytes, delimiter: str, quote: str, *, final: bool) -> bytes:
    """Count the whole records of a piece that starts at a record's start; return what is left over."""
    array = np.frombuffer(data, np.uint8)
    quotes = _where(array, data, quote)
    line_feeds = np.flatnonzero(array == _LF)
    lone_crs = _lone_crs(array, data, final)
    ends = np.union1d(line_feeds, lone_crs) if len(lone_crs) else line_feeds
    if len(quotes):
        ends = ends[_outside(ends, quotes)]
    if final and (len(ends) == 0 or ends[-1] != len(data) - 1):
        seen.stray_quotes |= len(quotes) % 2 == 1  # never closed, or explained by a quote that opens nothing
        ends = np.append(ends, len(data))
    if not len(ends):
        return data
    cut = int(ends[-1]) + 1
    _count(seen, _Piece(array[:cut], data, ends, quotes[quotes < cut], delimiter))
    seen.lines += int(np.searchsorted(line_feeds, cut))
    return data[cut:]


@dataclass(frozen=True, slots=True)
class _Piece:
    """Whole records. ``array``: their bytes, of which ``data`` may hold more; ``ends``: where each of them ends;
    ``quotes``: all that are in them."""

    array: Bytes
    data: bytes
    ends: Places
    quotes: Places
    delimiter: str


def _count(seen: Scan, piece: _Piece) -> None:
    ends, array = piece.ends, piece.array
    starts = np.concatenate(([0], ends[:-1] + 1))
    lengths = ends - starts
    _refuse_long(seen, piece, lengths)
    seen.longest = max(seen.longest, int(lengths.max(initial=0)))
    _count_ends(seen, piece, lengths)
    if len(piece.quotes):
        seen.quotes += len(piece.quotes)
        seen.stray_quotes |= _any_stray(array, piece.quotes, piece.delimiter)
    filled = lengths > 0
    widths = _widths(piece)
    _note_widths(seen, widths if seen.width <= 1 or filled.all() else widths[filled])
    seen.blank += int(np.count_nonzero(~filled))


def _count_ends(seen: Scan, piece: _Piece, lengths: Places) -> None:
    """Count the kinds of line ends; a carriage return before a line feed is no part of its record's ``lengths``."""
    ends, array = piece.ends, piece.array
    if b"\r" not in piece.data:
        seen.lf += len(ends) - int(ends[-1] == len(array))
        return
    closing = array[np.minimum(ends, len(array) - 1)]
    crlf = (lengths > 0) & (array[np.maximum(ends - 1, 0)] == _CR) & (closing == _LF)
    real = closing[ends < len(array)]
    pairs = int(np.count_nonzero(crlf))
    seen.crlf += pairs
    seen.lf += int(np.count_nonzero(real == _LF)) - pairs
    seen.cr += int(np.count_nonzero(real == _CR))
    lengths[crlf] -= 1


def _widths(piece: _Piece) -> Places:
    """How many cells each record has: its separators, but for those between quotes, and one."""
    separators = _where(piece.array, piece.data, piece.delimiter)
    bounds = np.concatenate(([0], piece.ends))
    before = np.searchsorted(separators, bounds)
    if len(piece.quotes):
        opening, closing = piece.quotes[0::2], piece.quotes[1::2]
        last = np.full(len(opening) - len(closing), len(piece.array))
        within = np.searchsorted(separators, np.concatenate((closing, last))) - np.searchsorted(separators, opening)
        hidden = np.concatenate(([0], np.cumsum(within)))
        before -= hidden[np.searchsorted(opening, bounds)]
    return np.diff(before) + 1


def _note_widths(seen: Scan, widths: Places) -> None:
    wrong = np.flatnonzero(widths != seen.width)
    seen.short += int(np.count_nonzero(widths[wrong] < seen.width))
    seen.long += int(np.count_nonzero(widths[wrong] > seen.width))
    seen.widest = max(seen.widest, int(widths.max(initial=0)))
    for place in wrong[: SHOWN_ROWS + 1 - len(seen.ragged)]:
        seen.ragged.append((seen.records + int(place), int(widths[place])))
    seen.records += len(widths)


def _where(array: Bytes, data: bytes, character: str) -> Places:
    """The places of a character; none for an empty one. Looking first is much cheaper where there are none."""
    if not character or character.encode() not in data:
        return np.empty(0, dtype=np.int64)
    return np.flatnonzero(array == ord(character))


def _lone_crs(array: Bytes, data: bytes, final: bool) -> Places:
    """Carriage returns that stand alone, without a line feed behind them."""
    if b"\r" not in data or data.count(b"\r") == data.count(b"\r\n"):
        return np.empty(0, dtype=np.int64)
    crs = np.flatnonzero(array == _CR)
    if not final:
        crs = crs[crs < len(array) - 1]  # the next piece tells whether a line feed follows
    alone: Places = crs[(crs == len(array) - 1) | (array[np.minimum(crs + 1, len(array) - 1)] != _LF)]
    return alone


def _outside(places: Places, quotes: Places) -> npt.NDArray[np.bool_]:
    """Which places are not between an opening and a closing quote."""
    return np.asarray(np.searchsorted(quotes, places) % 2 == 0)


def _any_stray(array: Bytes, quotes: Places, delimiter: str) -> bool:
    """Whether some quote neither opens nor closes a cell nor doubles another."""
    last = len(array) - 1
    borders = np.zeros(256, dtype=bool)
    borders[[_LF, _CR, *([ord(delimiter)] if delimiter else []), int(array[quotes[0]])]] = True
    opening, closing = quotes[0::2], quotes[1::2]
    fine_before = borders[array[np.maximum(opening - 1, 0)]] | (opening == 0)
    fine_after = borders[array[np.minimum(closing + 1, last)]] | (closing == last)
    return not (fine_before.all() and fine_after.all())


def _refuse_long(seen: Scan, piece: _Piece, lengths: Places) -> None:
    if seen.records == 0 and len(lengths) and lengths[0] > LONGEST_HEADER:
        raise header_too_long()
    if len(lengths) and lengths.max() > LONGEST_LINE:
        longest = int(np.argmax(lengths))
        before = piece.data.count(b"\n", 0, int(piece.ends[longest - 1]) + 1 if longest else 0)
        raise line_too_long(seen.lines + 1 + before)


def _check_length(seen: Scan, rest: bytes, quote: str) -> None:
    """A piece without an end that grows and grows: a line too long, or a quote that never closes."""
    if len(rest) <= LONGEST_LINE:
        return
    if quote and rest.count(quote.encode()) % 2:
        first = seen.lines + 1 + rest[: rest.find(quote.encode())].count(b"\n")
        raise unclosed(first)
    raise line_too_long(seen.lines + 1)


def header_too_long() -> Exception:
    """The refusal of a first line beyond the limit."""
    hint = "Check that the file is a table with line ends."
    return refused("HEADER_TOO_LONG", f"The first line is longer than {LONGEST_HEADER // 1024} KB.", hint)


def line_too_long(line: int) -> Exception:
    """The refusal of a line beyond the limit."""
    hint = "Check that the file is a table with line ends."
    return refused("LINE_TOO_LONG", f"Line {line:,} is longer than {LONGEST_LINE >> 20} MB.", hint)


def unclosed(line: int) -> Exception:
    """The refusal of a quote that is never closed."""
    return refused("UNCLOSED_QUOTE", f"A quote opened in line {line:,} is never closed.", f"Close it in line {line:,}.")
