"""Prediction logs that came home: which prediction stands where in which object, and how far each log was read."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from app.core.ids import new_id
from app.core.watch import Answers, Audience, PredictionLog
from app.registry import audit
from app.registry.rows import need_objects, pieces
from app.registry.tables import collect_cursors, prediction_logs
from app.registry.tables import predictions as predictions_table

if TYPE_CHECKING:
    from app.registry.project import Project


def record_log(
    project: Project,
    *,
    sha256: str,
    bundle_sha256: str,
    first_at: str,
    last_at: str,
    service_id: str | None,
    predictions: Sequence[tuple[str, int]],
    cursor: tuple[str, int] | None = None,
    audience: Audience = Audience.CLIENT,
) -> tuple[PredictionLog, int]:
    """Record a stored log segment with the byte offset of each prediction's line in it, how far the log was read
    (``cursor``: key and offset) and the audit entry ``log.collect``, in one transaction.

    Returns the log and how many predictions were known already; those are counted, not doubled. If none is new, the
    log that holds the first one is returned and only the cursor moves. ValueError without a prediction.
    What was said to no client (``audience``) can be traced, but the log counts no rows.
    """
    if not predictions:
        raise ValueError("a log without predictions is not recorded: use move_cursor")
    with project.database.write("collecting predictions") as connection:
        need_objects(project, (sha256,))
        if cursor is not None:
            _move(project, connection, *cursor)
        first_offsets = dict(reversed(predictions))
        already = _known(connection, first_offsets)
        fresh = {i: offset for i, offset in reversed(first_offsets.items()) if i not in already}
        duplicates = len(predictions) - len(fresh)
        if not fresh:
            return _log_of(connection, predictions[0][0]), duplicates
        rows = len(fresh) if audience is Audience.CLIENT else 0
        log = PredictionLog(new_id(), sha256, bundle_sha256, rows, first_at, last_at, service_id, project.now())
        _insert(connection, log, fresh)
        payload: audit.Payload = {
            "bundle": bundle_sha256, "rows": len(fresh), "duplicates": duplicates, "service": service_id,
            "sha256": sha256, "from": first_at, "to": last_at,
        }  # fmt: skip
        if audience is not Audience.CLIENT:
            payload[audience.value] = True
        audit.record(connection, project, "log.collect", f"prediction_log:{log.id}", payload)
    return log, duplicates


def move_cursor(project: Project, key: str, offset_bytes: int) -> None:
    """Note how far a log was read when nothing in that stretch was a prediction of ours."""
    with project.database.write("collecting predictions") as connection:
        _move(project, connection, key, offset_bytes)


def cursor(project: Project, key: str) -> int:
    """How many bytes of a log were read so far; 0 of an unknown one."""
    query = sa.select(collect_cursors.c.offset_bytes).where(collect_cursors.c.key == key)
    with project.database.read() as connection:
        return int(connection.execute(query).scalar() or 0)


def known(project: Project, ids: Iterable[str]) -> set[str]:
    """Which of these prediction ids are recorded."""
    with project.database.read() as connection:
        return _known(connection, ids)


def find_prediction(project: Project, prediction_id: str) -> tuple[PredictionLog, int] | None:
    """The log that holds a prediction and the byte offset of its line; None if it never came home."""
    with project.database.read() as connection:
        row = connection.execute(_located().where(predictions_table.c.id == prediction_id)).first()
        return (_log(row), int(row.offset_bytes)) if row else None


def recent_predictions(
    project: Project, limit: int = 50, service_id: str | None = None
) -> list[tuple[str, PredictionLog, int]]:
    """The newest answers (their ids sort by time): id, log, byte offset; of one service if given."""
    query = _located().where(prediction_logs.c.rows > 0).order_by(predictions_table.c.id.desc()).limit(limit)
    if service_id is not None:
        query = query.where(prediction_logs.c.service_id == service_id)
    with project.database.read() as connection:
        return [(row.prediction, _log(row), int(row.offset_bytes)) for row in connection.execute(query)]


def logs(project: Project) -> list[PredictionLog]:
    """All collected logs, newest first: after years very many, where ``answers`` and ``answered`` tell enough."""
    query = sa.select(prediction_logs).order_by(prediction_logs.c.last_at.desc(), prediction_logs.c.id.desc())
    with project.database.read() as connection:
        return [PredictionLog(**row._mapping) for row in connection.execute(query)]


def answers(project: Project) -> dict[str, Answers]:
    """What each bundle (by its digest) has answered to clients; one that answered nobody is not there."""
    logs = prediction_logs.c
    query = sa.select(logs.bundle_sha256, sa.func.sum(logs.rows), sa.func.min(logs.first_at), sa.func.max(logs.last_at))
    with project.database.read() as connection:
        told = connection.execute(query.where(logs.rows > 0).group_by(logs.bundle_sha256))
        return {digest: Answers(count, first, last) for digest, count, first, last in told}


def answered(project: Project, bundles: Collection[str], since: str = "") -> list[PredictionLog]:
    """The collected logs of what these bundles (digests) said to clients, from then on if given, newest first."""
    found: list[PredictionLog] = []
    logs = prediction_logs.c
    with project.database.read() as connection:
        for some in pieces(bundles):
            query = sa.select(prediction_logs).where(logs.bundle_sha256.in_(some), logs.rows > 0, logs.last_at >= since)
            found += (PredictionLog(**row._mapping) for row in connection.execute(query))
    return sorted(found, key=lambda log: (log.last_at, log.id), reverse=True)


def _insert(connection: sa.Connection, log: PredictionLog, fresh: dict[str, int]) -> None:
    row = {c.name: getattr(log, c.name) for c in prediction_logs.columns}
    connection.execute(sa.insert(prediction_logs).values(row))
    rows = [{"id": i, "log_id": log.id, "offset_bytes": offset} for i, offset in fresh.items()]
    connection.execute(sa.insert(predictions_table), rows)


def _move(project: Project, connection: sa.Connection, key: str, offset_bytes: int) -> None:
    values = {"offset_bytes": offset_bytes, "at": project.now()}
    moved = connection.execute(sa.update(collect_cursors).where(collect_cursors.c.key == key).values(values))
    if moved.rowcount == 0:
        connection.execute(sa.insert(collect_cursors).values(key=key, **values))


def _known(connection: sa.Connection, ids: Iterable[str]) -> set[str]:
    found: set[str] = set()
    for some in pieces(ids):
        query = sa.select(predictions_table.c.id).where(predictions_table.c.id.in_(some))
        found.update(connection.execute(query).scalars())
    return found


def _located() -> sa.Select[Any]:
    joined = predictions_table.join(prediction_logs, prediction_logs.c.id == predictions_table.c.log_id)
    own = (predictions_table.c.id.label("prediction"), predictions_table.c.offset_bytes)
    return sa.select(*prediction_logs.columns, *own).select_from(joined)


def _log_of(connection: sa.Connection, prediction_id: str) -> PredictionLog:
    return _log(connection.execute(_located().where(predictions_table.c.id == prediction_id)).one())


def _log(row: sa.Row[Any]) -> PredictionLog:
    return PredictionLog(**{c.name: getattr(row, c.name) for c in prediction_logs.columns})
