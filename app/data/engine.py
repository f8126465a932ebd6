"""DuckDB as this room uses it: bounded, nothing fetched, nothing loaded, every name and path quoted.

DuckDB is imported when it is first used: the parent takes patterns and names from modules that import this one.
"""

from __future__ import annotations

import errno
import glob
import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

MACHINE_ERRORS = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)
WIDE = 200
VERY_WIDE, BLOCK = 500, 500
"""DuckDB plans a query in more than linear time and memory: a table of more than ``VERY_WIDE`` columns is asked about
``BLOCK`` of them at a time, and never taken into memory whole."""
MOST_COLUMNS = 16_384
"""As many as a sheet of Excel has. With all of them every step was seen to keep to its memory and its time."""
MOST_CELLS = 10_000_000
MEMORY_MB = 600
"""Leaves room for pyarrow and Python below the child's bound of 1 GB."""


def connect(folder: Path, memory_mb: int = MEMORY_MB) -> duckdb.DuckDBPyConnection:
    """A database in memory that spills into ``folder``. Runs only SQL that is written in this room."""
    import duckdb

    connection = duckdb.connect(
        ":memory:",
        config={
            "threads": os.cpu_count() or 1,
            "memory_limit": f"{memory_mb}MB",
            "temp_directory": str(folder / "spill"),
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "allow_community_extensions": False,
            "python_enable_replacements": False,
            "preserve_insertion_order": True,
        },
    )
    connection.execute("SET TimeZone = 'UTC'")
    return connection


def text(value: str) -> str:
    """A text as a SQL literal."""
    return "'" + value.replace("'", "''") + "'"


def name(identifier: str) -> str:
    """A column's name as a SQL identifier."""
    return '"' + identifier.replace('"', '""') + '"'


def file(path: Path) -> str:
    """A path as a SQL literal; DuckDB would take ``*?[`` in it for a pattern."""
    return text(glob.escape(str(path)))


def positions(count: int) -> tuple[str, ...]:
    """``c0, c1, ...``: inside this room columns go by position, because DuckDB takes ``Age`` and ``age`` for one."""
    return tuple(f"c{i}" for i in range(count))


def parquet(path: Path, width: int) -> str:
    """A Parquet file's columns by position, for a FROM clause."""
    return f"read_parquet({file(path)}) AS t({', '.join(positions(width))})"


def blocks(width: int) -> list[range]:
    """The columns of a table, so many together as one query may be about."""
    size = BLOCK if width > VERY_WIDE else max(width, 1)
    return [range(start, min(start + size, width)) for start in range(0, width, size)]


def plan_for(connection: duckdb.DuckDBPyConnection, width: int) -> None:
    """Search wide queries for common parts no more: the search grows with the square of their length."""
    if width > WIDE:
        connection.execute("SET disabled_optimizers = 'common_subexpressions'")


def typed_source(connection: duckdb.DuckDBPyConnection, path: Path, width: int, rows: int) -> str:
    """A typed table for many FROM clauses. A wide one is taken into memory: every query reads its long footer anew."""
    if width <= WIDE or width > VERY_WIDE or width * rows > MOST_CELLS:
        return parquet(path, width)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE typed AS SELECT * FROM {parquet(path, width)}")
    return "typed"


def machine_failure(error: Exception) -> Exception | None:
    """What went wrong with the machine rather than with the file: no memory, no space, a read-only disk."""
    import duckdb

    if isinstance(error, duckdb.OutOfMemoryException):
        return MemoryError(str(error))
    if isinstance(error, OSError):
        return error if error.errno in MACHINE_ERRORS else None
    found = next((code for code in MACHINE_ERRORS if os.strerror(code) in str(error)), None)
    return OSError(found, str(error)) if isinstance(error, duckdb.IOException) and found else None


def one(connection: duckdb.DuckDBPyConnection, sql: str) -> tuple[object, ...]:
    """The only row of a query."""
    row = connection.execute(sql).fetchone()
    assert row is not None, sql
    return row
