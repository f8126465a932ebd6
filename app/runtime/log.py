"""The prediction log's writer: what was answered is on its way to the disk before the answer leaves.

One ``os.write`` with O_APPEND for all that is answered together, never a buffer of ours: a killed
process loses no answered prediction (buffered writes lost some in 40 of 40 kills). A thread syncs to
disk each second, so a power cut costs a second at most; ``sync_always`` costs a sync an answer instead.
"""

from __future__ import annotations

import hashlib
import os
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from .logline import SUFFIX, Header, Previous

MAX_SEGMENT_BYTES = 64 << 20
MAX_SEGMENT_AGE_S = 24 * 3600.0
SYNC_EVERY_S = 1.0
LOOK_EVERY_S = 1.0
"""Whether the file is still there: asked at each line it would double what writing one costs (4.0 for 2.2 µs)."""
_OPEN = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)


class LogFull(Exception):
    """A prediction could not be written and must not be answered."""


@dataclass(slots=True)
class _Segment:
    """``linked``: whether its file system counts links, so that a file which has none left was deleted."""

    path: Path
    fd: int
    digest: hashlib._Hash
    size: int
    opened: float
    linked: bool
    lines: int = 0

    @property
    def gone(self) -> bool:
        """Whether somebody deleted the file: what is written into it is nowhere."""
        return self.linked and os.fstat(self.fd).st_nlink == 0


class LogWriter:
    """Appends to the segments of one process in one folder. Safe to use from several threads."""

    def __init__(
        self,
        folder: Path,
        bundle: str,
        model: str,
        *,
        sync_always: bool = False,
        refuse_when_full: bool = True,
        max_bytes: int = MAX_SEGMENT_BYTES,
        max_age_s: float = MAX_SEGMENT_AGE_S,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """``bundle``: as ``sha256:<hex>``. Raises OSError if the folder cannot be written."""
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.unlogged = 0
        self.problem = ""
        self._about = (bundle, model)
        self._sync_always = sync_always
        self._refuse_when_full = refuse_when_full
        self._max_bytes = max_bytes
        self._max_age_s = max_age_s
        self._monotonic = monotonic
        self._worker = uuid.uuid4().hex[:12]
        self._number = 0
        self._lock = threading.Lock()
        self._dirty = False
        self._look_again, self._gone = 0.0, False
        self._finished: list[_Segment] = []
        self._segment = self._open(None)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._sync_each_second, name="log sync", daemon=True)
        self._thread.start()

    @property
    def degraded(self) -> bool:
        """Whether predictions are or were missing from the log, or the disk does not take them now."""
        return bool(self.problem) or self.unlogged > 0

    def append(self, lines: bytes, count: int) -> None:
        """``count`` whole lines. Raises LogFull where an unlogged prediction must not be answered."""
        with self._lock:
            try:
                self._rotate_if_due()
                self._write(self._segment, lines)
                self._segment.lines += count
                if self._sync_always:
                    os.fsync(self._segment.fd)
                self.problem = ""
            except OSError as error:
                self.problem = error.strerror or str(error)
                if self._refuse_when_full:
                    raise LogFull(self.problem) from error
                self.unlogged += count

    def close(self) -> None:
        """Sync and finish the last segment; one that holds no prediction is removed."""
        self._stopping.set()
        self._thread.join()
        with self._lock:
            if self._segment.lines == 0:
                os.close(self._segment.fd)
                self._segment.path.unlink(missing_ok=True)
            else:
                self._finished.append(self._segment)
            self._finish_segments()

    def _open(self, previous: Previous | None) -> _Segment:
        self._number += 1
        now = datetime.now(UTC)
        path = self.folder / f"{now:%Y%m%dT%H%M%S.%fZ}-{self._worker}-{self._number:06d}{SUFFIX}"
        fd = os.open(path, _OPEN, 0o600)
        segment = _Segment(path, fd, hashlib.sha256(), 0, self._monotonic(), os.fstat(fd).st_nlink > 0)
        header = Header(self._number, self._worker, *self._about, f"{now:%Y-%m-%dT%H:%M:%S.%fZ}", previous)
        try:
            self._write(segment, msgspec.json.encode(header) + b"\n")
        except OSError:
            os.close(segment.fd)
            path.unlink()
            self._number -= 1
            raise
        _sync_folder(self.folder)
        return segment

    def _write(self, segment: _Segment, data: bytes) -> None:
        """All of ``data`` or nothing: the file is cut back to its last whole line if the disk takes a part only."""
        view = memoryview(data)
        try:
            while view:
                view = view[os.write(segment.fd, view) :]
        except OSError:
            os.ftruncate(segment.fd, segment.size)
            raise
        segment.size += len(data)
        segment.digest.update(data)
        self._dirty = True

    def _rotate_if_due(self) -> None:
        """Also once the file is gone. A folder that was moved with its project is not found any more, but the file that
        is open moved along: it is written on."""
        segment, now = self._segment, self._monotonic()
        if now >= self._look_again:
            self._look_again, self._gone = now + LOOK_EVERY_S, segment.gone
        age_s = now - segment.opened
        if not self._gone and not (segment.lines and (segment.size >= self._max_bytes or age_s >= self._max_age_s)):
            return
        try:
            self._segment = self._open(Previous(segment.path.name, segment.digest.hexdigest()))
        except FileNotFoundError:
            if self._gone:
                raise
        else:
            self._gone = False
            self._finished.append(segment)

    def _sync_each_second(self) -> None:
        while not self._stopping.wait(SYNC_EVERY_S):
            try:
                self._sync()
            except OSError as error:
                self.problem = error.strerror or str(error)

    def _sync(self) -> None:
        """Syncs a duplicate of the descriptor, so that nobody waits for the disk while writing."""
        with self._lock:
            finished, self._finished = self._finished, []
            fd = os.dup(self._segment.fd) if self._dirty else None
            self._dirty = False
        if fd is not None:
            try:
                os.fsync(fd)
            finally:
                os.close(fd)
        for segment in finished:
            _finish(segment)

    def _finish_segments(self) -> None:
        for segment in self._finished:
            _finish(segment)
        self._finished = []


def _finish(segment: _Segment) -> None:
    os.fsync(segment.fd)
    if os.name != "nt":  # its folder may have been moved; Windows moves no folder of open files
        os.fchmod(segment.fd, 0o400)
    os.close(segment.fd)
    if os.name == "nt":
        segment.path.chmod(0o400)


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":  # Windows cannot open folders
        return
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
