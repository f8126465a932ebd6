"""Bytes that survive a power cut: write, fsync, rename, fsync of the folder.

Every write of the object store and of the small files goes through here, so that one place decides
what is durable and one place can be made to fail in tests.
"""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path

_HAS_FOLDER_FSYNC = os.name == "posix"
_NOT_OFFERED = (errno.EINVAL, errno.ENOTSUP, errno.ENOTTY)
"""What file systems without such a call answer; SQLite passes over them as well (os_unix.c, full_fsync)."""


def write_all(fd: int, data: bytes | memoryview) -> None:
    """Write every byte: ``os.write`` may take fewer. Raises OSError."""
    left = memoryview(data)
    while left:
        left = left[os.write(fd, left) :]


def flush(fd: int) -> None:
    """Bring a file's bytes to the medium. macOS' fsync stops at the drive's cache, F_FULLFSYNC does not."""
    if sys.platform == "darwin":
        import fcntl

        try:
            fcntl.fcntl(fd, fcntl.F_FULLFSYNC)
            return
        except OSError as error:
            if error.errno not in _NOT_OFFERED:
                raise
    os.fsync(fd)


def flush_folder(folder: Path) -> None:
    """Bring a folder's names to the medium, where the system can. Windows cannot: NTFS journals names itself."""
    if not _HAS_FOLDER_FSYNC:
        return
    fd = os.open(folder, os.O_RDONLY)
    try:
        flush(fd)
    except OSError as error:
        if error.errno not in _NOT_OFFERED:
            raise
    finally:
        os.close(fd)


def replace_durably(temporary: Path, final: Path) -> None:
    """Give a flushed file its final name, so that the name survives a power cut as well."""
    temporary.replace(final)
    flush_folder(final.parent)


def write_file(final: Path, data: bytes, temporary: Path) -> None:
    """Write a small file in full or not at all; ``temporary`` must be on the same disk."""
    try:
        fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0), 0o644)
        try:
            write_all(fd, data)
            flush(fd)
        finally:
            os.close(fd)
        replace_durably(temporary, final)
    finally:
        temporary.unlink(missing_ok=True)
