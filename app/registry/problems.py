"""What the machine refuses, told in words: cause, path and the way out.

Both kinds of refusal end as ``EnvironmentProblem``: errors of the operating system (``OSError``) and of
SQLite (its result codes, https://www.sqlite.org/rescode.html), bare or wrapped by SQLAlchemy.
"""

from __future__ import annotations

import errno
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.errors import EnvironmentProblem, ModelyardError

_FULL = (errno.ENOSPC, errno.EDQUOT)
_BROKEN_FILE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


@contextmanager
def in_words(doing: str, path: Path, needed_bytes: int | None = None) -> Iterator[None]:
    """Turn what the machine refuses inside the block into an ``EnvironmentProblem``.

    ``doing``: what was going on, as a gerund phrase ("storing churn.csv"); ``path``: where;
    ``needed_bytes``: how much space it takes, if known. Our own errors pass.
    """
    try:
        yield
    except ModelyardError:
        raise
    except OSError as error:
        raise from_os(error, doing, path, needed_bytes) from error
    except sqlite3.Error as error:
        raise from_sqlite(error, doing, path, needed_bytes) from error


def from_os(error: OSError, doing: str, path: Path, needed_bytes: int | None = None) -> EnvironmentProblem:
    """An operating system's refusal in words."""
    details = f"{type(error).__name__}: {error}"
    if error.errno in _FULL:
        return disk_full(doing, path, needed_bytes, details)
    if error.errno == errno.EROFS:
        return read_only(doing, path, details)
    if error.errno in (errno.EACCES, errno.EPERM):
        return no_permission(doing, path, details)
    if error.errno == errno.ENOENT:
        return gone(doing, path, details)
    if error.errno == errno.EMFILE:
        return EnvironmentProblem(f"Too many files are open, so {doing} failed at {path}.", "Close programs.", details)
    reason = error.strerror or str(error)
    return EnvironmentProblem(
        f"The disk refused {doing} at {path}: {reason}.", "Check the disk, then try again.", details
    )


def from_sqlite(error: sqlite3.Error, doing: str, path: Path, needed_bytes: int | None = None) -> EnvironmentProblem:
    """SQLite's refusal in words; a mistake in our own SQL passes through unchanged (it is our bug)."""
    code = getattr(error, "sqlite_errorcode", None)
    if code is None or isinstance(error, sqlite3.IntegrityError | sqlite3.ProgrammingError):
        raise error
    primary = code & 0xFF
    details = f"{getattr(error, 'sqlite_errorname', code)}: {error}"
    if primary == sqlite3.SQLITE_FULL:
        return disk_full(doing, path, needed_bytes, details)
    if primary in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return locked(doing, path, details)
    if primary == sqlite3.SQLITE_READONLY:
        return read_only(doing, path, details)
    if primary in (sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH):
        return no_permission(doing, path, details)
    if primary == sqlite3.SQLITE_CANTOPEN and not path.exists():
        return gone(doing, path, details)
    if primary in _BROKEN_FILE:
        return broken(path, details)
    if primary in (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_PROTOCOL):
        return EnvironmentProblem(
            f"The disk refused {doing} at {path}.",
            "Check the disk and the permissions of the folder, then try again.",
            details,
        )
    raise error


def disk_full(doing: str, path: Path, needed_bytes: int | None, details: str = "") -> EnvironmentProblem:
    """No space left: says how much is needed and how much there is."""
    need = f"It needs about {size_words(needed_bytes)}; " if needed_bytes else ""
    free = _free_bytes(path)
    there = f"{size_words(free)} are free there." if free is not None else "free space is unknown."
    return EnvironmentProblem(
        f"The disk is full, so {doing} failed at {path}.", f"{need}{there} Free some space, then try again.", details
    )


def read_only(doing: str, path: Path, details: str = "") -> EnvironmentProblem:
    """The medium or the file is read-only."""
    return EnvironmentProblem(
        f"{path} is read-only, so {doing} is not possible.",
        "Copy the project folder to a disk that can be written and open it there.",
        details,
    )


def no_permission(doing: str, path: Path, details: str = "") -> EnvironmentProblem:
    """The user's rights do not suffice."""
    return EnvironmentProblem(
        f"You have no permission for {doing} at {path}.",
        "Ask the owner of the folder for write permission, or copy the project to a folder of your own.",
        details,
    )


def gone(doing: str, path: Path, details: str = "") -> EnvironmentProblem:
    """The folder was moved or deleted, or its disk was unplugged."""
    return EnvironmentProblem(
        f"{path} is no longer complete, so {doing} failed: a file or folder in it is gone.",
        "Bring the disk or the folder back, then try again; or open the project at its new place.",
        details,
    )


def locked(doing: str, path: Path, details: str = "") -> EnvironmentProblem:
    """Another program held the write lock for longer than we wait."""
    return EnvironmentProblem(
        f"Another program is writing to {path}, so {doing} had to give up.",
        "Wait until the other program is done, then try again.",
        details,
    )


def broken(path: Path, details: str = "") -> EnvironmentProblem:
    """The file is no (longer a) database."""
    return EnvironmentProblem(
        f"The project file {path} is damaged or is not a Modelyard project.",
        f"Restore the newest copy from {path.parent / 'backups'} or from your own backup.",
        details,
    )


def size_words(size_bytes: int) -> str:
    """A size as people read it: ``3.2 MB``, in powers of 1000."""
    size = float(size_bytes)
    for unit in ("bytes", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "bytes" or size >= 100 else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"


def _free_bytes(path: Path) -> int | None:
    for place in (path, *path.parents):
        if place.exists():
            return shutil.disk_usage(place).free
    return None
