"""Names: of columns (each once, none empty) and of data sets (from a file's name). Standard library only."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Container, Iterable, Sequence
from pathlib import PurePath

from app.core.data import Choice, Finding
from app.data.engine import MOST_COLUMNS
from app.data.findings import ask, listed, note, refused

LONGEST = 80
_UNSAFE = re.compile(r"[<>&\"'`\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufffd@/\\:*?|]+")
ENDINGS = {".csv", ".tsv", ".tab", ".txt", ".json", ".jsonl", ".ndjson", ".parquet", ".pq", ".arrow", ".feather"}
ENDINGS |= {".ipc", ".xlsx", ".xlsm", ".xlsb", ".xls", ".ods", ".zip", ".gz"}
_SHOWN_UNSAFE = re.compile(r"[<>&\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufffd]")


def column_names(written: Sequence[str]) -> tuple[tuple[str, ...], tuple[Finding, ...]]:
    """Every column's name: as written without white space around it, ``column 3`` where there is none, and
    ``age (2)`` for the second of two with one name (asked, never silent). Raises FileRefused (TOO_LARGE)."""
    if len(written) > MOST_COLUMNS:
        message = f"The table has {len(written):,} columns; more than {MOST_COLUMNS:,} cannot be read."
        raise refused("TOO_LARGE", message, "Leave out the columns that cannot matter, or turn rows into columns.")
    stripped = [unicodedata.normalize("NFC", " ".join(n.split())) for n in written]
    wanted = [name or f"column {i}" for i, name in enumerate(stripped, 1)]
    taken = Counter(wanted)
    found: dict[str, None] = {}
    for name in wanted:
        found[_free(name, found, taken) if name in found else name] = None
    names = list(found)
    double = [name for name, count in Counter(filter(None, stripped)).items() if count > 1]
    if not double:
        return tuple(names), ()
    message = f"More than one column is called {listed([f'{n!r}' for n in double])}: the later ones got a number."
    later = [Choice(name) for name, wish in zip(names, wanted, strict=True) if name != wish]
    hint = "Rename them in the file, or keep the numbers."
    return tuple(names), (ask("DUPLICATE_COLUMNS", message, hint, double[0], choices=later),)


def plain_name(path: PurePath) -> str:
    """A path's last part as text that can be stored and shown: bytes of no encoding become a mark."""
    return plain_text(path.name)


def plain_text(text: str) -> str:
    """Text without the lone surrogates by which Python writes a file name's bytes that are no UTF-8."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def dataset_name(file_name: str) -> tuple[str, tuple[Finding, ...]]:
    """A data set's name from a file's: without ending, control, right-to-left and HTML characters."""
    path = PurePath(file_name)
    stem = file_name
    while path.suffix.lower() in ENDINGS and path.stem:
        path = PurePath(path.stem)
        stem = str(path)
    name = unicodedata.normalize("NFC", _UNSAFE.sub("_", stem)).strip(" ._")[:LONGEST].strip() or "data"
    if not _SHOWN_UNSAFE.search(file_name):
        return name, ()
    return name, (
        note("OK_NAME_ESCAPED", f"The file's name holds characters that cannot be shown; it is called {name}."),
    )


def free_name(name: str, taken: Iterable[str]) -> str:
    """``name``, or ``name 2``, ``name 3`` ... whichever is not taken yet."""
    used = set(taken)
    number, free = 1, name
    while free in used:
        number += 1
        free = f"{name} {number}"
    return free


def _free(name: str, names: Container[str], taken: Container[str]) -> str:
    number = 2
    while f"{name} ({number})" in names or f"{name} ({number})" in taken:
        number += 1
    return f"{name} ({number})"
