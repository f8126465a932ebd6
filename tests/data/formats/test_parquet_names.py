"""Column names out of a Parquet footer without pyarrow, as pyarrow tells them; anything else tells nothing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from app.data.formats.parquet_names import parquet_names

TABLES = {
    "plain": pa.table({"id": [1, 2], "größe": [0.5, None], "when": pa.array([0, 1], pa.timestamp("us", "UTC"))}),
    "nested": pa.table({"a": [{"x": 1, "y": {"z": 2}}], "b": [[1, 2]], "c": [{"k": [1]}], "d": ["last"]}),
    "wide": pa.table({f"column {n}": [n, n] for n in range(300)}),
    "decimals": pa.table({"d": pa.array([1, 2], pa.decimal128(10, 2)), "t": pa.array([0, 1], pa.time64("ns"))}),
}


@pytest.mark.parametrize("name", TABLES)
def test_names_are_those_that_pyarrow_tells(name: str, tmp_path: Path) -> None:
    file = tmp_path / "t.parquet"
    pq.write_table(TABLES[name], file, row_group_size=1)
    assert parquet_names(file) == tuple(TABLES[name].column_names)


def test_damaged_footers_tell_nothing_or_texts(tmp_path: Path) -> None:
    file, random = tmp_path / "t.parquet", np.random.default_rng(0)
    pq.write_table(TABLES["nested"], file)
    whole = file.read_bytes()
    for _ in range(400):
        hurt = bytearray(whole)
        for at in random.integers(len(whole) - 400, len(whole), 3):
            hurt[at] = random.integers(256)
        file.write_bytes(hurt)
        found = parquet_names(file)
        assert found is None or all(isinstance(one, str) for one in found)


@pytest.mark.parametrize("content", [b"", b"PAR1", b"PAR1" * 4, b"a,b\n1,2\n" * 9])
def test_other_files_have_no_names(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "t").write_bytes(content)
    assert parquet_names(tmp_path / "t") is None
