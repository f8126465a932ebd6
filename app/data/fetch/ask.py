"""What the parent asks the fetching child for and what it gets back. Standard library only."""

from __future__ import annotations

from dataclasses import dataclass

from app.core.origins import OriginKind

FETCH = "app.data.fetch.run:fetch"
LOOK = "app.data.fetch.run:look"

MEMORY_BYTES = 1 << 30
DEADLINE_S = 3600.0
LOOK_DEADLINE_S = 30.0
ANSWER_S = 15.0
"""How long a server may keep silent before it counts as not there."""
MOST_BYTES = 20_000_000_000
"""What is larger is no table that one machine should fetch by accident."""


@dataclass(frozen=True, slots=True)
class FetchRequest:
    """``address``: without its secret; ``secret``: travels by pipe, is never written. ``parameters``: of the query, or
    an S3 store's options and what the server said about the bytes last time (``etag``, ``last-modified``)."""

    kind: OriginKind
    address: str
    query: str = ""
    parameters: tuple[tuple[str, str], ...] = ()
    secret: str = ""

    def parameter(self, name: str) -> str:
        """A parameter's value, empty if it is not given."""
        return dict(self.parameters).get(name, "")


@dataclass(frozen=True, slots=True)
class Fetched:
    """``files``: in the child's folder, in order; ``called``: what the data set may be named after; ``parameters``: as
    they are to be kept. ``unchanged``: the server says that nothing is new, and sent nothing."""

    files: tuple[str, ...]
    called: str
    parameters: tuple[tuple[str, str], ...] = ()
    unchanged: bool = False


@dataclass(frozen=True, slots=True)
class Look:
    """What is at an address: the tables of a database; ``said`` in one sentence."""

    said: str
    tables: tuple[str, ...] = ()
