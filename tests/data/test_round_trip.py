"""What was written is what is read, whatever the dialect; or a finding says otherwise."""

from __future__ import annotations

import csv
import io
import os
import shutil
import tempfile
from datetime import datetime
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.core.data import Outcome
from app.data.read import read
from app.data.reading import TABLE_FILE, ReadRequest
from app.data.types.cells import MISSING_WORDS
from app.errors import FileRefused
from tests.data.conftest import Here, table_rows

LONGER = 50 if os.environ.get("MODELYARD_LONG") else 1
TRICKY = st.text(st.sampled_from("aé\"',;\t|\n 01.-=ß漢"), max_size=8)
PLAIN = st.sampled_from(["x", "yes", "NA", "Ann", "01234", "1,5", "12", "-3", "0.25", "1e5", "true", "2024-01-31", ""])
CELL = st.one_of(PLAIN, TRICKY, st.integers(-(10**18), 10**18).map(str), st.floats(allow_nan=False).map(repr))
COLUMN = st.one_of(
    st.lists(st.integers(-1000, 1000).map(str), min_size=6, max_size=6),
    st.lists(st.decimals(-1000, 1000, places=2).map(str), min_size=6, max_size=6),
    st.lists(CELL, min_size=6, max_size=6),
    st.lists(st.sampled_from(["red", "green, dark", 'a "b" c', "", "blue\nsky"]), min_size=6, max_size=6),
)


@settings(max_examples=40 * LONGER, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    columns=st.lists(COLUMN, min_size=2, max_size=4),
    delimiter=st.sampled_from([",", ";", "\t", "|"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    line_end=st.sampled_from(["\n", "\r\n"]),
    bom=st.booleans(),
)
def test_what_was_written_is_read(columns, delimiter, quoting, line_end, bom):
    names = [f"name {'abcd'[i]}" for i in range(len(columns))]
    rows = list(zip(*columns, strict=True))
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter, quoting=quoting, lineterminator=line_end)
    writer.writerow(names)
    writer.writerows(rows)
    result, table = _read(out.getvalue().encode("utf-8-sig" if bom else "utf-8"))

    if any(finding.outcome is Outcome.ASK for finding in result.findings):
        return
    assert [column.name for column in result.columns] == names
    assert len(table) == len(rows)
    for written, stored in zip(rows, table, strict=True):
        assert all(map(_is_same, written, stored)), (written, stored)


def _is_same(written: str, stored: object) -> bool:
    bare = written.strip(" \t\u00a0\n")
    if stored is None:
        return bare.lower() in MISSING_WORDS
    if isinstance(stored, str):
        return stored == written
    if isinstance(stored, bool):
        return bare.lower() == str(stored).lower()
    if isinstance(stored, int):
        return str(stored) == bare.removeprefix("+")
    if isinstance(stored, datetime):
        return stored == datetime.fromisoformat(bare)
    return stored == float(bare.replace(",", "."))


def _read(content: bytes):
    folder = Path(tempfile.mkdtemp())
    try:
        (folder / "source").write_bytes(content)
        result = read(Here(folder), ReadRequest((folder / "source",), ("table.csv",)))
        return result, table_rows(folder / TABLE_FILE)
    finally:
        shutil.rmtree(folder)


@settings(max_examples=60 * LONGER, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(content=st.binary(max_size=200) | st.text(st.sampled_from('ab,;"\n\r\t1é[{:}]'), max_size=80).map(str.encode))
def test_any_bytes_end_in_an_answer(content):
    """Never a crash: a table, or a refusal with a code and a sentence."""
    try:
        result, table = _read(content or b" ")
    except FileRefused as error:
        assert error.code and error.message
        return
    assert len(table) == result.rows
