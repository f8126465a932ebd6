"""What the SQL referee said of runs: one verdict a run, computed from recorded predictions and kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from app.core.referee import RefereeVerdict
from app.core.runs import Run
from app.registry import audit, runs
from app.registry.tables import run_verdicts
from app.registry.tables import runs as runs_table

if TYPE_CHECKING:
    from app.registry.project import Project


def record_verdict(project: Project, run_id: str, verdict: RefereeVerdict) -> None:
    """Keep a run's verdict; audit entry ``run.verdict``. A second one is the same one and changes nothing."""
    sha256 = project.objects.put_json(verdict)
    with project.database.write("saving the verdict") as connection:
        if _known(connection, run_id) is not None:
            return
        connection.execute(
            sa.insert(run_verdicts).values(run_id=run_id, ruling=verdict.ruling.value, sha256=sha256, at=project.now())
        )
        audit.record(connection, project, "run.verdict", f"run:{run_id}", {
            "run": runs.run(project, run_id).number, "ruling": verdict.ruling.value, "summary": verdict.sentence,
        })  # fmt: skip


def verdict_of(project: Project, run_id: str) -> RefereeVerdict | None:
    """The verdict on a run, None if there is none yet. CorruptObject if its bytes changed."""
    with project.database.read() as connection:
        sha256 = _known(connection, run_id)
    return None if sha256 is None else project.objects.read_json(sha256, RefereeVerdict)


def newest_verdict(project: Project, version_id: str) -> tuple[Run, RefereeVerdict] | None:
    """The newest run of a data version that has a verdict, and the verdict; None without."""
    judged = run_verdicts.join(runs_table, runs_table.c.id == run_verdicts.c.run_id)
    query = sa.select(runs_table.c.id).select_from(judged).where(runs_table.c.version_id == version_id)
    with project.database.read() as connection:
        run_id = connection.execute(query.order_by(runs_table.c.number.desc()).limit(1)).scalar()
    verdict = verdict_of(project, run_id) if run_id is not None else None
    return (runs.run(project, run_id), verdict) if verdict is not None and run_id is not None else None


def _known(connection: sa.Connection, run_id: str) -> str | None:
    return connection.execute(sa.select(run_verdicts.c.sha256).where(run_verdicts.c.run_id == run_id)).scalar()
