from __future__ import annotations

from pathlib import Path

import pytest

from app.core.data import AddResult
from app.core.progress import Silent
from app.data.intake import add
from app.registry.project import Project


@pytest.fixture
def data_project(tmp_path):
    with Project.create(tmp_path / "project", actor="Ada <ada@example.org>") as project:
        yield project


@pytest.fixture
def drop(data_project, tmp_path):
    """Write bytes (or text) as a file and add it."""

    def add_file(content: bytes | str, name: str = "table.csv", **options) -> AddResult:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return add(data_project, path, ctx=Silent(), **options)

    return add_file


@pytest.fixture
def cells_of(data_project):
    """The stored table of a reading as a list of rows of Python values."""
    import pyarrow.parquet as pq

    def read(reading) -> list[tuple[object, ...]]:
        table = pq.read_table(Path(data_project.objects.path(reading.table_sha256)))
        return list(zip(*(c.to_pylist() for c in table.columns), strict=True)) if table.num_columns else []

    return read
