"""The last predictions: what services have just logged, and what was collected before."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.runtime import logline
from app.runtime.logline import Line
from app.serving.own_calls import own_calls
from app.serving.segments import ID_PREFIX, newest_lines, segments_of

if TYPE_CHECKING:
    from app.core.deploy import Service
    from app.registry.project import Project


@dataclass(frozen=True, slots=True)
class RecentPrediction:
    """A prediction for a list. ``inputs``, ``output``: JSON objects as text; ``service_id`` None: of a file, or
    answered elsewhere."""

    id: str
    at: str
    model_version: str
    bundle_sha256: str
    inputs: str
    output: str
    ms: float
    violations: tuple[str, ...]
    service_id: str | None


def recent(project: Project, limit: int = 50, service_id: str | None = None) -> list[RecentPrediction]:
    """The newest predictions, newest first. Reads the ends of the services' logs and writes nothing, so that a
    page may ask every second."""
    from app.registry import deploy

    services = [s for s in deploy.services(project) if service_id in (None, s.id)]
    found = {line.id: _told(line, service.id) for service in services for line in _live(project, service, limit)}
    for told in _collected(project, limit, service_id):
        found.setdefault(told.id, told)
    return [found[i] for i in sorted(found, reverse=True)[:limit]]  # UUIDv7 ids sort by time


def _live(project: Project, service: Service, limit: int) -> list[Line]:
    """The newest predictions of a service's workers; each worker has its own chain of segments."""
    folder = project.path / service.log_path
    lines, tried = list[Line](), own_calls(folder)
    for segment in reversed(segments_of(folder)):
        newest = newest_lines(segment, limit * 2)
        lines += [line for line in newest if line.shadow_of is None and line.caller_id not in tried]
        if len(lines) >= limit * 2:
            break
    return lines


def _collected(project: Project, limit: int, service_id: str | None) -> Iterable[RecentPrediction]:
    from app.registry import watch

    for prediction_id, log, offset in watch.recent_predictions(project, limit, service_id):
        with project.objects.path(log.sha256).open("rb") as file:
            file.seek(offset)
            line = logline.entry(file.readline(), offset).line
        if line is not None and line.id == prediction_id:  # a damaged object is for verify to tell
            yield _told(line, log.service_id)


def _told(line: Line, service_id: str | None) -> RecentPrediction:
    import msgspec

    return RecentPrediction(
        id=line.id,
        at=line.at,
        model_version=line.model,
        bundle_sha256=line.bundle.removeprefix(ID_PREFIX),
        inputs=msgspec.json.encode(line.inputs).decode(),
        output=msgspec.json.encode(line.output).decode(),
        ms=line.ms,
        violations=line.violations,
        service_id=service_id,
    )
