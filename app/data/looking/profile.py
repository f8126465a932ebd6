"""What a reading's table holds, as it was computed when it was read (see ``profiling``)."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import msgspec

from app.core.data import ColumnProfile, Profile, Reading
from app.jobs.decoding import decode, decoder

if TYPE_CHECKING:
    from app.registry.project import Project

KEPT = 2
"""Profiles that stay decoded: the one that is shown, asked for by half a dozen parts of a page, and the one before."""

_lock = threading.Lock()
_decoded: dict[str, Profile] = {}


class _Cut(msgspec.Struct):
    """A profile whose columns are still bytes."""

    rows: int
    columns: list[msgspec.Raw]
    content: str = ""


def load(project: Project, reading: Reading) -> Profile:
    """The profile of a reading; its bytes are hashed each time, decoded once. Raises CorruptObject. Fast; callable
    from any thread."""
    data = project.objects.read(reading.profile_sha256)
    with _lock:
        found = _decoded.pop(reading.profile_sha256, None) or in_pieces(data)
        _decoded[reading.profile_sha256] = found
        while len(_decoded) > KEPT:
            del _decoded[next(iter(_decoded))]
    return found


def in_pieces(data: bytes) -> Profile:
    """A profile of its JSON, one column after the other: a decoder holds the interpreter until it is through, and ten
    thousand columns at once would stop the window meanwhile."""
    cut, column = decode(data, _Cut), decoder(ColumnProfile)
    return Profile(cut.rows, tuple(column.decode(piece) for piece in cut.columns), cut.content)
