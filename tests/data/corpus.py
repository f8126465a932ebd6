# ruff: noqa: E501
"""Files as they turn up in the world, each with what has to become of it; written by hand."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import pickle
import zipfile
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.parquet as pq


@dataclass(frozen=True)
class Case:
    name: str
    content: bytes
    outcome: str
    codes: set[str]
    file_name: str = "table.csv"
    types: dict[str, str] = field(default_factory=dict)
    uses: dict[str, str] = field(default_factory=dict)
    first_row: tuple[object, ...] | None = None
    rows: int | None = None


def parquet(table: pa.Table) -> bytes:
    out = io.BytesIO()
    pq.write_table(table, out)
    return out.getvalue()


def arrow_file(table: pa.Table) -> bytes:
    out = io.BytesIO()
    with pa.ipc.new_file(out, table.schema) as writer:
        writer.write_table(table)
    return out.getvalue()


def arrow_stream(table: pa.Table) -> bytes:
    out = io.BytesIO()
    with pa.ipc.new_stream(out, table.schema) as writer:
        writer.write_table(table)
    return out.getvalue()


def zipped(parts: dict[str, bytes], **options) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return out.getvalue()


def sheet_xml(rows: list[list[object]]) -> bytes:
    def cell(value: object, column: int, row: int) -> str:
        at = f"{chr(65 + column)}{row}"
        if value is None:
            return ""
        if isinstance(value, bool):
            return f'<c r="{at}" t="b"><v>{int(value)}</v></c>'
        if isinstance(value, int | float):
            return f'<c r="{at}"><v>{value}</v></c>'
        return f'<c r="{at}" t="inlineStr"><is><t>{value}</t></is></c>'

    body = "".join(
        f'<row r="{r}">' + "".join(cell(v, c, r) for c, v in enumerate(row)) + "</row>" for r, row in enumerate(rows, 1)
    )
    ns = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return f'<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="{ns}"><sheetData>{body}</sheetData></worksheet>'.encode()


def workbook_parts(sheets: dict[str, list[list[object]]]) -> dict[str, bytes]:
    head = '<?xml version="1.0" encoding="UTF-8"?>'
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    names = "".join(f'<sheet name="{n}" sheetId="{i}" r:id="rId{i}"/>' for i, n in enumerate(sheets, 1))
    relations = "".join(
        f'<Relationship Id="rId{i}" Type="{office}/worksheet" Target="worksheets/sheet{i}.xml"/>'
        for i in range(1, len(sheets) + 1)
    )
    overrides = "".join(
        f'<Override PartName="/xl/worksheets/sheet{i}.xml" ContentType="{kind}.worksheet+xml"/>'
        for i in range(1, len(sheets) + 1)
    )
    parts = {
        "[Content_Types].xml": f'{head}<Types xmlns="{package}/content-types"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" '
        f'ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>'
        f"{overrides}</Types>",
        "_rels/.rels": f'{head}<Relationships xmlns="{package}/relationships"><Relationship Id="rId1" '
        f'Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'{head}<workbook xmlns="{main}" xmlns:r="{office}"><sheets>{names}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'{head}<Relationships xmlns="{package}/relationships">{relations}</Relationships>',
    }
    encoded = {name: text.encode() for name, text in parts.items()}
    for i, rows in enumerate(sheets.values(), 1):
        encoded[f"xl/worksheets/sheet{i}.xml"] = sheet_xml(rows)
    return encoded


def workbook(sheets: dict[str, list[list[object]]]) -> bytes:
    return zipped(workbook_parts(sheets))


def lines(header: str, rows: list[str]) -> bytes:
    return ("\n".join([header, *rows]) + "\n").encode()


SHEET = [["city", "age", "member"], ["Oslo", 31, True], ["Rome", 45.5, False], ["Bonn", 20, True]]
TABLE = pa.table({"age": [31, 45, 20], "city": ["Oslo", "Rome", "Bonn"], "score": [0.5, None, 2.25]})
NUMBERED = [f"{i},{'ab'[i % 2]}" for i in range(30)]


def _link_in_zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        info = zipfile.ZipInfo("table.csv")
        info.external_attr = 0o120777 << 16
        archive.writestr(info, "/etc/passwd")
    return out.getvalue()


def _twice_in_zip() -> bytes:
    return zipped({"table.csv": b"a,b\n1,2\n", "TABLE.csv": b"a,b\n3,4\n"})


def _bad_crc() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("table.csv", b"a,b\n1,2\n3,4\n")
    return out.getvalue().replace(b"1,2", b"1,3", 1)


def _entities() -> bytes:
    parts = workbook_parts({"Data": SHEET})
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]>'
    parts["xl/workbook.xml"] = parts["xl/workbook.xml"].replace(b'<?xml version="1.0" encoding="UTF-8"?>', bomb)
    return zipped(parts)


TEXT = "id,name,city\n"
ACCEPTED = [
    Case("plain", b"age,city,paid\n31,Oslo,1.5\n45,Rome,2\n20,Bonn,\n", "accept", {"OK"},
         types={"age": "integer", "city": "category", "paid": "number"}, first_row=(31, "Oslo", 1.5), rows=3),
    Case("twenty rows", lines("x,y", [f"{i / 7:.3f},{i % 2}" for i in range(20)]), "accept", {"OK"}, rows=20),
    Case("no line end at the end", b"age,city\n31,Oslo\n45,Rome", "accept", {"OK"}, rows=2),
    Case("CRLF", b"age,city\r\n31,Oslo\r\n45,Rome\r\n", "accept", {"OK"}, first_row=(31, "Oslo"), rows=2),
    Case("CRLF with a line feed in a cell", b'age,city\r\n31,"Os\nlo"\r\n45,Rome\r\n', "accept", {"OK"},
         first_row=(31, "Os\nlo"), rows=2),
    Case("blank lines", b"age,city\n\n31,Oslo\n\n\n45,Rome\n\n", "accept", {"OK"}, rows=2),
    Case("quoted delimiters, quotes, lines", b'a,b\n1,"x, ""y""\nz"\n2,w\n', "accept", {"OK"},
         first_row=(1, 'x, "y"\nz'), rows=2),
    Case("semicolons", "age;city\n31;Köln\n45;Rome, Italy\n".encode(), "accept", {"OK"}, first_row=(31, "Köln")),
    Case("tabs", b"age\tcity\n31\tOslo\n45\tRome\n", "accept", {"OK"}, "table.tsv", first_row=(31, "Oslo")),
    Case("pipes", b"age|city\n31|Oslo\n45|Rome\n", "accept", {"OK"}, first_row=(31, "Oslo")),
    Case("single quotes", b"a,b,c\n1,'x, y',u\n2,'z',v\n3,'w',w\n", "accept", {"OK"}, first_row=(1, "x, y", "u")),
    Case("one column", b"age\n31\n45\n20\n", "accept", {"OK"}, first_row=(31,), rows=3),
    Case("no header", b"31,Oslo,1.5\n45,Rome,2.5\n20,Bonn,3.5\n", "accept", {"OK"}, rows=3, first_row=(31, "Oslo", 1.5),
         types={"column 1": "integer", "column 2": "category", "column 3": "number"}),
    Case("years as header", b"country,2019,2020,2021\nNO,1.5,2,3\nIT,2.5,3,4\n", "accept", {"OK"},
         types={"country": "category", "2019": "number", "2021": "integer"}, rows=2),
    Case("UTF-8 with BOM", "\ufeffage,city\n31,Köln\n45,Rome\n".encode(), "accept", {"OK"},
         types={"age": "integer"}, first_row=(31, "Köln")),
    Case("UTF-8 with BOM and quotes", '\ufeff"age","city"\n31,Köln\n45,Rome\n'.encode(), "accept", {"OK"},
         types={"age": "integer"}, first_row=(31, "Köln")),
    Case("UTF-16", "age,city\n31,Köln\n45,Rome\n".encode("utf-16"), "accept", {"ENCODING_UTF16"},
         types={"age": "integer"}, first_row=(31, "Köln")),
    Case("UTF-16 with tabs, as Excel's Unicode text", "age\tcity\r\n31\tŁódź\r\n45\tRome\r\n".encode("utf-16"), "accept",
         {"ENCODING_UTF16"}, "table.txt", first_row=(31, "Łódź")),
    Case("inch marks", b'size,x\n5" pipe,1\n6" pipe,2\n7" tube,3\n', "accept", {"OK"}, first_row=('5" pipe', 1), rows=3),
    Case("text behind a closing quote", b'name,x\n"Ann" B,1\n"Bob, Jr",2\nCid,3\n', "accept", {"OK"},
         first_row=("Ann B", 1), rows=3),
    Case("a CSV called .pkl", b"a,b\n1,x\n2,y\n", "accept", {"OK"}, "t.pkl", first_row=(1, "x")),
    Case("prose with commas in one column", b"text\nOne, two and three.\nFour, five.\nSix; seven, eight, nine.\n", "accept",
         {"OK"}, first_row=("One, two and three.",), rows=3),
    Case("blank line before the header", b"\n\nage,city,x\n31,Oslo,1\n45,Rome,2\n", "accept", {"OK"}, first_row=(31, "Oslo", 1)),
    Case("true and false", b"a,b\nTRUE,1\nfalse,2\nTrue,3\n", "accept", {"OK"}, types={"a": "boolean"}, first_row=(True, 1)),
    Case("yes and no stay words", b"a,b\nyes,1\nno,2\nyes,3\n", "accept", {"OK"}, types={"a": "category"}, first_row=("yes", 1)),
    Case("dates", b"d,t\n2024-01-31,2024-01-31T10:11:12Z\n2024-02-01,2024-02-01 00:00:00+02:00\n", "accept", {"OK"},
         types={"d": "datetime", "t": "datetime"}),
    Case("day first for sure", b"d,x\n31/01/2024,1\n01/02/2024,2\n", "accept", {"OK"}, types={"d": "datetime"}),
    Case("month first for sure", b"d,x\n01/31/2024,1\n02/01/2024,2\n", "accept", {"OK"}, types={"d": "datetime"}),
    Case("named months", b"d,x\n31 Jan 2024,1\n01 Feb 2024,2\n", "accept", {"OK"}, types={"d": "datetime"}),
    Case("words for missing in a column of numbers", b"x,y\nNA,a\n1.5,b\nn/a,c\n2.5,b\n", "accept", {"OK"},
         types={"x": "number"}, first_row=(None, "a")),
    Case("thousands with decimal comma need a sure sign", b"x;y\n1.234,56;a\n7,5;b\n", "ask", {"DELIMITER_DECIMAL"},
         types={"x": "number"}, first_row=(1234.56, "a")),
    Case("case matters in names", b"Age,age\n1,a\n2,b\n", "accept", {"OK"}, types={"Age": "integer", "age": "category"},
         first_row=(1, "a")),
    Case("strange names", 'a"b,[x] y,Größe (cm)\n1,2,3\n4,5,6\n'.replace('a"b', '"a""b"').encode(), "accept", {"OK"},
         types={'a"b': "integer", "[x] y": "integer", "Größe (cm)": "integer"}),
    Case("csv that is xlsx", workbook({"Data": SHEET}), "accept", {"OK"}, first_row=("Oslo", 31.0, True), rows=3,
         types={"city": "category", "age": "number", "member": "boolean"}),
    Case("csv that is Parquet", parquet(TABLE), "accept", {"OK"}, first_row=(31, "Oslo", 0.5), rows=3,
         types={"age": "integer", "city": "category", "score": "number"}),
    Case("Arrow file", arrow_file(TABLE), "accept", {"OK"}, "table.arrow", first_row=(31, "Oslo", 0.5), rows=3),
    Case("Arrow stream", arrow_stream(TABLE), "accept", {"OK"}, "table.arrows", first_row=(31, "Oslo", 0.5), rows=3),
    Case("dictionary and odd types in Parquet", parquet(pa.table({
        "d": pa.array(["a", "b", "a"]).dictionary_encode(),
        "t": pa.array([10**12, 2 * 10**12, 3 * 10**12], pa.timestamp("ns", "Europe/Oslo")),
        "u": pa.array([1, 2, 3], pa.uint8()),
        "day": pa.array([1, 2, 3], pa.date32()),
        "f": pa.array([0.5, 1.5, 2.5], pa.float32()),
    })), "accept", {"OK"}, "odd.parquet",
         types={"d": "category", "t": "datetime", "u": "integer", "day": "datetime", "f": "number"}),
    Case("JSON lines", b'{"a": 1, "b": "x"}\n{"a": 2.5, "b": null}\n{"b": "y", "c": true}\n{"a": 3, "b": "z", "c": false}\n', "accept", {"OK"}, "t.jsonl",
         types={"a": "number", "b": "category", "c": "boolean"}, rows=4),
    Case("JSON list", json.dumps([{"a": 1, "b": "x"}, {"a": 2, "b": "y"}], indent=2).encode(), "accept", {"OK"}, "t.json",
         types={"a": "integer", "b": "category"}, first_row=(1, "x"), rows=2),
    Case("JSON by column", b'{"a": [1, 2, 3], "b": ["x", "y", "z"]}', "accept", {"OK"}, "t.json", first_row=(1, "x"), rows=3),
    Case("JSON as pandas writes it", b'{"a": {"0": 1, "1": 2}, "b": {"0": "x", "1": "y"}}', "accept", {"OK"}, "t.json",
         first_row=(1, "x"), rows=2),
    Case("JSON strings of digits stay text", b'[{"z": "012"}, {"z": "345"}]', "accept", {"OK"}, "t.json",
         types={"z": "category"}, first_row=("012",)),
    Case("a packed CSV", gzip.compress(b"age,city\n31,Oslo\n45,Rome\n"), "accept", {"OK"}, "t.csv.gz", first_row=(31, "Oslo")),
    Case("a CSV in xz", lzma.compress(b"age,city\n31,Oslo\n45,Rome\n"), "accept", {"OK"}, "t.csv.xz", first_row=(31, "Oslo")),
    Case("a CSV in bzip2", bz2.compress(b"age,city\n31,Oslo\n45,Rome\n"), "accept", {"OK"}, "t.csv.bz2", first_row=(31, "Oslo")),
    Case("a name with unsafe characters", b"a,b\n1,x\n2,y\n", "accept", {"OK_NAME_ESCAPED"}, "a\u202e<b>.csv"),
]  # fmt: skip

ACCEPTED += [
    Case("the line by which Excel says what separates", b"sep=;\na;b\n1;x\n2;y\n", "accept", {"OK"}, first_row=(1, "x"), rows=2),
    Case("a JSON list with byte order mark", b'\xef\xbb\xbf[{"a": 1, "b": "x"}, {"a": 2, "b": "y"}]', "accept", {"OK"}, "t.json", rows=2),
    Case("names of two words in one column", b"full name\nAnn Lee\nBob Ray\nCid Fox\n", "accept", {"OK"}, rows=3),
]  # fmt: skip

WARNED = [
    Case("UTF-8 that breaks off within a letter", "a,b\n1,\u00e4\n2,x\u00fc".encode()[:-1], "warn", {"ENCODING_GUESSED"},
         first_row=(1, "\u00e4")),
    Case("cp1252", "name,city\nMüller,Köln\nGrößer,Düsseldorf\nCafé,Orléans\n".encode("cp1252"), "warn", {"ENCODING_GUESSED"},
         first_row=("Müller", "Köln")),
    Case("one accent in Latin-1", b"id,name\n1,Zo\xeb\n2,Ann\n", "warn", {"ENCODING_GUESSED"}, first_row=(1, "Zoë")),
    Case("Cyrillic", "имя,город\nИван,Москва\nОльга,Казань\n".encode("cp1251"), "warn", {"ENCODING_GUESSED"},
         first_row=("Иван", "Москва")),
    Case("Japanese", "名前,都市\n田中,東京\n鈴木,大阪府\n".encode("shift_jis"), "warn", {"ENCODING_GUESSED"}, first_row=("田中", "東京")),
    Case("UTF-16 without BOM", "age,city\n31,Oslo\n45,Rome\n".encode("utf-16-le"), "warn", {"ENCODING_GUESSED"},
         first_row=(31, "Oslo")),
    Case("NUL bytes", b"a,b\n1,x\x00y\n2,z\n", "warn", {"NUL_BYTES"}, first_row=(1, "xy")),
    Case("mixed line ends", b"a,b\n1,x\r\n2,y\n3,z\r", "warn", {"MIXED_LINE_ENDS"}, first_row=(1, "x"), rows=3),
    Case("old Mac line ends", b"a,b\r1,x\r2,y\r", "warn", {"MIXED_LINE_ENDS"}, first_row=(1, "x"), rows=2),
    Case("many columns", lines(",".join(f"c{i}" for i in range(2001)), [",".join(f"{i % 7 + r}.5" for i in range(2001)) for r in (1, 2, 3)]),
         "warn", {"MANY_COLUMNS"}, rows=3),
    Case("duplicate rows", b"a,b\n1,x\n2,y\n1,x\n1,x\n", "warn", {"DUPLICATE_ROWS"}, rows=4),
    Case("leading zeros", b"zip,x\n01234,1\n90210,2\n", "warn", {"LEADING_ZEROS"}, types={"zip": "category"}, first_row=("01234", 1)),
    Case("18 digits", lines("id,x", [f"10000000000000{i:04},{i % 3}" for i in range(30)]), "warn",
         {"INT_OVERFLOW", "COLUMN_ID_LIKE"}, types={"id": "text"}, uses={"id": "identifier"}, first_row=("100000000000000000", 0)),
    Case("two to the 63", b"n,x\n9223372036854775808,1\n5,2\n7,1\n", "warn", {"INT_OVERFLOW"},
         first_row=("9223372036854775808", 1)),
    Case("two to the 63 in Parquet", parquet(pa.table({"n": pa.array([2**63, 1, 2], pa.uint64()), "x": [1, 2, 1]})), "warn",
         {"INT_OVERFLOW"}, "t.parquet", first_row=("9223372036854775808", 1)),
    Case("above 2^24", lines("n,x", [f"{20_000_000 + 37 * i},{i % 3}" for i in range(60)]), "warn", {"COLUMN_ID_LIKE"},
         types={"n": "integer"}, uses={"n": "identifier"}),
    Case("above 2^24, few different", lines("n,x", [f"{20_000_000 + i % 3},{i}.5" for i in range(60)]), "warn", {"INT_OVERFLOW"},
         types={"n": "category"}),
    Case("infinite", b"a,b\n1.5,x\ninf,y\n-Infinity,z\n", "warn", {"NON_FINITE"}, types={"a": "number"}),
    Case("Namibia", b"country,x\nDE,1\nNA,2\nFR,3\n", "warn", {"NA_AMBIGUOUS"}, first_row=("DE", 1)),
    Case("a person called Null", b"name,x\nAnn,1\nNull,2\nBob,3\n", "warn", {"NA_AMBIGUOUS"}),
    Case("formula", b"name,x\n=1+1,1\nAnn,2\nBob,3\n", "warn", {"CSV_FORMULA"}, first_row=("=1+1", 1)),
    Case("formula behind a minus", b"name,x\n-2+3+cmd|' /C calc'!A0,1\nAnn,2\n", "warn", {"CSV_FORMULA"}),
    Case("all missing", b"a,b\n1,\n2,\n3,\n", "warn", {"COLUMN_ALL_MISSING"}, uses={"b": "ignored"}),
    Case("constant", b"a,b\n1,x\n2,x\n3,x\n", "warn", {"COLUMN_CONSTANT"}, uses={"b": "ignored"}),
    Case("id by counting", lines("row,kind", NUMBERED), "warn", {"COLUMN_ID_LIKE"}, uses={"row": "identifier"}),
    Case("id by words", lines("customer,kind", [f"C-{i * 7919 % 100003},{'ab'[i % 2]}" for i in range(40)]), "warn",
         {"COLUMN_ID_LIKE"}, uses={"customer": "identifier"}),
    Case("target gives itself away", lines("x,code,target", [f"{i}.5,{'pq'[i % 2]},{['no', 'yes'][i % 2]}" for i in range(30)]),
         "warn", {"TARGET_LEAK"}),
    Case("target in other units", lines("x,cents,price", [f"{i % 7}.5,{i * 250 % 1700},{i * 2.5 % 17}" for i in range(40)]),
         "warn", {"TARGET_LEAK"}),
    Case("a target with one class", b"x,target\n1,a\n2,a\n4,a\n", "warn", {"TARGET_ONE_CLASS"}, uses={"target": "target"}),
    Case("NaN in JSON", b'[{"a": NaN, "b": 1}, {"a": 2.5, "b": 2}, {"a": 3, "b": 1}]', "warn", {"JSON_NONSTANDARD"}, "t.json",
         first_row=(None, 1), types={"a": "number"}),
    Case("a lot from a little", parquet(pa.table({"a": pa.array(["x" * 50] * 400_000), "b": [i % 2 for i in range(400_000)]})),
         "warn", {"COLUMN_CONSTANT", "DUPLICATE_ROWS", "LARGE_UNPACKED"}, "t.parquet"),
]  # fmt: skip

ASKED = [
    Case("row names without a name, as R writes", b"a b\n".replace(b" ", b",") + b"r1,1,x\nr2,2,y\nr3,3,x\n", "ask",
         {"RAGGED_ROWS"}, types={"column 1": "category", "a": "integer", "b": "category"}, first_row=("r1", 1, "x"), rows=3),
    Case("a delimiter at the end of every row", b"a,b\n1,x,\n2,y,\n3,x,\n", "ask", {"RAGGED_ROWS", "COLUMN_ALL_MISSING"},
         first_row=(1, "x", None), rows=3),
    Case("a header with one name too many", b"a,b,c\n1,x\n2,y\n3,x\n", "ask", {"RAGGED_ROWS", "COLUMN_ALL_MISSING"},
         first_row=(1, "x", None), rows=3),
    Case("duplicate names", b"age,city,age\n1,Oslo,2\n3,Rome,4\n", "ask", {"DUPLICATE_COLUMNS"},
         types={"age": "integer", "age (2)": "integer"}, first_row=(1, "Oslo", 2)),
    Case("short and long rows", b"a,b,c\n1,2,3\n4,5\n6,7,8,9\n1,1,1\n", "ask", {"RAGGED_ROWS"}, first_row=(1, 2, 3, None), rows=4),
    Case("short rows and quoted lines", b'a,b,c\n1,"x\ny",3\n4,z\n6,w,8\n', "ask", {"RAGGED_ROWS"}, first_row=(1, "x\ny", 3), rows=3),
    Case("decimal comma", b"x;y\n1,5;a\n2,25;b\n3;c\n", "ask", {"DELIMITER_DECIMAL"}, types={"x": "number"}, first_row=(1.5, "a")),
    Case("comma for thousands or decimals", b"x;y\n1,234;a\n5,678;b\n", "ask", {"DELIMITER_DECIMAL"}, uses={"x": "ignored"},
         first_row=("1,234", "a")),
    Case("day or month", b"d,x\n01/02/2024,1\n03/04/2024,2\n", "ask", {"DATES_AMBIGUOUS"}, uses={"d": "ignored"},
         first_row=("01/02/2024", 1)),
    Case("lines before the header", b"Report of 2024\nmade by Ann\nage,city,x\n31,Oslo,1\n45,Rome,2\n20,Bonn,3\n", "ask",
         {"PREAMBLE"}, types={"age": "integer"}, first_row=(31, "Oslo", 1), rows=3),
    Case("rows before the header in Excel", workbook({"D": [["Report", None, None], [None, None, None], *SHEET]}), "ask",
         {"PREAMBLE"}, "t.xlsx", first_row=("Oslo", 31.0, True), rows=3),
    Case("several sheets", workbook({"Notes": [["only one row"]], "A": SHEET, "B": SHEET}), "ask", {"SHEET_CHOICE"}, "t.xlsx", rows=3),
    Case("zip with a table", zipped({"table.csv": b"a,b\n1,x\n2,y\n", "readme.txt": b"hi"}), "ask", {"IS_ZIP"}, "t.zip",
         first_row=(1, "x")),
    Case("JSON cut off", b'[{"a": 1, "b": "x"}, {"a": 2, "b": "y"}, {"a": 3, "b', "ask", {"JSON_TRUNCATED"}, "t.json", rows=2),
    Case("JSON lines cut off", b'{"a": 1, "b": "x"}\n{"a": 2, "b": "y"}\n{"a": 3, "b', "ask", {"JSON_TRUNCATED"}, "t.jsonl", rows=2),
    Case("nested JSON", b'[{"a": 1, "b": {"c": 1}}, {"a": 2, "b": [1, 2]}]', "ask", {"NESTED_VALUES"}, "t.json",
         uses={"b": "ignored"}, first_row=(1, '{"c": "1"}')),
    Case("nested Parquet", parquet(pa.table({"a": [1, 2, 3], "b": [[1], [2, 3], []]})), "ask", {"NESTED_TYPES"}, "t.parquet",
         uses={"b": "ignored"}),
    Case("one bad cell in 5,000", lines("x,y", [("oops" if i == 4_000 else f"{i}.5") + f",{i % 2}" for i in range(5_000)]),
         "ask", {"MIXED_TYPES"}, types={"x": "text"}, uses={"x": "ignored"}, rows=5_000),
]  # fmt: skip

ASKED += [
    Case("a name twice in a JSON record", b'[{"a": 1, "a": 2, "b": 1}, {"a": 3, "a": 5, "b": 2}]', "ask", {"DUPLICATE_COLUMNS"}, "t.json",
         first_row=(1, 2, 1), rows=2),
    Case("spaces between numbers", b"a b c\n1 2 3\n4 5 6\n7 8 9\n", "ask", {"DELIMITER_GUESSED"}, "t.txt", rows=3),
    Case("colons", b"user:group:x\nann:x:1\nbob:y:2\n", "ask", {"DELIMITER_GUESSED"}, "t.txt", rows=2),
    Case("two delimiters that fit", b"a;b,c;d\n1;x,p;4\n5;y,q;8\n", "ask", {"DELIMITER_GUESSED"}, rows=2),
    Case("a preamble and a short row", b"Report\nage,city,x\n31,Oslo,1\n45,Rome\n20,Bonn,3\n7,Pisa,4\n", "ask", {"PREAMBLE", "RAGGED_ROWS"}, rows=4),
    Case("thousands for sure", b'x,y\n"1,234.50",a\n"12,345,678",b\n7,c\n', "ask", {"DELIMITER_DECIMAL"}, types={"x": "number"},
         first_row=(1234.5, "a")),
    Case("a thousand with a point, or a decimal comma", b'x,y\n"1,234",a\n"5,678",b\n7,c\n', "ask", {"DELIMITER_DECIMAL"}, uses={"x": "ignored"}),
    Case("a bad date", lines("d,x", [*[f"0{1 + i % 9}/0{1 + i % 8}/2024,{i}" for i in range(20)], "soon,3"]), "ask", {"MIXED_TYPES"},
         uses={"d": "ignored"}),
]  # fmt: skip

REFUSED = [
    Case("prose called a workbook", b"Dear all,\nplease find the table attached.\nBest wishes\n", "reject", {"NOT_TEXT"}, "t.xlsx"),
    Case("a line called a workbook", b"Please find the table attached.", "reject", {"NO_ROWS"}, "t.xlsx"),
    Case("a tar archive", b"table.csv" + bytes(248) + b"ustar" + bytes(300), "reject", {"NOT_TEXT"}, "t.tar"),
    Case("gzip in gzip", gzip.compress(gzip.compress(b"a,b\n1,2\n")), "reject", {"NOT_TEXT"}, "t.csv.gz"),
    Case("gzip cut off", gzip.compress(b"a,b\n1,2\n" * 100)[:-12], "reject", {"ARCHIVE_CORRUPT"}, "t.csv.gz"),
    Case("a bomb in gzip", gzip.compress(b"0,1\n" * (8 << 20)), "reject", {"ARCHIVE_RATIO"}, "t.csv.gz"),
    Case("a packed pickle", gzip.compress(pickle.dumps({"a": [1, 2]})), "reject", {"PICKLE_REFUSED"}, "t.joblib"),
    Case("zeros", bytes(100_000), "reject", {"NOT_TEXT"}),
    Case("nothing", b"", "reject", {"EMPTY_FILE"}),
    Case("only a header", b"a,b,c\n", "reject", {"NO_ROWS"}),
    Case("only white space", b"\n\n  \n", "reject", {"NO_ROWS"}),
    Case("Parquet without rows", parquet(TABLE.slice(0, 0)), "reject", {"NO_ROWS"}, "t.parquet"),
    Case("empty list", b"[]", "reject", {"NO_ROWS"}, "t.json"),
    Case("a line without end", b"a,b\n1," + b"x" * (17 << 20) + b"\n", "reject", {"LINE_TOO_LONG"}),
    Case("a header without end", b"a," * 600_000 + b"b\n1,2\n", "reject", {"HEADER_TOO_LONG"}),
    Case("too many columns", b"a," * 20_000 + b"b\n" + b"1," * 20_000 + b"2\n", "reject", {"TOO_LARGE"}),
    Case("a quote that never closes", b'a,b\n1,x\n2,"y\n3,z\n4,w\n', "reject", {"UNCLOSED_QUOTE"}),
    Case("a picture", b"\x89PNG\r\n\x1a\n" + bytes(100), "reject", {"NOT_TEXT"}),
    Case("noise", bytes(range(256)) * 40, "reject", {"NOT_TEXT"}),
    Case("a web page", b"<!DOCTYPE html><html><table><tr><td>1</td></tr></table></html>", "reject", {"NOT_TEXT"}, "t.xls"),
    Case("deep JSON", b"[" * 100_000 + b"]" * 100_000, "reject", {"JSON_TOO_DEEP"}, "t.json"),
    Case("broken JSON", b'[{"a": 1}, {"a": oops}, {"a": 2}, {"a": 2}, {"a": 2}, {"a": 2}]', "reject", {"NOT_TEXT"}, "t.json"),
    Case("Parquet cut off", parquet(TABLE)[:-20], "reject", {"PARQUET_CORRUPT"}, "t.parquet"),
    Case("Parquet with a broken page", parquet(TABLE).replace(b"Oslo", b"\xff\xff\xff\xff")[:40] + parquet(TABLE)[40:60][::-1] + parquet(TABLE)[60:],
         "reject", {"PARQUET_CORRUPT"}, "t.parquet"),
    Case("Arrow cut off", arrow_file(TABLE)[:200], "reject", {"ARROW_CORRUPT"}, "t.arrow"),
    Case("Arrow stream cut off", arrow_stream(TABLE)[:300], "reject", {"ARROW_CORRUPT"}, "t.arrows"),
    Case("old Excel", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000), "reject", {"XLS_ENCRYPTED_OR_OLD"}, "t.xls"),
    Case("pickle", pickle.dumps({"a": [1, 2]}), "reject", {"PICKLE_REFUSED"}, "t.csv"),
    Case("pickle of old", pickle.dumps({"a": [1, 2]}, protocol=0), "reject", {"PICKLE_REFUSED"}, "t.csv"),
    Case("a zip bomb", zipped({"table.csv": b"0,1\n" * (8 << 20)}), "reject", {"ARCHIVE_RATIO"}, "t.zip"),
    Case("a bomb in a workbook", zipped(workbook_parts({"D": SHEET}) | {"xl/media/x.bin": bytes(32 << 20)}), "reject",
         {"ARCHIVE_RATIO"}, "t.xlsx"),
    Case("a path out of the archive", zipped({"../../table.csv": b"a,b\n1,2\n"}), "reject", {"ARCHIVE_PATH"}, "t.zip"),
    Case("an absolute path", zipped({"/etc/table.csv": b"a,b\n1,2\n"}), "reject", {"ARCHIVE_PATH"}, "t.zip"),
    Case("a drive", zipped({"C:/table.csv": b"a,b\n1,2\n"}), "reject", {"ARCHIVE_PATH"}, "t.zip"),
    Case("a link in an archive", _link_in_zip(), "reject", {"ARCHIVE_LINK"}, "t.zip"),
    Case("one name twice", _twice_in_zip(), "reject", {"ARCHIVE_DUPLICATE"}, "t.zip"),
    Case("a damaged archive", _bad_crc(), "reject", {"ARCHIVE_CORRUPT"}, "t.zip"),
    Case("a damaged workbook", workbook({"D": SHEET})[:-40], "reject", {"ARCHIVE_CORRUPT"}, "t.xlsx"),
    Case("entities in a workbook", _entities(), "reject", {"XML_ENTITIES"}, "t.xlsx"),
]  # fmt: skip

CASES = ACCEPTED + WARNED + ASKED + REFUSED
