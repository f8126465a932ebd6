"""Copies of the database, made while it is in use."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

from app.registry import files

KEPT = 10
"""How many automatic backups are kept (PROMISES.md, Storage)."""


def back_up(database: Path, folder: Path, schema: str, now: datetime) -> Path:
    """Copy the database through SQLite's backup API (consistent even while others write).

    The copy appears under its final name only when it is whole and on the medium. Raises OSError, sqlite3.Error.
    """
    folder.mkdir(exist_ok=True)
    final = folder / f"{now:%Y%m%dT%H%M%S.%fZ}-schema-{schema}.db"
    temporary = final.with_suffix(".tmp")
    try:
        _copy(database, temporary)
        files.replace_durably(temporary, final)
    finally:
        temporary.unlink(missing_ok=True)
    return final


def keep_newest(folder: Path, kept: int = KEPT) -> None:
    """Remove automatic backups beyond the newest ``kept``; their names sort by time."""
    for old in sorted(folder.glob("*-schema-*.db"))[:-kept]:
        old.unlink()


def _copy(database: Path, target: Path) -> None:
    source = sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True, timeout=30)
    with closing(source), closing(sqlite3.connect(target)) as copy:
        source.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")
    fd = os.open(target, os.O_RDWR)
    try:
        files.flush(fd)
    finally:
        os.close(fd)
