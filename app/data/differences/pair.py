"""Two typed tables side by side: the columns they share, each as values that can be compared. Child side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from app.data import engine
from app.data.differences.comparison import ROW, TableRef

LONGEST_SHOWN = 200
EXACT_SHOWN = 10**15
_NUMBERS = ("BIGINT", "DOUBLE")


@dataclass(frozen=True, slots=True)
class Common:
    """A column of both. ``before``, ``after``: SQL values that are equal where the cells say the same; ``kind``:
    number | moment | text | yes/no, or other if the two are of different kinds and are compared as text."""

    name: str
    kind: str
    before: str
    after: str
    text_before: str
    text_after: str


class Pair:
    """The two tables on one connection."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, before: TableRef, after: TableRef, folder: Path) -> None:
        """``folder``: for copies that go."""
        self.connection = connection
        self.folder = folder
        self.before = before
        self.after = after
        engine.plan_for(connection, max(len(before.columns), len(after.columns)))
        self.common = self._common()

    def named(self, names: Sequence[str]) -> list[Common]:
        """Common columns by name, in the order of ``names``. KeyError if one is not common."""
        by_name = {column.name: column for column in self.common}
        return [by_name[name] for name in names]

    def sides(self) -> tuple[tuple[TableRef, list[str]], tuple[TableRef, list[str]]]:
        """Each table with the values of its common columns."""
        return (self.before, [c.before for c in self.common]), (self.after, [c.after for c in self.common])

    def _common(self) -> tuple[Common, ...]:
        after = self._stored(self.after)
        return tuple(
            _common(name, here, after[name]) for name, here in self._stored(self.before).items() if name in after
        )

    def _stored(self, table: TableRef) -> dict[str, tuple[int, str]]:
        """Place and DuckDB type of each column."""
        described = self.connection.execute(f"DESCRIBE SELECT * EXCLUDE {ROW} FROM {table.source}").fetchall()
        return {c.name: (i, str(row[1])) for i, (c, row) in enumerate(zip(table.columns, described, strict=True))}


def _common(name: str, before: tuple[int, str], after: tuple[int, str]) -> Common:
    (i, one), (j, other) = before, after
    texts = shown(f"c{i}", one), shown(f"c{j}", other)
    if one == other:
        kind = "number" if one in _NUMBERS else {"TIMESTAMP": "moment", "BOOLEAN": "yes/no"}.get(one, "text")
        return Common(name, kind, f"c{i}", f"c{j}", *texts)
    if one in _NUMBERS and other in _NUMBERS:
        return Common(name, "number", f"c{i}::DOUBLE", f"c{j}::DOUBLE", *texts)
    return Common(name, "other", *texts, *texts)


def shown(column: str, stored: str) -> str:
    """A cell as a person reads it, as SQL: whole floats without their point."""
    if stored != "DOUBLE":
        return f"{column}::VARCHAR"
    whole = f"{column} = trunc({column}) AND abs({column}) < {EXACT_SHOWN}"
    return f"CASE WHEN {whole} THEN {column}::BIGINT::VARCHAR ELSE {column}::VARCHAR END"
