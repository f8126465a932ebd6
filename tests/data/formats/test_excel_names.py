"""Column names out of a workbook without its reader, as the reader tells them; anything else tells nothing."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest

from app.data.formats.excel_names import excel_names
from tests.data.corpus import CASES, SHEET, workbook, workbook_parts, zipped

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
NOTE = ["exported by the shop system"]


def told(content: bytes, folder: Path) -> tuple[str, ...] | None:
    (folder / "hanging.xlsx").write_bytes(content)
    return excel_names(folder / "hanging.xlsx")


@pytest.mark.parametrize("sheet", [SHEET, [NOTE, [], *SHEET], [[], [], *SHEET], [["id", "id"], [1, 2], [3, 4]]])
def test_names_are_those_of_the_reading(sheet, read_here, tmp_path) -> None:
    result, _ = read_here(workbook({"Data": sheet}), "t.xlsx")
    assert told(workbook({"Data": sheet}), tmp_path) == tuple(column.name for column in result.columns)


@pytest.mark.parametrize("case", [c for c in CASES if c.file_name.endswith(".xlsx")], ids=lambda case: case.name)
def test_of_no_workbook_of_the_corpus_a_wrong_name_is_told(case, read_here, tmp_path) -> None:
    names = told(case.content, tmp_path)
    if names is not None and case.outcome != "reject":
        result, _ = read_here(case.content, case.file_name)
        assert names == tuple(column.name for column in result.columns)


def test_shared_strings_are_followed_and_what_is_read_aloud_is_left_out(tmp_path) -> None:
    strings = "<si><t>age</t></si><si><r><t>ci</t></r><r><t>ty</t></r><rPh sb='0' eb='1'><t>x</t></rPh></si>"
    parts = workbook_parts({"Data": [["a", "b"], [1, 2]]})
    parts["xl/sharedStrings.xml"] = f"<sst xmlns='{MAIN}'>{strings}</sst>".encode()
    rows = "<row r='4'><c r='C4' t='s'><v>1</v></c><c r='D4' t='s'><v>0</v></c></row><row><c r='D5'><v>31</v></c></row>"
    parts["xl/worksheets/sheet1.xml"] = f"<worksheet xmlns='{MAIN}'><sheetData>{rows}</sheetData></worksheet>".encode()
    assert told(zipped(parts), tmp_path) == ("city", "age")


def test_where_several_sheets_hold_data_nothing_is_told(tmp_path) -> None:
    assert told(workbook({"Notes": [NOTE], "Data": SHEET}), tmp_path) == ("city", "age", "member")
    assert told(workbook({"A": SHEET, "B": SHEET}), tmp_path) is None


def test_of_a_long_sheet_only_the_beginning_is_unpacked(tmp_path, monkeypatch) -> None:
    content = workbook({"Data": [["n", "name"], *([i, f"row {i}"] for i in range(60_000))]})
    monkeypatch.setattr("app.data.formats.excel_names.MOST_BYTES", 1 << 17)
    assert told(content, tmp_path) == ("n", "name")


def test_declared_entities_and_damage_tell_nothing(tmp_path) -> None:
    parts = workbook_parts({"Data": SHEET})
    parts["xl/workbook.xml"] = b'<!DOCTYPE w [<!ENTITY a "aa">]>' + parts["xl/workbook.xml"].partition(b"?>")[2]
    assert told(zipped(parts), tmp_path) is None
    random, out = np.random.default_rng(0), io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in workbook_parts({"Data": SHEET}).items():
            archive.writestr(name, data)
    for _ in range(300):
        hurt = bytearray(out.getvalue())
        for at in random.integers(0, len(hurt), 3):
            hurt[at] = random.integers(256)
        found = told(bytes(hurt), tmp_path)
        assert found is None or all(isinstance(one, str) for one in found)
