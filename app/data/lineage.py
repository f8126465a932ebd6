"""Where a data version came from, through every query that made it. Parent side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.core.addresses import shown
from app.core.origins import Descent

if TYPE_CHECKING:
    from app.registry.project import Project


def lineage(project: Project, version_id: str) -> tuple[Descent, ...]:
    """The version itself, then those that it was made of, each once, the nearest first."""
    from app.registry import origins

    waiting, seen, found = [version_id], {version_id}, []
    while waiting:
        here = waiting.pop(0)
        origin = origins.origin_of(project, here)
        if origin is None:
            found.append(Descent(label(project, here), "file"))
            continue
        inputs = tuple(label(project, used.version_id) for used in origin.inputs)
        kind, address = str(origin.kind), shown(origin.address)
        found.append(Descent(label(project, here), kind, address, origin.query, inputs))
        new = [used.version_id for used in origin.inputs if used.version_id not in seen]
        seen.update(new)
        waiting += dict.fromkeys(new)
    return tuple(found)


def label(project: Project, version_id: str) -> str:
    """A version as people name it: ``orders@2``."""
    from app.registry import datasets

    version = datasets.version(project, version_id)
    return f"{datasets.dataset(project, version.dataset_id).name}@{version.number}"
