"""What the SQL referee said of runs: one verdict a run, computed from recorded predictions and kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from app.core.referee import RefereeVerdict
from app.registry import audit, runs
from app.registry.tables import run_verdicts

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


def _known(connection: sa.Connection, run_id: str) -> str | None:
    return connection.execute(sa.select(run_verdicts.c.sha256).where(run_verdicts.c.run_id == run_id)).scalar()
