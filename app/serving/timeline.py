"""A date as a person writes it, and a service as a person names it."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

from app.core.releases import Live
from app.errors import BadInput, NotFound

if TYPE_CHECKING:
    from app.core.deploy import Service
    from app.registry.project import Project


def moment_of(text: str) -> str:
    """A day (its end, here) or a time (here, if no zone is named) as times are stored. Raises ``BadInput``."""
    try:
        told = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise BadInput(f"{text} is no date.", "Write it as 2026-03-31 or 2026-03-31T14:00.") from error
    if len(text.strip()) <= len("2026-03-31"):
        told = datetime.combine(told.date(), time()) + timedelta(days=1, microseconds=-1)
    return f"{told.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"


def live_named(project: Project, name: str) -> Live:
    """What is live at a service (its name or id), or of a model that is live in one environment only. NotFound."""
    from app.registry import deploy, releases

    found = releases.live_on(project)
    names = {service.id: service.name for service in deploy.services(project)}
    by_service = [one for one in found if name in (one.release.service_id, names.get(str(one.release.service_id)))]
    matches = by_service or [one for one in found if name in (one.model, one.version)]
    if len(matches) == 1:
        return matches[0]
    known = ", ".join(sorted(names[str(one.release.service_id)] for one in found if one.release.service_id in names))
    if matches:
        raise NotFound(f"{name} is live in several environments.", f"Name the service: {known}.")
    raise NotFound(f"Nothing is live at a service {name}.", f"Live are: {known or 'none yet'}.")


def service_named(project: Project, name: str) -> Service:
    """A service by its name or id, or the one by which a model or a version is live in one environment only; it need
    not run. NotFound, naming those there are."""
    from app.registry import deploy, releases

    known = deploy.services(project)
    found = [service for service in known if name in (service.id, service.name)]
    if not found:
        live = {o.release.service_id for o in releases.live_on(project) if name in (o.model, o.version)}
        found = [service for service in known if service.id in live]
    if len(found) == 1:
        return found[0]
    if found:
        ids = ", ".join(f"{service.name} ({service.id})" for service in found)
        raise NotFound(f"{name} names several services.", f"Name one of them, or its id: {ids}.")
    names = ", ".join(dict.fromkeys(service.name for service in known)) or "none yet"
    raise NotFound(f"There is no service {name}.", f"There are: {names}.")
