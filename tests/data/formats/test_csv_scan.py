"""The look at every byte of a CSV file says what Python's own reader sees, however the pieces are cut."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.progress import Silent
from app.data.formats import csv_scan, csv_source
from app.data.formats.csv_scan import Scan, scan
from app.errors import FileRefused

CELLS = st.text(alphabet='ab ,"\n\r', max_size=6)


@pytest.fixture(scope="module")
def seen_in(tmp_path_factory):
    """What is seen in a text, read in pieces of so many bytes."""
    path = tmp_path_factory.mktemp("scan") / "table.csv"

    def look(text: str, piece: int, width: int) -> Scan:
        path.write_bytes(text.encode())
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(csv_scan, "CHUNK_BYTES", piece)
            return scan(path, ",", '"', width, 0, Silent())

    return look


@given(rows=st.lists(st.lists(CELLS, min_size=1, max_size=5), min_size=1, max_size=8), piece=st.integers(1, 40))
def test_records_and_their_widths_are_those_that_were_written(seen_in, rows, piece):
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows(rows)
    seen = seen_in(text.getvalue(), piece, 3)
    assert (seen.records, seen.widest) == (len(rows), max(map(len, rows)))
    assert seen.short == sum(len(row) < 3 for row in rows)
    assert seen.long == sum(len(row) > 3 for row in rows)
    assert seen.lines == text.getvalue().count("\n")
    assert not seen.stray_quotes


def test_the_longest_record_bounds_what_duckdb_reserves(seen_in):
    text = "a,b\n" + "x" * 5000 + ",1\n" + "y,2\n"
    seen = seen_in(text, 700, 2)
    assert seen.longest == 5002
    assert csv_source._longest(seen) == csv_source.LEAST_LINE < csv_scan.LONGEST_LINE


def test_a_line_that_is_too_long_is_named_by_its_place_in_the_file(seen_in, monkeypatch):
    monkeypatch.setattr(csv_scan, "LONGEST_LINE", 50)
    with pytest.raises(FileRefused, match="Line 5 "):
        seen_in('a,b\n1,"two\n\nlines"\n' + "x" * 60 + ",1\n", 1 << 20, 2)
