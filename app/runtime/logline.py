"""The prediction log as it stands on disk: one JSON line a prediction, read and written by these nouns.

A segment's first line is its ``Header``, every other line a ``Line``. A process that was killed leaves
a torn last line at most; readers accept that.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from .contract import Value

SUFFIX = ".jsonl"


class Previous(msgspec.Struct, frozen=True):
    """The segment before: its file name and the SHA-256 of all its bytes."""

    name: str
    sha256: str


class Header(msgspec.Struct, frozen=True):
    """A segment's first line. ``worker``: the process that writes it; segments of one worker form a chain."""

    segment: int
    worker: str
    bundle: str
    model: str
    opened: str
    previous: Previous | None = None


class Output(msgspec.Struct, frozen=True, omit_defaults=True):
    """An answer. Classification: ``label``, ``score``, ``probabilities``; anomaly: ``label``, ``score``; regression:
    ``value``."""

    label: str | int | float | bool | None = None
    score: float | None = None
    probabilities: dict[str, float] | None = None
    value: float | None = None


class Line(msgspec.Struct, frozen=True, omit_defaults=True):
    """One prediction. ``bundle``: the bundle id as ``sha256:<hex>``; ``violations``: broken rules of the data set's
    contract by their code (``age:range``, ``plan:categories``, ``start<=end:relation``); without a contract, what
    training did not see (``age:range``, ``plan:other``); ``caller_id``: what the
    caller sent in ``ids``. ``shadow_of``: nobody was answered this; it is what a challenger would have said to the
    prediction of that id, and counts for nothing but the comparison. ``instead_of``: the bundle of a challenger whose
    share this row was, but which had no finite answer."""

    id: str
    at: str
    bundle: str
    model: str
    inputs: dict[str, Value]
    output: Output
    ms: float
    violations: tuple[str, ...] = ()
    caller_id: str | int | None = None
    shadow_of: str | None = None
    instead_of: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A line with its place. ``line`` None: the header (then ``header`` is set) or not readable (``torn``)."""

    offset: int
    end: int
    raw: bytes
    line: Line | None = None
    header: Header | None = None

    @property
    def unfinished(self) -> bool:
        """Whether the end of the line is missing."""
        return not self.raw.endswith(b"\n")

    @property
    def torn(self) -> bool:
        """Whether these bytes are no whole line of a log."""
        return self.line is None and self.header is None


_LINE = msgspec.json.Decoder(Line)
_HEADER = msgspec.json.Decoder(Header)


def segments(folder: Path) -> list[Path]:
    """The segments in a log folder, oldest first (their names begin with the time they were opened)."""
    return sorted(p for p in folder.glob(f"*{SUFFIX}") if p.is_file())


def read(path: Path, offset: int = 0) -> Iterator[Entry]:
    """The entries from byte ``offset`` on. The last may be ``unfinished``: torn by a kill, or still being
    written; whoever reads on later starts again at its ``offset``."""
    with path.open("rb") as file:
        file.seek(offset)
        for raw in file:
            yield entry(raw, offset)
            offset += len(raw)


def entry(raw: bytes, offset: int) -> Entry:
    """The entry in these bytes."""
    end = offset + len(raw)
    if not raw.endswith(b"\n"):
        return Entry(offset, end, raw)
    try:
        if raw.startswith(b'{"segment":'):
            return Entry(offset, end, raw, header=_HEADER.decode(raw))
        return Entry(offset, end, raw, line=_LINE.decode(raw))
    except (msgspec.DecodeError, UnicodeDecodeError):
        return Entry(offset, end, raw)


def is_closed(path: Path) -> bool:
    """Whether a segment's writer has finished with it: such are read-only. A killed writer leaves its last one open."""
    return not path.stat().st_mode & 0o200


def chain_problems(paths: list[Path]) -> list[str]:
    """What is wrong with the chain of one worker's segments, oldest first; nothing if it is whole."""
    problems = []
    previous: Previous | None = None
    for path in paths:
        first = next(read(path), None)
        if first is None or first.header is None:
            problems.append(f"{path.name} does not begin with a header.")
            previous = None
            continue
        if first.header.previous != previous:
            problems.append(f"{path.name} does not follow the segment before it.")
        previous = Previous(path.name, hashlib.sha256(path.read_bytes()).hexdigest())
    return problems
