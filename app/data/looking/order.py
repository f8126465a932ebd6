"""Which rows are shown in which order: a filter and a sort as an array of row numbers, for a table of any size.

A small table is answered in the caller's thread, a large one in a child, so that the window stays small and Cancel
works. Pages are then fetched by their rows' numbers. Parent side; nothing heavy is imported here.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.core.data import Column, ColumnType, Reading
from app.core.progress import JobContext
from app.data import engine
from app.data.looking.row_filter import parse, where
from app.jobs.child import ChildContext
from app.jobs.supervise import run_in_child

if TYPE_CHECKING:
    from app.registry.project import Project

SMALL_ROWS, SMALL_CELLS = 100_000, 2_000_000
"""So much is filtered and sorted faster than a child starts (0.4 s)."""
ORDER_FILE = "order.u32"
_TEXTS = (ColumnType.CATEGORY, ColumnType.TEXT)


@dataclass(frozen=True, slots=True)
class Wanted:
    """``filter``: as a person typed it (see ``row_filter``). ``sort``: a column's name, or None: as in the file."""

    filter: str = ""
    sort: str | None = None
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Order:
    """``rows``: numbers of the rows that are shown, from 0, in their order; None: all, as in the file."""

    wanted: Wanted
    rows: array[int] | None

    def numbers(self, first: int, count: int) -> Sequence[int]:
        """The rows that stand at some places."""
        return range(first, first + count) if self.rows is None else self.rows[first : first + count]


def order(project: Project, reading: Reading, rows: int, wanted: Wanted, ctx: JobContext) -> Order:
    """The rows that a filter leaves, sorted by a column, missing values last, equal ones as in the file.

    ``rows``: how many the table has. BadInput for a mistake in the filter; NotFound is never raised: a column that
    is gone sorts nothing.
    """
    names = [column.name for column in reading.columns]
    terms = parse(wanted.filter, reading.columns)
    sort = wanted.sort if wanted.sort in names else None
    if not terms and sort is None:
        return Order(wanted, None)
    project.objects.size(reading.table_sha256)
    table = project.objects.path(reading.table_sha256)
    query = select("file_row_number", table, reading.columns, where(terms), sort, wanted.descending)
    with project.scratch("order") as folder:
        if rows <= SMALL_ROWS and rows * len(names) <= SMALL_CELLS:
            with engine.connect(folder) as connection:
                return Order(wanted, array("I", (number for (number,) in connection.execute(query).fetchall())))
        ctx.progress(None, "Going through the rows")
        run_in_child("app.data.looking.order:order_in_child", query, ctx=ctx, returns=int, folder=folder)
        found = array("I")
        found.frombytes((folder / ORDER_FILE).read_bytes())
    return Order(wanted, found)


def order_in_child(child: ChildContext, query: str) -> int:
    """Write the row numbers that a query yields into ``ORDER_FILE``; how many."""
    with engine.connect(child.folder) as connection:
        numbers = connection.execute(query).fetchnumpy()["file_row_number"]
    (child.folder / ORDER_FILE).write_bytes(numbers.astype("<u4").tobytes())
    return len(numbers)


def select(
    what: str, table: Path, columns: Sequence[Column], condition: str, sort: str | None, descending: bool
) -> str:
    """A query over a reading's typed table: columns by position, in the order that is shown."""
    names = (*engine.positions(len(columns)), "file_row_number")
    source = f"read_parquet({engine.file(table)}, file_row_number = true) AS t({', '.join(names)})"
    keys = []
    if sort is not None:
        index = next(i for i, column in enumerate(columns) if column.name == sort)
        key = f"lower(c{index}::VARCHAR)" if columns[index].type in _TEXTS else f"c{index}"
        keys.append(f"{key} {'DESC' if descending else 'ASC'} NULLS LAST")
    return f"SELECT {what} FROM {source} WHERE {condition} ORDER BY {', '.join([*keys, 'file_row_number'])}"
