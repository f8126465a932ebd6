"""Settings that belong to the project, not to a person: JSON texts by name, each change kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import sqlalchemy as sa

from app.registry import audit
from app.registry.tables import project_settings

if TYPE_CHECKING:
    from app.registry.project import Project


def setting(project: Project, name: str) -> str | None:
    """The newest value of a setting, JSON as text; None if nobody ever set it."""
    with project.database.read() as connection:
        return _newest(connection, name)


def record_setting(
    project: Project, name: str, value: str, tell: Callable[[str], str] = str, *, summary: str = ""
) -> None:
    """Set ``name`` to ``value`` (JSON as text); audit entry ``setting.change``. The same value again changes nothing.

    ``tell``: what the history says of a value; ``summary``: of the change, in words. Never a place for a secret: the
    project keeps every value.
    """
    with project.database.write("changing a setting") as connection:
        before = _newest(connection, name)
        if before == value:
            return
        row = {"name": name, "value": value, "actor": project.actor, "at": project.now()}
        connection.execute(sa.insert(project_settings).values(row))
        payload: audit.Payload = {
            "setting": name, "value": tell(value), "was": None if before is None else tell(before),
        }  # fmt: skip
        if summary:
            payload["summary"] = summary
        audit.record(connection, project, "setting.change", f"setting:{name}", payload)


def _newest(connection: sa.Connection, name: str) -> str | None:
    query = sa.select(project_settings.c.value).where(project_settings.c.name == name)
    return connection.execute(query.order_by(project_settings.c.seq.desc()).limit(1)).scalar()
