"""Data built of labelled predictions: each once, with what it was sent, and none that the table has already."""

import json
from multiprocessing import Pipe

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from app.core.data import Column, ColumnType, Use
from app.jobs.child import ChildContext
from app.monitoring.retraining.already_there import already_there
from app.monitoring.retraining.gather_order import GATHERED, GatherOrder
from app.monitoring.retraining.gathering import gather
from app.runtime.logline import Line, Output

BUNDLE = "sha256:" + "ab" * 32
COLUMNS = (
    Column("who", ColumnType.CATEGORY, Use.IDENTIFIER),
    Column("fee", ColumnType.NUMBER, Use.INPUT),
    Column("visits", ColumnType.INTEGER, Use.INPUT),
    Column("note", ColumnType.TEXT, Use.IGNORED),
    Column("left", ColumnType.CATEGORY, Use.TARGET),
)
SCHEMA = pa.schema(
    [("who", pa.string()), ("fee", pa.float64()), ("visits", pa.int32()), ("note", pa.string()), ("left", pa.string())]
)


def case(number, left="no"):
    return {"who": f"c{number}", "fee": number / 3, "visits": number % 5, "note": "seen", "left": left}


@pytest.fixture
def gathered(tmp_path):
    """What comes of a table with the rows 0 to 9 and of these (case, label) as labelled predictions, some twice."""

    def made(asked, times=1):
        pq.write_table(pa.Table.from_pylist([case(n) for n in range(10)], SCHEMA), tmp_path / "table.parquet")
        lines, labels = [], []
        for number, label in asked:
            sent = {name: case(number)[name] for name in ("who", "fee", "visits")}
            at = f"2026-03-{1 + number % 28:02}T00:00:00.000000Z"
            lines.append(msgspec.json.encode(Line(f"p{number}", at, BUNDLE, "m@1", sent, Output("no"), 1.0)) + b"\n")
            labels.append(json.dumps([f"p{number}", label]) + "\n")
        (tmp_path / "log.jsonl").write_bytes(b"".join(lines * times))
        (tmp_path / "labels.jsonl").write_text("".join(labels), "utf-8")
        logs = (str(tmp_path / "log.jsonl"),)
        order = GatherOrder(tmp_path / "table.parquet", COLUMNS, "left", logs, (BUNDLE,), tmp_path / "labels.jsonl")
        folder = tmp_path / "child"
        folder.mkdir()
        parent, child = Pipe()
        with parent, child:
            found = gather(ChildContext(folder, child), order)
        return found, pq.read_table(folder / GATHERED).to_pylist()

    return made


def test_each_labelled_prediction_is_a_row_below_the_tables_own(gathered):
    found, rows = gathered([(20, "yes"), (21, "no")], times=2)
    assert (found.rows, found.known, found.first_at[:10], found.last_at[:10]) == (2, 0, "2026-03-21", "2026-03-22")
    assert rows[:10] == [case(n) for n in range(10)]
    assert rows[10:] == [case(20, "yes") | {"note": None}, case(21) | {"note": None}]


def test_what_the_table_has_already_is_left_out_and_counted(gathered):
    found, rows = gathered([(3, "no"), (4, "yes"), (20, "no")])
    assert (found.rows, found.known) == (2, 1)
    assert [(row["who"], row["left"]) for row in rows[10:]] == [("c4", "yes"), ("c20", "no")]


def test_where_rows_repeat_equal_ones_are_other_cases(tmp_path):
    few = pa.table({"plan": ["a", "b"] * 50, "left": ["no", "yes"] * 50})
    many = pa.table({"plan": [f"p{n}" for n in range(100)], "left": ["no", "yes"] * 50})
    for name, table, known in (("few", few, 0), ("many", many, 2)):
        pq.write_table(table, tmp_path / name)
        pq.write_table(table.slice(0, 2), tmp_path / "made")
        found = already_there(tmp_path / name, tmp_path / "made", table.schema, {"plan", "left"}, tmp_path)
        assert np.count_nonzero(found) == known
