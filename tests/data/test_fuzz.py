"""Damaged files: any byte may be another, any piece missing. Never a crash, never a hang, never a silent change.

Formats that carry checksums (zip, Excel) must notice; for the others what is read is read again the same, and what
was not touched is what was written. Seconds by default, minutes with MODELYARD_LONG=1.
"""

from __future__ import annotations

import gzip
import json
import os
import shutil
import tempfile
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.core.data import Outcome
from app.data.read import read
from app.data.reading import TABLE_FILE, ReadRequest
from app.errors import FileRefused
from tests.data.conftest import Here, table_rows
from tests.data.corpus import arrow_file, arrow_stream, parquet, workbook, zipped

LONG = bool(os.environ.get("MODELYARD_LONG"))
EXAMPLES = 1_000 if LONG else 12
ROWS = [(i, f"name {i}", i / 4) for i in range(40)]
TABLE = pa.table({"a": [r[0] for r in ROWS], "b": [r[1] for r in ROWS], "c": [r[2] for r in ROWS]})
CSV = "a,b,c\n" + "".join(f"{a},{b},{c}\n" for a, b, c in ROWS)
WHOLE = {
    "table.parquet": parquet(TABLE),
    "table.arrow": arrow_file(TABLE),
    "table.arrows": arrow_stream(TABLE),
    "table.xlsx": workbook({"A": [["a", "b", "c"], *map(list, ROWS)]}),
    "table.json": json.dumps([dict(zip("abc", row, strict=True)) for row in ROWS]).encode(),
    "table.jsonl": "".join(json.dumps(dict(zip("abc", row, strict=True))) + "\n" for row in ROWS).encode(),
    "table.zip": zipped({"table.csv": CSV.encode()}),
    "table.csv.gz": gzip.compress(CSV.encode()),
}
CHECKED = ("table.xlsx", "table.zip", "table.csv.gz")
"""Every byte of the table is under a checksum: a change is noticed or touches nothing of it."""

EDITS = st.lists(
    st.tuples(st.sampled_from(["flip", "set", "cut", "drop", "twice", "zero"]), st.floats(0, 1), st.integers(0, 255)),
    min_size=1,
    max_size=4,
)


def mutated(data: bytes, edits: list[tuple[str, float, int]]) -> bytes:
    """``data`` with some bytes changed, pieces cut off, left out, doubled or zeroed."""
    for kind, where, value in edits:
        at, length = int(where * max(len(data) - 1, 0)), 1 + value % 64
        if kind == "cut":
            data = data[:at]
        elif kind == "drop":
            data = data[:at] + data[at + length :]
        elif kind == "twice":
            data = data[: at + length] + data[at:]
        elif kind == "zero":
            data = data[:at] + bytes(len(data[at : at + length])) + data[at + length :]
        elif data:
            byte = data[at] ^ (1 << value % 8) if kind == "flip" else value
            data = data[:at] + bytes([byte]) + data[at + 1 :]
    return data


def answer(content: bytes, name: str) -> tuple[set[str], list[tuple[object, ...]] | None]:
    """Codes, and the rows if it was stored."""
    folder = Path(tempfile.mkdtemp(prefix="fuzz"))
    try:
        (folder / "source").write_bytes(content)
        result = read(Here(folder), ReadRequest((folder / "source",), (name,)))
        rows = table_rows(folder / TABLE_FILE)
        assert len(rows) == result.rows
        return {f.code for f in result.findings if f.outcome is not Outcome.ACCEPT}, rows
    except FileRefused as error:
        assert error.code and error.message
        return {error.code}, None
    finally:
        shutil.rmtree(folder)


@pytest.mark.parametrize("name", WHOLE)
def test_a_damaged_file_is_read_or_refused_in_words(name):
    assert answer(WHOLE[name], name)[1] == ROWS

    @settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(edits=EDITS)
    def damage(edits):
        content = mutated(WHOLE[name], edits)
        codes, rows = answer(content or b"x", name)
        if rows is not None and name in CHECKED and not codes - {"IS_ZIP"}:
            assert rows == ROWS, "changed without a word"

    damage()


CELLS = st.one_of(
    st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=12),
    st.sampled_from(
        ["", "NA", "1,5", "1.234,5", "1,234", "01/02/2024", "2024-01-01", "007", '"', "'", ";", "\t", "|", "x\ny"]
    ),
    st.integers(-(10**20), 10**20).map(str),
    st.floats(allow_nan=True).map(repr),
)


def row_of(width: int) -> st.SearchStrategy[list[str]]:
    return st.lists(CELLS, min_size=width, max_size=width)


@settings(max_examples=2_000 if LONG else 40, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(
    rows=st.integers(2, 4).flatmap(
        lambda width: st.lists(st.lists(CELLS, min_size=width, max_size=width), min_size=1, max_size=12)
    ),
    delimiter=st.sampled_from([",", ";", "\t", "|"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    line_end=st.sampled_from(["\n", "\r\n"]),
    before=st.sampled_from(["", "", "", "A report\n\n"]),
)
def test_what_was_written_is_what_is_read_or_a_finding_says_otherwise(rows, delimiter, encoding, line_end, before):
    import csv
    import io

    from tests.data.test_round_trip import _is_same

    names = [f"name {'abcd'[i]}" for i in range(len(rows[0]))]
    out = io.StringIO(newline="")
    out.write(before)
    writer = csv.writer(out, delimiter=delimiter, quoting=csv.QUOTE_ALL, lineterminator=line_end)
    writer.writerows([names, *rows])
    codes, stored = answer(out.getvalue().encode(encoding), "table.csv")
    if stored is None or codes & QUESTIONS:
        return
    kept = [row for row in rows if len(row) == len(names)]
    assert len(stored) == len(kept), codes
    for written, read_ in zip(kept, stored, strict=True):
        assert all(map(_is_same, written, read_)), (written, read_, codes)


QUESTIONS = {
    "DELIMITER_GUESSED", "DELIMITER_DECIMAL", "DATES_AMBIGUOUS", "MIXED_TYPES", "RAGGED_ROWS", "PREAMBLE",
    "ENCODING_GUESSED", "DUPLICATE_COLUMNS", "NUL_BYTES", "MIXED_LINE_ENDS",
}  # fmt: skip


def test_numbers_whose_squares_overflow_are_read():
    """Found by damaging an Arrow stream: one double became 1e218."""
    few = [i * 7 % 11 for i in range(len(ROWS))]
    table = pa.table({"few": few, "b": TABLE["b"], "c": [1e218, *[r[2] for r in ROWS[1:]]]})
    assert answer(parquet(table), "table.parquet")[1][0][2] == 1e218
