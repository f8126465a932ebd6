"""The digest of what a table holds: blind to order and format, and to nothing else."""

from __future__ import annotations

import io
import random
import tempfile
import zipfile
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import msgspec
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.core.data import Profile, Source
from app.core.progress import Silent
from app.data import engine
from app.data.differences.digest import digest
from app.data.intake import add
from app.data.looking.profiling import profile_table
from app.data.read import read
from app.data.reading import PROFILE_FILE, TABLE_FILE, ReadRequest
from app.data.types.typed import write_table
from app.registry import datasets
from tests.data.conftest import Here
from tests.data.corpus import arrow_file, parquet, workbook
from tests.data.test_intake import state_of

ROWS = [
    {"name": f"N{i % 7}", "age": 20 + i % 50, "fee": i / 4, "since": datetime(2024, 1, 1 + i % 28), "paid": i % 3 > 0}
    for i in range(60)
] + [{"name": None, "age": 99, "fee": None, "since": None, "paid": None}]


def as_csv(rows: list[dict[str, object]], delimiter: str = ",") -> bytes:
    lines = [delimiter.join(rows[0])]
    lines += [delimiter.join("" if v is None else str(v) for v in row.values()) for row in rows]
    return "\n".join(lines).encode()


def as_json_lines(rows: list[dict[str, object]]) -> bytes:
    return b"\n".join(msgspec.json.encode(row) for row in rows)


def as_workbook(rows: list[dict[str, object]]) -> bytes:
    return workbook({"A": [list(rows[0]), *(list(row.values()) for row in rows)]})


def content(data: bytes, name: str = "table.csv") -> str:
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "source"
        source.write_bytes(data)
        read(Here(Path(folder)), ReadRequest((source,), (name,)))
        return msgspec.json.decode((Path(folder) / PROFILE_FILE).read_bytes(), type=Profile).content


def turned(rows: list[dict[str, object]]) -> list[dict[str, object]]:
    """Other order of rows and of columns."""
    mixed = random.Random(7).sample(rows, len(rows))
    return [dict(reversed(row.items())) for row in mixed]


@pytest.mark.parametrize(
    "other",
    [
        as_csv(turned(ROWS)),
        as_csv(ROWS, ";"),
        parquet(pa.Table.from_pylist(ROWS)),
        parquet(pa.Table.from_pylist([row | {"age": row["age"] and float(row["age"])} for row in ROWS])),
        arrow_file(pa.Table.from_pylist(turned(ROWS))),
        as_json_lines(turned(ROWS)),
        as_workbook(ROWS),
    ],
    ids=["order", "delimiter", "parquet", "floats", "arrow", "json lines", "excel"],
)
def test_another_order_or_format_is_the_same_content(other):
    assert content(other) == content(as_csv(ROWS)) != ""


@pytest.mark.parametrize(
    "other",
    [
        ROWS[1:],
        [*ROWS, ROWS[0]],
        [{"Name" if k == "name" else k: v for k, v in row.items()} for row in ROWS],
        [row | {"name": ROWS[(i + 1) % 60]["name"]} if i < 60 else row for i, row in enumerate(ROWS)],
        [row | ({"fee": 0.25000000000000006} if row["fee"] == 0.25 else {}) for row in ROWS],
        [row | ({"fee": None} if row["fee"] == 0 else {}) for row in ROWS],
    ],
    ids=["a row less", "a row twice", "another name", "a column shifted", "one last bit", "zero for missing"],
)
def test_any_change_is_another_content(other):
    assert content(parquet(pa.Table.from_pylist(other))) != content(parquet(pa.Table.from_pylist(ROWS)))


CELLS = {
    "n": st.one_of(st.none(), st.integers(-5, 5)),
    "x": st.one_of(st.none(), st.sampled_from([-0.0, 0.0, 1.0, 1.5, 1e300, float("inf")])),
    "t": st.one_of(st.none(), st.sampled_from(["", "a", "b", "a longer text than twelve", "é"])),
    "b": st.one_of(st.none(), st.booleans()),
}
TABLES = st.lists(st.fixed_dictionaries(CELLS), min_size=1, max_size=12)


def digest_of(rows: list[dict[str, object]], names: list[str]) -> str:
    types = {"n": "BIGINT", "x": "DOUBLE", "t": "VARCHAR", "b": "BOOLEAN"}
    with tempfile.TemporaryDirectory() as folder, engine.connect(Path(folder)) as connection:
        connection.execute(f"CREATE TABLE rows ({', '.join(f'c{i} {types[n]}' for i, n in enumerate(names))})")
        connection.executemany("INSERT INTO rows VALUES (?, ?, ?, ?)", [[row[n] for n in names] for row in rows])
        out = Path(folder) / "t.parquet"
        write_table(connection, engine.positions(4), names, "rows", out)
        source = engine.parquet(out, 4)
        return digest(connection, source, profile_table(connection, source, names, Here(Path(folder))))


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rows=TABLES, data=st.data())
def test_equal_content_exactly_where_the_rows_are_the_same(rows, data):
    order = data.draw(st.permutations(list(CELLS)))
    mixed = data.draw(st.permutations(rows))
    at, name = data.draw(st.integers(0, len(rows) - 1)), data.draw(st.sampled_from(list(CELLS)))
    value = data.draw(CELLS[name])
    edited = [row | {name: value} if i == at else row for i, row in enumerate(rows)]

    before = digest_of(rows, list(CELLS))

    assert digest_of(mixed, order) == before
    assert (digest_of(edited, list(CELLS)) == before) == (_multiset(edited) == _multiset(rows))


def _multiset(rows: list[dict[str, object]]) -> list[str]:
    return sorted(repr([None if v is None else v + 0.0 if k in "nx" else v for k, v in row.items()]) for row in rows)


LABELLED = [{"x": i, "label": "yes" if i % 2 else "no"} for i in range(12_000)]


def flipped(rows: list[dict[str, object]], which) -> list[dict[str, object]]:
    other = {"yes": "no", "no": "yes"}
    return [row | {"label": other[str(row["label"])]} if which(i) else row for i, row in enumerate(rows)]


@pytest.mark.parametrize(
    "which", [lambda i: i >= 10_000 and i % 5, lambda i: i == 11_999, lambda i: i in (10_500, 10_501)]
)
def test_flipped_labels_are_found_wherever_they_are(drop, which):
    """A peer hashes the first 10,000 rows and takes these for the same data."""
    first = drop(as_csv(LABELLED), "labels.csv")
    second = drop(as_csv(flipped(LABELLED, which)), "labels.csv")

    assert (second.dataset, second.version.number) == (first.dataset, 2)


def test_same_rows_from_another_file_make_no_new_version(data_project, drop):
    first = drop(as_csv(ROWS), "people.csv")
    before = state_of(data_project)

    again = drop(parquet(pa.Table.from_pylist(turned(ROWS))), "people.parquet")

    assert (again.already, again.codes, again.version) == (True, ("SAME_CONTENT",), first.version)
    assert "version 1 of people already, from people.csv" in again.findings[0].message
    assert state_of(data_project) == before


def test_the_other_files_of_an_archive_are_named_where_its_table_is_there_already(drop):
    drop(as_csv(ROWS), "people.csv")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("again.csv", as_csv(turned(ROWS)))
        archive.writestr("x.csv", "a,b\n1,2\n")

    again = drop(packed.getvalue(), "people.zip")

    assert (again.already, again.codes) == (True, ("SAME_CONTENT",))
    assert again.findings[0].message.endswith(
        "nothing was added. To add another file of the archive, unpack it: x.csv."
    )


def test_same_rows_are_found_in_an_older_version(drop):
    first = drop(as_csv(ROWS), "people.csv")
    drop(as_csv(ROWS[:50]), "people.csv")

    assert drop(as_csv(turned(ROWS)), "people.csv").version == first.version


def test_same_rows_under_a_chosen_name_are_new_data(data_project, drop, tmp_path):
    drop(as_csv(ROWS), "people.csv")

    path = tmp_path / "turned.csv"
    path.write_bytes(as_csv(turned(ROWS)))
    assert add(data_project, path, name="others", ctx=Silent()).version.number == 1


@pytest.mark.parametrize("was", ["", "rows1-of another engine:61:00"])
def test_a_version_without_a_comparable_digest_is_looked_at_again(data_project, drop, tmp_path, was):
    source = tmp_path / "old.csv"
    source.write_bytes(as_csv(ROWS))
    (tmp_path / "child").mkdir()
    result = read(Here(tmp_path / "child"), ReadRequest((source,), ("old.csv",)))
    profile = msgspec.json.decode((tmp_path / "child" / PROFILE_FILE).read_bytes(), type=Profile)
    put = data_project.objects.put_bytes
    sha256, table = put(source.read_bytes()), put((tmp_path / "child" / TABLE_FILE).read_bytes())
    old = datasets.NewVersion(
        None, "old", (Source("old.csv", sha256, 1),), sha256, result.rows, None, result.recipe, result.columns,
        result.positive, table, put(msgspec.json.encode(replace(profile, content=was))), (),
    )  # fmt: skip
    _, version, _ = datasets.record_version(data_project, old)

    again = drop(as_csv(turned(ROWS)), "people.csv")

    assert (again.codes, again.version) == (("SAME_CONTENT",), version)
