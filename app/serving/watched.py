"""Logs of bundles that run elsewhere: folders of this machine that are looked into again and again.

Each segment is read on from where it was left, known by its header and its path: a file that was replaced is read anew,
and what is read twice is counted, never doubled.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.core.progress import JobContext, Part
from app.core.watch import Collected
from app.errors import NotFound
from app.serving.logs import NOTHING, added, collect_segment, collect_services

if TYPE_CHECKING:
    from app.registry.project import Project

SETTING = "log_folders"
MOST_HEADER_BYTES = 1 << 16


@dataclass(frozen=True, slots=True)
class FolderCollected:
    """What a watched folder gave; ``problem``: why it could not be looked into."""

    folder: str
    found: Collected
    problem: str = ""


def log_folders(project: Project) -> tuple[str, ...]:
    """The watched folders, as they were given; a relative one lies in the project."""
    from app.registry.project_settings import setting

    kept = setting(project, SETTING)
    return tuple(str(folder) for folder in json.loads(kept)) if kept else ()


def watch_folder(project: Project, folder: Path) -> tuple[str, ...]:
    """Look into a folder from now on. Raises NotFound if it is not there."""
    if not folder.is_dir():
        raise NotFound(f"There is no folder {folder}.", "Name a folder that prediction logs are written or copied to.")
    return _record(project, dict.fromkeys((*log_folders(project), str(folder.absolute()))))


def leave_folder(project: Project, folder: str) -> tuple[str, ...]:
    """Look into a folder no longer; what came from it stays. Raises NotFound if it is not watched."""
    before = log_folders(project)
    gone = folder if folder in before else str(Path(folder).absolute())
    if gone not in before:
        raise NotFound(f"{folder} is not watched.", f"Watched: {', '.join(before) or 'nothing yet'}.")
    return _record(project, {kept: None for kept in before if kept != gone})


def collect_folders(project: Project, ctx: JobContext) -> list[FolderCollected]:
    """Store what is new in the watched folders; one that is not there is told and stops no other."""
    folders, told = log_folders(project), []
    for number, folder in enumerate(folders):
        part = Part(ctx, number / len(folders), (number + 1) / len(folders))
        told.append(_collect_folder(project, folder, part))
    return told


def collect_home(project: Project, ctx: JobContext) -> Collected:
    """Everything that this project hears of: its own services and the watched folders."""
    found = collect_services(project, Part(ctx, 0.0, 0.5))
    for folder in collect_folders(project, Part(ctx, 0.5, 1.0)):
        found = added(found, folder.found)
    return found


def look_of(project: Project) -> tuple[tuple[str, int, int], ...]:
    """Names, sizes and times of all watched segments: cheap to ask, and another one once something came."""
    told = []
    for folder in log_folders(project):
        for segment in _segments(project.path / folder):
            try:
                facts = segment.stat()
            except OSError:  # gone since it was listed
                continue
            told.append((str(segment), facts.st_size, facts.st_mtime_ns))
    return tuple(told)


def _collect_folder(project: Project, folder: str, ctx: JobContext) -> FolderCollected:
    place, found = project.path / folder, NOTHING
    if not place.is_dir():
        return FolderCollected(folder, found, f"There is no folder {folder} now.")
    segments = _segments(place)
    for number, segment in enumerate(segments):
        ctx.progress(number / len(segments), f"Collecting {segment.name}")
        try:
            found = added(found, collect_segment(project, segment, ctx, key=_key(segment)))
        except FileNotFoundError:  # its server stopped and had logged nothing in it
            continue
        except OSError as error:
            return FolderCollected(folder, found, f"{segment.name} cannot be read: {error.strerror or error}.")
    return FolderCollected(folder, found)


def _segments(folder: Path) -> list[Path]:
    """Segments in a folder and below it: one folder may hold those of several machines."""
    return sorted(path for path in folder.rglob("*.jsonl") if path.is_file())


def _key(segment: Path) -> str | None:
    """Under which name it is noted how far a segment was read; None while its header is not whole."""
    with segment.open("rb") as file:
        header = file.readline(MOST_HEADER_BYTES)
    if not header.endswith(b"\n"):
        return None
    return f"folder:{hashlib.sha256(header).hexdigest()[:16]}:{segment.absolute().as_posix()}"


def _record(project: Project, folders: dict[str, None]) -> tuple[str, ...]:
    from app.registry.project_settings import record_setting

    record_setting(project, SETTING, json.dumps(list(folders), ensure_ascii=False))
    return tuple(folders)
