"""What a list of versions says beside their numbers: where each came from, and which models rest on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.core.origins import OriginKind

if TYPE_CHECKING:
    from app.registry.project import Project


@dataclass(frozen=True, slots=True)
class VersionNote:
    """``source``: how the rows came; ``models``: approved ones that were trained on the version; ``live``: those of
    them that answer requests now."""

    version_id: str
    source: OriginKind = OriginKind.FILE
    models: tuple[str, ...] = ()
    live: tuple[str, ...] = ()


def read_notes(project: Project) -> dict[str, VersionNote]:
    """A note for each version of the project, by its id."""
    from app.registry import datasets, models, origins, runs
    from app.serving.local import statuses

    made = models.model_versions(project)
    ids = list(dict.fromkeys(model.run_id for model in made))
    trained = {run.id: run.plan.version_id for run in runs.runs_of_ids(project, ids)}
    running = {s.model_version for s in statuses(project) if s.url is not None}
    labels: dict[str, list[str]] = {}
    for model in made:
        labels.setdefault(trained[model.run_id], []).append(model.label)
    notes, kinds = {}, origins.kinds(project)
    for version in (v for d in datasets.datasets(project) for v in datasets.versions(project, d.id)):
        kind, own = kinds.get(version.id, OriginKind.FILE), tuple(labels.get(version.id, ()))
        notes[version.id] = VersionNote(version.id, kind, own, tuple(label for label in own if label in running))
    return notes
