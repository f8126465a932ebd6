"""Bundles and the services that run them."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from app.core.deploy import Bundle, Service, ServiceState
from app.core.ids import new_id
from app.errors import NotAllowed, NotFound
from app.registry import audit, models
from app.registry.rows import one
from app.registry.tables import bundles as bundles_table
from app.registry.tables import services as services_table

if TYPE_CHECKING:
    from app.registry.project import Project


def record_bundle(project: Project, *, model_version_id: str, sha256: str, path: str, size_bytes: int) -> Bundle:
    """Record a bundle that is on disk; audit entry ``bundle.export``. The same bundle at the same path again is the
    row that is there. ``path``: inside the project relative and POSIX; outside it absolute. Raises ``NotFound``."""
    with project.database.write("recording a bundle") as connection:
        same = sa.and_(bundles_table.c.sha256 == sha256, bundles_table.c.path == path)
        known = connection.execute(sa.select(bundles_table).where(same)).first()
        if known is not None:
            return Bundle(**known._mapping)
        label = models.model_version(project, model_version_id).label
        made = Bundle(new_id(), model_version_id, sha256, path, size_bytes, project.now())
        row = {c.name: getattr(made, c.name) for c in bundles_table.columns}
        connection.execute(sa.insert(bundles_table).values(row))
        payload: audit.Payload = {"model_version": label, "bundle": sha256, "path": path, "bytes": size_bytes}
        audit.record(connection, project, "bundle.export", f"bundle:{made.id}", payload)
    return made


def bundles(project: Project, model_version_id: str | None = None) -> list[Bundle]:
    """Bundles, newest first; of one model version if given."""
    query = sa.select(bundles_table).order_by(bundles_table.c.created_at.desc())
    if model_version_id is not None:
        query = query.where(bundles_table.c.model_version_id == model_version_id)
    with project.database.read() as connection:
        return [Bundle(**row._mapping) for row in connection.execute(query)]


def bundle(project: Project, bundle_id: str) -> Bundle:
    """One bundle. Raises ``NotFound``."""
    with project.database.read() as connection:
        query = sa.select(bundles_table).where(bundles_table.c.id == bundle_id)
        return Bundle(**one(connection, query, f"bundle {bundle_id}")._mapping)


def bundle_by_sha256(project: Project, sha256: str) -> Bundle | None:
    """The newest bundle with this id, wherever it lies; None if this project made none."""
    query = sa.select(bundles_table).where(bundles_table.c.sha256 == sha256)
    with project.database.read() as connection:
        row = connection.execute(query.order_by(bundles_table.c.created_at.desc()).limit(1)).first()
        return Bundle(**row._mapping) if row else None


def record_service(project: Project, *, name: str, bundle_id: str, port: int, log_path: str) -> Service:
    """Record a service that is to run; audit entry ``service.start``. ``log_path``: relative, POSIX, its own.

    Raises ``NotAllowed`` if another service logs there, ``NotFound`` if there is no such bundle.
    """
    if PurePosixPath(log_path).is_absolute() or "\\" in log_path or ".." in PurePosixPath(log_path).parts:
        raise ValueError(f"a log's path is relative to the project and POSIX: {log_path}")
    served = bundle(project, bundle_id)
    made = Service(new_id(), name, bundle_id, ServiceState.RUNNING, port, log_path, project.now())
    with project.database.write("recording a service") as connection:
        if connection.execute(sa.select(services_table.c.id).where(services_table.c.log_path == log_path)).first():
            raise NotAllowed(f"Another service writes its log to {log_path}.", "Start that service again.")
        row = {c.name: getattr(made, c.name) for c in services_table.columns} | {"state": str(made.state)}
        connection.execute(sa.insert(services_table).values(row))
        payload: audit.Payload = {"service": name, "bundle": served.sha256, "port": port}
        audit.record(connection, project, "service.start", f"service:{made.id}", payload)
    return made


def set_service_state(project: Project, service_id: str, state: ServiceState, port: int | None = None) -> Service:
    """What is asked of a service now, and its port if it got another one; audit entry ``service.<verb>``.

    Nothing is recorded if nothing changes. Raises ``NotFound``.
    """
    with project.database.write("changing a service") as connection:
        before = service(project, service_id)
        port = before.port if port is None else port
        if (before.state, before.port) == (state, port):
            return before
        change = sa.update(services_table).where(services_table.c.id == service_id)
        connection.execute(change.values(state=str(state), port=port))
        payload: audit.Payload = {"service": before.name, "state": str(state), "was": str(before.state), "port": port}
        audit.record(connection, project, f"service.{_verb(before, state)}", f"service:{service_id}", payload)
        return service(project, service_id)


def services(project: Project) -> list[Service]:
    """All services, newest first."""
    with project.database.read() as connection:
        rows = connection.execute(sa.select(services_table).order_by(services_table.c.created_at.desc()))
        return [_service(row) for row in rows]


def service(project: Project, service_id: str) -> Service:
    """One service. Raises ``NotFound``."""
    with project.database.read() as connection:
        row = connection.execute(sa.select(services_table).where(services_table.c.id == service_id)).first()
    if row is None:
        raise NotFound(f"There is no service {service_id} in this project.")
    return _service(row)


def _verb(before: Service, state: ServiceState) -> str:
    if state is before.state:
        return "move"
    return {ServiceState.RUNNING: "start", ServiceState.STOPPED: "stop", ServiceState.FAILED: "fail"}.get(state, state)


def _service(row: sa.Row[Any]) -> Service:
    return Service(**{**row._mapping, "state": ServiceState(row.state)})
