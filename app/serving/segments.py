"""The files of a prediction log, read in blocks of whole lines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

BLOCK_BYTES = 8 * 1024 * 1024
"""How much of a segment becomes one object at most (plus the rest of its last line): what ``trace`` reads at once."""


@dataclass(frozen=True, slots=True)
class Block:
    """Whole lines. ``end``: where in the segment they end; ``torn``: whether an unfinished line follows."""

    lines: tuple[bytes, ...]
    end: int
    torn: bool


def segments_of(log_dir: Path) -> list[Path]:
    """The segments of a log folder, oldest first (their names sort by time)."""
    return sorted(p for p in log_dir.rglob("*.jsonl") if p.is_file()) if log_dir.is_dir() else []


def blocks(segment: Path, start: int = 0) -> Iterator[Block]:
    """The whole lines from byte ``start`` on, at most about ``BLOCK_BYTES`` at a time."""
    with segment.open("rb") as file:
        file.seek(start)
        end = start
        while block := file.read(BLOCK_BYTES):
            block += file.readline()
            whole = block.rfind(b"\n") + 1
            end += whole
            yield Block(tuple(block[:whole].splitlines(keepends=True)), end, whole < len(block))


def last_lines(segment: Path, count: int) -> list[bytes]:
    """The last whole lines, newest first, read from the end of the file."""
    with segment.open("rb") as file:
        position = file.seek(0, 2)
        tail = b""
        while position and tail.count(b"\n") <= count:
            step = min(64 * 1024, position)
            position = file.seek(position - step)
            tail = file.read(step) + tail
    whole = tail[: tail.rfind(b"\n") + 1].splitlines()
    return (whole if position == 0 else whole[1:])[: -count - 1 : -1]
