"""Where data versions came from, and which versions were made of which. Recorded with the version (``datasets``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from app.core.data import DataVersion
from app.core.origins import Origin, OriginKind
from app.errors import NotFound
from app.registry.rows import from_json, to_json
from app.registry.tables import data_versions, version_inputs, version_origins

if TYPE_CHECKING:
    from app.registry.project import Project


def insert_origin(connection: sa.Connection, version_id: str, origin: Origin) -> None:
    """Record where a version that is being recorded came from; in the caller's transaction."""
    connection.execute(
        sa.insert(version_origins).values(version_id=version_id, kind=origin.kind.value, origin=to_json(origin))
    )
    rows = [
        {"version_id": version_id, "position": i, "name": used.name, "input_version_id": used.version_id}
        for i, used in enumerate(origin.inputs)
    ]
    if rows:
        connection.execute(sa.insert(version_inputs), rows)


def origin_of(project: Project, version_id: str) -> Origin | None:
    """Where a version came from, None for a file that was dropped before origins were recorded."""
    query = sa.select(version_origins.c.origin).where(version_origins.c.version_id == version_id)
    with project.database.read() as connection:
        text = connection.execute(query).scalar()
    return None if text is None else from_json(text, Origin)


def kinds(project: Project) -> dict[str, OriginKind]:
    """What kind of place each version came from, by its id; those of before origins were recorded are not there."""
    with project.database.read() as connection:
        told = connection.execute(sa.select(version_origins.c.version_id, version_origins.c.kind)).all()
    return {id_: OriginKind(kind) for id_, kind in told}


def fetched_version(project: Project, dataset_id: str) -> tuple[DataVersion, Origin | None]:
    """The newest version of a data set that was not built from predictions, and where it came from: what can be fetched
    again, and what predictions are added to. Raises ``NotFound``."""
    from app.registry import datasets

    kind = version_origins.c.kind
    joined = data_versions.outerjoin(version_origins, version_origins.c.version_id == data_versions.c.id)
    query = sa.select(data_versions.c.id).select_from(joined).where(data_versions.c.dataset_id == dataset_id)
    query = query.where(sa.or_(kind.is_(None), kind != OriginKind.PREDICTIONS.value))
    with project.database.read() as connection:
        id_ = connection.execute(query.order_by(data_versions.c.number.desc()).limit(1)).scalar()
    if id_ is None:
        raise NotFound(f"There is no data set {dataset_id} in this project.")
    return datasets.version(project, id_), origin_of(project, id_)


def made_of(project: Project, version_id: str) -> list[str]:
    """The ids of the versions that were derived from this one, oldest first."""
    query = sa.select(version_inputs.c.version_id).where(version_inputs.c.input_version_id == version_id)
    with project.database.read() as connection:
        return list(connection.execute(query.distinct().order_by(version_inputs.c.version_id)).scalars())
