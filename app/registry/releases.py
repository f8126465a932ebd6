"""Releases: which bundle answers in which environment since when. Append-only; what is live is the last row."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from app.core.ids import new_id
from app.core.releases import Environment, Live, Mode, Release, ReleaseKind, Stage, Standing
from app.errors import BadInput
from app.registry import audit, deploy, models
from app.registry.environments import environment_by_id, environments
from app.registry.tables import bundles as bundles_table
from app.registry.tables import model_versions as versions_table
from app.registry.tables import models as models_table
from app.registry.tables import releases as releases_table
from app.registry.tables import services as services_table

if TYPE_CHECKING:
    from app.registry.project import Project


def record_release(
    project: Project,
    *,
    environment_id: str,
    model_id: str,
    bundle_id: str,
    service_id: str | None,
    kind: ReleaseKind,
    reason: str,
    challenger_bundle_id: str | None = None,
    mode: Mode = Mode.ALL,
    share: float = 1.0,
    service_name: str | None = None,
) -> Release:
    """Record what answers from now on, the bundle (and name) of its service, and the audit entry ``release.<kind>``, in
    one transaction. BadInput without a reason; NotFound of an unknown environment."""
    if not reason.strip():
        raise BadInput("A release needs a reason.", "Say why it changes.")
    place = environment_by_id(project, environment_id)
    with project.database.write("recording a release") as connection:
        before = _last(connection, environment_id, model_id)
        made = Release(
            new_id(), environment_id, model_id, bundle_id, service_id, challenger_bundle_id, mode, share, kind,
            reason.strip(), project.actor, _after(before.at if before else "", project.now()),
        )  # fmt: skip
        connection.execute(sa.insert(releases_table).values(_row(made)))
        if service_id is not None:
            own = {"bundle_id": bundle_id} | ({"name": service_name} if service_name else {})
            connection.execute(sa.update(services_table).where(services_table.c.id == service_id).values(own))
        payload = _payload(project, place, made, before)
        audit.record(connection, project, f"release.{kind}", f"release:{made.id}", payload)
    return made


def releases(project: Project, environment_id: str | None = None, model_id: str | None = None) -> list[Release]:
    """All releases, newest first; of one environment or model if given."""
    query = sa.select(releases_table).order_by(releases_table.c.at.desc(), releases_table.c.id.desc())
    if environment_id is not None:
        query = query.where(releases_table.c.environment == environment_id)
    if model_id is not None:
        query = query.where(releases_table.c.model_id == model_id)
    with project.database.read() as connection:
        return [_release(row) for row in connection.execute(query)]


def newest_release(project: Project, environment_id: str, model_id: str) -> Release | None:
    """The release that holds now; None if there never was one, or the last one took the model away."""
    found = last_release(project, environment_id, model_id)
    return None if found is None or found.kind is ReleaseKind.RETIRE else found


def last_release(project: Project, environment_id: str, model_id: str) -> Release | None:
    """What was done last, be it that the model was taken away; None if there never was a release."""
    with project.database.read() as connection:
        return _last(connection, environment_id, model_id)


def release_of_service(project: Project, service_id: str) -> Release | None:
    """The newest release that a service was given; None of a service that belongs to no environment."""
    query = sa.select(releases_table).where(releases_table.c.service_id == service_id)
    query = query.order_by(releases_table.c.at.desc(), releases_table.c.id.desc()).limit(1)
    with project.database.read() as connection:
        row = connection.execute(query).first()
    return _release(row) if row else None


def is_retired(project: Project, service_id: str) -> bool:
    """Whether the model of a service was taken out of its environment, and nothing released to it since."""
    last = release_of_service(project, service_id)
    return last is not None and last.kind is ReleaseKind.RETIRE


def live_on(project: Project, at: str | None = None) -> list[Live]:
    """What was live everywhere at a time (as stored: ISO 8601, UTC; None: now), and since when: from one query."""
    ranks = {place.id: number for number, place in enumerate(environments(project))}
    places = {place.id: place for place in environments(project)}
    with project.database.read() as connection:
        rows = connection.execute(_live_query(at or project.now())).all()
    found = [_live(places.get(row.environment, Environment(row.environment, row.environment)), row) for row in rows]
    return sorted(found, key=lambda one: (one.model, ranks.get(one.environment.id, len(ranks))))


def standings(project: Project) -> dict[str, Standing]:
    """By model version where it stands; a version that was never released is missing: it is approved."""
    live = live_on(project)
    with project.database.read() as connection:
        joined = releases_table.join(bundles_table, bundles_table.c.id == releases_table.c.bundle_id)
        query = sa.select(bundles_table.c.model_version_id).select_from(joined).distinct()
        found = {id_: Standing(Stage.RETIRED) for id_ in connection.execute(query).scalars()}
    tried = {one.release.challenger_bundle_id: one for one in live if one.release.challenger_bundle_id}
    for bundle_id in tried:
        id_ = deploy.bundle(project, str(bundle_id)).model_version_id
        names = (o.environment.name for o in live if o.release.challenger_bundle_id == bundle_id)
        found[id_] = Standing(Stage.CHALLENGER, tuple(names))
    for id_ in {one.model_version_id for one in live}:
        names = (one.environment.name for one in live if one.model_version_id == id_)
        found[id_] = Standing(Stage.LIVE, tuple(names))
    return found


def _live_query(at: str) -> sa.Select[Any]:
    """The last row of each environment and model up to ``at``; since: where the unbroken run of its bundle began."""
    r = releases_table
    of_one = (r.c.environment, r.c.model_id)
    in_turn = (r.c.at, r.c.id)
    newest_first = (r.c.at.desc(), r.c.id.desc())
    seen = (
        sa.select(
            *r.columns,
            sa.func.lag(r.c.bundle_id).over(partition_by=of_one, order_by=in_turn).label("bundle_before"),
            sa.func.lag(r.c.kind).over(partition_by=of_one, order_by=in_turn).label("kind_before"),
            sa.func.row_number().over(partition_by=of_one, order_by=newest_first).label("age"),
        )
        .where(r.c.at <= at)
        .cte("seen")
    )
    begins = sa.or_(
        seen.c.bundle_before.is_(None), seen.c.bundle_before != seen.c.bundle_id, seen.c.kind_before == "retire"
    )
    begun = (
        sa.select(seen.c.environment, seen.c.model_id, sa.func.max(seen.c.at).label("since"))
        .where(begins)
        .group_by(seen.c.environment, seen.c.model_id)
        .cte("begun")
    )
    champion, other = bundles_table.alias("champion"), bundles_table.alias("other")
    version, challenger = versions_table.alias("version"), versions_table.alias("challenger")
    same = sa.and_(begun.c.environment == seen.c.environment, begun.c.model_id == seen.c.model_id)
    joined = (
        seen.join(begun, same)
        .join(models_table, models_table.c.id == seen.c.model_id)
        .join(champion, champion.c.id == seen.c.bundle_id)
        .join(version, version.c.id == champion.c.model_version_id)
        .outerjoin(other, other.c.id == seen.c.challenger_bundle_id)
        .outerjoin(challenger, challenger.c.id == other.c.model_version_id)
    )
    return (
        sa.select(
            *(seen.c[column.name] for column in r.columns),
            begun.c.since,
            models_table.c.name.label("model"),
            champion.c.sha256.label("bundle_sha256"),
            version.c.id.label("model_version_id"),
            version.c.number.label("number"),
            challenger.c.number.label("challenger_number"),
        )
        .select_from(joined)
        .where(seen.c.age == 1, seen.c.kind != ReleaseKind.RETIRE.value)
    )


def _live(place: Environment, row: sa.Row[Any]) -> Live:
    release = _release(row)
    return Live(
        environment=place,
        model_id=row.model_id,
        model=row.model,
        version=f"{row.model}@{row.number}",
        model_version_id=row.model_version_id,
        bundle_sha256=row.bundle_sha256,
        since=row.since,
        release=release,
        challenger=f"{row.model}@{row.challenger_number}" if row.challenger_number is not None else None,
        share=release.share if release.mode is Mode.SHARE else 0.0,
    )


def _last(connection: sa.Connection, environment_id: str, model_id: str) -> Release | None:
    query = sa.select(releases_table).where(
        releases_table.c.environment == environment_id, releases_table.c.model_id == model_id
    )
    query = query.order_by(releases_table.c.at.desc(), releases_table.c.id.desc()).limit(1)
    row = connection.execute(query).first()
    return _release(row) if row else None


def _after(before: str, now: str) -> str:
    """``now``, or the next microsecond after ``before`` where the clock has not moved since: the order is by time."""
    if now > before:
        return now
    return f"{datetime.fromisoformat(before) + timedelta(microseconds=1):%Y-%m-%dT%H:%M:%S.%fZ}"


def _payload(project: Project, place: Environment, made: Release, before: Release | None) -> audit.Payload:
    was = before if before is not None and before.kind is not ReleaseKind.RETIRE else None
    return {
        "environment": place.name,
        "model_version": _label(project, made.bundle_id),
        "was": _label(project, was.bundle_id) if was is not None else None,
        "challenger": _label(project, made.challenger_bundle_id) if made.challenger_bundle_id else None,
        "mode": made.mode.value,
        "share": made.share,
        "bundle": deploy.bundle(project, made.bundle_id).sha256,
        "service": made.service_id,
        "reason": made.reason,
    }


def _label(project: Project, bundle_id: str) -> str:
    return models.model_version(project, deploy.bundle(project, bundle_id).model_version_id).label


def _row(made: Release) -> dict[str, object]:
    row: dict[str, object] = {c.name: getattr(made, c.name) for c in releases_table.columns}
    return row | {"mode": made.mode.value, "kind": made.kind.value}


def _release(row: sa.Row[Any]) -> Release:
    fields = {c.name: getattr(row, c.name) for c in releases_table.columns}
    return Release(**{**fields, "mode": Mode(row.mode), "kind": ReleaseKind(row.kind)})
