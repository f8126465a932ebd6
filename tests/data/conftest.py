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

    def read(reading) -> list[tuple[object, ...]]:
        return table_rows(Path(data_project.objects.path(reading.table_sha256)))

    return read


@pytest.fixture
def read_here(tmp_path):
    """Read bytes as the child does, in this process: the result and the stored rows."""
    from app.data.read import read
    from app.data.reading import TABLE_FILE, ReadRequest

    def read_bytes(content: bytes, name: str = "table.csv", **options):
        folder = tmp_path / "child"
        folder.mkdir()
        source = tmp_path / "source"
        source.write_bytes(content)
        result = read(Here(folder), ReadRequest((source,), (name,), **options))
        return result, table_rows(folder / TABLE_FILE)

    return read_bytes


class Here(Silent):
    """A child's context without a child."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder


def table_rows(path: Path) -> list[tuple[object, ...]]:
    import pyarrow.parquet as pq

    table = pq.read_table(path)
    return list(zip(*(column.to_pylist() for column in table.columns), strict=True))
