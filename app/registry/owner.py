"""Who has a project open: for display, never a lock. SQLite serialises the writers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import msgspec

from app.jobs.decoding import decode
from app.registry import files
from app.registry.leftovers import temporary_name
from app.registry.process import ProcessMark, is_alive, this_process

FILE = "owner.json"


@dataclass(frozen=True, slots=True)
class Owner:
    """The first process that opened the project and still has it open. ``since``: ISO 8601 UTC."""

    name: str
    since: str
    process: ProcessMark


def current(project: Path) -> Owner | None:
    """The owner, None if there is none or its process is gone (or ran on another host)."""
    found = _read(project)
    return found if found is not None and is_alive(found.process) else None


def take(project: Path, name: str, since: str) -> None:
    """Note the calling process as the owner unless another one has the project open. Raises OSError."""
    if current(project) is None:
        data = msgspec.json.encode(Owner(name, since, this_process()))
        files.write_file(project / FILE, data, project / "tmp" / temporary_name("owner"))


def give_back(project: Path) -> None:
    """Remove the note if it is the calling process'. Raises OSError."""
    found = _read(project)
    if found is not None and found.process == this_process():
        (project / FILE).unlink(missing_ok=True)


def _read(project: Path) -> Owner | None:
    """A note that cannot be read (torn, or of another version) counts as none: it is for display only."""
    try:
        return decode((project / FILE).read_bytes(), Owner)
    except (OSError, msgspec.DecodeError):
        return None
