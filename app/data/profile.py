"""What a reading's table holds, as it was computed when it was read (see ``profiling``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.core.data import Profile, Reading

if TYPE_CHECKING:
    from app.registry.project import Project


def load(project: Project, reading: Reading) -> Profile:
    """The profile of a reading. Raises CorruptObject. Fast; callable from any thread."""
    return project.objects.read_json(reading.profile_sha256, Profile)
