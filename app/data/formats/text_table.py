"""Rows that come one by one (JSON, Excel) as a raw table of text cells, written a batch at a time. Child side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from app.data import engine
from app.data.formats.cell_file import CELL_FILE, as_one
from app.data.formats.raw import Kind

BATCH_CELLS = 500_000


@dataclass(slots=True)
class Kinds:
    """How many cells of a column were what."""

    texts: int = 0
    numbers: int = 0
    booleans: int = 0
    moments: int = 0
    nested: int = 0

    @property
    def kind(self) -> Kind:
        """What the source says about the column."""
        if self.nested:
            return Kind.NESTED
        only_text = self.texts and not (self.numbers or self.booleans or self.moments)
        return Kind.TEXT if only_text else Kind.CELL


class TextTable:
    """Collects rows; a column may turn up in any row."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._batch: list[Mapping[int, str]] = []
        self._cells = 0
        self._files: list[Path] = []
        self.kinds: list[Kinds] = []
        self.rows = 0

    def add(self, row: Mapping[int, str]) -> None:
        """Add a row: the texts of its cells by column; what is missing is left out."""
        self._batch.append(row)
        self._cells += len(row) + 1
        self.rows += 1
        if self._cells > BATCH_CELLS:
            self._write()

    def kind_of(self, column: int) -> Kinds:
        """The counts of a column, to be added to."""
        while column >= len(self.kinds):
            self.kinds.append(Kinds())
        return self.kinds[column]

    def relation(self) -> str:
        """All rows, for a FROM clause that yields c0, c1, ..."""
        self._write()
        if len(self.kinds) > engine.VERY_WIDE:
            return as_one(self._files, self._folder / CELL_FILE, len(self.kinds))
        columns = ", ".join(engine.positions(len(self.kinds)))
        files = ", ".join(engine.file(path) for path in self._files)
        return f"(SELECT {columns} FROM read_parquet([{files}], union_by_name = true))"

    @property
    def cells(self) -> Path | None:
        """After ``relation``: the file of a wide table."""
        return self._folder / CELL_FILE if len(self.kinds) > engine.VERY_WIDE else None

    def _write(self) -> None:
        if not self._batch:
            return
        columns = [[row.get(i) for row in self._batch] for i in range(len(self.kinds))]
        table = pa.table({f"c{i}": pa.array(values, pa.string()) for i, values in enumerate(columns)})
        path = self._folder / f"rows{len(self._files):06}.parquet"
        pq.write_table(table, path, compression="snappy")
        self._files.append(path)
        self._batch, self._cells = [], 0
