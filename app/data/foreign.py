"""A file that somebody wants answered: its rows as they stand in it, and as a model's contract wants them. Child side.

Columns that the contract does not know stay beside the rows and are not looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from app.core.data import ColumnType, ParseRecipe
from app.core.progress import JobContext
from app.data import engine
from app.data.findings import listed, refused
from app.data.formats.arrow_source import damaged
from app.data.formats.raw import Kind, RawTable, SourceFailed
from app.data.formats.sources import open_source
from app.data.types.convert_parts import convert
from app.data.types.expect import Expected
from app.data.types.typed import write_table
from app.data.wishes import NO_WISHES, Wishes, all_of, carried, remembered
from app.errors import BadInput, FileRefused
from app.runtime.contract import Field, Value

_FITTING = {
    "number": (Kind.INTEGER, Kind.NUMBER),
    "integer": (Kind.INTEGER,),
    "boolean": (Kind.BOOLEAN,),
    "datetime": (Kind.MOMENT,),
}
_IS_OF_TYPE: dict[str, Callable[[pa.DataType], bool]] = {
    "number": pa.types.is_integer,
    "integer": pa.types.is_integer,
    "boolean": pa.types.is_boolean,
    "datetime": pa.types.is_timestamp,
    "category": pa.types.is_string,
    "text": pa.types.is_string,
}
_READ_USES = ("input", "identifier")


@dataclass(frozen=True, slots=True)
class ForeignBatch:
    """``cells``: the rows as they stand in the file; ``typed``: the contract's inputs and identifiers, each as its
    type asks."""

    cells: pa.Table
    typed: pa.Table
    _read: tuple[Field, ...]

    def rows(self) -> list[dict[str, Value]]:
        """The typed values as the objects of a JSON request; made anew by each call."""
        names = [field.name for field in self._read]
        columns = [_values(self.typed.column(f.name), f.type) for f in self._read]
        found = [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]
        return found or [{} for _ in range(self.cells.num_rows)]

    def surely_fits(self) -> bool:
        """Whether each input column as a whole is of its type and lacks nothing, so that no row needs a look."""
        return all(_column_fits(self.typed.column(f.name), f) for f in self._read if f.use == "input")


@dataclass(frozen=True, slots=True)
class ForeignRows:
    """A file on its way to a model. ``columns``: of the file, in its order."""

    columns: tuple[str, ...]
    rows: int
    _cells: Path
    _typed: Path
    _read: tuple[Field, ...]

    def batches(self, size: int) -> Iterator[ForeignBatch]:
        """All rows in the file's order, ``size`` at a time; as often as one likes."""
        names = [field.name for field in self._read]
        for cells, typed in zip(_exactly(self._cells, None, size), _exactly(self._typed, names, size), strict=True):
            yield ForeignBatch(cells, typed, self._read)


class ColumnsMissing(BadInput):
    """``missing``: the names of columns that are not ``there``."""

    def __init__(self, missing: Sequence[str], there: Sequence[str]) -> None:
        self.missing, self.there = tuple(missing), tuple(there)
        word = "columns" if len(missing) > 1 else "column"
        super().__init__(
            f"The file lacks the {word} {listed(missing)}, which the model needs.",
            "Column names must be written as in the data the model was trained on.",
        )


def read_for_contract(
    source: Path, fields: Sequence[Field], folder: Path, ctx: JobContext, recipe: ParseRecipe | None = None
) -> ForeignRows:
    """Read any file that could be data by a model's contract; what is made of it lies in ``folder``.

    ``recipe``: how the data were read that the model was trained on; what a person answered holds for this file too.

    Raises FileRefused if it is no table, BadInput if a column is missing or a cell is not of its column's type.
    """
    with engine.connect(folder) as connection:
        try:
            return _read(connection, source, fields, folder, ctx, recipe, careful=False)
        except SourceFailed:
            pass
        try:
            return _read(connection, source, fields, folder, ctx, recipe, careful=True)
        except SourceFailed as error:
            raise refused("NOT_TEXT", "The file is text, but no table.", "Look at its first lines.") from error


def _read(
    connection: duckdb.DuckDBPyConnection,
    source: Path,
    fields: Sequence[Field],
    folder: Path,
    ctx: JobContext,
    recipe: ParseRecipe | None,
    *,
    careful: bool,
) -> ForeignRows:
    raw = _opened(connection, source, fields, folder, ctx, recipe, careful=careful)
    _refuse_missing(raw.names, fields)
    read = tuple(f for f in fields if f.use in _READ_USES and f.name in raw.names)
    cells, typed = folder / "cells.parquet", folder / "typed.parquet"
    ctx.progress(0.5, "Reading the rows")
    try:
        converted = convert(connection, raw, _expected(raw, read), typed)
        columns = [f"c{i}" if kind is not Kind.NESTED else f"c{i}::VARCHAR" for i, kind in enumerate(raw.kinds)]
        write_table(connection, columns, raw.names, raw.relation, cells)
    except duckdb.Error as error:
        if failure := engine.machine_failure(error):
            raise failure from error
        raise damaged(raw.damaged_code, error) if raw.damaged_code else SourceFailed(str(error)) from error
    if raw.rows is not None and converted.rows != raw.rows:
        raise SourceFailed(f"{raw.rows} rows were seen, {converted.rows} were read")
    return ForeignRows(raw.names, converted.rows, cells, typed, read)


def _opened(
    connection: duckdb.DuckDBPyConnection,
    source: Path,
    fields: Sequence[Field],
    folder: Path,
    ctx: JobContext,
    recipe: ParseRecipe | None,
    *,
    careful: bool,
) -> RawTable:
    """The file as the answers about the training data read it, as it looks by itself, or just as those data were read:
    the first way that finds the model's inputs. Raises FileRefused as the second way does."""
    known = [] if recipe is None else [replace(recipe, drop_ragged=False)]  # every row gets its answer
    answers = [w for r in known if (w := remembered(r)) is not None and w.opening]
    for number, wishes in enumerate((*answers, NO_WISHES, *map(all_of, known))):
        own = folder / f"way{number}"
        own.mkdir(exist_ok=True)
        try:
            raw = open_source(connection, source, own, wishes, ctx, careful=careful)
        except FileRefused as error:
            plain: RawTable | FileRefused = error
        else:
            plain = replace(raw, recipe=carried(raw.recipe, Wishes(policies=known[0]))) if known else raw
            if not _missing(raw.names, fields):
                return plain
        if wishes is NO_WISHES:
            first = plain
    if isinstance(first, FileRefused):
        raise first
    return first


def _missing(names: Sequence[str], fields: Sequence[Field]) -> list[str]:
    return [f.name for f in fields if f.use == "input" and f.name not in names]


def _refuse_missing(names: Sequence[str], fields: Sequence[Field]) -> None:
    if missing := _missing(names, fields):
        raise ColumnsMissing(missing, names)


def _expected(raw: RawTable, read: Sequence[Field]) -> dict[int, Expected]:
    """A type that the source does not give by itself is insisted on: a cell that is none stops the reading."""
    expected, places = {}, {name: index for index, name in enumerate(raw.names)}
    for field in read:
        index = places[field.name]
        if raw.kinds[index] not in _FITTING.get(field.type, ()):
            type_ = ColumnType(field.type) if field.use == "input" else ColumnType.TEXT
            expected[index] = Expected(type_, chosen=True)
    return expected


def _exactly(path: Path, columns: Sequence[str] | None, size: int) -> Iterator[pa.Table]:
    """A Parquet file in tables of ``size`` rows, whatever its row groups are."""
    with pq.ParquetFile(path, memory_map=True) as file:
        left = file.schema_arrow.empty_table() if columns is None else file.schema_arrow.empty_table().select(columns)
        for batch in file.iter_batches(size, columns=columns):
            left = pa.concat_tables([left, pa.Table.from_batches([batch]).select(left.column_names)])
            while left.num_rows >= size:
                yield left.slice(0, size).combine_chunks()
                left = left.slice(size)
        if left.num_rows:
            yield left.combine_chunks()


def _column_fits(column: pa.ChunkedArray, field: Field) -> bool:
    if column.null_count and not field.missing_allowed:
        return False
    if field.type == "number" and pa.types.is_floating(column.type):
        return pc.all(pc.is_finite(column)).as_py() is not False  # None: all are missing
    return _IS_OF_TYPE[field.type](column.type)


def _values(column: pa.ChunkedArray, type_: str) -> list[Value]:
    """A column's values as a JSON request would hold them."""
    values: list[Value | datetime]
    if type_ == "number" and pa.types.is_integer(column.type):
        column = column.cast(pa.float64())
    values = column.to_pylist()
    return [v.isoformat() if isinstance(v, datetime) else v for v in values]
