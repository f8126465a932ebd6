"""Which rows a table has already: a prediction whose case was delivered as data as well must not count twice. Child
side."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from app.data import engine
from app.data.differences.row_hashes import row_hashes

UNLIKE = 0.95
"""Where fewer of a table's rows are unlike all others, equal values are no sign of the same case."""


def already_there(
    table: Path, made: Path, schema: pa.Schema, columns: Collection[str], folder: Path
) -> npt.NDArray[np.bool_]:
    """(n,) of the n rows of ``made`` those that ``table`` has. Both are Parquet files with the columns of ``schema``;
    ``columns`` are compared; ``folder``: for what does not fit into memory."""
    values = [_value(place, field.type) for place, field in enumerate(schema) if field.name in columns]
    width = len(schema)
    with engine.connect(folder) as connection:
        new = row_hashes(connection, engine.parquet(made, width), values)
        held = row_hashes(connection, engine.parquet(table, width), values)
    if len(np.unique(held)) < UNLIKE * len(held):
        return np.zeros(len(new), np.bool_)
    return np.isin(new, held)


def _value(place: int, type_: pa.DataType) -> str:
    """As wide as ``gathering`` writes numbers: equal values of another width have another hash."""
    if pa.types.is_integer(type_) and type_ != pa.uint64():
        return f"CAST(c{place} AS BIGINT)"
    return f"CAST(c{place} AS DOUBLE)" if pa.types.is_floating(type_) else f"c{place}"
