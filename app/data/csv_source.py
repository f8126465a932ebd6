"""CSV and its kin: judged by our own look at every byte, then read by DuckDB with everything named. Child side."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from app.core.data import Finding, ParseRecipe
from app.core.progress import JobContext
from app.data import csv_careful, engine
from app.data.csv_scan import LONGEST_HEADER, Scan, header_too_long, scan
from app.data.dialect import Dialect, dialect_of, text_lines
from app.data.findings import SHOWN_ROWS, ask, listed, refused, warn
from app.data.names import column_names
from app.data.raw import Kind, RawTable
from app.data.text import SAMPLE_BYTES, CleanText

MOST_EXTRA = 100
"""A row with so many cells too many is no row of a table."""

LEAST_LINE = 2 << 20
BUFFER_BYTES = 32 << 20

NO_DELIMITER = "\x1f"


def open_csv(clean: CleanText, folder: Path, recipe: ParseRecipe | None, ctx: JobContext, *, careful: bool) -> RawTable:
    """Open clean text as a table. ``recipe``: read it as before; ``careful``: DuckDB and our look disagreed, so
    every record is written anew first. Raises FileRefused."""
    sample = _sample(clean.path)
    found = dialect_of(sample, *((recipe.delimiter, recipe.quote) if recipe else (None, None)))
    if recipe is not None:
        found = _as_before(found, sample, recipe)
    seen = scan(clean.path, found.delimiter, found.quote, found.width, found.preamble, ctx)
    path, skip, delimiter, quote = clean.path, found.preamble, found.delimiter, found.quote
    if seen.stray_quotes or careful:
        path, skip = folder / "careful.csv", 0
        ends = seen
        seen = csv_careful.rewrite(clean.path, path, delimiter, quote, found.width, found.preamble, ctx)
        seen.lf, seen.cr, seen.crlf = ends.lf, ends.cr, ends.crlf
        delimiter, quote = ",", '"'
    elif seen.mixed_line_ends:
        path, skip = folder / "lines.csv", 0
        _write_with_line_feeds(clean.path, path, quote, found.preamble)
    rows = seen.records - (found.header is not None)
    if rows <= 0:
        raise refused("NO_ROWS", "The file has a header but no rows." if seen.records else "The file has no rows.")
    extra = _extra(seen, found)
    names, doubles = column_names([*(found.header or [""] * found.width), *[""] * extra])
    relation = _relation(path, delimiter, quote, found, len(names), skip, seen)
    findings = (*clean.findings, *_preamble(found), *doubles, *_ragged(seen, found), *_line_ends(seen))
    return RawTable(relation, names, (Kind.CELL,) * len(names), _recipe(found, clean, recipe), findings, rows, extra)


def _sample(path: Path) -> str:
    """The first lines, whole ones, as text."""
    with path.open("rb") as file:
        head = file.read(SAMPLE_BYTES)
        whole = not file.read(1)
    ends = max(head.rfind(b"\n"), head.rfind(b"\r"))
    if ends < 0 and len(head) > LONGEST_HEADER:
        raise header_too_long()
    return head[: len(head) if whole else ends + 1].decode("utf-8-sig", "replace")


def _as_before(found: Dialect, sample: str, recipe: ParseRecipe) -> Dialect:
    """The dialect with what an earlier reading settled: where the header is."""
    if recipe.header_line == 0:
        return Dialect(found.delimiter, found.quote, found.preamble, None, found.width)
    skipped = recipe.header_line - 1
    lines = text_lines(sample)
    again = dialect_of("".join(lines[skipped:]), recipe.delimiter, recipe.quote)
    header = again.header or tuple(str(i) for i in range(1, again.width + 1))
    return Dialect(again.delimiter, again.quote, skipped + again.preamble, header, again.width)


def _recipe(found: Dialect, clean: CleanText, before: ParseRecipe | None) -> ParseRecipe:
    line = found.preamble + 1 if found.header is not None else 0
    made = ParseRecipe("csv", clean.encoding, found.delimiter, found.quote, line)
    if before is None:
        return made
    return ParseRecipe(
        "csv", clean.encoding, found.delimiter, found.quote, line, before.decimal, before.day_first,
        overrides=before.overrides, set_missing=before.set_missing,
    )  # fmt: skip


def _extra(seen: Scan, found: Dialect) -> int:
    extra = max(0, seen.widest - found.width)
    if extra > MOST_EXTRA:
        message = f"The rows have between 1 and {seen.widest:,} cells: this is no table."
        raise refused("NOT_TEXT", message, "Check which character separates the cells.")
    return extra


def _relation(path: Path, delimiter: str, quote: str, found: Dialect, width: int, skip: int, seen: Scan) -> str:
    columns = ", ".join(f"'{c}': 'VARCHAR'" for c in engine.positions(width))
    ragged = seen.short or seen.long or width != found.width
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
        "buffer_size": str(max(BUFFER_BYTES, 2 * _longest(seen))),
    }
    return f"read_csv({engine.file(path)}, {', '.join(f'{k} = {v}' for k, v in options.items())})"


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


def _preamble(found: Dialect) -> tuple[Finding, ...]:
    if not found.spoken:
        return ()
    lines = f"{found.spoken} lines before the table were" if found.spoken > 1 else "One line before the table was"
    return (ask("PREAMBLE", f"{lines} left out.", "Choose another line as the header."),)


def _ragged(seen: Scan, found: Dialect) -> tuple[Finding, ...]:
    if not (seen.short or seen.long):
        return ()
    offset = 0 if found.header is not None else 1
    rows = [record + offset for record, _ in seen.ragged if record + offset > 0][:SHOWN_ROWS]
    parts = [f"{seen.short:,} fewer" if seen.short else "", f"{seen.long:,} more" if seen.long else ""]
    message = f"Not every row has {found.width} cells: {' and '.join(filter(None, parts))}"
    where = f" (rows {listed(rows)})" if rows else ""
    hint = "What is missing was left empty; what is too much stands in columns of its own."
    return (ask("RAGGED_ROWS", f"{message}{where}.", hint, rows=rows),)


def _line_ends(seen: Scan) -> tuple[Finding, ...]:
    if not seen.mixed_line_ends:
        return ()
    return (warn("MIXED_LINE_ENDS", "The lines do not all end in the same way; every kind was taken for a line end."),)
