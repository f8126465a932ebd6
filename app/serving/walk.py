"""Walking a trace: link by link, each found, or missing and why. Shared by all that can be traced."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from app.core.origins import Descent
from app.core.watch import Link
from app.errors import CorruptObject, NotFound

if TYPE_CHECKING:
    from app.core.data import DataVersion
    from app.core.runs import Run
    from app.registry.project import Project

Before = TypeVar("Before")
Noun = TypeVar("Noun")


@dataclass(slots=True)
class Walk:
    """Follows links and remembers each: found, or missing and why."""

    links: list[Link] = field(default_factory=list)

    def follow(
        self,
        name: str,
        before: Before | None,
        fetch: Callable[[Before], Noun],
        tell: Callable[[Noun], tuple[str, str | None]],
    ) -> Noun | None:
        """What lies behind ``before``; ``tell``: its text and id."""
        if before is None:
            self.links.append(Link(name, None, None, "A link before it is missing."))
            return None
        try:
            noun = fetch(before)
        except (NotFound, CorruptObject) as error:
            self.links.append(Link(name, None, None, error.message))
            return None
        self.links.append(Link(name, *tell(noun)))
        return noun


@dataclass(frozen=True, slots=True)
class Data:
    """A data version with the name that people know it by."""

    label: str
    version: DataVersion


def plan_of(run: Run) -> str:
    """The plan as JSON."""
    return as_json(run.plan)


def as_json(noun: object) -> str:
    """A noun as JSON text."""
    import msgspec

    return msgspec.json.encode(noun).decode()


def data_version_of(project: Project, run: Run) -> Data:
    """What a run was trained on."""
    from app.registry import datasets

    version = datasets.version(project, run.plan.version_id)
    return Data(f"{datasets.dataset(project, version.dataset_id).name}@{version.number}", version)


def lineage_of(project: Project, data: Data | None) -> tuple[Descent, ...]:
    """Where the data came from; empty where the data are not found."""
    from app.data.lineage import lineage

    return lineage(project, data.version.id) if data is not None else ()


def bytes_of(project: Project, version: DataVersion) -> str:
    """The digest of the data, if its bytes are still there (their content is what ``verify`` is for)."""
    gone = [s.name for s in version.sources if not project.objects.exists(s.sha256)]
    if gone:
        raise NotFound(f"The bytes of {', '.join(gone)} are missing from the project.")
    return version.sha256
