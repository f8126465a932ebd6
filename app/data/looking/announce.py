"""The figures of a large table, told the moment they are exact: its checks take half as long again. Child side."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from app.core.data import Column, Profile
from app.data import engine
from app.data.looking import rows
from app.data.reading import FirstLook
from app.jobs.child import ChildContext

LEAST_CELLS = 2_000_000
"""A smaller table is checked before anybody could read its figures."""
MOST_COLUMNS = 400
"""A wider table would take longer to send and to show than the look saves."""
SHOWN_ROWS, SHOWN_CELLS = 200, 20_000


def announce(
    child: ChildContext, names: tuple[str, ...], table: Path, columns: Sequence[Column], profile: Profile
) -> None:
    """Emit the exact figures of a typed table, if they are worth it. ``names``: of the files."""
    width = len(columns)
    if width <= MOST_COLUMNS and width * profile.rows >= LEAST_CELLS:
        cells = first_cells(child.folder, table, columns)
        child.emit(FirstLook(names, profile.rows, True, tuple(columns), profile, cells, exact=True))


def first_cells(folder: Path, table: Path, columns: Sequence[Column]) -> tuple[tuple[str | None, ...], ...]:
    """The first rows of a typed table as text, None for missing; fewer of a wide one."""
    shown = max(1, min(SHOWN_ROWS, SHOWN_CELLS // len(columns)))
    with engine.connect(folder) as connection:
        return tuple(row for _, row in rows.cells_where(connection, table, columns, f"file_row_number < {shown}"))
