"""Monitor reports, one for each look at a model version; each is an object, its row what a list shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from app.core.ids import new_id
from app.core.monitoring import KeptReport, MonitorReport, Verdict
from app.registry import audit, models
from app.registry.rows import one
from app.registry.tables import drift_reports

if TYPE_CHECKING:
    from app.registry.project import Project


def record_report(project: Project, model_version_id: str, report: MonitorReport) -> KeptReport:
    """Keep a report; audit entry ``monitor.report``. The same window with the same findings as in the newest one is
    that one. Raises ``NotFound``."""
    label = models.model_version(project, model_version_id).label
    sha256 = project.objects.put_json(report)
    newest = next(iter(reports(project, model_version_id, limit=1)), None)
    if newest is not None and newest.sha256 == sha256:
        return newest
    window = report.window
    made = KeptReport(
        new_id(), model_version_id, report.verdict, report.line, window.first_at, window.last_at, window.rows,
        sha256, project.now(),
    )  # fmt: skip
    with project.database.write("saving a monitor report") as connection:
        row = {c.name: getattr(made, c.name) for c in drift_reports.columns} | {"verdict": made.verdict.value}
        connection.execute(sa.insert(drift_reports).values(row))
        audit.record(connection, project, "monitor.report", f"drift_report:{made.id}", {
            "model_version": label, "verdict": made.verdict.value, "line": made.line, "from": made.from_at,
            "to": made.to_at, "rows": made.rows, "sha256": sha256,
        })  # fmt: skip
    return made


def reports(
    project: Project, model_version_id: str | None = None, *, since: str = "", limit: int = 100
) -> list[KeptReport]:
    """The newest reports after ``since``, newest first; of one model version if given."""
    query = sa.select(drift_reports).where(drift_reports.c.created_at > since)
    query = query.order_by(drift_reports.c.created_at.desc(), drift_reports.c.id.desc()).limit(limit)
    if model_version_id is not None:
        query = query.where(drift_reports.c.model_version_id == model_version_id)
    with project.database.read() as connection:
        return [_kept(row) for row in connection.execute(query)]


def verdicts(project: Project, model_version_id: str) -> list[tuple[str, Verdict]]:
    """When each report of a model version was made and what it said, oldest first."""
    query = sa.select(drift_reports.c.created_at, drift_reports.c.verdict)
    query = query.where(drift_reports.c.model_version_id == model_version_id)
    with project.database.read() as connection:
        found = connection.execute(query.order_by(drift_reports.c.created_at, drift_reports.c.id))
        return [(row.created_at, Verdict(row.verdict)) for row in found]


def first_at(project: Project) -> str:
    """When the first report was made; empty if there is none."""
    query = sa.select(sa.func.min(drift_reports.c.created_at))
    with project.database.read() as connection:
        return connection.execute(query).scalar() or ""


def newest_reports(project: Project) -> dict[str, KeptReport]:
    """The newest report of each model version, by its id."""
    newest = sa.select(sa.func.max(drift_reports.c.id)).group_by(drift_reports.c.model_version_id)
    with project.database.read() as connection:
        found = connection.execute(sa.select(drift_reports).where(drift_reports.c.id.in_(newest)))
        return {row.model_version_id: _kept(row) for row in found}


def report(project: Project, report_id: str) -> KeptReport:
    """One report. Raises ``NotFound``."""
    with project.database.read() as connection:
        query = sa.select(drift_reports).where(drift_reports.c.id == report_id)
        return _kept(one(connection, query, f"report {report_id}"))


def content(project: Project, kept: KeptReport) -> MonitorReport:
    """A report whole. CorruptObject if its bytes changed."""
    return project.objects.read_json(kept.sha256, MonitorReport)


def _kept(row: sa.Row[Any]) -> KeptReport:
    fields = dict(row._mapping)
    fields["verdict"] = Verdict(fields["verdict"])
    return KeptReport(**fields)
