"""A folder of Parquet files is one table; every version says where its rows came from."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from app.core.data import Outcome
from app.core.origins import Origin, OriginKind
from app.core.progress import Silent
from app.data.intake import add, add_many, add_text
from app.registry.origins import origin_of


def parts(folder: Path, **columns: list[object]) -> Path:
    folder.mkdir(exist_ok=True)
    number = len(list(folder.glob("part-*")))
    pq.write_table(pa.table(columns), folder / f"part-{number}.parquet")
    return folder


def test_a_folder_of_parquet_files_is_one_table_in_the_order_of_names(data_project, tmp_path, cells_of):
    orders = parts(parts(tmp_path / "orders", a=[1, 2], b=["x", "y"]), b=["z", "y"], a=[3, 4])
    (orders / "_SUCCESS").touch()
    result = add(data_project, orders, ctx=Silent())
    assert (result.dataset.name, result.version.rows) == ("orders", 4)
    assert [source.name for source in result.version.sources] == ["part-0.parquet", "part-1.parquet"]
    assert [row[0] for row in cells_of(result.reading)] == [1, 2, 3, 4]
    assert origin_of(data_project, result.version.id) == Origin(OriginKind.FOLDER, str(orders))


def test_a_folder_with_anything_else_is_a_folder(data_project, tmp_path):
    orders = parts(tmp_path / "orders", a=[1, 2], b=["x", "y"])
    (orders / "notes.txt").write_text("hello")
    result = add(data_project, orders, ctx=Silent())
    assert (result.outcome, result.codes) == (Outcome.REJECT, ("IS_DIRECTORY",))


def test_a_folder_of_different_tables_is_refused_by_name(data_project, tmp_path):
    orders = parts(parts(tmp_path / "orders", a=[1, 2]), c=[3, 4])
    result = add(data_project, orders, ctx=Silent())
    assert result.codes == ("COLUMNS_DIFFER",)
    assert "part-1.parquet" in result.findings[0].message


def test_dropped_appended_and_pasted_rows_have_an_origin(data_project, tmp_path):
    one, two = tmp_path / "one.csv", tmp_path / "two.csv"
    one.write_text("a,b\n1,x\n2,y\n")
    two.write_text("a,b\n3,x\n4,z\n")
    dropped = add(data_project, one, ctx=Silent())
    appended = add_many(data_project, [one, two], mode="append", ctx=Silent())[0]
    pasted = add_text(data_project, "c\td\n1\tx\n2\ty\n", called="Pasted", ctx=Silent())
    found = [origin_of(data_project, result.version.id) for result in (dropped, appended, pasted)]
    assert found == [
        Origin(OriginKind.FILE, str(one)),
        Origin(OriginKind.FILE, str(one), parameters=(("file", str(two)),)),
        Origin(OriginKind.PASTE),
    ]
