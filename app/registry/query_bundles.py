"""Bundles of queries. A query is no model version, so its record is the history itself: one entry a bundle."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from app.core.audit import AuditEntry
from app.core.referee import QueryBundle
from app.registry import audit, runs

if TYPE_CHECKING:
    from app.registry.project import Project

VERB = "query.export"


def record_query_bundle(
    project: Project, *, run_id: str, sha256: str, path: str, size_bytes: int, summary: str
) -> QueryBundle:
    """Record a query bundle that is on disk; audit entry ``query.export``. The same bundle again is the one that is
    recorded. Raises ``NotFound`` without such a run."""
    number = runs.run(project, run_id).number
    with project.database.write("recording a query's bundle") as connection:
        known = query_bundle_by_sha256(project, sha256)
        if known is not None and known.path == path:
            return known
        payload: audit.Payload = {
            "run": number, "bundle": sha256, "path": path, "bytes": size_bytes, "summary": summary,
        }  # fmt: skip
        entry = audit.record(connection, project, VERB, f"run:{run_id}", payload)
    return QueryBundle(sha256, run_id, path, size_bytes, entry.at, entry.actor, summary)


def query_bundle_by_sha256(project: Project, sha256: str) -> QueryBundle | None:
    """The newest record of a query bundle with this id; None if this project made none."""
    return next((b for b in _recorded(project) if b.sha256 == sha256), None)


def query_bundle_of(project: Project, run_id: str) -> QueryBundle | None:
    """The newest query bundle of a run; None if there is none."""
    return next(iter(_recorded(project, noun=f"run:{run_id}")), None)


def query_bundles(project: Project) -> list[QueryBundle]:
    """All of a project, newest first."""
    return _recorded(project)


def _recorded(project: Project, noun: str = "") -> list[QueryBundle]:
    entries = audit.entries(project, noun=noun, verb=VERB, limit=None)
    return [_bundle(entry) for entry in entries if entry.payload is not None]


def _bundle(entry: AuditEntry) -> QueryBundle:
    told = json.loads(str(entry.payload))
    run_id = entry.noun.partition(":")[2]
    return QueryBundle(
        told["bundle"], run_id, told["path"], told["bytes"], entry.at, entry.actor, told.get("summary", "")
    )
