"""The files of a prediction log, read in blocks of whole lines (their form: ``app.runtime.logline``)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
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
    """Consecutive lines. ``end``: where in the segment they end; ``torn_end``: whether an unfinished line follows,
    of a writer that died or is at it. It is read again the next time."""

    entries: tuple[Entry, ...]
    end: int
    torn_end: bool = False


def segments_of(log_dir: Path) -> list[Path]:
    """The segments of a log folder, oldest first; of a bundle's folder, those of its ``logs``."""
    return logline.segments(log_dir) or logline.segments(log_dir / "logs")


def blocks(segment: Path, start: int = 0) -> Iterator[Block]:
    """The finished lines from byte ``start`` on, about ``BLOCK_BYTES`` at a time; none of a segment that is gone."""
    entries: list[Entry] = []
    first = start
    for entry in _entries(segment, start):
        if not entry.raw.endswith(b"\n"):
            yield Block(tuple(entries), entry.offset, torn_end=True)
            return
        entries.append(entry)
        if entry.end - first >= BLOCK_BYTES:
            yield Block(tuple(entries), entry.end)
            entries, first = [], entry.end
    if entries:
        yield Block(tuple(entries), entries[-1].end)


def newest_lines(segment: Path, count: int) -> list[logline.Line]:
    """The last predictions of a segment, newest first, read from its end; none of a segment that is gone."""
    entries = [logline.entry(raw, 0) for raw in _tail(segment, count).splitlines(keepends=True)]
    return [e.line for e in reversed(entries) if e.line is not None][:count]


def _tail(segment: Path, lines: int) -> bytes:
    """At least so many of its last lines."""
    tail = b""
    with suppress(FileNotFoundError), segment.open("rb") as file:
        position = file.seek(0, 2)
        while position and tail.count(b"\n") <= lines:
            step = min(_TAIL_STEP_BYTES, position)
            position = file.seek(position - step)
            tail = file.read(step) + tail
    return tail


def _entries(segment: Path, start: int) -> Iterator[Entry]:
    """A server that stops removes the segment in which it logged nothing, perhaps since the folder was listed."""
    with suppress(FileNotFoundError):
        yield from logline.read(segment, start)
