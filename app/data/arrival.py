"""A dropped path before anything is read: is it a file we may read, and a copy that nobody changes.

Parent side: standard library only.
"""

from __future__ import annotations

import errno
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from app.core.data import Source
from app.core.progress import JobContext
from app.data.findings import refused
from app.data.names import plain_name, plain_text
from app.errors import NotFound
from app.registry.files import write_all
from app.registry.objects import hash_file
from app.registry.problems import in_words

CHUNK_BYTES = 1 << 20
COPY_BYTES = 16 << 20
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)

_KINDS = (
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISBLK, "a device"),
    (stat.S_ISCHR, "a device"),
)


@dataclass(frozen=True, slots=True)
class Copy:
    """A dropped file's bytes as nobody changes them any more. ``written_ns``: when they were written last."""

    name: str
    path: Path
    size_bytes: int
    written_ns: int

    @property
    def unchanged(self) -> bool:
        """Whether nobody wrote to the copy since it was made."""
        facts = self.path.stat()
        return (facts.st_size, facts.st_mtime_ns) == (self.size_bytes, self.written_ns)


def arrive(path: Path, copy: Path, ctx: JobContext) -> Source:
    """Copy a regular file to ``copy`` and hash the copy, which is what is parsed and stored.

    Raises FileRefused (IS_DIRECTORY, SYMLINK_LOOP, NO_PERMISSION, NOT_REGULAR_FILE, EMPTY_FILE), NotFound, and
    EnvironmentProblem if the copy cannot be written.
    """
    made = bring(path, copy, ctx)
    return Source(made.name, *hash_file(made.path, ctx))


def bring(path: Path, copy: Path, ctx: JobContext, name: str | None = None) -> Copy:
    """Copy a regular file to ``copy``. ``name``: by which the person knows it. Raises as ``arrive``."""
    name = name or plain_name(path)
    real = regular(path)
    try:
        source = os.open(real, _FLAGS)
    except OSError as error:
        raise _in_words(error, path) from error
    try:
        facts = os.fstat(source)
        check_kind(facts, name)  # what was looked at may have been exchanged meanwhile
        with in_words(f"copying {name}", copy.parent, facts.st_size), copy.open("xb") as target:
            _copied(source, target.fileno(), facts.st_size, name, ctx)
            made = os.fstat(target.fileno())
        return Copy(name, copy, made.st_size, made.st_mtime_ns)
    finally:
        os.close(source)


def regular(path: Path) -> Path:
    """The regular file that a path leads to. Raises FileRefused, NotFound."""
    real = _resolved(path)
    try:
        check_kind(os.lstat(real), plain_name(path))
    except OSError as error:
        raise _in_words(error, path) from error
    return real


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


def _copied(source: int, target: int, total: int, name: str, ctx: JobContext) -> None:
    """Copy all bytes: within the system where it can (shared blocks or one pass in the kernel), else by hand."""
    move, done = _moved_by_system if hasattr(os, "copy_file_range") else _moved_by_hand, 0
    while True:
        ctx.check_cancelled()
        try:
            moved = move(source, target)
        except OSError as error:
            if move is _moved_by_hand or error.errno not in _NOT_BY_SYSTEM:
                raise
            move = _moved_by_hand
            continue
        if not moved and move is _moved_by_system and not done:
            move = _moved_by_hand  # some file systems say the end is here where it is not
            continue
        if not moved:
            return
        done += moved
        ctx.progress(min(1.0, done / total), f"Copying {name}")


_NOT_BY_SYSTEM = (errno.EXDEV, errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP, errno.EPERM, errno.EBADF)


def _moved_by_system(source: int, target: int) -> int:
    return os.copy_file_range(source, target, COPY_BYTES)


def _moved_by_hand(source: int, target: int) -> int:
    chunk = os.read(source, CHUNK_BYTES)
    write_all(target, chunk)
    return len(chunk)


def _in_words(error: OSError | RuntimeError, path: Path) -> Exception:
    """The refusal that an error of the operating system means; the error itself if it is none."""
    name = plain_name(path)
    code = error.errno if isinstance(error, OSError) else errno.ELOOP
    if code == errno.ELOOP:
        return refused("SYMLINK_LOOP", f"{name} is a link that leads back to itself.", "Drop the file itself.")
    if code in (errno.EACCES, errno.EPERM):
        return refused("NO_PERMISSION", f"You may not read {name}.", "Ask its owner for permission or copy it.")
    if code in (errno.ENOENT, errno.ENOTDIR):
        return NotFound(f"There is no file {plain_text(str(path))}.", "Check the path.")
    if code in (errno.ENXIO, errno.ENODEV):
        return refused("NOT_REGULAR_FILE", f"{name} is no regular file.", "Save its content as a file first.")
    return error
