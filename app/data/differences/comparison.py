"""What the parent asks the comparing child for and what it gets back. Nothing heavy is imported here."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from app.core.data import Column
from app.core.differences import RowDifferences, Shift
from app.data import engine

COMPARE = "app.data.differences.comparing:compare_tables"
ROW = "file_row_number"


@dataclass(frozen=True, slots=True)
class TableRef:
    """A reading's table in the object store."""

    path: Path
    columns: tuple[Column, ...]
    rows: int

    @property
    def source(self) -> str:
        """A FROM clause that yields c0, c1, ... and the number of each row, from 0."""
        names = ", ".join((*engine.positions(len(self.columns)), ROW))
        return f"read_parquet({engine.file(self.path)}, file_row_number = true) AS t({names})"


@dataclass(frozen=True, slots=True)
class TableDifferences:
    """What the tables themselves tell; checks and gates are the parent's."""

    rows: RowDifferences
    shifts: tuple[Shift, ...]
