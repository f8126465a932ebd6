"""A very large table is read in part, evenly, with each row's place."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from app.core.data import Column, ColumnType, Use
from app.data.thin import load_thinned

COLUMNS = (Column("n", ColumnType.INTEGER, Use.INPUT), Column("t", ColumnType.CATEGORY, Use.INPUT))


@pytest.mark.parametrize(("most", "every"), [(1000, 1), (999, 2), (300, 4), (1, 1000)])
def test_every_nth_row_is_read_across_row_groups_with_its_place(tmp_path, most, every):
    path = tmp_path / "table.parquet"
    table = pa.table({"n": np.arange(1000), "t": [None if i % 3 else f"t{i}" for i in range(1000)]})
    pq.write_table(table, path, row_group_size=77)
    raw, positions = load_thinned(path, COLUMNS, most)
    assert positions.tolist() == list(range(0, 1000, every)) and len(positions) <= most
    assert raw["n"].tolist() == positions.tolist()
    assert raw["t"].tolist() == [table["t"][int(i)].as_py() for i in positions]
