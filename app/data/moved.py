"""What a source has become since the version before: columns that came or went. Parent side: standard library only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.core.data import Finding
from app.data.findings import listed, warn
from app.data.reading import ReadResult

if TYPE_CHECKING:
    from app.registry.project import Project


def moved_columns(project: Project, dataset_id: str | None, result: ReadResult) -> tuple[Finding, ...]:
    """A finding that names the columns which a next version has more or less than the one before."""
    if dataset_id is None:
        return ()
    from app.registry import datasets

    newest = datasets.newest_version(project, dataset_id)
    before = {column.name for column in datasets.current_reading(project, newest.id).columns}
    now = {column.name for column in result.columns}
    parts = [
        f"{listed(sorted(names))} {word}"
        for names, word in ((now - before, "is new"), (before - now, "is gone"))
        if names
    ]
    message = f"The columns are others than in version {newest.number}: {'; '.join(parts)}."
    return (
        warn("COLUMNS_CHANGED", message, "Look at types and target; models of the version before need its columns."),
    )
