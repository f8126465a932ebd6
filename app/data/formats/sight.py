"""What is refused by its first bytes alone: before gigabytes are copied, and again of the copy.

Standard library only.
"""

from __future__ import annotations

from pathlib import Path

from app.data.findings import refused
from app.data.formats import content
from app.data.formats.content import Content
from app.errors import FileRefused

HINT = "Save it as CSV (UTF-8), Excel or Parquet."


def refuse_at_sight(source: Path, found: Content) -> None:
    """Raise FileRefused if a file of this content holds no table, whatever follows. ``found``: its content."""
    if found in _REFUSED:
        raise refused(*_REFUSED[found])
    if found in (Content.OTHER, Content.MARKUP):
        raise _no_table(source, found)
    if found is Content.TEXT and not _head(source).strip(b"\0"):
        raise refused("NOT_TEXT", "The file begins with nothing but zeros: it is no text.", HINT)


def _head(source: Path) -> bytes:
    with source.open("rb") as file:
        return file.read(content.HEAD_BYTES)


def _no_table(source: Path, found: Content) -> FileRefused:
    head = _head(source)
    if found is Content.MARKUP and b"<!ENTITY" in head:
        return refused("XML_ENTITIES", "The file is XML that defines entities.", "Do not use files of unknown origin.")
    kind = content.other_kind(head) or "XML or HTML"
    if kind == "a SQLite database":
        hint = "Name one of its tables: Add from… Database (--table NAME)."
        return refused("NOT_TEXT", f"The file is {kind}.", hint)
    return refused("NOT_TEXT", f"The file is {kind}, which holds no table.", HINT)


_REFUSED = {
    Content.ONNX: ("ONNX_NOT_DATA", "The file is an ONNX model, no data.", "Drop the data that it was trained on."),
    Content.BUNDLE: ("BUNDLE_NOT_DATA", "The file is a bundle, no data.", "Drop the data that it was trained on."),
    Content.MANIFEST: (
        "BUNDLE_NOT_DATA",
        "The file is a bundle's list of files, no data.",
        "Drop the bundle's folder, or the data that the model was trained on.",
    ),
    Content.EMPTY: ("EMPTY_FILE", "The file is empty."),
    Content.PICKLE: (
        "PICKLE_REFUSED",
        "The file is a Python pickle, which could run programs when opened.",
        "Save the table as Parquet or CSV instead.",
    ),
    Content.OLD_OFFICE: (
        "XLS_ENCRYPTED_OR_OLD",
        "The workbook is protected by a password or in the old .xls format.",
        "Save it as .xlsx without a password.",
    ),
}
