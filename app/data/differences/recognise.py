"""Rows that are here already in another file: another format, another order of rows or columns, another encoding.

Parent side: the digests were made in the reading child (see ``digest``); only a version that was read before there
were any, or by another engine, is looked at again, in a child.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from app.core.data import DataVersion, Profile, Reading
from app.core.progress import JobContext
from app.jobs.decoding import decode

if TYPE_CHECKING:
    from app.registry.project import Project

DIGEST_OF = "app.data.differences.digest:digest_of"


def same_content(
    project: Project, dataset_id: str, profile_file: Path, folder: Path, ctx: JobContext
) -> DataVersion | None:
    """The newest version of a data set that holds exactly the rows which were just read; None if they are new.

    Any reading of a version counts: a changed type is another way to see the same rows. Raises as ``run_in_child``.
    """
    from app.registry import datasets

    profile = decode(profile_file.read_bytes(), Profile)
    for version in reversed(datasets.versions(project, dataset_id)):
        if version.rows == profile.rows and _holds(project, version, profile.content, folder, ctx):
            return version
    return None


def _holds(project: Project, version: DataVersion, content: str, folder: Path, ctx: JobContext) -> bool:
    from app.registry import datasets

    read = {r.profile_sha256: r for r in datasets.readings(project, version.id)}
    known = {sha256: project.objects.read_json(sha256, Profile).content for sha256 in read}
    if content in known.values():
        return True
    current = datasets.current_reading(project, version.id)
    if _maker(known[current.profile_sha256]) == _maker(content):
        return False
    return content_now(project, current, folder, ctx) == content


def content_now(project: Project, reading: Reading, folder: Path, ctx: JobContext) -> str:
    """The digest of a reading's table, made now and by this installation."""
    from app.jobs.supervise import run_in_child

    table, profile = (project.objects.path(sha256) for sha256 in (reading.table_sha256, reading.profile_sha256))
    return run_in_child(DIGEST_OF, table, profile, ctx=ctx, returns=str, folder=folder)


def _maker(content: str) -> str:
    return content.partition(":")[0]
