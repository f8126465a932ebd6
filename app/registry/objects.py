"""The one place for bytes: files named by the SHA-256 of their content, written once.

Order: temporary file, fsync, rename, fsync of the folder; only then may a row name the object. Row first leaves
dangling rows in 69 of 100 kills; without fsync 40 of 40 power cuts lose bytes (PROMISES.md, Storage).
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import msgspec

from app.core.progress import JobContext, Silent
from app.errors import CorruptObject, Unreadable
from app.jobs.decoding import decode
from app.registry import files
from app.registry.leftovers import temporary_name
from app.registry.problems import in_words, size_words

T = TypeVar("T")

CHUNK_BYTES = 1 << 20
_READ_ONLY = 0o444


@dataclass(frozen=True, slots=True)
class Stored:
    """Bytes that are in the store."""

    sha256: str
    size_bytes: int


class ObjectStore:
    """Objects under ``objects/ab/cdef...``; ``tmp`` is on the same disk. Safe for threads and processes."""

    def __init__(self, folder: Path, tmp: Path) -> None:
        self.folder = folder
        self._tmp = tmp

    def path(self, sha256: str) -> Path:
        """Where an object is (or would be). ValueError if the text is no digest."""
        if not is_digest(sha256):
            raise ValueError(f"not a SHA-256 digest: {sha256!r}")
        return self.folder / sha256[:2] / sha256[2:]

    def exists(self, sha256: str) -> bool:
        """Whether the object's file is there (not whether it is whole, see ``read``)."""
        return self.path(sha256).is_file()

    def size(self, sha256: str) -> int:
        """The object's size in bytes. Raises ``CorruptObject`` if it is not there."""
        try:
            return self.path(sha256).stat().st_size
        except FileNotFoundError as error:
            raise missing(sha256, self.folder) from error

    def put_bytes(self, data: bytes) -> str:
        """Store bytes, return their digest. On return they survive a power cut. Raises ``EnvironmentProblem``."""
        sha256 = hashlib.sha256(data).hexdigest()
        with in_words(f"storing {size_words(len(data))}", self.folder, len(data)):
            if not self._kept(sha256, len(data)):
                temporary = self._tmp / temporary_name("object")
                try:
                    with _new_file(temporary) as fd:
                        files.write_all(fd, data)
                        files.flush(fd)
                    self._settle(temporary, sha256)
                finally:
                    temporary.unlink(missing_ok=True)
        return sha256

    def put_file(self, path: Path, *, ctx: JobContext | None = None) -> Stored:
        """Copy a file into the store while hashing it. Raises ``EnvironmentProblem``, ``JobCancelled``, OSError
        (``FileNotFoundError``) if the source cannot be read."""
        ctx = ctx or Silent()
        with path.open("rb") as source:
            total = os.fstat(source.fileno()).st_size
            with in_words(f"storing {path.name}", self.folder, total):
                temporary = self._tmp / temporary_name("object")
                try:
                    stored = _copy_hashed(source.fileno(), temporary, total, path.name, ctx)
                    if not self._kept(stored.sha256, stored.size_bytes):
                        self._settle(temporary, stored.sha256)
                finally:
                    temporary.unlink(missing_ok=True)
        return stored

    def take_file(self, path: Path, stored: Stored | None = None, *, ctx: JobContext | None = None) -> Stored:
        """Move a file of the project's own scratch into the store; nobody may write to it any more. ``stored``: what
        it is, if that was found out already. Raises as ``put_file``."""
        with in_words(f"storing {path.name}", self.folder):
            found = stored or Stored(*hash_file(path, ctx or Silent()))
            if self._kept(found.sha256, found.size_bytes):
                path.unlink()
                return found
            fd = os.open(path, os.O_RDWR | getattr(os, "O_BINARY", 0))
            try:
                files.flush(fd)
            finally:
                os.close(fd)
            self._settle(path, found.sha256)
        return found

    def put_json(self, value: object) -> str:
        """Store a dataclass (or anything msgspec encodes) as JSON, the same value always as the same bytes."""
        return self.put_bytes(msgspec.json.encode(value, order="deterministic"))

    def read(self, sha256: str) -> bytes:
        """The object's bytes, hashed again. Raises ``CorruptObject``."""
        with in_words("reading stored bytes", self.path(sha256)):
            try:
                data = self.path(sha256).read_bytes()
            except FileNotFoundError as error:
                raise missing(sha256, self.folder) from error
        if hashlib.sha256(data).hexdigest() != sha256:
            raise changed(sha256, self.path(sha256))
        return data

    def read_json(self, sha256: str, type_: type[T]) -> T:
        """The object decoded as ``type_``. Raises ``CorruptObject``, ``Unreadable`` if it is no such thing."""
        try:
            return decode(self.read(sha256), type_)
        except msgspec.DecodeError as error:
            raise Unreadable(
                f"Stored bytes are in a form that this version does not know: object {sha256[:12]}… is no "
                f"{type_.__name__}.",
                "Open the project with the version that made it.",
                str(error),
            ) from error

    def check(self, sha256: str, ctx: JobContext | None = None) -> None:
        """Hash an object again without holding it in memory. Raises ``CorruptObject``, ``JobCancelled``."""
        with in_words("reading stored bytes", self.path(sha256)):
            try:
                found, _ = hash_file(self.path(sha256), ctx or Silent())
            except FileNotFoundError as error:
                raise missing(sha256, self.folder) from error
        if found != sha256:
            raise changed(sha256, self.path(sha256))

    def digests(self) -> Iterator[str]:
        """Every object's digest, in order. Files that are no objects are left out (see ``strangers``)."""
        for path in sorted(self.folder.glob("*/*")):
            if is_digest(path.parent.name + path.name):
                yield path.parent.name + path.name

    def strangers(self) -> Iterator[Path]:
        """Files in the objects folder that are no objects."""
        for path in sorted(self.folder.rglob("*")):
            name = path.relative_to(self.folder).as_posix().replace("/", "", 1)
            if path.is_file() and not is_digest(name):
                yield path

    def _kept(self, sha256: str, size_bytes: int) -> bool:
        """Whether the same bytes are stored already: same name, same size. A file of another size is damaged and
        is written again. The touch restarts the grace that *Reclaim space* gives; the flush covers a process
        that renamed the object but was stopped before it flushed the folder."""
        final = self.path(sha256)
        try:
            if final.stat().st_size != size_bytes:
                return False
            os.utime(final)
        except FileNotFoundError:
            return False
        self._flush_folders(final)
        return True

    def _settle(self, temporary: Path, sha256: str) -> None:
        final = self.path(sha256)
        temporary.chmod(_READ_ONLY)
        final.parent.mkdir(exist_ok=True)
        if os.name != "posix" and final.exists():
            final.chmod(0o644)  # Windows does not replace a read-only file
        temporary.replace(final)
        self._flush_folders(final)

    def _flush_folders(self, final: Path) -> None:
        files.flush_folder(final.parent)
        files.flush_folder(self.folder)


def is_digest(text: str) -> bool:
    """Whether a text is 64 lower-case hexadecimal digits."""
    return len(text) == 64 and not set(text) - set("0123456789abcdef")


def missing(sha256: str, folder: Path) -> CorruptObject:
    """The error for an object that is not there."""
    return CorruptObject(
        f"Stored bytes are missing: object {sha256[:12]}… is not in {folder}.",
        "Restore the objects folder from a backup.",
        sha256,
    )


def changed(sha256: str, path: Path) -> CorruptObject:
    """The error for an object whose content is no longer what it was."""
    return CorruptObject(
        f"Stored bytes were changed or damaged: {path} no longer has the hash that names it.",
        "Restore this file from a backup.",
        sha256,
    )


def hash_file(path: Path, ctx: JobContext) -> tuple[str, int]:
    """A file's digest and size. Raises OSError, ``JobCancelled``."""
    digest, size = hashlib.sha256(), 0
    with path.open("rb", buffering=0) as file:
        while chunk := file.read(CHUNK_BYTES):
            ctx.check_cancelled()
            digest.update(chunk)
            size += len(chunk)
    return digest.hexdigest(), size


@contextmanager
def _new_file(path: Path) -> Iterator[int]:
    """The descriptor of a new file."""
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    try:
        yield fd
    finally:
        os.close(fd)


def _copy_hashed(source: int, temporary: Path, total: int, name: str, ctx: JobContext) -> Stored:
    digest, size = hashlib.sha256(), 0
    with _new_file(temporary) as fd:
        while chunk := os.read(source, CHUNK_BYTES):
            ctx.check_cancelled()
            digest.update(chunk)
            files.write_all(fd, chunk)
            size += len(chunk)
            ctx.progress(min(1.0, size / total) if total else None, f"Copying {name}")
        files.flush(fd)
    return Stored(digest.hexdigest(), size)
