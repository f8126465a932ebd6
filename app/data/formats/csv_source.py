"""CSV and its kin: judged by our own look at every byte, then read by DuckDB with everything named. Child side."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from app.core.data import Choice, Finding, ParseRecipe
from app.core.progress import JobContext
from app.data import engine
from app.data.findings import SHOWN_ROWS, ask, listed, refused, shown, warn
from app.data.formats import csv_careful
from app.data.formats.cell_file import CELL_FILE
from app.data.formats.csv_scan import LONGEST_HEADER, Scan, header_too_long, scan
from app.data.formats.csv_wide import cells_of_even, cells_of_uneven
from app.data.formats.dialect import Dialect, below_header, dialect_of, says_separator, text_lines
from app.data.formats.raw import Kind, RawTable
from app.data.formats.text import SAMPLE_BYTES, CleanText
from app.data.names import column_names
from app.data.wishes import Wishes

MOST_EXTRA = 100
"""A row with so many cells too many is no row of a table."""

LEAST_LINE = 2 << 20
BUFFER_BYTES = 32 << 20
PIECES = 8
"""A file is read in so many buffers at least, so that every core has one: in one buffer only one core reads."""

LEAST_SAMPLE_LINES, MOST_SAMPLE_BYTES = 8, 4 << 20
"""Of very long lines more is looked at: one line says little about a table."""

NO_DELIMITER = "\x1f"
HEADER_CHOICES = 4
"""So many lines from the header on are offered as the header."""

DELIMITER_WORDS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars", " ": "spaces", ":": "colons"}


def open_csv(clean: CleanText, folder: Path, wishes: Wishes, ctx: JobContext, *, careful: bool) -> RawTable:
    """Open clean text as a table. ``careful``: DuckDB and our look disagreed, so every record is written anew first.
    Raises FileRefused."""
    sample = _sample(clean.path)
    judged = dialect_of(sample, wishes.delimiter, wishes.quote)
    found = _as_wished(judged, sample, wishes)
    seen = scan(clean.path, found.delimiter, found.quote, found.width, found.preamble, ctx)
    path, skip, delimiter, quote = clean.path, found.preamble, found.delimiter, found.quote
    drop = wishes.policies.drop_ragged and bool(seen.short or seen.long)
    wide = max(found.width, seen.widest) > engine.VERY_WIDE
    uneven = bool(seen.stray_quotes or careful or drop or (wide and (seen.short or seen.long)))
    if uneven:
        path, skip = folder / "careful.csv", 0
        ends = seen
        seen = csv_careful.rewrite(clean.path, path, delimiter, quote, found.width, found.preamble, ctx, even=drop)
        seen.lf, seen.cr, seen.crlf = ends.lf, ends.cr, ends.crlf
        delimiter, quote = ",", '"'
    elif seen.mixed_line_ends:
        path, skip = folder / "lines.csv", 0
        _write_with_line_feeds(clean.path, path, quote, found.preamble)
    rows = seen.records - (found.header is not None)
    if rows <= 0:
        raise _no_rows(sample, seen)
    extra = 0 if drop else _extra(seen, found)
    names, doubles = column_names([*(found.header or [""] * found.width), *[""] * extra])
    relation = (
        _wide_relation(path, folder, delimiter, quote, found, len(names), skip, seen, ctx, uneven=uneven)
        if wide
        else _relation(path, delimiter, quote, found, len(names), skip, seen, padded=not drop)
    )
    asked = (*_delimiter(judged), *_preamble(judged, found, sample), *doubles, *_ragged(seen, found, drop))
    line = found.preamble + 1 if found.header is not None else 0
    recipe = ParseRecipe("csv", clean.encoding, found.delimiter, found.quote, line)
    findings = (*clean.findings, *asked, *_line_ends(seen))
    cells = folder / CELL_FILE if wide else None
    return RawTable(relation, names, (Kind.CELL,) * len(names), recipe, findings, rows, extra, cells=cells)


def _sample(path: Path) -> str:
    """The first lines, whole ones, as text."""
    with path.open("rb") as file:
        head = file.read(SAMPLE_BYTES)
        while len(head) < MOST_SAMPLE_BYTES and len(head.splitlines()) < LEAST_SAMPLE_LINES:
            more = file.read(SAMPLE_BYTES)
            if not more:
                break
            head += more
        whole = not file.read(1)
    ends = max(head.rfind(b"\n"), head.rfind(b"\r"))
    if ends < 0 and len(head) > LONGEST_HEADER:
        raise header_too_long()
    return head[: len(head) if whole else ends + 1].decode("utf-8-sig", "replace")


def _no_rows(sample: str, seen: Scan) -> Exception:
    if not seen.records:
        return refused("NO_ROWS", "The file has no rows.")
    line = next((line for line in text_lines(sample) if line.strip()), "")
    return refused("NO_ROWS", f"The file has one line, {shown(line)}, and no rows below it.", "Save it with its rows.")


def _as_wished(found: Dialect, sample: str, wishes: Wishes) -> Dialect:
    """The dialect with the header where a person or an earlier reading says it is; judged where it cannot be there."""
    line = found.preamble + 1 if found.header is not None else 0
    if wishes.header_line in (None, line) or wishes.header_line > len(text_lines(sample)):
        return found
    if wishes.header_line == 0:
        return Dialect(found.delimiter, found.quote, found.preamble, None, found.width)
    return below_header(sample, wishes.header_line, found.delimiter, found.quote)


def _extra(seen: Scan, found: Dialect) -> int:
    extra = max(0, seen.widest - found.width)
    if extra > MOST_EXTRA:
        message = f"The rows have between 1 and {seen.widest:,} cells: this is no table."
        raise refused("NOT_TEXT", message, "Check which character separates the cells.")
    return extra


def _relation(
    path: Path, delimiter: str, quote: str, found: Dialect, width: int, skip: int, seen: Scan, *, padded: bool
) -> str:
    columns = ", ".join(f"'{c}': 'VARCHAR'" for c in engine.positions(width))
    ragged = padded and (seen.short or seen.long or width != found.width)
    options = {
        "columns": "{" + columns + "}",
        "delim": engine.text(delimiter or NO_DELIMITER),
        "quote": engine.text(quote),
        "escape": engine.text(quote),
        "header": str(found.header is not None).lower(),
        "skip": str(skip),
        "nullstr": "''",
        "auto_detect": "false",
        "strict_mode": "true",
        "null_padding": str(bool(ragged)).lower(),
        "parallel": str(not (ragged and seen.quotes)).lower(),  # DuckDB cannot pad and read quoted line ends at once
        "max_line_size": str(_longest(seen)),
        "buffer_size": str(max(min(BUFFER_BYTES, path.stat().st_size // PIECES), 2 * _longest(seen))),
    }
    return f"read_csv({engine.file(path)}, {', '.join(f'{k} = {v}' for k, v in options.items())})"


def _wide_relation(
    path: Path,
    folder: Path,
    delimiter: str,
    quote: str,
    found: Dialect,
    width: int,
    skip: int,
    seen: Scan,
    ctx: JobContext,
    *,
    uneven: bool,
) -> str:
    ctx.progress(None, "Cutting the lines into cells")
    target, header = folder / CELL_FILE, found.header is not None
    if uneven:
        return cells_of_uneven(path, target, width, ctx, header=header)
    quote = quote if seen.quotes else ""
    return cells_of_even(path, target, width, delimiter, quote, skip, seen.longest, header=header)


def _longest(seen: Scan) -> int:
    """How long a line may be. DuckDB reserves its buffers by it, some for each thread: no larger than need be, or a
    file of a gigabyte runs out of memory."""
    return max(LEAST_LINE, 2 * seen.longest + 4096)


def _write_with_line_feeds(source: Path, target: Path, quote: str, skip: int) -> None:
    """Copy with every line end outside quotes as a line feed; line ends inside a cell stay what they are."""
    inside = False
    with source.open("rb") as old, target.open("wb") as new:
        for _ in range(skip):
            old.readline()
        data = old.read(SAMPLE_BYTES * 16)
        while data:
            while data.endswith(b"\r") and (more := old.read(1)):
                data += more
            array = np.frombuffer(data, np.uint8)
            quotes = np.flatnonzero(array == ord(quote)) if quote else np.empty(0, dtype=np.int64)
            crs = np.flatnonzero(array == 13)
            crs = crs[(np.searchsorted(quotes, crs) + inside) % 2 == 0]
            followed = array[np.minimum(crs + 1, len(array) - 1)] == 10
            changed = array.copy()
            changed[crs[~followed]] = 10
            new.write(np.delete(changed, crs[followed]).tobytes())
            inside ^= bool(len(quotes) % 2)
            data = old.read(SAMPLE_BYTES * 16)


def _in_words(delimiter: str) -> str:
    return DELIMITER_WORDS.get(delimiter, shown(delimiter))


def _delimiter(judged: Dialect) -> tuple[Finding, ...]:
    """A question if another character would separate every row as evenly."""
    if not judged.others:
        return ()
    words = listed([_in_words(d) for d, _ in judged.others])
    if not judged.delimiter:
        message = f"No usual character separates the cells; every line was taken as one. {words.capitalize()} would do."
        choices = [Choice(d, f"{len(row)} columns: {listed(row, 3)}") for d, row in judged.others]
        return (ask("DELIMITER_GUESSED", message, "Say which character separates the cells.", choices=choices),)
    message = f"{_in_words(judged.delimiter).capitalize()} were taken to separate the cells; {words} would as well."
    choices = [Choice(d, f"{len(row)} columns: {listed(row, 3)}") for d, row in judged.others]
    return (ask("DELIMITER_GUESSED", message, "Say which character separates the cells.", choices=choices),)


def _preamble(judged: Dialect, found: Dialect, sample: str) -> tuple[Finding, ...]:
    """Lines that stand before the header: where they were found, or a person pointed at the header below them."""
    lines = text_lines(sample)
    left_out = [line.strip() for line in lines[: found.preamble] if line.strip() and not says_separator(line)]
    if not left_out and not judged.spoken:
        return ()
    message = "No line before the table was left out."
    if left_out:
        message = (
            f"{len(left_out)} lines before the table were" if len(left_out) > 1 else "One line before the table was"
        )
        message += f" left out: {shown(left_out[0])}{' …' if len(left_out) > 1 else '.'}"
    candidates = enumerate(lines[: judged.preamble + HEADER_CHOICES], 1)
    choices = [Choice(str(n), line.strip()[:60]) for n, line in candidates if line.strip() and n != found.preamble + 1]
    hint = "Choose another line as the header if this is not right."
    return (ask("PREAMBLE", message, hint, cells=left_out, choices=choices),)


def _ragged(seen: Scan, found: Dialect, dropped: bool) -> tuple[Finding, ...]:
    if not (seen.short or seen.long):
        return ()
    offset = 0 if found.header is not None else 1
    places = [(record + offset, width) for record, width in seen.ragged if record + offset > 0][:SHOWN_ROWS]
    rows = [row for row, _ in places]
    parts = [f"{seen.short:,} fewer" if seen.short else "", f"{seen.long:,} more" if seen.long else ""]
    message = f"Not every row has {found.width} cells: {' and '.join(filter(None, parts))}"
    where = f" ({'row' if len(rows) == 1 else 'rows'} {listed(rows)})" if rows else ""
    hint = "What is missing was left empty; what is too much stands in columns of its own."
    if dropped:
        message, hint = f"{message}; they were left out", "The rows are counted as in the file."
    cells = [f"{width:,} of {found.width:,} cells" for _, width in places]
    return (ask("RAGGED_ROWS", f"{message}{where}.", hint, rows=rows, cells=cells),)


def _line_ends(seen: Scan) -> tuple[Finding, ...]:
    if not seen.mixed_line_ends:
        return ()
    return (warn("MIXED_LINE_ENDS", "The lines do not all end in the same way; every kind was taken for a line end."),)
