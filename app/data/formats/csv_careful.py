"""The few CSV files in which quotes stand where they should not, read cell by cell and written anew. Child side."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from app.core.progress import JobContext
from app.data.findings import SHOWN_ROWS
from app.data.formats.csv_scan import LONGEST_LINE, Scan, line_too_long, unclosed

_TELL_EVERY = 20_000


@dataclass
class _Lines:
    """The lines of a file, remembering those of the record being read."""

    file: TextIO
    number: int = 0
    record: list[str] = field(default_factory=list)
    size: int = 0

    def __iter__(self) -> Iterator[str]:
        for line in self.file:
            self.number += 1
            self.record.append(line)
            self.size += len(line)
            if self.size > LONGEST_LINE:
                first = self.number - len(self.record) + 1
                raise unclosed(first) if len(self.record) > 1 else line_too_long(first)
            yield line

    def begin(self) -> None:
        self.record.clear()
        self.size = 0


def rewrite(
    source: Path, target: Path, delimiter: str, quote: str, width: int, skip: int, ctx: JobContext, *, even: bool
) -> Scan:
    """Write a clean UTF-8 file's records with commas, every cell quoted. A quote within a cell is part of it.
    ``even``: leave out records of another width; they are counted among neither rows nor records.

    Raises FileRefused (UNCLOSED_QUOTE, LINE_TOO_LONG).
    """
    seen = Scan(width, lines=skip)
    delimiter = delimiter or "\x1f"
    csv.field_size_limit(2 * LONGEST_LINE)
    with source.open(encoding="utf-8", newline="") as old, target.open("w", encoding="utf-8", newline="") as new:
        for _ in range(skip):
            old.readline()
        lines = _Lines(old, skip)
        left_out = 0
        writer = csv.writer(new, quoting=csv.QUOTE_ALL, lineterminator="\n")
        for row in csv.reader(lines, delimiter=delimiter, quotechar=quote):
            if not row and width > 1:
                lines.begin()
                continue
            _note(seen, len(row))
            seen.longest = max(seen.longest, 4 * lines.size)  # four bytes a letter at most, or three for quotes
            if even and len(row) != width and seen.records > 1:
                left_out += 1
            else:
                writer.writerow(row or [""])
            last, first_line = list(lines.record), lines.number - len(lines.record) + 1
            lines.begin()
            if seen.records % _TELL_EVERY == 0:
                ctx.progress(None, f"Reading row {seen.records:,}")
    if seen.records and not _closed(last, delimiter, quote):
        raise unclosed(first_line)
    seen.records -= left_out
    return seen


def _note(seen: Scan, width: int) -> None:
    if width != seen.width:
        seen.short += width < seen.width
        seen.long += width > seen.width
        if len(seen.ragged) <= SHOWN_ROWS:
            seen.ragged.append((seen.records, width))
    seen.widest = max(seen.widest, width)
    seen.records += 1


def _closed(record: list[str], delimiter: str, quote: str) -> bool:
    """Whether the last record ends outside a quote; the strict reader says so at the end of the data."""
    try:
        list(csv.reader(record, delimiter=delimiter, quotechar=quote, strict=True))
    except csv.Error as error:
        return "unexpected end of data" not in str(error)
    return True
