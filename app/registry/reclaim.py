"""Free the space of objects that no row names: always asked for, previewed, and never of what is young.

A job stores its objects before it records them, so an unnamed object may be named a moment later; 14 days' grace
from its last store (PROMISES.md, Storage) is longer than any job.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from app.core.progress import JobContext
from app.registry import audit, files
from app.registry.leftovers import temporary_name
from app.registry.problems import in_words
from app.registry.references import is_referenced, referenced

if TYPE_CHECKING:
    from app.registry.project import Project

GRACE = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Garbage:
    """Objects that nothing names."""

    objects: int
    size_bytes: int


def preview(project: Project, ctx: JobContext, *, grace: timedelta = GRACE) -> Garbage:
    """What ``reclaim`` would remove now. Changes nothing."""
    sizes = [project.objects.size(sha256) for sha256 in _candidates(project, ctx, grace)]
    return Garbage(len(sizes), sum(sizes))


def reclaim(project: Project, ctx: JobContext, *, grace: timedelta = GRACE) -> Garbage:
    """Remove every object that no row names and that was last stored longer than ``grace`` ago.

    Each removal decides again under the write lock, so that no row can come to name it meanwhile. One audit entry
    ``objects.reclaim`` tells how many went. Raises ``JobCancelled`` (what was removed stays removed).
    """
    removed: list[int] = []
    try:
        for sha256 in _candidates(project, ctx, grace):
            ctx.check_cancelled()
            size = _remove(project, sha256, grace)
            if size is not None:
                removed.append(size)
                ctx.progress(None, f"Removed {len(removed)} objects")
    finally:
        result = Garbage(len(removed), sum(removed))
        if removed:
            _record(project, result)
    return result


def _candidates(project: Project, ctx: JobContext, grace: timedelta) -> list[str]:
    with project.database.read() as connection:
        named = referenced(connection)
    found = []
    for sha256 in project.objects.digests():
        ctx.check_cancelled()
        if sha256 not in named and _is_old(project, project.objects.path(sha256), grace):
            found.append(sha256)
    return found


def _remove(project: Project, sha256: str, grace: timedelta) -> int | None:
    """Remove one object, its size; None if it is named or was stored again meanwhile.

    The store touches an object that it finds already there. So: take it out of sight by a rename, look at its age
    once more, and put it back if somebody touched it in between; a store that comes later finds nothing and writes.
    """
    path = project.objects.path(sha256)
    aside = project.path / "tmp" / temporary_name("reclaim")
    with project.database.write("reclaiming space") as connection, in_words("reclaiming space", path):
        if is_referenced(connection, sha256):
            return None
        try:
            path.rename(aside)
        except FileNotFoundError:  # another window reclaims as well
            return None
        if not _is_old(project, aside, grace):
            aside.rename(path)
            return None
        size = aside.stat().st_size
        if os.name != "posix":
            aside.chmod(0o644)  # Windows does not remove a read-only file
        aside.unlink()
        files.flush_folder(path.parent)
        return size


def _is_old(project: Project, path: Path, grace: timedelta) -> bool:
    stored = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    return project.clock().astimezone(UTC) - stored > grace


def _record(project: Project, garbage: Garbage) -> None:
    with project.database.write("reclaiming space") as connection:
        payload: audit.Payload = {"objects": garbage.objects, "bytes": garbage.size_bytes}
        audit.record(connection, project, "objects.reclaim", f"project:{project.id}", payload)
