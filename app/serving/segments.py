"""The files of a prediction log, read in blocks of whole lines (their form: ``app.runtime.logline``)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from app.runtime import logline
from app.runtime.logline import Entry

BLOCK_BYTES = 8 * 1024 * 1024
"""How much of a segment becomes one object at most (plus one line): what ``trace`` reads at once."""

ID_PREFIX = "sha256:"
"""How a line names its bundle; the registry keeps the bare digest."""

_TAIL_STEP_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Block:
    """Consecutive lines. ``end``: where in the segment they end."""

    entries: tuple[Entry, ...]
    end: int


def segments_of(log_dir: Path) -> list[Path]:
    """The segments of a log folder, oldest first; of a bundle's folder, those of its ``logs``."""
    return logline.segments(log_dir) or logline.segments(log_dir / "logs")


def blocks(segment: Path, start: int = 0) -> Iterator[Block]:
    """The finished lines from byte ``start`` on, about ``BLOCK_BYTES`` at a time."""
    entries: list[Entry] = []
    size = 0
    for entry in logline.read(segment, start):
        entries.append(entry)
        size += len(entry.raw)
        if size >= BLOCK_BYTES:
            yield Block(tuple(entries), entry.end)
            entries, size = [], 0
    if entries:
        yield Block(tuple(entries), entries[-1].end)


def has_torn_end(segment: Path) -> bool:
    """Whether a segment that may still be written ends in the middle of a line: its writer died, or is at it."""
    if logline.is_closed(segment):
        return False  # there, ``blocks`` gives the torn line as an entry
    with segment.open("rb") as file:
        if file.seek(0, 2) == 0:
            return False
        file.seek(-1, 2)
        return file.read(1) != b"\n"


def newest_lines(segment: Path, count: int) -> list[logline.Line]:
    """The last predictions of a segment, newest first, read from its end."""
    with segment.open("rb") as file:
        position = file.seek(0, 2)
        tail = b""
        while position and tail.count(b"\n") <= count:
            step = min(_TAIL_STEP_BYTES, position)
            position = file.seek(position - step)
            tail = file.read(step) + tail
    entries = [logline.entry(raw, 0) for raw in tail.splitlines(keepends=True)]
    return [e.line for e in reversed(entries) if e.line is not None][:count]
