"""Alerts, one a model and cause; each state is an event, each message and each mute a row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from app.core.alerts import SENT, Alert, AlertKind, AlertState, Cause, Mute, Sending
from app.core.ids import new_id
from app.errors import BadInput, NotAllowed, NotFound
from app.registry import audit
from app.registry.tables import alert_deliveries, alert_events, alert_mutes, models
from app.registry.tables import alerts as alerts_table

if TYPE_CHECKING:
    from app.registry.project import Project


def raise_alert(project: Project, model_id: str, cause: Cause, line: str, report_id: str | None) -> Alert | None:
    """Open an alert; audit entry ``alert.raise``. None if one of this model and cause is not closed yet, or if this
    very report has raised one before (somebody closed it, and nothing is new)."""
    with project.database.write("raising an alert") as connection:
        own = alerts_table.c
        same = _found(connection, own.model_id == model_id, own.kind == cause.kind, own.subject == cause.subject)
        if any(a.state is not AlertState.CLOSED or (report_id and a.report_id == report_id) for a in same):
            return None
        id_, at = new_id(), project.now()
        row = {
            "id": id_, "model_id": model_id, "kind": cause.kind.value, "subject": cause.subject, "line": line,
            "report_id": report_id, "created_at": at,
        }  # fmt: skip
        connection.execute(sa.insert(alerts_table).values(row))
        _add_event(connection, project, id_, AlertState.OPEN, "", at)
        made = _found(connection, alerts_table.c.id == id_)[0]
        audit.record(connection, project, "alert.raise", f"alert:{id_}", {
            "model": made.model, "kind": made.kind.value, "subject": made.subject, "line": line,
        })  # fmt: skip
    return made


def change_alert(project: Project, alert_id: str, state: AlertState, reason: str) -> Alert:
    """Acknowledge or close an alert; audit entry ``alert.acknowledge`` or ``alert.close``.

    Raises ``BadInput`` without a reason, ``NotAllowed`` if it is closed already or cannot become that, ``NotFound``.
    """
    if not reason.strip():
        raise BadInput("An alert is not put aside without a reason.", "Say why.")
    with project.database.write("changing an alert") as connection:
        before = _one(connection, alert_id)
        if before.state is AlertState.CLOSED:
            raise NotAllowed("This alert is closed already.", "A new one is raised if the cause comes back.")
        if state is AlertState.OPEN:
            raise NotAllowed("An alert is opened by what it tells of, not by hand.")
        _add_event(connection, project, before.id, state, reason, project.now())
        verb = "alert.close" if state is AlertState.CLOSED else "alert.acknowledge"
        payload: audit.Payload = {"model": before.model, "line": before.line, "reason": reason}
        audit.record(connection, project, verb, f"alert:{before.id}", payload)
        return _one(connection, before.id)


def alerts(project: Project, model_id: str | None = None, *, closed: bool = True) -> list[Alert]:
    """Alerts, newest first; of one model if given; with those that are ``closed``."""
    wanted = sa.true() if model_id is None else alerts_table.c.model_id == model_id
    with project.database.read() as connection:
        return _found(connection, wanted, sa.true() if closed else alert_events.c.state != AlertState.CLOSED)


def alert(project: Project, alert_id: str) -> Alert:
    """One alert by its id or the end of it that no other shares. Raises ``NotFound``."""
    with project.database.read() as connection:
        return _one(connection, alert_id)


def record_mute(project: Project, model_id: str | None, until: str, reason: str) -> Mute:
    """Send nothing until then; an end in the past speaks again. Audit entry ``alert.mute``. ``BadInput`` without a
    reason."""
    if not reason.strip():
        raise BadInput("Silence needs a reason.", "Say why nothing is to be sent.")
    made = Mute(model_id, until, reason, project.actor, project.now())
    with project.database.write("muting alerts") as connection:
        row = {c.name: getattr(made, c.name) for c in alert_mutes.columns if c.name != "seq"}
        connection.execute(sa.insert(alert_mutes).values(row))
        noun = f"model:{model_id}" if model_id else "project:alerts"
        audit.record(connection, project, "alert.mute", noun, {"until": until, "reason": reason})
    return made


def mutes(project: Project) -> list[Mute]:
    """All mutes that hold now, everybody's first; of each model, and of everybody, the newest."""
    newest = sa.select(sa.func.max(alert_mutes.c.seq)).group_by(alert_mutes.c.model_id)
    query = sa.select(alert_mutes).where(alert_mutes.c.seq.in_(newest), alert_mutes.c.until > project.now())
    order = query.order_by(alert_mutes.c.model_id.is_not(None), alert_mutes.c.seq)
    with project.database.read() as connection:
        return [Mute(row.model_id, row.until, row.reason, row.actor, row.at) for row in connection.execute(order)]


def mute_of(project: Project, model_id: str | None) -> Mute | None:
    """The mute that holds now for a model: its own or everybody's, whichever lasts longer. None: messages go out."""
    found = [mute for mute in mutes(project) if mute.model_id in (model_id, None)]
    return max(found, key=lambda mute: mute.until, default=None)


def record_sending(project: Project, alert_id: str | None, channel: str, outcome: str) -> Sending:
    """Keep what became of a message; audit entry ``alert.send``."""
    made = Sending(alert_id, channel, outcome, project.now())
    with project.database.write("noting a message") as connection:
        row = {"alert_id": alert_id, "channel": channel, "outcome": outcome, "at": made.at}
        connection.execute(sa.insert(alert_deliveries).values(row))
        payload: audit.Payload = {"channel": channel, "outcome": outcome, "test": alert_id is None}
        audit.record(connection, project, "alert.send", f"alert:{alert_id or 'test'}", payload)
    return made


def sendings(project: Project, alert_id: str | None = None, *, limit: int = 100) -> list[Sending]:
    """Messages, newest first; of one alert if given."""
    query = sa.select(alert_deliveries).order_by(alert_deliveries.c.seq.desc()).limit(limit)
    if alert_id is not None:
        query = query.where(alert_deliveries.c.alert_id == alert_id)
    with project.database.read() as connection:
        return [Sending(row.alert_id, row.channel, row.outcome, row.at) for row in connection.execute(query)]


def sent_since(project: Project, channel: str, since: str) -> int:
    """How many messages a channel took from then on; tests do not count."""
    table = alert_deliveries.c
    query = sa.select(sa.func.count()).where(
        table.channel == channel, table.at >= since, table.outcome == SENT, table.alert_id.is_not(None)
    )
    with project.database.read() as connection:
        return int(connection.execute(query).scalar_one())


def _add_event(
    connection: sa.Connection, project: Project, alert_id: str, state: AlertState, reason: str, at: str
) -> None:
    row = {"alert_id": alert_id, "state": state.value, "reason": reason, "actor": project.actor, "at": at}
    connection.execute(sa.insert(alert_events).values(row))


def _one(connection: sa.Connection, alert_id: str) -> Alert:
    found = _found(connection, alerts_table.c.id.endswith(alert_id, autoescape=True)) if alert_id else []
    if len(found) != 1:
        raise NotFound(f"There is no alert {alert_id} in this project.", "“modelyard alerts P” lists them.")
    return found[0]


def _found(connection: sa.Connection, *wanted: sa.ColumnElement[bool]) -> list[Alert]:
    newest = sa.select(sa.func.max(alert_events.c.seq)).group_by(alert_events.c.alert_id)
    joined = alerts_table.join(alert_events, alert_events.c.alert_id == alerts_table.c.id).join(
        models, models.c.id == alerts_table.c.model_id
    )
    columns = [*alerts_table.columns, models.c.name.label("model")]
    columns += [alert_events.c.state, alert_events.c.reason, alert_events.c.actor, alert_events.c.at]
    query = sa.select(*columns).select_from(joined)
    query = query.where(*wanted, alert_events.c.seq.in_(newest))
    rows = connection.execute(query.order_by(alerts_table.c.created_at.desc(), alerts_table.c.id.desc()))
    return [_alert(row) for row in rows]


def _alert(row: sa.Row[Any]) -> Alert:
    fields = dict(row._mapping)
    fields |= {"kind": AlertKind(row.kind), "state": AlertState(row.state)}
    return Alert(**fields)
