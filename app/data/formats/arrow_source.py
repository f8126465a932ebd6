"""Parquet, Arrow and Feather: typed by their source, every type brought to one of ours. Child side."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from app.core.data import Finding, ParseRecipe
from app.data import engine
from app.data.findings import ask, listed, refused, warn
from app.data.formats.content import Content
from app.data.formats.raw import Kind, RawTable
from app.data.names import column_names

LARGE_RATIO = 100
"""More than so many times its size once read: said before loading (from the footer)."""
LARGE_FROM_BYTES = 1_000_000
CELL_BYTES = 8
"""At least so much a cell takes in memory, however well a column of equal values is packed."""

_FEATHER_1 = b"FEA1"
_INTEGERS = {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER"}
_NUMBERS = {"FLOAT", "DOUBLE"}
_EXACT_DECIMAL_DIGITS = 15


def open_parquet(connection: duckdb.DuckDBPyConnection, path: Path, *, code: str = "PARQUET_CORRUPT") -> RawTable:
    """Open a Parquet file. Raises FileRefused with ``code`` if its footer or schema cannot be read."""
    try:
        with pq.ParquetFile(path) as file:
            rows, written = file.metadata.num_rows, list(file.schema_arrow.names)
            unpacked = max(
                sum(file.metadata.row_group(i).total_byte_size for i in range(file.metadata.num_row_groups)),
                rows * len(written) * CELL_BYTES,
            )
    except (pa.ArrowException, OSError, ValueError) as error:
        raise damaged(code, error) from error
    if not written or not rows:
        raise refused("NO_ROWS", "The file has no rows." if written else "The file has no columns.")
    names, findings = column_names(written)
    source = engine.parquet(path, len(names))
    try:
        types = [str(row[1]) for row in connection.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()]
    except duckdb.Error as error:
        raise damaged(code, error) from error
    kinds = tuple(_kind(t) for t in types)
    expressions = tuple(_expression(f"c{i}", t) for i, t in enumerate(types))
    columns = ", ".join(f"{e} AS c{i}" for i, e in enumerate(expressions))
    found = (*findings, *_nested(names, kinds), *_large(unpacked, path.stat().st_size))
    return RawTable(
        f"(SELECT {columns} FROM {source})", names, kinds, ParseRecipe("parquet"), found, rows,
        damaged_code=code, source=source, expressions=expressions,
    )  # fmt: skip


def arrow_as_parquet(path: Path, content: Content, folder: Path) -> Path:
    """Copy an Arrow or Feather file batch by batch. Raises FileRefused (ARROW_CORRUPT)."""
    target = folder / "arrow.parquet"
    with path.open("rb") as file:
        if file.read(len(_FEATHER_1)) == _FEATHER_1:
            raise refused(
                "ARROW_CORRUPT", "The file is Feather of the old version 1.", "Write it as version 2 or Parquet."
            )
    try:
        with pa.memory_map(str(path)) as source:
            if content is Content.ARROW_STREAM:
                reader = pa.ipc.open_stream(source)
                batches = iter(reader)
            else:
                file = pa.ipc.open_file(source)
                reader, batches = file, (file.get_batch(i) for i in range(file.num_record_batches))
            with pq.ParquetWriter(target, reader.schema, compression="snappy") as writer:
                for batch in batches:
                    batch.validate(full=True)
                    writer.write_batch(batch)
    except (pa.ArrowException, OSError, ValueError) as error:
        if failure := engine.machine_failure(error):
            raise failure from error
        raise damaged("ARROW_CORRUPT", error) from error
    return target


def damaged(code: str, error: Exception) -> Exception:
    """The refusal of a file that says it is Parquet or Arrow but cannot be read."""
    kind = "Arrow" if code == "ARROW_CORRUPT" else "Parquet"
    if "encrypt" in str(error):
        return refused(code, f"The {kind} file is encrypted.", "Write it again without encryption.")
    refusal = refused(code, f"The {kind} file is damaged or incomplete.", "Make or download it again.")
    refusal.details = str(error)
    return refusal


def _kind(type_: str) -> Kind:
    if type_ in _INTEGERS:
        return Kind.INTEGER
    if type_ in _NUMBERS or (type_.startswith("DECIMAL") and _digits(type_) <= _EXACT_DECIMAL_DIGITS):
        return Kind.NUMBER
    if type_ in ("UBIGINT", "HUGEINT", "UHUGEINT", '"NULL"', "NULL") or type_.startswith("DECIMAL"):
        return Kind.CELL
    if type_ == "BOOLEAN":
        return Kind.BOOLEAN
    if type_ == "DATE" or type_.startswith("TIMESTAMP"):
        return Kind.MOMENT
    nested = type_.startswith(("STRUCT", "MAP", "UNION", "JSON", "VARIANT")) or type_.endswith("]")
    return Kind.NESTED if nested else Kind.TEXT


def _digits(type_: str) -> int:
    return int(type_.removeprefix("DECIMAL(").partition(",")[0])


def _expression(column: str, type_: str) -> str:
    kind = _kind(type_)
    if kind is Kind.NESTED:
        return f"to_json({column})::VARCHAR"
    if kind is Kind.MOMENT:
        zoned = "TZ" in type_ or "TIME ZONE" in type_  # one cast cannot drop the zone and the nanoseconds
        return f"{column}::TIMESTAMPTZ::TIMESTAMP" if zoned else f"{column}::TIMESTAMP"
    if type_ == "BLOB":
        return f"hex({column})"
    return column if kind in (Kind.INTEGER, Kind.NUMBER, Kind.BOOLEAN) or type_ == "VARCHAR" else f"{column}::VARCHAR"


def _nested(names: tuple[str, ...], kinds: tuple[Kind, ...]) -> tuple[Finding, ...]:
    nested = [name for name, kind in zip(names, kinds, strict=True) if kind is Kind.NESTED]
    if not nested:
        return ()
    message = f"{listed(nested)}: lists or groups of values in one cell; they are kept as JSON text and not used."
    return (ask("NESTED_TYPES", message, "Give each value a column of its own.", nested[0]),)


def _large(unpacked: int, packed: int) -> tuple[Finding, ...]:
    if unpacked < LARGE_FROM_BYTES or unpacked <= LARGE_RATIO * packed:
        return ()
    message = f"Once read the file is {unpacked / 1e6:,.0f} MB, {unpacked // packed:,} times its size."
    return (warn("LARGE_UNPACKED", message),)
