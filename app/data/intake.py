"""Add data: a dropped file is copied, hashed, read in a child and recorded, or refused without a trace.

Parent side: nothing heavy is imported here, only in the child.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import msgspec

from app.core.data import AddResult, Finding, Outcome, Source, worst
from app.core.progress import JobContext, Part
from app.data.arrival import arrive
from app.data.findings import as_finding, note, refused
from app.data.names import dataset_name, free_name
from app.data.preview import sniff
from app.data.reading import (
    MEMORY_BYTES,
    PROFILE_FILE,
    READ,
    TABLE_FILE,
    Known,
    ReadRequest,
    ReadResult,
    deadline_s,
)
from app.data.refusals import remember_refusal
from app.errors import CorruptObject, FileRefused, JobCrashed

__all__ = ["add", "add_many", "add_text", "outcome_of", "read_in_child", "sniff"]

if TYPE_CHECKING:
    from app.registry.project import Project


@dataclass(frozen=True, slots=True)
class _Drop:
    """Files that become one version. ``sources``: as they arrived; ``copies``: their bytes, which nobody changes;
    ``name``: of the data set, if a person chose it."""

    sources: tuple[Source, ...]
    copies: tuple[Path, ...]
    folder: Path
    name: str | None
    target: str | None


def add(
    project: Project, path: Path, *, name: str | None = None, target: str | None = None, ctx: JobContext
) -> AddResult:
    """Add a file as a new data set, or as the next version of the one whose columns match.

    A file that cannot be used ends in ``Outcome.REJECT``: nothing is raised and the project is as before. Raises
    NotFound (no such file), BadInput (no such target), EnvironmentProblem, JobCancelled.
    """
    return _add(project, [path], name=name, target=target, ctx=ctx)


def add_many(
    project: Project, paths: Sequence[Path], *, mode: Literal["append", "separate"], ctx: JobContext
) -> list[AddResult]:
    """Add several files: appended as one version, or each by itself (then one result for each). Raises as ``add``."""
    if mode == "append" and len(paths) > 1:
        return [_add(project, paths, ctx=ctx)]
    share = 1 / max(len(paths), 1)
    return [
        add(project, path, ctx=Part(ctx, i * share, (i + 1) * share, f"{path.name}: ")) for i, path in enumerate(paths)
    ]


def add_text(project: Project, text: str, *, name: str, ctx: JobContext) -> AddResult:
    """Add a pasted table (cells separated by tabs or commas). Raises as ``add``."""
    with project.scratch("paste") as folder:
        pasted = folder / f"{dataset_name(name)[0]}.txt"
        pasted.write_bytes(text.encode("utf-8", "replace"))
        return add(project, pasted, ctx=ctx)


def _add(
    project: Project, paths: Sequence[Path], *, ctx: JobContext, name: str | None = None, target: str | None = None
) -> AddResult:
    with project.scratch("add") as folder:
        try:
            copies = tuple(folder / f"copy{i}" for i in range(len(paths)))
            arriving = Part(ctx, 0.0, 0.1)
            sources = tuple(arrive(path, copy, arriving) for path, copy in zip(paths, copies, strict=True))
            return _added(project, _Drop(sources, copies, folder, name, target), ctx)
        except FileRefused as error:
            found = as_finding(error)
            remember_refusal(", ".join(path.name for path in paths), found)
            return AddResult(Outcome.REJECT, (found,))


def _added(project: Project, drop: _Drop, ctx: JobContext) -> AddResult:
    there = _already(project, drop.sources)
    if there is not None:
        return there
    names = tuple(source.name for source in drop.sources)
    request = ReadRequest(drop.copies, names, known=_known(project, drop), target=drop.target)
    size = sum(source.size_bytes for source in drop.sources)
    result = read_in_child(request, drop.folder, size, Part(ctx, 0.1, 0.9))
    ctx.check_cancelled()
    there = _already_elsewhere(project, drop, result, ctx)
    return there or _recorded(project, drop, result, Part(ctx, 0.9, 1.0))


def read_in_child(request: ReadRequest, folder: Path, size_bytes: int, ctx: JobContext) -> ReadResult:
    """Read files in a child with a memory limit and a deadline; the table and the profile are in ``folder``.

    Raises FileRefused (also if a file of a binary kind kills its reader), BadInput, JobCrashed, JobCancelled.
    """
    from app.jobs.supervise import Limits, run_in_child

    limits = Limits(MEMORY_BYTES, deadline_s(size_bytes))
    try:
        return run_in_child(READ, request, ctx=ctx, returns=ReadResult, folder=folder, limits=limits)
    except JobCrashed as error:
        code = _DEADLY.get(str(_content(request.sources[0])))
        if code is None:
            raise
        refusal = refused(code, "The file could not be read: its reader stopped.", "Make or download it again.")
        refusal.details = f"{error.message}\n{error.details}"
        raise refusal from error


_DEADLY = {
    "parquet": "PARQUET_CORRUPT",
    "arrow file": "ARROW_CORRUPT",
    "arrow stream": "ARROW_CORRUPT",
    "excel": "ARCHIVE_CORRUPT",
}


def _content(path: Path) -> str:
    from app.data.content import content_of

    return content_of(path)


def version_bytes(sources: Sequence[Source]) -> bytes | None:
    """What names a version of several sources: the JSON list of their digests. None for a single source."""
    return msgspec.json.encode([source.sha256 for source in sources]) if len(sources) > 1 else None


def _digest(sources: Sequence[Source]) -> str:
    listed = version_bytes(sources)
    return sources[0].sha256 if listed is None else hashlib.sha256(listed).hexdigest()


def _already(project: Project, sources: Sequence[Source]) -> AddResult | None:
    """The answer for bytes that are a version already."""
    from app.registry import datasets

    version = datasets.version_by_sha256(project, _digest(sources))
    if version is None:
        return None
    dataset = datasets.dataset(project, version.dataset_id)
    reading = datasets.current_reading(project, version.id)
    found = note("ALREADY_STORED", f"The same bytes are version {version.number} of {dataset.name} already.")
    return AddResult(Outcome.ACCEPT, (found,), dataset, version, reading, already=True)


def _already_elsewhere(project: Project, drop: _Drop, result: ReadResult, ctx: JobContext) -> AddResult | None:
    """The answer for rows that are a version of their data set already, in another file format or order.

    Nothing is stored, as with the same bytes: a version is what the rows are, and these have one. Under a new name
    that a person chose they are new data.
    """
    from app.data.recognise import same_content
    from app.registry import datasets

    if result.dataset_id is None:
        return None
    version = same_content(project, result.dataset_id, drop.folder / PROFILE_FILE, drop.folder, ctx)
    if version is None:
        return None
    dataset, names = datasets.dataset(project, version.dataset_id), ", ".join(s.name for s in version.sources)
    said = f"The same rows are version {version.number} of {dataset.name} already, from {names}; nothing was added."
    reading = datasets.current_reading(project, version.id)
    return AddResult(Outcome.ACCEPT, (note("SAME_CONTENT", said),), dataset, version, reading, already=True)


def _known(project: Project, drop: _Drop) -> tuple[Known, ...]:
    """The data sets that a file may belong to, the likeliest last. A name that a person chose decides."""
    from app.registry import contracts, datasets

    stem = dataset_name(drop.sources[0].name)[0]
    found = [d for d in datasets.datasets(project) if drop.name is None or d.name == drop.name]
    known = []
    for dataset in sorted(found, key=lambda d: (d.name == stem, d.created_at)):
        reading = datasets.current_reading(project, datasets.versions(project, dataset.id)[-1].id)
        rules = contracts.rules_of(project, dataset.id)
        known.append(Known(dataset.id, dataset.name, reading.columns, reading.positive, reading.recipe, rules))
    return tuple(known)


def _recorded(project: Project, drop: _Drop, result: ReadResult, ctx: JobContext) -> AddResult:
    """Store the bytes, then the rows and the audit entry in one transaction."""
    from app.registry import datasets

    name, escaped = dataset_name(drop.sources[0].name)
    name = drop.name or name
    findings = (*escaped, *result.findings)
    _store_sources(project, drop, ctx)
    listed = version_bytes(drop.sources)
    there = _already(project, drop.sources)
    if there is not None:  # another window added the same file meanwhile
        return there
    older = datasets.versions(project, result.dataset_id) if result.dataset_id else []
    dataset, version, reading = datasets.record_version(
        project,
        datasets.NewVersion(
            dataset_id=result.dataset_id,
            name=free_name(name, (d.name for d in datasets.datasets(project))),
            sources=drop.sources,
            sha256=drop.sources[0].sha256 if listed is None else project.objects.put_bytes(listed),
            rows=result.rows,
            parent_id=older[-1].id if older else None,
            recipe=result.recipe,
            columns=result.columns,
            positive=result.positive,
            table_sha256=project.objects.put_file(drop.folder / TABLE_FILE, ctx=ctx).sha256,
            profile_sha256=project.objects.put_bytes((drop.folder / PROFILE_FILE).read_bytes()),
            findings=findings,
            why_target=result.why_target,
        ),
    )
    return AddResult(outcome_of(findings), findings, dataset, version, reading)


def _store_sources(project: Project, drop: _Drop, ctx: JobContext) -> None:
    """Bring the copies into the store. CorruptObject if the disk changed a byte since they were read."""
    for source, copy in zip(drop.sources, drop.copies, strict=True):
        if project.objects.put_file(copy, ctx=ctx).sha256 != source.sha256:
            raise CorruptObject(f"The copy of {source.name} changed on the disk.", "Check the disk, then add it again.")


def outcome_of(findings: Sequence[Finding]) -> Outcome:
    """How a stored file ended."""
    return worst([finding.outcome for finding in findings])
