"""Zip archives (every .xlsx is one): the whole directory is judged before anything is used, inflating is counted.

Child side. Nothing is ever written under a name that an archive gives.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import stat
import zipfile
import zlib
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

from app.data import engine
from app.data.findings import refused

MOST_ENTRIES = 10_000
MOST_BYTES = 2 << 30
MOST_RATIO = 200
RATIO_FROM_BYTES = 1 << 20
"""Small parts may compress better than any bound without being a danger."""

CHUNK_BYTES = 1 << 20
_DANGERS = (b"<!DOCTYPE", b"<!ENTITY")
_HINT = "Make or download it again."
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError)


def check_archive(path: Path, *, xml: bool) -> list[zipfile.ZipInfo]:
    """The entries of a harmless archive. ``xml``: its XML parts may not declare entities either.

    Raises FileRefused (ARCHIVE_CORRUPT, ARCHIVE_PATH, ARCHIVE_LINK, ARCHIVE_DUPLICATE, ARCHIVE_RATIO, XML_ENTITIES).
    """
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            _check_directory(entries)
            _inflate_all(archive, entries, path.stat().st_size, xml)
    except _BROKEN as error:
        raise refused("ARCHIVE_CORRUPT", f"The archive is damaged: {error}.", _HINT) from error
    return entries


def extract(path: Path, member: str, target: Path) -> None:
    """Write one entry of a checked archive to ``target``. Raises FileRefused (ARCHIVE_CORRUPT)."""
    try:
        with zipfile.ZipFile(path) as archive, archive.open(member) as source, target.open("wb") as out:
            while chunk := source.read(CHUNK_BYTES):
                out.write(chunk)
    except (*_BROKEN, KeyError) as error:
        if failure := engine.machine_failure(error):
            raise failure from error
        raise refused("ARCHIVE_CORRUPT", f"The archive is damaged: {error}.", _HINT) from error


def unpack(path: Path, target: Path) -> None:
    """Write what a gzip, bzip2 or xz file holds to ``target``. Raises FileRefused (ARCHIVE_CORRUPT, ARCHIVE_RATIO)."""
    packed, total = path.stat().st_size, 0
    try:
        with _unpacking(path) as source, target.open("wb") as out:
            while chunk := source.read(CHUNK_BYTES):
                total += len(chunk)
                _refuse_ratio(total, packed)
                out.write(chunk)
    except (*_BROKEN, lzma.LZMAError) as error:
        if failure := engine.machine_failure(error):
            raise failure from error
        raise refused("ARCHIVE_CORRUPT", f"The packed file is damaged: {error}.", _HINT) from error


def _unpacking(path: Path) -> gzip.GzipFile | bz2.BZ2File | lzma.LZMAFile:
    with path.open("rb") as file:
        head = file.read(8)
    if head.startswith(b"\x1f\x8b"):
        return gzip.GzipFile(path)
    return bz2.BZ2File(path) if head.startswith(b"BZh") else lzma.LZMAFile(path)


def check_xml(data: bytes, part: str) -> None:
    """Parse a part of a workbook with everything dangerous forbidden. Raises FileRefused (XML_ENTITIES)."""
    try:
        ElementTree.fromstring(data, forbid_dtd=True)
    except DefusedXmlException as error:
        raise _entities(part) from error
    except ElementTree.ParseError as error:
        raise refused("ARCHIVE_CORRUPT", f"The workbook's part {part} is damaged.", _HINT) from error


def _check_directory(entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > MOST_ENTRIES:
        raise refused("ARCHIVE_RATIO", f"The archive holds {len(entries):,} files.", "Unpack it and drop the table.")
    for entry in entries:
        name = PurePosixPath(entry.filename)
        strange = "\\" in entry.filename or "\0" in entry.orig_filename or ":" in name.parts[0] if name.parts else True
        if strange or name.is_absolute() or ".." in name.parts:
            message = f"The archive holds a file that points outside it: {entry.filename!r}."
            raise refused("ARCHIVE_PATH", message, "Do not use archives of unknown origin.")
        if stat.S_ISLNK(entry.external_attr >> 16):
            raise refused("ARCHIVE_LINK", f"The archive holds a link: {entry.filename!r}.", "Pack the file itself.")
    _check_twice(entry.filename for entry in entries)


def _check_twice(names: Iterable[str]) -> None:
    seen: set[str] = set()
    for name in names:
        folded = name.casefold()
        if folded in seen:
            raise refused("ARCHIVE_DUPLICATE", f"The archive holds {name!r} twice.", _HINT)
        seen.add(folded)


def _inflate_all(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo], packed: int, xml: bool) -> None:
    """Unpack everything to nowhere: what a directory says about sizes may be a lie. Also checks every CRC."""
    total = 0
    for entry in entries:
        looked_into = xml and entry.filename.lower().endswith((".xml", ".rels"))
        tail = b""
        with archive.open(entry) as file:
            while chunk := file.read(CHUNK_BYTES):
                total += len(chunk)
                _refuse_ratio(total, packed)
                if looked_into and any(danger in tail + chunk for danger in _DANGERS):
                    raise _entities(entry.filename)
                tail = chunk[-16:]


def _refuse_ratio(total: int, packed: int) -> None:
    if total > MOST_BYTES or total > max(RATIO_FROM_BYTES, MOST_RATIO * packed):
        message = f"The archive unpacks to more than {total / 1e6:,.0f} MB from {packed / 1e6:,.1f} MB."
        raise refused("ARCHIVE_RATIO", message, "Unpack it yourself if you trust it.")


def _entities(part: str) -> Exception:
    message = f"The workbook's part {part} defines XML entities, which no spreadsheet program writes."
    return refused("XML_ENTITIES", message, "Do not use files of unknown origin.")
