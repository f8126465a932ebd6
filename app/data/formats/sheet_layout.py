"""Where the table stands in a sheet, told by its first rows. Standard library only: both sides use it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.data.formats.dialect import MOST_PREAMBLE, first_table_row, has_header

LOOKED_AT = 200
"""Of a sheet's rows."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the table stands in a sheet. ``header``: the row of the names (0-based), None if there is none."""

    skipped: int
    header: tuple[str, ...] | None
    width: int


def layout_of(rows: Sequence[Sequence[str]], header_line: int | None) -> Layout:
    """Where the table stands. ``header_line``: as a person or an earlier reading says, where there is such a row."""
    width = max((_filled_width(row) for row in rows), default=0)
    skipped = first_table_row(rows[: MOST_PREAMBLE + 1], width)
    known = header_line is not None and header_line <= len(rows)
    if known and header_line:
        skipped = header_line - 1
    below = [row[:width] for row in rows[skipped:]]
    named = bool(header_line) if known else has_header(below)
    return Layout(skipped, tuple(below[0]) if named and below else None, width)


def _filled_width(row: Sequence[str]) -> int:
    return max((i + 1 for i, cell in enumerate(row) if cell.strip()), default=0)
