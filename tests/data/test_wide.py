"""A table of more than five hundred columns is read in blocks, and is what its columns are in a narrow table."""

from __future__ import annotations

import csv
import io
import json
import os
from dataclasses import replace
from functools import cache

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq
import pytest

from app.core.data import Column, ColumnEdit, ColumnType, Profile, Use
from app.core.progress import Silent
from app.data.differences.comparing import compare_tables
from app.data.differences.comparison import TableRef
from app.data.differences.digest import digest_of
from app.data.edit import edit_columns
from app.data.looking.row_filter import parse
from app.data.read import read
from app.data.reading import PROFILE_FILE, TABLE_FILE, Known, ReadRequest
from app.errors import BadInput, FileRefused
from tests.data.conftest import Here, table_rows

ROWS = 24
KINDS = {
    "number": [f"{i * 0.25 - 2}" for i in range(ROWS)],
    "whole": [str(i % 7) for i in range(ROWS)],
    "id": [str(i) for i in range(ROWS)],
    "gaps": ["" if i % 3 == 0 else str(i * 1.5) for i in range(ROWS)],
    "word": ["NA" if i == 5 else str(i * 2.5) for i in range(ROWS)],
    "infinite": ["inf" if i == 4 else str(i % 5 + 0.5) for i in range(ROWS)],
    "comma": [f"{i},{i % 10}5" for i in range(ROWS)],
    "zeros": [f"{i % 9:03}" for i in range(ROWS)],
    "yes": ["true" if i % 2 else "false" for i in range(ROWS)],
    "day": [f"2024-01-{i + 1:02}" for i in range(ROWS)],
    "region": [["north", "south, west", 'the "east"'][i % 3] for i in range(ROWS)],
    "formula": ["=1+1" if i == 3 else f"name {i % 4}" for i in range(ROWS)],
    "late": ["x" if i == ROWS - 1 else str(i) for i in range(ROWS)],
    "empty": [""] * ROWS,
    "same": ["7"] * ROWS,
}
TIMES = 35
WIDTH = TIMES * len(KINDS)


def named(times: int) -> dict[str, list[str]]:
    return {f"{kind}_{number:02}": cells for number in range(times) for kind, cells in KINDS.items()}


def as_csv(columns: dict[str, list[str]], ends: str = "\n") -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator=ends)
    writer.writerow(columns)
    writer.writerows(zip(*columns.values(), strict=True))
    return text.getvalue().encode()


def as_json_lines(columns: dict[str, list[str]]) -> bytes:
    rows = zip(*columns.values(), strict=True)
    return "".join(json.dumps({n: c for n, c in zip(columns, row, strict=True) if c}) + "\n" for row in rows).encode()


def as_parquet(columns: dict[str, list[str]]) -> bytes:
    made = pa.BufferOutputStream()
    pq.write_table(pc.read_csv(pa.BufferReader(as_csv(columns))), made, row_group_size=10)
    return made.getvalue().to_pybytes()


@pytest.fixture(scope="module")
def reading(tmp_path_factory):
    @cache
    def read_bytes(content: bytes, **options):
        folder = tmp_path_factory.mktemp("child")
        source = folder / "source"
        source.write_bytes(content)
        result = read(Here(folder), ReadRequest((source,), ("table",), **options))
        return result, msgspec.json.decode((folder / PROFILE_FILE).read_bytes(), type=Profile), folder

    return read_bytes


def plain(column):
    return replace(column, name="")


@pytest.mark.parametrize("written", [as_csv, as_parquet, as_json_lines], ids=["csv", "parquet", "json lines"])
def test_a_wide_table_is_read_as_its_columns_are_in_a_narrow_one(reading, written):
    narrow, few, there = reading(written(named(1)), target="number_00")
    wide, many, here = reading(written(named(TIMES)), target="number_00")
    kinds = [column.name.removesuffix("_00") for column in narrow.columns]
    place = {kind: i for i, kind in enumerate(kinds)}

    assert len(wide.columns) == TIMES * len(kinds)
    for column, held in zip(wide.columns, many.columns, strict=True):
        i = place[column.name[:-3]]
        assert plain(held) == plain(few.columns[i])
        assert i == place["number"] or plain(column) == plain(narrow.columns[i])
    cells, expected = table_rows(here / TABLE_FILE), table_rows(there / TABLE_FILE)
    names = [column.name[:-3] for column in wide.columns]
    assert cells == [tuple(row[place[name]] for name in names) for row in expected]


def test_findings_of_a_wide_table_name_the_same_columns_and_cells(reading):
    narrow, wide = (reading(as_csv(named(times)), target="number_00")[0] for times in (1, TIMES))

    def about_first(found):
        return {(f.code, f.rows, f.cells) for f in found if f.column is not None and f.column.endswith("_00")}

    assert about_first(narrow.findings) <= about_first(wide.findings)
    assert {"MIXED_TYPES", "LEADING_ZEROS", "NON_FINITE", "CSV_FORMULA", "NA_AMBIGUOUS"} - {
        f.code for f in wide.findings
    } <= {"NA_AMBIGUOUS"}


def test_uneven_rows_and_other_line_ends_of_a_wide_table(reading):
    plain_bytes = as_csv({n: [c.replace('"', "") for c in cells] for n, cells in named(TIMES).items()}, "\r\n")
    lines = plain_bytes.split(b"\r\n")
    lines[3] = lines[3].rsplit(b",", 2)[0]
    lines[5] += b",more"
    result, profile, folder = reading(b"\r\n".join(lines))

    assert (profile.rows, len(result.columns)) == (ROWS, WIDTH + 1)
    assert "RAGGED_ROWS" in {finding.code for finding in result.findings}
    cells = table_rows(folder / TABLE_FILE)
    assert cells[2][-3:] == (None, None, None) and cells[4][-1] == "more" and cells[4][-2] == 7


def test_rows_that_repeat_are_named_in_a_wide_table(reading):
    columns = {name: [*cells[:5], cells[2], *cells[5:], cells[2]] for name, cells in named(TIMES).items()}
    result, _, _ = reading(as_csv(columns))
    found = next(f for f in result.findings if f.code == "DUPLICATE_ROWS")

    assert found.rows == (6, ROWS + 2)


def test_what_a_wide_table_holds_is_known_again_in_another_order_and_format(reading):
    columns = {f"c{i:04}": [str((i * row) % 11) for row in range(5)] for i in range(1_010)}
    turned = {name: cells[::-1] for name, cells in reversed(columns.items())}
    changed = columns | {"c0700": ["9", *columns["c0700"][1:]]}
    content, same, other = (reading(as_csv(c))[1].content for c in (columns, turned, changed))

    assert content == same != other
    assert content.startswith("wide1-")


def test_a_stored_wide_table_has_the_digest_it_was_read_with(reading, tmp_path):
    _, profile, folder = reading(as_csv(named(TIMES)), target="number_00")
    (tmp_path / "again").mkdir()

    assert digest_of(Here(tmp_path / "again"), folder / TABLE_FILE, folder / PROFILE_FILE) == profile.content


def test_a_copy_of_the_target_is_found_among_a_thousand_columns(reading):
    target = [str(i % 3) for i in range(ROWS)]
    columns = named(TIMES) | {"copy": ["abc"[i % 3] for i in range(ROWS)], "y": target}
    result, _, _ = reading(as_csv(columns), target="y")

    assert "copy" in {f.column for f in result.findings if f.code == "TARGET_LEAK"}


def test_more_columns_than_can_be_read_are_refused_in_words(reading):
    with pytest.raises(FileRefused, match=r"20,001 columns; more than 16,384") as told:
        reading(b"a," * 20_000 + b"b\n" + b"1," * 20_000 + b"2\n3")

    assert told.value.code == "TOO_LARGE"


def test_differences_of_wide_tables_name_rows_columns_and_shifts(reading, tmp_path):
    columns = named(TIMES)
    moved = [str(float(cell) + 100) for cell in KINDS["number"]]
    changed = columns | {"number_20": moved, "region_30": ["west", *KINDS["region"][1:]]}
    sides = [reading(as_csv(c), target="number_00") for c in (columns, {n: cells[:-1] for n, cells in changed.items()})]
    refs = [TableRef(folder / TABLE_FILE, result.columns, result.rows) for result, _, folder in sides]
    (tmp_path / "compared").mkdir()

    by_key = compare_tables(Here(tmp_path / "compared"), *refs, ("id_03",))
    assert (by_key.rows.removed, by_key.rows.changed, by_key.rows.same) == (1, ROWS - 1, 0)
    assert [(c.name, c.cells) for c in by_key.rows.columns] == [("number_20", ROWS - 1), ("region_30", 1)]
    assert by_key.shifts[0].column == "number_20" and by_key.shifts[0].distance == 1.0
    whole = compare_tables(Here(tmp_path / "compared"), refs[0], refs[0], ())
    assert (whole.rows.same, whole.rows.added, whole.rows.removed) == (ROWS, 0, 0)


def test_a_wide_version_and_an_edit_are_read_as_the_columns_are_known(reading, tmp_path):
    columns = named(TIMES)
    content = as_csv(columns)
    result, _, _ = reading(content, target="number_00")
    wanted = (("whole_03", ColumnType.CATEGORY), ("number_04", ColumnType.TEXT), ("whole_05", ColumnType.NUMBER))
    recipe = replace(result.recipe, overrides=wanted)
    known = (Known("", "", result.columns, None, recipe),)
    changed, _, folder = reading(content, recipe=recipe, known=known)
    types = {c.name: c.type for c in changed.columns}
    cells = dict(zip(types, zip(*table_rows(folder / TABLE_FILE), strict=True), strict=True))

    assert {n: t for n, t in types.items() if t is not {c.name: c.type for c in result.columns}[n]} == dict(wanted)
    assert cells["whole_03"] == tuple(KINDS["whole"]) and cells["number_04"] == tuple(KINDS["number"])
    assert cells["whole_05"] == tuple(float(i % 7) for i in range(ROWS))
    assert cells["whole_06"] == tuple(i % 7 for i in range(ROWS))


def test_a_bare_word_is_not_looked_for_in_hundreds_of_columns():
    columns = [Column(f"c{i}", ColumnType.CATEGORY, Use.INPUT) for i in range(WIDTH)]

    with pytest.raises(BadInput, match="is not looked for in 525 columns"):
        parse("north", columns)
    assert parse("c7 = north", columns)


@pytest.mark.skipif("MODELYARD_LONG" not in os.environ, reason="half a minute: MODELYARD_LONG=1")
def test_ten_thousand_columns_are_added_and_edited_within_the_readers_memory(data_project, drop):
    numbers = np.random.default_rng(0).normal(size=(300, 9_999)).round(4).tolist()
    lines = [",".join([*(f"f{i:05}" for i in range(9_999)), "y"])]
    lines += [f"{','.join(map(str, row))},{int(row[0] > 0)}" for row in numbers]
    reading = drop("\n".join(lines), target="y").reading
    edits = [ColumnEdit(f"f{i:05}", use=Use.IGNORED) for i in range(5_000)]
    edits += [ColumnEdit(f"f{i:05}", type=ColumnType.TEXT) for i in range(9_000, 9_100)]

    edited = edit_columns(data_project, reading.id, edits, ctx=Silent())

    assert len(reading.inputs) == 9_999 and len(edited.inputs) == 4_999
    assert edited.column("f09050").type is ColumnType.TEXT


@pytest.mark.parametrize("others", [4, 504])
def test_what_a_source_calls_text_stays_text_however_many_columns_there_are(reading, others):
    rows = [{"flag": ("false", "true")[i % 2], **{f"k{n}": i * n for n in range(others)}} for i in range(ROWS)]
    found, _, folder = reading("".join(json.dumps(row) + "\n" for row in rows).encode())

    flag = found.columns[0]
    assert (flag.name, flag.type) == ("flag", ColumnType.CATEGORY)
    assert [row[0] for row in table_rows(folder / TABLE_FILE)[:2]] == ["false", "true"]
