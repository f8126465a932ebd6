"""What people decided about findings. The newest decision about a finding holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from app.core.decisions import Decision, FindingDecision
from app.errors import BadInput
from app.registry import audit, datasets
from app.registry.tables import data_versions, finding_decisions

if TYPE_CHECKING:
    from app.registry.project import Project

Held = dict[tuple[str, str], FindingDecision]
"""What holds, by code and column."""

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


def decisions(project: Project, version_id: str) -> Held:
    """What holds now; what was reopened is not there."""
    return _held(project, finding_decisions.c.version_id == version_id).get(version_id, {})


def decisions_before(project: Project, dataset_id: str, number: int) -> dict[str, Held]:
    """What holds of the versions of a data set before this number, by the id of each version that anything was decided
    about."""
    earlier = sa.select(data_versions.c.id).where(
        data_versions.c.dataset_id == dataset_id, data_versions.c.number < number
    )
    return _held(project, finding_decisions.c.version_id.in_(earlier))


def _held(project: Project, where: sa.ColumnElement[bool]) -> dict[str, Held]:
    """By version; the newest decision about a finding holds."""
    newest: dict[str, Held] = {}
    with project.database.read() as connection:
        for row in connection.execute(sa.select(finding_decisions).where(where).order_by(finding_decisions.c.seq)):
            newest.setdefault(row.version_id, {})[row.code, row.column] = _decision(row)
    standing = (
        (id_, {key: made for key, made in held.items() if made.decision is not Decision.REOPEN})
        for id_, held in newest.items()
    )
    return {id_: held for id_, held in standing if held}


def _decision(row: sa.Row[Any]) -> FindingDecision:
    fields = {name: value for name, value in row._mapping.items() if name != "seq"}
    return FindingDecision(**{**fields, "decision": Decision(row.decision)})
