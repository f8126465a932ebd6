"""Prediction logs come home: a server's segments become objects that ``trace`` finds.

Killed at any moment, ``collect`` neither loses nor doubles a prediction: bytes become an object first, then one
transaction writes the log's row, the place of each prediction in it and the cursor. What was not committed is
read again; an id that is known is counted, never stored twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from app.core.progress import JobContext
from app.core.watch import Audience, Collected
from app.errors import NotFound
from app.runtime.logline import Entry, Line
from app.serving.own_calls import own_calls
from app.serving.segments import ID_PREFIX, Block, blocks, segments_of

if TYPE_CHECKING:
    from app.registry.project import Project

NOTHING = Collected(0, 0, 0, 0)
MOST_STRANGERS = 20
"""Of a block: they are named to be recognised, not listed."""


def collect(
    project: Project, log_dir: Path, *, service_id: str | None = None, ctx: JobContext, resume: bool = False
) -> Collected:
    """Store every prediction of this project's bundles that the log folder holds and the project does not.

    ``resume``: go on where the last collection of a service stopped instead of reading everything again; only
    for a folder that this project's own service writes. NotFound if there is no such folder.
    """
    if not log_dir.is_dir() and not resume:
        raise NotFound(f"There is no folder {log_dir}.", "Name the folder given to the server as --log-dir.")
    segments = segments_of(log_dir)
    found = NOTHING
    for number, segment in enumerate(segments):
        ctx.progress(number / len(segments), f"Collecting {segment.name}")
        key = f"{service_id}:{segment.relative_to(log_dir).as_posix()}" if resume else None
        found = added(found, _collect_segment(project, segment, service_id, key, ctx))
    return found


def collect_segment(project: Project, segment: Path, ctx: JobContext, key: str | None = None) -> Collected:
    """Store what a single segment, wherever it comes from, holds of this project's bundles. ``key``: the name under
    which it is noted how far it was read, to go on there the next time."""
    return _collect_segment(project, segment, None, key, ctx)


def collect_services(project: Project, ctx: JobContext) -> Collected:
    """Collect what this project's own services have answered since the last time."""
    from app.registry import deploy

    found = NOTHING
    for service in deploy.services(project):
        log_dir = project.path / service.log_path
        found = added(found, collect(project, log_dir, service_id=service.id, ctx=ctx, resume=True))
    return found


def added(one: Collected, other: Collected) -> Collected:
    """The sum of two collections."""
    return Collected(
        one.collected + other.collected,
        one.duplicates + other.duplicates,
        one.foreign + other.foreign,
        one.torn + other.torn,
        one.shadow + other.shadow,
        one.tests + other.tests,
        tuple(dict.fromkeys((*one.strangers, *other.strangers))),
    )


@dataclass(slots=True)
class _Sorted:
    """A block's lines by what becomes of them. ``new``: by bundle id and to whom they were said."""

    new: dict[tuple[str, Audience], list[Entry]] = field(default_factory=dict)
    duplicates: int = 0
    foreign: int = 0
    torn: int = 0
    strangers: dict[str, None] = field(default_factory=dict)

    def note_stranger(self, line: Line) -> None:
        """Whose a foreign line is: told by others, so of limited length and number, and without control characters."""
        told = f"{line.model[:60]}, {line.bundle[: len(ID_PREFIX) + 12]}"
        if len(self.strangers) < MOST_STRANGERS:
            self.strangers["".join(c for c in told if c.isprintable())] = None


def _collect_segment(
    project: Project, segment: Path, service_id: str | None, key: str | None, ctx: JobContext
) -> Collected:
    from app.registry import watch

    found, tried = NOTHING, own_calls(segment.parent)
    for block in blocks(segment, watch.cursor(project, key) if key else 0):
        ctx.check_cancelled()
        found = added(found, _store(project, block, service_id, (key, block.end) if key else None, tried))
    return found


def _store(
    project: Project, block: Block, service_id: str | None, cursor: tuple[str, int] | None, tried: frozenset[str]
) -> Collected:
    from app.registry import watch

    sorted_ = _sort(project, block, tried)
    if cursor and not sorted_.new:
        watch.move_cursor(project, *cursor)
    stored, raced = Counter[Audience](), 0
    for position, ((bundle, audience), entries) in enumerate(sorted_.new.items(), start=1):
        at_end = cursor if position == len(sorted_.new) else None
        known = _record(project, bundle, entries, service_id, at_end, audience)
        stored[audience] += len(entries) - known
        raced += known
    return Collected(
        stored[Audience.CLIENT],
        sorted_.duplicates + raced,
        sorted_.foreign,
        sorted_.torn,
        stored[Audience.SHADOW],
        stored[Audience.TEST],
        tuple(sorted_.strangers),
    )


def _sort(project: Project, block: Block, tried: frozenset[str]) -> _Sorted:
    """What is new, what is known, what is not ours. The same id twice in a block is known the second time."""
    from app.registry import watch

    found = _Sorted(torn=sum(e.torn for e in block.entries) + block.torn_end)
    told = [(e, e.line) for e in block.entries if e.line is not None]
    ours = {bundle: _is_ours(project, bundle) for bundle in {line.bundle for _, line in told}}
    known = set(watch.known(project, [line.id for _, line in told if ours[line.bundle]]))
    for entry, line in told:
        if not ours[line.bundle]:
            found.foreign += 1
            found.note_stranger(line)
        elif line.id in known:
            found.duplicates += 1
        else:
            known.add(line.id)
            found.new.setdefault((line.bundle, _audience(line, tried)), []).append(entry)
    return found


def _audience(line: Line, tried: frozenset[str]) -> Audience:
    if line.shadow_of is not None:
        return Audience.SHADOW
    return Audience.TEST if line.caller_id in tried else Audience.CLIENT


def _is_ours(project: Project, bundle: str) -> bool:
    from app.registry import deploy

    return deploy.bundle_by_sha256(project, bundle.removeprefix(ID_PREFIX)) is not None


def _record(
    project: Project,
    bundle: str,
    entries: Sequence[Entry],
    service_id: str | None,
    cursor: tuple[str, int] | None,
    audience: Audience,
) -> int:
    """Object first, then its rows; how many of the predictions somebody else recorded meanwhile."""
    from app.registry import watch

    times = [e.line.at for e in entries if e.line is not None]
    digest = project.objects.put_bytes(b"".join(e.raw for e in entries))
    _, known = watch.record_log(
        project,
        sha256=digest,
        bundle_sha256=bundle.removeprefix(ID_PREFIX),
        first_at=min(times),
        last_at=max(times),
        service_id=service_id,
        predictions=places(entries),
        cursor=cursor,
        audience=audience,
    )
    return known


def places(entries: Sequence[Entry]) -> list[tuple[str, int]]:
    """Each prediction's id and where its line begins once these lines stand behind each other."""
    found, offset = [], 0
    for entry in entries:
        if entry.line is not None:
            found.append((entry.line.id, offset))
        offset += len(entry.raw)
    return found
