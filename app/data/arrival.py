"""A dropped path before anything is read: is it a file we may read, and a copy that nobody changes.

Parent side: standard library only.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from pathlib import Path

from app.core.data import Source
from app.core.progress import JobContext
from app.data.findings import refused
from app.errors import NotFound
from app.registry.problems import in_words

CHUNK_BYTES = 1 << 20
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)

_KINDS = (
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISBLK, "a device"),
    (stat.S_ISCHR, "a device"),
)


def arrive(path: Path, copy: Path, ctx: JobContext) -> Source:
    """Copy a regular file to ``copy`` while hashing it; the copy is what is parsed and stored.

    Raises FileRefused (IS_DIRECTORY, SYMLINK_LOOP, NO_PERMISSION, NOT_REGULAR_FILE, EMPTY_FILE), NotFound, and
    EnvironmentProblem if the copy cannot be written.
    """
    real = _resolved(path)
    try:
        check_kind(os.lstat(real), path.name)
        source = os.open(real, _FLAGS)
    except OSError as error:
        raise _in_words(error, path) from error
    try:
        facts = os.fstat(source)
        check_kind(facts, path.name)  # what was looked at may have been exchanged meanwhile
        return Source(path.name, *_copied(source, copy, facts.st_size, path.name, ctx))
    finally:
        os.close(source)


def check_kind(facts: os.stat_result, name: str) -> None:
    """Raise FileRefused unless this is a regular file that is not empty."""
    if stat.S_ISDIR(facts.st_mode):
        raise refused("IS_DIRECTORY", f"{name} is a folder.", "Drop the files in it.")
    if not stat.S_ISREG(facts.st_mode):
        kind = next((words for test, words in _KINDS if test(facts.st_mode)), "no regular file")
        raise refused("NOT_REGULAR_FILE", f"{name} is {kind}, not a file.", "Save its content as a file first.")
    if facts.st_size == 0:
        raise refused("EMPTY_FILE", f"{name} is empty.", "Check that it was saved or downloaded completely.")


def _resolved(path: Path) -> Path:
    try:
        return path.resolve(strict=True)
    except (OSError, RuntimeError) as error:
        raise _in_words(error, path) from error


def _copied(source: int, copy: Path, total: int, name: str, ctx: JobContext) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    with in_words(f"copying {name}", copy.parent, total), copy.open("xb") as target:
        while chunk := os.read(source, CHUNK_BYTES):
            ctx.check_cancelled()
            digest.update(chunk)
            target.write(chunk)
            size += len(chunk)
            ctx.progress(min(1.0, size / total), f"Copying {name}")
    return digest.hexdigest(), size


def _in_words(error: OSError | RuntimeError, path: Path) -> Exception:
    """The refusal that an error of the operating system means; the error itself if it is none."""
    code = error.errno if isinstance(error, OSError) else errno.ELOOP
    if code == errno.ELOOP:
        return refused("SYMLINK_LOOP", f"{path.name} is a link that leads back to itself.", "Drop the file itself.")
    if code in (errno.EACCES, errno.EPERM):
        return refused("NO_PERMISSION", f"You may not read {path.name}.", "Ask its owner for permission or copy it.")
    if code in (errno.ENOENT, errno.ENOTDIR):
        return NotFound(f"There is no file {path}.", "Check the path.")
    if code in (errno.ENXIO, errno.ENODEV):
        return refused("NOT_REGULAR_FILE", f"{path.name} is no regular file.", "Save its content as a file first.")
    return error
