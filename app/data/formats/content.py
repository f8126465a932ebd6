"""What a file is, by its first bytes; its name does not matter. Standard library only: both sides use it."""

from __future__ import annotations

import pickletools
import zipfile
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path, PurePath, PurePosixPath

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
    BUNDLE = "bundle"
    MANIFEST = "manifest"
    ONNX = "onnx"
    PACKED = "packed"
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
    (b"\x28\xb5\x2f\xfd", "a zstd archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
)
COMPRESSED = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ")
"""gzip, bzip2 and xz: one packed file each."""
_PACKED = (b"\x78", b"ZF", b"\x1f\x8b", b"BZh", b"\xfd7zXZ")
_MARKUP = (b"<?xml", b"<!doctype", b"<html", b"<table")
_MANIFEST_START, _MANIFEST_FILES = b'{"about":{"', b'},"files":{"'
"""How a bundle's manifest.json begins, which is canonical JSON (see ``runtime.manifest``)."""
_EXCEL_PARTS = ("xl/workbook.xml", "xl/workbook.bin")
_MODEL_FIELDS = (0x12, 0x1A, 0x22, 0x28, 0x32, 0x3A, 0x42, 0x72)
"""Tags of ModelProto's fields behind the version: producer, domain, graph, opsets, metadata."""
_END_BYTES = 66_000
"""An archive's end record and the longest comment behind it."""
_MANY_ENTRIES = 20_000
_LONG_DIRECTORY = 8 << 20
_ODS_TYPE = b"application/vnd.oasis.opendocument.spreadsheet"


def content_of(path: Path, name: str = "") -> Content:
    """Look at a file. ``name``: what the person calls it, where the path is a copy's. Raises OSError."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if not head:
        return Content.EMPTY
    for magic, content in _MAGIC:
        if head.startswith(magic):
            return content
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _of_zip(path)
    if _is_pickle(path, head, PurePath(name or path.name).suffix.lower()):
        return Content.PICKLE
    if head.startswith(COMPRESSED):
        return Content.PACKED
    if other_kind(head):
        return Content.OTHER
    if head.startswith(_MANIFEST_START) and _MANIFEST_FILES in head:
        return Content.MANIFEST
    if _is_onnx(head, PurePath(name or path.name).suffix.lower()):
        return Content.ONNX
    return Content.MARKUP if head.lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(_MARKUP) else Content.TEXT


def other_kind(head: bytes) -> str:
    """What a file that holds no table is, in words; empty if not known."""
    if head[257:262] == b"ustar":
        return "a tar archive"
    return next((words for magic, words in _OTHERS if head.startswith(magic)), "")


def _of_zip(path: Path) -> Content:
    """A workbook, a bundle of ours, or any archive; also where its directory is not worth reading."""
    if not _has_small_directory(path):
        return Content.ZIP
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
            if "mimetype" in names:
                with archive.open("mimetype") as file:
                    return Content.EXCEL if file.read(len(_ODS_TYPE)) == _ODS_TYPE else Content.ZIP
            if any(part in names for part in _EXCEL_PARTS):
                return Content.EXCEL
            return Content.BUNDLE if bundle_folder(names) is not None else Content.ZIP
    except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError, ValueError):
        return Content.ZIP


_KINDS = (("serve.py", "model.onnx"), ("check.py", "query.json"))
"""What tells a model's bundle and a query's bundle from other folders with a manifest."""


def bundle_folder(names: Iterable[str]) -> str | None:
    """The folder in an archive, with its slash, in which a bundle of ours lies; empty for none; None: no bundle."""
    there = set(names)
    starts = [n.removesuffix("manifest.json") for n in there if PurePosixPath(n).name == "manifest.json"]
    found = [s for s in starts if s.count("/") <= 1 and any({s + n for n in kind} <= there for kind in _KINDS)]
    return found[0] if len(found) == 1 else None


def _has_small_directory(path: Path) -> bool:
    """Whether an archive's own end says that its directory is short (APPNOTE 4.3.16): all of it is read at once."""
    with path.open("rb") as file:
        file.seek(max(0, file.seek(0, 2) - _END_BYTES))
        tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    end = tail[at : at + 22]
    if at < 0 or len(end) < 22:
        return False
    entries, size = int.from_bytes(end[10:12], "little"), int.from_bytes(end[12:16], "little")
    return entries < _MANY_ENTRIES and size < _LONG_DIRECTORY


def _is_onnx(head: bytes, suffix: str) -> bool:
    """A protobuf message that begins with a small IR version (field 1) and goes on with a field of ``ModelProto``
    (onnx.proto); a file that is called so and is no text is taken at its word."""
    if len(head) > 3 and head[0] == 0x08 and 0 < head[1] < 64 and head[2] in _MODEL_FIELDS:
        return True
    return suffix == ".onnx" and not _looks_like_table(head)


def _looks_like_table(head: bytes) -> bool:
    """Whether a file that is called a model might be a table all the same: two lines of text."""
    return b"\0" not in head and head.isascii() and head.strip().count(b"\n") > 0


def _is_pickle(path: Path, head: bytes, suffix: str) -> bool:
    """Protocols 2 to 5 name themselves; 0 and 1 are found by disassembling (which executes nothing)."""
    if len(head) > 1 and head[0] == 0x80 and 2 <= head[1] <= 5:
        return True
    if head.startswith(_PACKED) and suffix in (".pkl", ".pickle", ".joblib"):
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
