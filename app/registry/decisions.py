"""What people decided about findings. The newest decision about a finding holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from app.core.decisions import Decision, FindingDecision
from app.errors import BadInput
from app.registry import audit, datasets
from app.registry.tables import finding_decisions

if TYPE_CHECKING:
    from app.registry.project import Project

VERBS = {Decision.KEEP: "finding.keep", Decision.WAIVE: "finding.waive", Decision.REOPEN: "finding.reopen"}


def decide(
    project: Project, version_id: str, code: str, column: str | None, decision: Decision, reason: str = ""
) -> FindingDecision:
    """Record a decision with its audit entry. Raises ``NotFound``, ``BadInput`` for a waiver without a reason."""
    if decision is Decision.WAIVE and not reason.strip():
        raise BadInput("A waiver needs a reason.", "Say why training is right all the same.")
    version = datasets.version(project, version_id)
    made = FindingDecision(version_id, code, column or "", decision, reason.strip(), project.actor, project.now())
    row = {c.name: getattr(made, c.name) for c in finding_decisions.columns if c.name != "seq"}
    with project.database.write("saving the decision") as connection:
        connection.execute(sa.insert(finding_decisions).values(row))
        audit.record(connection, project, VERBS[decision], f"data_version:{version_id}", {
            "dataset": datasets.dataset(project, version.dataset_id).name, "version": version.number, "code": code,
            "column": column, "reason": made.reason,
        })  # fmt: skip
    return made


def decisions(project: Project, version_id: str) -> dict[tuple[str, str], FindingDecision]:
    """What holds now, by (code, column); what was reopened is not there."""
    query = sa.select(finding_decisions).where(finding_decisions.c.version_id == version_id)
    held: dict[tuple[str, str], FindingDecision] = {}
    with project.database.read() as connection:
        for row in connection.execute(query.order_by(finding_decisions.c.seq)):
            fields = {name: value for name, value in row._mapping.items() if name != "seq"}
            fields["decision"] = Decision(fields["decision"])
            held[row.code, row.column] = FindingDecision(**fields)
    return {key: made for key, made in held.items() if made.decision is not Decision.REOPEN}
