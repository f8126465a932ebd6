"""The additional gates of data sets, each version kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from app.core.gate_rules import GateRule, GateSet, refuse_impossible
from app.core.ids import new_id
from app.registry import audit, datasets
from app.registry.rows import from_json, next_number, to_json
from app.registry.tables import gate_sets as gate_sets_table

if TYPE_CHECKING:
    from app.registry.project import Project


def record_gates(project: Project, dataset_id: str, rules: Sequence[GateRule], reason: str = "") -> GateSet:
    """Make the next version of a data set's gates; audit entry ``gates.change``. Raises ``NotFound``; BadInput for
    a new one that no model could keep to."""
    owner = datasets.dataset(project, dataset_id)
    before = gate_set_of(project, dataset_id)
    refuse_impossible(rules, before.rules if before is not None else ())
    with project.database.write("saving the gates") as connection:
        number = next_number(connection, gate_sets_table.c.number, gate_sets_table.c.dataset_id == dataset_id)
        made = GateSet(new_id(), dataset_id, number, tuple(rules), reason, project.actor, project.now())
        row = {c.name: getattr(made, c.name) for c in gate_sets_table.columns} | {"rules": to_json(made.rules)}
        connection.execute(sa.insert(gate_sets_table).values(row))
        audit.record(connection, project, "gates.change", f"gate_set:{made.id}", {
            "dataset": owner.name, "number": number, "rules": len(made.rules), "reason": reason,
        })  # fmt: skip
    return made


def gate_sets(project: Project, dataset_id: str) -> list[GateSet]:
    """All versions of a data set's gates, newest first; none where only the defaults hold."""
    query = sa.select(gate_sets_table).where(gate_sets_table.c.dataset_id == dataset_id)
    with project.database.read() as connection:
        return [_gate_set(row) for row in connection.execute(query.order_by(gate_sets_table.c.number.desc()))]


def gate_set_of(project: Project, dataset_id: str) -> GateSet | None:
    """The newest version of a data set's gates."""
    return next(iter(gate_sets(project, dataset_id)), None)


def rules_in(project: Project, dataset_id: str, number: int) -> tuple[GateRule, ...]:
    """The rules of one version; number 0: none but the defaults."""
    return next((s.rules for s in gate_sets(project, dataset_id) if s.number == number), ())


def _gate_set(row: sa.Row[Any]) -> GateSet:
    fields = dict(row._mapping)
    fields["rules"] = from_json(fields["rules"], tuple[GateRule, ...])
    return GateSet(**fields)
