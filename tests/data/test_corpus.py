"""Every file gets its outcome and code, and what was stored is what was written."""

from __future__ import annotations

import pytest

from app.data.findings import as_finding
from app.data.intake import outcome_of
from app.data.names import dataset_name
from app.errors import FileRefused
from tests.data.corpus import CASES
from tests.data.strangers import MODELS


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_every_file_ends_as_it_should(case, read_here):
    """Without a child: that is the same function, and a hundred children take two minutes."""
    escaped = dataset_name(case.file_name)[1]
    try:
        result, table = read_here(case.content, case.file_name)
        findings = (*escaped, *result.findings)
    except FileRefused as error:
        findings = (as_finding(error),)

    assert str(outcome_of(findings)) == case.outcome, findings
    assert ({f.code for f in findings} or {"OK"}) == case.codes, findings
    assert all(finding.message for finding in findings)
    if case.outcome == "reject":
        return
    columns = {column.name: column for column in result.columns}
    assert {name: str(columns[name].type) for name in case.types} == case.types
    assert {name: str(columns[name].use) for name in case.uses} == case.uses
    assert len(table) == result.rows
    assert case.rows in (None, len(table))
    assert case.first_row in (None, table[0])


def test_names_line_of_unclosed_quote(read_here):
    with pytest.raises(FileRefused, match="line 3"):
        read_here(b'a,b\n1,x\n2,"y\n3,z\n4,w\n')


def test_names_row_column_and_cell_of_what_does_not_fit(read_here):
    rows = "".join(f"{'oops' if i == 2_416 else i},{i % 2}\n" for i in range(5_000))
    result, _ = read_here(f"total,y\n{rows}".encode())

    (finding,) = [f for f in result.findings if f.code == "MIXED_TYPES"]
    assert finding.column == "total"
    assert finding.rows == (2_417,)
    assert "row 2,417 'oops' is not a number - 1 of 5,000 cells" in finding.message


def test_names_ragged_rows(read_here):
    result, _ = read_here(b"a,b,c\n1,2,3\n4,5\n6,7,8,9\n1,1,1\n")

    (finding,) = result.findings
    assert finding.rows == (2, 3)
    assert "rows 2 and 3" in finding.message


TABLE = """
EMPTY_FILE NO_ROWS LINE_TOO_LONG HEADER_TOO_LONG UNCLOSED_QUOTE NOT_TEXT JSON_TOO_DEEP PARQUET_CORRUPT ARROW_CORRUPT
ARCHIVE_RATIO ARCHIVE_PATH ARCHIVE_LINK ARCHIVE_CORRUPT ARCHIVE_DUPLICATE XML_ENTITIES XLS_ENCRYPTED_OR_OLD
PICKLE_REFUSED ONNX_INVALID ONNX_EXTERNAL_PATH ONNX_UNKNOWN_DOMAIN DUPLICATE_COLUMNS RAGGED_ROWS DELIMITER_DECIMAL
DATES_AMBIGUOUS PREAMBLE SHEET_CHOICE IS_ZIP JSON_TRUNCATED NESTED_VALUES NESTED_TYPES ENCODING_GUESSED NUL_BYTES
MIXED_LINE_ENDS MANY_COLUMNS DUPLICATE_ROWS LEADING_ZEROS INT_OVERFLOW NON_FINITE NA_AMBIGUOUS CSV_FORMULA
JSON_NONSTANDARD LARGE_UNPACKED COLUMN_ALL_MISSING COLUMN_CONSTANT COLUMN_ID_LIKE TARGET_ONE_CLASS TARGET_LEAK OK
ENCODING_UTF16 OK_NAME_ESCAPED
"""
"""The codes of the promises that a file's bytes or name can have. Paths (IS_DIRECTORY, SYMLINK_LOOP, NO_PERMISSION,
NOT_REGULAR_FILE) are in test_intake, bundles (BUNDLE_HASH) in serving/test_dropped."""


def test_the_corpus_has_every_code():
    there = set().union(*(case.codes for case in CASES)) | {code for _, _, code in MODELS}
    assert set(TABLE.split()) - there == set()
    assert len(CASES) + len(MODELS) >= 60
