"""A stored data version as a pandas table, for a notebook: the very rows and types that training saw."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from app.core.data import Column, ColumnType, Reading
from app.registry import datasets

if TYPE_CHECKING:
    from app.registry.project import Project

DTYPES = {
    ColumnType.NUMBER: "float64",
    ColumnType.INTEGER: "Int64",
    ColumnType.BOOLEAN: "boolean",
    ColumnType.CATEGORY: "category",
    ColumnType.TEXT: "string",
    ColumnType.DATETIME: "datetime64[us]",
}
"""Types of pandas that keep missing values apart from every value."""


def frame(project: Project, wanted: str, *, reading_id: str | None = None) -> pd.DataFrame:
    """The rows of ``churn`` (newest version) or ``churn@2``, one column a column, in the order of the file.

    ``reading_id``: an earlier way to read it. ``attrs`` say which data these are: dataset, version, sha256,
    reading, target. Raises NotFound; CorruptObject if the stored bytes changed.
    """
    dataset, version = datasets.find_version(project, wanted)
    reading = datasets.reading(project, reading_id) if reading_id else datasets.current_reading(project, version.id)
    project.objects.read(reading.table_sha256)
    table = pq.read_table(project.objects.path(reading.table_sha256))
    made = pd.DataFrame({column.name: _series(table, column) for column in reading.columns})
    made.attrs = {
        "dataset": dataset.name,
        "version": version.number,
        "sha256": version.sha256,
        "reading": reading.id,
        "target": reading.target,
    }
    return made


def inputs_and_target(made: pd.DataFrame, reading: Reading) -> tuple[pd.DataFrame, pd.Series]:
    """What a model is given and what it has to say, rows without a target left out. KeyError without a target."""
    if reading.target is None:
        raise KeyError("this reading has no target")
    known = made[made[reading.target].notna()]
    return known[[column.name for column in reading.inputs]], known[reading.target]


def _series(table: pa.Table, column: Column) -> pd.Series:
    values = table.column(column.name)
    return values.to_pandas().astype(DTYPES[column.type])
