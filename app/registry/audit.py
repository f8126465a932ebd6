"""The history: one entry in the same transaction as the change it tells of.

Each entry carries the hash of the one before, so that edit, delete, reorder and insert are found. Cutting off the
end or recomputing everything is found only against an anchor (a head that was noted elsewhere); what follows the
last anchor is unprotected against the machine's own administrator.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from app.core.audit import GENESIS, AuditEntry, commitment_of, hash_of
from app.registry.tables import audit, audit_payloads

if TYPE_CHECKING:
    from app.registry.project import Project

Payload = dict[str, str | int | float | bool | list[str] | None]
ERASED = "audit.erase"

_BATCH = 1000


def record(connection: sa.Connection, project: Project, verb: str, noun: str, payload: Payload) -> AuditEntry:
    """Append an entry. ``verb``: ``data.add``; ``noun``: ``data_version:<id>``; inside ``database.write()`` only."""
    seq, previous_hash = _head(connection)
    text = json.dumps(payload, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    salt = os.urandom(16).hex()
    commitment = commitment_of(text, salt)
    at, seq = project.now(), seq + 1
    own_hash = hash_of(seq, at, project.actor, verb, noun, commitment, previous_hash)
    entry = AuditEntry(seq, at, project.actor, verb, noun, commitment, previous_hash, own_hash, text, salt)
    row = {c.name: getattr(entry, c.name) for c in audit.columns}
    connection.execute(sa.insert(audit).values(row))
    connection.execute(sa.insert(audit_payloads).values(seq=seq, payload=text, salt=salt))
    return entry


def entries(
    project: Project,
    *,
    text: str = "",
    verb: str | None = None,
    noun: str = "",
    limit: int | None = 500,
    before_seq: int | None = None,
) -> list[AuditEntry]:
    """Entries, newest first. ``text``: found anywhere in actor, verb, noun or payload, which has every payload read;
    ``verb``: exact (``run.start``) or a family (``run``); ``noun``: exact; ``limit`` None: all
    of them; ``before_seq``: only older ones, to page."""
    query = _entries().order_by(audit.c.seq.desc()).limit(limit)
    if before_seq is not None:
        query = query.where(audit.c.seq < before_seq)
    if verb:
        query = query.where(sa.or_(audit.c.verb == verb, audit.c.verb.startswith(verb + ".", autoescape=True)))
    if noun:
        query = query.where(audit.c.noun == noun)
    if text:
        places = (audit.c.actor, audit.c.verb, audit.c.noun, audit_payloads.c.payload)
        query = query.where(sa.or_(*(place.icontains(text, autoescape=True) for place in places)))
    with project.database.read() as connection:
        return [_entry(row) for row in connection.execute(query)]


def count(project: Project) -> int:
    """How many entries there are."""
    with project.database.read() as connection:
        return int(connection.execute(sa.select(sa.func.count()).select_from(audit)).scalar_one())


def head(project: Project) -> tuple[int, str]:
    """Number and hash of the newest entry: what an anchor notes elsewhere. ``(0, GENESIS)`` of none."""
    with project.database.read() as connection:
        return _head(connection)


def verify_chain(project: Project, anchors: Iterable[tuple[int, str]] = ()) -> list[str]:
    """What is wrong with the history, in words; empty if nothing. ``anchors``: heads that were noted elsewhere."""
    with project.database.read() as connection:
        return _problems(connection, dict(anchors))


def _problems(connection: sa.Connection, anchors: dict[int, str]) -> list[str]:
    problems: list[str] = []
    erased = _erased(connection)
    last, previous = 0, GENESIS
    while batch := _after(connection, last):
        for entry in batch:
            problems += _problems_of(entry, last, previous, erased)
            expected = anchors.pop(entry.seq, entry.hash)
            if expected != entry.hash:
                problems.append(f"Entry {entry.seq} is not the one that was noted elsewhere.")
            last, previous = entry.seq, entry.hash
    problems += [f"Entry {seq}, which was noted elsewhere, is gone: the history was cut." for seq in sorted(anchors)]
    return problems


def _problems_of(entry: AuditEntry, last: int, previous: str, erased: set[str]) -> list[str]:
    problems = []
    if entry.seq != last + 1:
        problems.append(f"Entries between {last} and {entry.seq} are missing.")
    if entry.previous_hash != previous:
        problems.append(f"Entry {entry.seq} does not follow entry {last}.")
    fields = (entry.seq, entry.at, entry.actor, entry.verb, entry.noun, entry.commitment, entry.previous_hash)
    if hash_of(*fields) != entry.hash:
        problems.append(f"Entry {entry.seq} was changed.")
    if entry.payload is None or entry.salt is None:
        if f"audit:{entry.seq}" not in erased:
            problems.append(f"The details of entry {entry.seq} are missing without a note that they were erased.")
    elif commitment_of(entry.payload, entry.salt) != entry.commitment:
        problems.append(f"The details of entry {entry.seq} were changed.")
    return problems


def _erased(connection: sa.Connection) -> set[str]:
    return set(connection.execute(sa.select(audit.c.noun).where(audit.c.verb == ERASED)).scalars())


def _after(connection: sa.Connection, seq: int) -> Sequence[AuditEntry]:
    query = _entries().where(audit.c.seq > seq).order_by(audit.c.seq).limit(_BATCH)
    return [_entry(row) for row in connection.execute(query)]


def _head(connection: sa.Connection) -> tuple[int, str]:
    row = connection.execute(sa.select(audit.c.seq, audit.c.hash).order_by(audit.c.seq.desc()).limit(1)).first()
    return (int(row.seq), str(row.hash)) if row else (0, GENESIS)


def _entries() -> sa.Select[Any]:
    joined = audit.outerjoin(audit_payloads, audit_payloads.c.seq == audit.c.seq)
    return sa.select(*audit.columns, audit_payloads.c.payload, audit_payloads.c.salt).select_from(joined)


def _entry(row: sa.Row[Any]) -> AuditEntry:
    return AuditEntry(**row._mapping)
