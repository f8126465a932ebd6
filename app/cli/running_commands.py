"""services, stop: what runs here and how it is used, and the end of one."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from app.cli.answer import Answer
from app.cli.command import Command, Request, project_argument
from app.core.deploy import ServiceState
from app.errors import NotAllowed

if TYPE_CHECKING:
    from app.core.deploy import ServiceStatus
    from app.core.releases import Live
    from app.registry.project import Project
    from app.serving.traffic import Traffic


def _services(request: Request) -> Answer:
    from app.registry import releases
    from app.serving.local import statuses
    from app.serving.traffic import traffic

    with request.project() as project:
        live = {one.release.service_id: one for one in releases.live_on(project)}
        told = [(status, traffic(project, status)) for status in statuses(project)]
        retired = {status.service.id: releases.is_retired(project, status.service.id) for status, _ in told}
    bodies = [
        _body(s, live.get(s.service.id)) | {"retired": retired[s.service.id]} | _used(figures) for s, figures in told
    ]
    lines = [_line(s, live.get(s.service.id), figures, retired=retired[s.service.id]) for s, figures in told]
    return Answer({"services": bodies}, lines or ["No service yet."])


def _stop(request: Request) -> Answer:
    from app.serving import local
    from app.serving.timeline import service_named

    with request.project() as project:
        service = service_named(project, request.text("service"))
        _refuse_stopped(project, local.status_of(project, service))
        body = _body(local.stop(project, service.id, request.ctx), None)
    return Answer(body, [f"{service.name} is stopped; it has answered what it took."])


def _refuse_stopped(project: Project, status: ServiceStatus) -> None:
    """What has died may be stopped: nobody is told any more that it does not answer."""
    if status.actual is ServiceState.STOPPED:
        name = status.service.name
        raise NotAllowed(f"{name} is stopped already.", f"See what runs: modelyard services {project.path}")


def _body(status: ServiceStatus, live: Live | None) -> dict[str, object]:
    service = status.service
    return {
        "id": service.id,
        "service": service.name,
        "state": status.actual.value,
        "url": status.url,
        "port": status.port,
        "model_version": status.model_version,
        "environment": live.environment.name if live else None,
        "since": live.since if live else None,
        "challenger": live.challenger if live else None,
        "restarts": status.restarts,
        "message": status.message or None,
    }


def _used(told: Traffic) -> dict[str, object]:
    return {
        "last_24_hours": told.last_day,
        "at_least": told.at_least,
        "p50_ms": told.p50_ms,
        "p95_ms": told.p95_ms,
        "requests_since_start": told.requests,
        "refused_since_start": told.refused,
        "stood_in_since_start": told.stood_in,
        "breaking_the_contract": told.violating,
        "looked_at": told.looked_at,
        "last_asked": told.last_at or None,
    }


def _line(status: ServiceStatus, live: Live | None, told: Traffic, *, retired: bool) -> str:
    """``retired``: said of a service that does not run, in the window's word."""
    ended = status.actual in (ServiceState.STOPPED, ServiceState.FAILED)
    state = "retired" if retired and ended else status.actual.value
    where = f", live in {live.environment.name} since {live.since}" if live else ""
    address = f" at {status.url}" if status.url else ""
    line = f"{status.service.name}: {state}{address}, {status.model_version}{where}"
    more = "+" if told.at_least else ""
    used = f"; {told.last_day:,}{more} predictions in 24 hours" if told.looked_at else "; not asked yet"
    times = f", p50 {told.p50_ms:g} ms, p95 {told.p95_ms:g} ms" if told.p50_ms is not None else ""
    refused = f", {told.refused:,} refused" if told.refused else ""
    broken = f", {told.violating:,} of {told.looked_at:,} break the contract" if told.violating else ""
    said = f" - {status.message}" if status.message else ""
    return f"{line}{used}{times}{refused}{broken}{said}"


def _stop_arguments(parser: argparse.ArgumentParser) -> None:
    project_argument(parser)
    parser.add_argument("service", metavar="SERVICE", help="a service's name, such as churn-production")


COMMANDS = (
    Command(
        "services",
        "what runs where, and how it is used",
        "Every service of the project as it really is now, with its address, the newest predictions' number and time\n"
        "to answer, and what was refused since it started.\n\nExample:\n  modelyard services churn-project",
        project_argument,
        _services,
    ),
    Command(
        "stop",
        "stop a service of a project",
        "It finishes what it is answering first; its address and its log stay its own. What was live stays recorded:\n"
        "promote the same version to have it answer again, or retire it.\n\n"
        "Example:\n  modelyard stop churn-project churn-production",
        _stop_arguments,
        _stop,
    ),
)
