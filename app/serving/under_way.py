"""A start that is under way: a service that is not there yet has not failed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec

from app.jobs.decoding import decode
from app.registry.files import write_file
from app.registry.process import ProcessMark, is_alive, this_process

MARK = "starting.json"


@contextmanager
def under_way(folder: Path) -> Iterator[None]:
    """Whoever looks at the service in this folder meanwhile learns that we are at it. One at a time."""
    announce(folder)
    try:
        yield
    finally:
        with suppress(OSError):
            (folder / MARK).unlink(missing_ok=True)


def announce(folder: Path) -> None:
    """Say that we are about to start the service that will be recorded at this folder. For display only: a disk that
    takes no mark keeps nobody from starting."""
    mark = folder / MARK
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        write_file(mark, msgspec.json.encode(this_process()), mark.with_name(f"{MARK}.{os.getpid()}.tmp"))


def is_under_way(folder: Path) -> bool:
    """Whether a process that still lives is starting the service."""
    try:
        return is_alive(decode((folder / MARK).read_bytes(), ProcessMark)) is True
    except (OSError, msgspec.DecodeError):
        return False
