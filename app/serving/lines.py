"""One line of a prediction log: the part that ``collect`` and ``trace`` look at.

The runtime writes a line a prediction (see ``app.runtime.log``): id, time, bundle, inputs, output, ms,
violations. A line without an id (a segment's head) tells of no prediction.
"""

from __future__ import annotations

import msgspec

BUNDLE_PREFIX = "sha256:"


class LineHead(msgspec.Struct, frozen=True):
    """What files a line: which prediction, when, by which bundle."""

    id: str | None = None
    time: str = ""
    bundle: str = ""

    @property
    def bundle_sha256(self) -> str:
        """The bundle id as the registry has it."""
        return self.bundle.removeprefix(BUNDLE_PREFIX)


class Line(msgspec.Struct, frozen=True):
    """A prediction with what went in and what came out. ``inputs`` and ``output`` stay as they were written."""

    id: str
    time: str
    bundle: str
    inputs: msgspec.Raw
    output: msgspec.Raw
    ms: float | None = None

    @property
    def bundle_sha256(self) -> str:
        """The bundle id as the registry has it."""
        return self.bundle.removeprefix(BUNDLE_PREFIX)


_HEAD = msgspec.json.Decoder(LineHead)
_LINE = msgspec.json.Decoder(Line)


def head(line: bytes) -> LineHead | None:
    """A line's head; None if the line is torn."""
    try:
        return _HEAD.decode(line)
    except msgspec.DecodeError:
        return None


def whole(line: bytes) -> Line | None:
    """A prediction's line; None if it is torn or tells of no prediction."""
    try:
        return _LINE.decode(line)
    except msgspec.DecodeError:
        return None
