"""The comparing child: two typed tables in, what differs between them out. It never opens the registry."""

from __future__ import annotations

import duckdb

from app.core.progress import Part
from app.data import engine
from app.data.differences.comparison import TableDifferences, TableRef
from app.data.differences.pair import Pair
from app.data.differences.row_differences import row_differences
from app.data.differences.shifts import shifts
from app.jobs.child import ChildContext


def compare_tables(
    child: ChildContext, before: TableRef, after: TableRef, key: tuple[str, ...] | None
) -> TableDifferences:
    """``key`` as ``row_differences`` takes it. Raises BadInput if it does not tell the rows apart."""
    try:
        with engine.connect(child.folder) as connection:
            pair = Pair(connection, before, after, child.folder)
            rows = row_differences(pair, key, Part(child, 0.0, 0.6))
            return TableDifferences(rows, shifts(pair, Part(child, 0.6, 1.0)))
    except duckdb.Error as error:
        if failure := engine.machine_failure(error):
            raise failure from error
        raise
