"""What a file is, by its first bytes; its name does not matter. Standard library only: both sides use it."""

from __future__ import annotations

import pickletools
import zipfile
from enum import StrEnum
from pathlib import Path

HEAD_BYTES = 65_536
SMALL_PICKLE_BYTES = 4 << 20


class Content(StrEnum):
    """What Modelyard tells apart. ``OTHER``: something that holds no table, see ``other_kind``."""

    EMPTY = "empty"
    TEXT = "text"
    PARQUET = "parquet"
    ARROW_FILE = "arrow file"
    ARROW_STREAM = "arrow stream"
    EXCEL = "excel"
    OLD_OFFICE = "old office"
    ZIP = "zip"
    PICKLE = "pickle"
    MARKUP = "markup"
    OTHER = "other"


_ARROW_CONTINUATION = b"\xff\xff\xff\xff"
_MAGIC = (
    (b"PAR1", Content.PARQUET),
    (b"PARE", Content.PARQUET),
    (b"ARROW1", Content.ARROW_FILE),
    (b"FEA1", Content.ARROW_FILE),
    (_ARROW_CONTINUATION, Content.ARROW_STREAM),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Content.OLD_OFFICE),
)
_OTHERS = (
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90", "a program"),
    (b"SQLite format 3\0", "a SQLite database"),
    (b"\x89HDF", "an HDF5 file"),
    (b"\x93NUMPY", "a NumPy array"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ", "an xz archive"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
)
_PACKED = (b"\x78", b"ZF", b"\x1f\x8b", b"BZh", b"\xfd7zXZ")
_MARKUP = (b"<?xml", b"<!doctype", b"<html", b"<table")
_EXCEL_PARTS = ("xl/workbook.xml", "xl/workbook.bin")
_ODS_TYPE = b"application/vnd.oasis.opendocument.spreadsheet"


def content_of(path: Path) -> Content:
    """Look at a file. Raises OSError."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if not head:
        return Content.EMPTY
    for magic, content in _MAGIC:
        if head.startswith(magic):
            return content
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return Content.EXCEL if _is_workbook(path) else Content.ZIP
    if _is_pickle(path, head):
        return Content.PICKLE
    if other_kind(head):
        return Content.OTHER
    return Content.MARKUP if head.lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(_MARKUP) else Content.TEXT


def other_kind(head: bytes) -> str:
    """What a file that holds no table is, in words; empty if not known."""
    return next((words for magic, words in _OTHERS if head.startswith(magic)), "")


def _is_workbook(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
            if "mimetype" in names:
                with archive.open("mimetype") as file:
                    return file.read(len(_ODS_TYPE)) == _ODS_TYPE
            return any(part in names for part in _EXCEL_PARTS)
    except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError, ValueError):
        return False


def _is_pickle(path: Path, head: bytes) -> bool:
    """Protocols 2 to 5 name themselves; 0 and 1 are found by disassembling (which executes nothing)."""
    if len(head) > 1 and head[0] == 0x80 and 2 <= head[1] <= 5:
        return True
    if head.startswith(_PACKED) and path.suffix.lower() in (".pkl", ".pickle", ".joblib"):
        return True
    if not head.startswith((b"(", b"c", b"]", b"}", b"I", b"V", b"S")) or path.stat().st_size > SMALL_PICKLE_BYTES:
        return False
    data = path.read_bytes()
    return data.endswith(b".") and _disassembles(data)


def _disassembles(data: bytes) -> bool:
    try:
        return sum(1 for _ in pickletools.genops(data)) > 2
    except (ValueError, IndexError, UnicodeError, OverflowError):
        return False
