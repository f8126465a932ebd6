"""Where the rows of a data version came from, enough to fetch them again. Never a password.

An *origin* is recorded with each version that was not simply dropped as a file: the address, the query, its
parameters, and the name under which the password is found (in the operating system's keyring or the environment).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class OriginKind(StrEnum):
    """How the rows were fetched. ``QUERY``: derived from other data sets of the project by SQL; ``PREDICTIONS``: an
    earlier version with the predictions whose outcomes came home."""

    FILE = "file"
    PASTE = "paste"
    DATABASE = "database"
    FOLDER = "folder"
    WEB = "web"
    OBJECT_STORE = "object store"
    QUERY = "query"
    PREDICTIONS = "predictions"


REFRESHABLE = frozenset(OriginKind) - {OriginKind.PASTE}


@dataclass(frozen=True, slots=True)
class Descent:
    """Where one data version came from, as a trace tells it: ``label`` and ``inputs`` are like ``orders@2``."""

    label: str
    kind: str
    address: str = ""
    query: str = ""
    inputs: tuple[str, ...] = ()


def why_not_refresh(origin: Origin | None) -> str:
    """Why a version cannot be fetched again, in words; empty if it can."""
    if origin is None:
        return "It was added before sources were remembered: drop the file again."
    if origin.kind in REFRESHABLE:
        return ""
    return "It was pasted: paste the newer table."


@dataclass(frozen=True, slots=True)
class OriginInput:
    """A data version that a query read, under the ``name`` it has in the query."""

    name: str
    version_id: str


@dataclass(frozen=True, slots=True)
class Origin:
    """``address``: file path, folder, URL or database address without a password; ``query``: a table's name or SQL;
    ``parameters``: of the query or the connection, in order; ``secret``: the name of the keyring entry or of the
    environment variable that holds the password, never the password itself; ``inputs``: of a derived data set."""

    kind: OriginKind
    address: str = ""
    query: str = ""
    parameters: tuple[tuple[str, str], ...] = ()
    secret: str = ""
    inputs: tuple[OriginInput, ...] = ()
