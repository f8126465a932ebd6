"""Add data: a dropped file is copied, hashed, read in a child and recorded, or refused without a trace.

Parent side: nothing heavy is imported here, only in the child.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import msgspec

from app.core.data import AddResult, Finding, Outcome, Source, worst
from app.core.naming import checked_name
from app.core.origins import Origin, OriginKind
from app.core.progress import JobContext, Part
from app.data.arrival import Copy, bring, regular
from app.data.belonging import known_to, unclear
from app.data.findings import as_finding, note
from app.data.formats.content import content_of
from app.data.formats.folder import parquet_files
from app.data.formats.sight import refuse_at_sight
from app.data.moved import moved_columns
from app.data.names import dataset_name, free_name, plain_name, plain_text
from app.data.preview import sniff
from app.data.reader import LOOK_FROM_BYTES, Hashing, OnFirst, Reader
from app.data.reading import PROFILE_FILE, TABLE_FILE, Known, ReadRequest, ReadResult
from app.data.refusals import remember_refusal
from app.data.wishes import Wishes
from app.errors import CorruptObject, FileRefused
from app.registry.objects import Stored

__all__ = ["Arriving", "add", "add_arriving", "add_many", "add_text", "outcome_of", "sniff"]

if TYPE_CHECKING:
    from app.registry.project import Project

HASH_FIRST_BYTES = 5_000_000
"""Smaller files are hashed before a child starts to read them; larger ones while it does, and it is ended if their
bytes are known."""


@dataclass(frozen=True, slots=True)
class Arriving:
    """Files that are to become one version, and where their rows come from. ``name``: of the data set, if a person
    chose it, else it is ``called`` so, or like the first file; ``dataset_id``: of which it is the next version
    whatever its columns are; ``wishes``: settings that are not left to judgement."""

    paths: tuple[Path, ...]
    origin: Origin
    name: str | None = None
    target: str | None = None
    wishes: Wishes | None = None
    called: str = ""
    dataset_id: str | None = None


@dataclass(frozen=True, slots=True)
class _Drop:
    """What arrives, on its way. ``copies``: the files' bytes, which nobody changes."""

    arriving: Arriving
    folder: Path
    copies: tuple[Copy, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(map(plain_name, self.arriving.paths))

    @property
    def called(self) -> str:
        return self.arriving.called or self.names[0]

    @property
    def size_bytes(self) -> int:
        return sum(copy.size_bytes for copy in self.copies)

    def request(self, paths: Sequence[Path], known: tuple[Known, ...]) -> ReadRequest:
        """How these paths, the originals or the copies, are to be read."""
        arriving = self.arriving
        return ReadRequest(tuple(paths), self.names, known=known, target=arriving.target, wishes=arriving.wishes)


class _There(Exception):
    """The bytes turned out to be a version already while they were read."""

    def __init__(self, result: AddResult) -> None:
        super().__init__()
        self.result = result


def add(
    project: Project,
    path: Path,
    *,
    name: str | None = None,
    target: str | None = None,
    wishes: Wishes | None = None,
    ctx: JobContext,
    on_first: OnFirst | None = None,
) -> AddResult:
    """Add a file as a new data set, or as the next version of the one whose columns match.

    ``wishes``: settings that are not left to judgement. A file that cannot be used ends in ``Outcome.REJECT``: nothing
    is raised and the project is as before. Raises NotFound (no such file), BadInput (no such target),
    EnvironmentProblem, JobCancelled. ``on_first`` is told in this thread what the first rows of a large file look
    like, while it is still being copied and read. A folder that holds nothing but Parquet files is one table.
    """
    files = parquet_files(path)
    origin = Origin(OriginKind.FOLDER if files else OriginKind.FILE, plain_text(str(path)))
    arriving = Arriving(files or (path,), origin, name, target, wishes, called=plain_name(path) if files else "")
    return add_arriving(project, arriving, ctx, on_first=on_first)


def add_many(
    project: Project,
    paths: Sequence[Path],
    *,
    mode: Literal["append", "separate"],
    name: str | None = None,
    ctx: JobContext,
    on_first: OnFirst | None = None,
) -> list[AddResult]:
    """Add several files: appended as one version, or each by itself (then one result for each). ``name``: of the data
    set, if a person chose it. Raises as ``add``."""
    if mode == "append" and len(paths) > 1:
        return [add_arriving(project, Arriving(tuple(paths), _origin_of(paths), name), ctx, on_first=on_first)]
    share = 1 / max(len(paths), 1)
    return [
        add(
            project,
            path,
            name=name,
            ctx=Part(ctx, i * share, (i + 1) * share, f"{plain_name(path)}: "),
            on_first=on_first,
        )
        for i, path in enumerate(paths)
    ]


def add_text(project: Project, text: str, *, called: str, name: str | None = None, ctx: JobContext) -> AddResult:
    """Add a pasted table (cells separated by tabs or commas). ``name``: of the data set, if a person chose it, else it
    is ``called`` so. Raises as ``add``."""
    with project.scratch("paste") as folder:
        pasted = folder / f"{dataset_name(called)[0]}.txt"
        pasted.write_bytes(text.encode("utf-8", "replace"))
        return add_arriving(project, Arriving((pasted,), Origin(OriginKind.PASTE), name), ctx)


def _origin_of(paths: Sequence[Path]) -> Origin:
    """Of files that are appended: the first one's path, the others as parameters."""
    return Origin(
        OriginKind.FILE, plain_text(str(paths[0])), parameters=tuple(("file", plain_text(str(p))) for p in paths[1:])
    )


def add_arriving(
    project: Project, arriving: Arriving, ctx: JobContext, *, on_first: OnFirst | None = None
) -> AddResult:
    """Add files as one version with its origin. Ends and raises as ``add``."""
    arriving = _named(project, arriving)
    paths = arriving.paths
    with project.scratch("add") as folder:
        try:
            files = [regular(path) for path in paths]
            for file, path in zip(files, paths, strict=True):
                refuse_at_sight(file, content_of(file, path.name))
            return _added(project, files, _Drop(arriving, folder), ctx, on_first)
        except _There as there:
            return there.result
        except FileRefused as error:
            found = as_finding(error)
            remember_refusal(", ".join(map(plain_name, paths)), found)
            return AddResult(Outcome.REJECT, (found,))


def _named(project: Project, arriving: Arriving) -> Arriving:
    """With the name that a person chose for a new data set. BadInput if that can be none."""
    from app.registry import datasets

    new = arriving.name and arriving.dataset_id is None and datasets.dataset_by_name(project, arriving.name) is None
    return replace(arriving, name=checked_name(arriving.name, "A data set")) if new and arriving.name else arriving


def _added(
    project: Project, files: Sequence[Path], drop: _Drop, ctx: JobContext, on_first: OnFirst | None
) -> AddResult:
    """Copy, hash and read the files, then record them. A large one is looked at before it is copied."""
    arriving, size = drop.arriving, sum(file.stat().st_size for file in files)
    known = known_to(project, drop.called, arriving.name, arriving.dataset_id)
    with Reader(drop.folder, size) as reader:
        if on_first is not None and size >= LOOK_FROM_BYTES:
            reader.look(drop.request(files, known), on_first)
        elif size >= HASH_FIRST_BYTES:
            reader.hire()
        drop = replace(drop, copies=_copies(files, drop, reader.attentive(Part(ctx, 0.0, 0.1))))
        with Hashing(drop.copies) as hashing:
            until = _UntilKnown(project, hashing, Part(ctx, 0.1, 0.9))
            if size < HASH_FIRST_BYTES:
                until.check_known(hashing.sources())
            result = reader.read(drop.request([copy.path for copy in drop.copies], known), until, on_first)
            sources = hashing.sources()
        ctx.check_cancelled()
    until.check_known(sources)
    there = _already_elsewhere(project, drop, result, ctx) or _unclear(project, drop, result)
    return there or _recorded(project, drop, sources, result, Part(ctx, 0.9, 1.0))


def _copies(files: Sequence[Path], drop: _Drop, ctx: JobContext) -> tuple[Copy, ...]:
    named = enumerate(zip(files, drop.names, strict=True))
    return tuple(bring(file, drop.folder / f"copy{i}", ctx, name) for i, (file, name) in named)


class _UntilKnown:
    """The context of reading: it ends as soon as the bytes turn out to be here already."""

    def __init__(self, project: Project, hashing: Hashing, ctx: JobContext) -> None:
        self._project = project
        self._hashing = hashing
        self._ctx = ctx
        self._asked = False

    def progress(self, fraction: float | None, text: str) -> None:
        """Tell the whole."""
        self._ctx.progress(fraction, text)

    def check_cancelled(self) -> None:
        """Ask the whole, and the digests once they are there. Raises _There."""
        self._ctx.check_cancelled()
        if not self._asked and self._hashing.done:
            self.check_known(self._hashing.sources())

    def check_known(self, sources: tuple[Source, ...]) -> None:
        """Raise _There if a version has these bytes."""
        if self._asked:
            return
        self._asked = True
        if (there := _already(self._project, sources)) is not None:
            raise _There(there)


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
    from app.data.differences.recognise import same_content
    from app.registry import datasets

    profile, likeliest_first = drop.folder / PROFILE_FILE, reversed(result.fits)
    found = (same_content(project, dataset_id, profile, drop.folder, ctx) for dataset_id in likeliest_first)
    version = next(filter(None, found), None)
    if version is None:
        return None
    dataset, names = datasets.dataset(project, version.dataset_id), ", ".join(s.name for s in version.sources)
    said = f"The same rows are version {version.number} of {dataset.name} already, from {names}; nothing was added."
    said += _besides(result)
    reading = datasets.current_reading(project, version.id)
    return AddResult(Outcome.ACCEPT, (note("SAME_CONTENT", said),), dataset, version, reading, already=True)


def _unclear(project: Project, drop: _Drop, result: ReadResult) -> AddResult | None:
    """The answer for a file that may be the next version of several data sets: nothing is stored until a person says
    of which."""
    finding = unclear(project, drop.called, result.fits)
    return AddResult(Outcome.REJECT, (finding,)) if finding is not None else None


def _besides(result: ReadResult) -> str:
    """The other files of an archive, which cannot be chosen where nothing was added."""
    others = next((finding.choices for finding in result.findings if finding.code == "IS_ZIP"), ())
    if not others:
        return ""
    names = ", ".join(choice.value for choice in others[:3]) + ("…" if len(others) > 3 else "")
    return f" To add another file of the archive, unpack it: {names}."


def _recorded(
    project: Project, drop: _Drop, sources: tuple[Source, ...], result: ReadResult, ctx: JobContext
) -> AddResult:
    """Store the bytes, then the rows and the audit entry in one transaction."""
    from app.registry import datasets

    name, escaped = dataset_name(drop.called)
    name, dataset_id = drop.arriving.name or name, result.dataset_id or drop.arriving.dataset_id
    moved = moved_columns(project, dataset_id, result) if result.dataset_id is None else ()
    findings = (*escaped, *moved, *result.findings)
    _store_sources(project, drop.copies, sources)
    listed = version_bytes(sources)
    there = _already(project, sources)
    if there is not None:  # another window added the same file meanwhile
        return there
    older = datasets.newest_version(project, dataset_id).id if dataset_id else None
    dataset, version, reading = datasets.record_version(
        project,
        datasets.NewVersion(
            dataset_id=dataset_id,
            name=free_name(name, datasets.taken_names(project)),
            sources=sources,
            sha256=sources[0].sha256 if listed is None else project.objects.put_bytes(listed),
            rows=result.rows,
            parent_id=older,
            recipe=result.recipe,
            columns=result.columns,
            positive=result.positive,
            table_sha256=project.objects.take_file(drop.folder / TABLE_FILE, ctx=ctx).sha256,
            profile_sha256=project.objects.put_bytes((drop.folder / PROFILE_FILE).read_bytes()),
            findings=findings,
            why_target=result.why_target,
            origin=drop.arriving.origin,
        ),
    )
    return AddResult(outcome_of(findings), findings, dataset, version, reading)


def _store_sources(project: Project, copies: Sequence[Copy], sources: Sequence[Source]) -> None:
    """Move the copies into the store. CorruptObject if somebody wrote to one since it was hashed and read."""
    for source, copy in zip(sources, copies, strict=True):
        if not copy.unchanged:
            raise CorruptObject(f"The copy of {source.name} changed on the disk.", "Check the disk, then add it again.")
        project.objects.take_file(copy.path, Stored(source.sha256, source.size_bytes))


def outcome_of(findings: Sequence[Finding]) -> Outcome:
    """How a stored file ended."""
    return worst([finding.outcome for finding in findings])
