"""Which service answers for a model in an environment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.core.deploy import Bundle, Service, ServiceState
from app.core.releases import Environment
from app.serving import local

if TYPE_CHECKING:
    from app.registry.project import Project


@dataclass(frozen=True, slots=True)
class Place:
    """``adopted``: the service ran before and belonged to no environment. ``name``: what it is called from now on."""

    service: Service
    name: str
    adopted: bool = False


def place_of(project: Project, environment: Environment, model_id: str, bundle: Bundle) -> Place:
    """The service that the environment has for this model; or, in the last environment, the one that runs for it
    already, so that its clients keep their address; or a new one."""
    from app.registry import models

    model = next(model.name for model in models.models(project) if model.id == model_id)
    name = f"{model}-{environment.name}"
    own = _released(project, environment, model_id)
    if own is not None:
        return Place(own, name)
    running = _running(project, model_id) if _is_last(project, environment) else None
    if running is not None:
        return Place(running, name, adopted=True)
    return Place(_new(project, f"{model}-{environment.id}", name, bundle), name)


def _released(project: Project, environment: Environment, model_id: str) -> Service | None:
    from app.registry import deploy, releases

    for release in releases.releases(project, environment.id, model_id):
        if release.service_id is not None:
            return deploy.service(project, release.service_id)
    return None


def _is_last(project: Project, environment: Environment) -> bool:
    from app.registry.environments import environments

    return environments(project)[-1].id == environment.id


def _running(project: Project, model_id: str) -> Service | None:
    """The newest that runs for this model and belongs to no environment."""
    from app.registry import deploy, models, releases

    for status in local.statuses(project):
        bundle = deploy.bundle(project, status.service.bundle_id)
        ours = models.model_version(project, bundle.model_version_id).model_id == model_id
        free = releases.release_of_service(project, status.service.id) is None
        if ours and free and status.actual is ServiceState.RUNNING:
            return status.service
    return None


def _new(project: Project, folder: str, name: str, bundle: Bundle) -> Service:
    """Recorded but for its start; one whose first roll-out failed is taken again."""
    from app.registry import deploy, releases

    known = {service.log_path: service for service in deploy.services(project)}
    for path in local.log_paths(folder):
        left = known.get(path)
        if left is None:
            port = local.next_port(project)
            return local.recorded(project, name=name, bundle=bundle, port=port, log_path=path)
        if left.name == name and releases.release_of_service(project, left.id) is None:
            return left
    raise AssertionError("unreachable: there is always another name")
