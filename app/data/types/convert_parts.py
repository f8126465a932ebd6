"""A raw table becomes the typed one: whole, or a wide one in parts that are put side by side. Child side."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from app.data import engine
from app.data.formats.raw import RawTable
from app.data.types.convert import Conversion, Converted, sample_rows
from app.data.types.expect import Expected
from app.data.types.misfits import Misfit, misfits_of, refusal
from app.data.types.plain_cells import plain_columns
from app.data.types.typed import Piece, side_by_side
from app.errors import TypesRefused

PAGE_BYTES = 16_384
"""Putting the pieces side by side holds one page of every column: of ten thousand, and with the usual pages as long as
the column, that would be all of the table."""


def convert(
    connection: duckdb.DuckDBPyConnection,
    raw: RawTable,
    expected: Mapping[int, Expected],
    out: Path,
    careful: Container[str] = (),
) -> Converted:
    """Write the typed table of ``raw`` to ``out``. Raises as ``Conversion.run``, of all columns at once."""
    if len(raw.names) <= engine.VERY_WIDE:
        return Conversion(connection, raw, expected, careful).run(out)
    return _Parts(connection, raw, expected, out, careful).run()


@dataclass
class _Parts:
    """A wide table on its way, some hundred columns at a time."""

    connection: duckdb.DuckDBPyConnection
    raw: RawTable
    expected: Mapping[int, Expected]
    out: Path
    careful: Container[str]
    pieces: list[Piece] = field(default_factory=list)
    refused: list[Misfit] = field(default_factory=list)

    def run(self) -> Converted:
        made = Converted(self.out, 0, {}, {})
        plain = self._plain()
        read = [i for i in range(len(self.raw.names)) if i not in plain.cells]
        for start in range(0, len(read), engine.BLOCK):
            made = _joined(made, self._converted(read[start : start + engine.BLOCK]))
        if self.refused:
            raise refusal(self.refused)
        side_by_side(self.pieces, self.raw.names, self.out)
        with pq.ParquetFile(self.out) as file:
            return replace(_joined(made, plain), path=self.out, rows=file.metadata.num_rows)

    def _plain(self) -> Converted:
        """The columns that pyarrow can read."""
        made = Converted(self.out, 0, {}, {})
        if self.raw.cells is None:
            return made
        said = self.raw.recipe.missing_words_of
        free = [i for i, n in enumerate(self.raw.names) if n not in said]
        for start in range(0, len(free), engine.BLOCK):
            block = free[start : start + engine.BLOCK]
            found = dict(plain_columns(self.raw.cells, block, self.raw.kinds, self.expected))
            if not found:
                continue
            path = self._next()
            arrays = [one.values for one in found.values()]
            pq.write_table(
                pa.Table.from_arrays(arrays, engine.positions(len(arrays))), path,
                compression="snappy", use_dictionary=False, write_statistics=False, row_group_size=1 << 20,
                data_page_size=PAGE_BYTES,
            )  # fmt: skip
            self.pieces.append(Piece(path, tuple(found)))
            looks = {i: one.look for i, one in found.items() if one.look is not None}
            made = _joined(made, Converted(path, 0, {i: one.cells for i, one in found.items()}, looks))
        return made

    def _converted(self, columns: Sequence[int]) -> Converted:
        """Other columns, by their places in the whole table; those that a person's type does not fit are noted."""
        own = {n: self.expected[i] for n, i in enumerate(columns) if i in self.expected}
        conversion = Conversion(
            self.connection, self.raw.part(columns), own, self.careful, sample_rows(len(self.raw.names))
        )
        path = self._next()
        try:
            made = conversion.run(path)
        except TypesRefused as error:
            self.refused += misfits_of(error.misfits)
            return Converted(path, 0, {}, {})
        self.pieces.append(Piece(path, tuple(columns)))
        cells = {columns[n]: one for n, one in made.cells.items()}
        return replace(made, cells=cells, looks={columns[n]: one for n, one in made.looks.items()})

    def _next(self) -> Path:
        return self.out.with_suffix(f".{len(self.pieces)}")


def _joined(one: Converted, other: Converted) -> Converted:
    """What was found of two parts, as of one table."""
    return Converted(
        one.path,
        max(one.rows, other.rows),
        {**one.cells, **other.cells},
        {**one.looks, **other.looks},
        (*one.emptied, *other.emptied),
        (*one.given_up, *other.given_up),
    )
