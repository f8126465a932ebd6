"""The contracts of data sets, each version kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from app.core.contracts import DataContract
from app.core.ids import new_id
from app.registry import audit, datasets
from app.registry.rows import from_json, next_number, to_json
from app.registry.tables import data_contracts
from app.runtime.rules import Rule

if TYPE_CHECKING:
    from app.registry.project import Project


def record_contract(project: Project, dataset_id: str, rules: Sequence[Rule], reason: str) -> DataContract:
    """Make the next version of a data set's contract; audit entry ``contract.change``. Raises ``NotFound``."""
    owner = datasets.dataset(project, dataset_id)
    with project.database.write("saving the contract") as connection:
        number = next_number(connection, data_contracts.c.number, data_contracts.c.dataset_id == dataset_id)
        made = DataContract(new_id(), dataset_id, number, tuple(rules), reason, project.actor, project.now())
        row = {c.name: getattr(made, c.name) for c in data_contracts.columns} | {"rules": to_json(made.rules)}
        connection.execute(sa.insert(data_contracts).values(row))
        audit.record(connection, project, "contract.change", f"data_contract:{made.id}", {
            "dataset": owner.name, "number": number, "rules": len(made.rules), "reason": reason,
        })  # fmt: skip
    return made


def contracts(project: Project, dataset_id: str) -> list[DataContract]:
    """All versions of a data set's contract, newest first."""
    query = sa.select(data_contracts).where(data_contracts.c.dataset_id == dataset_id)
    with project.database.read() as connection:
        return [_contract(row) for row in connection.execute(query.order_by(data_contracts.c.number.desc()))]


def contract_of(project: Project, dataset_id: str) -> DataContract | None:
    """The newest contract of a data set, None if it has none."""
    return next(iter(contracts(project, dataset_id)), None)


def rules_of(project: Project, dataset_id: str) -> tuple[Rule, ...]:
    """The rules that hold for a data set; none without a contract."""
    held = contract_of(project, dataset_id)
    return held.rules if held is not None else ()


def _contract(row: sa.Row[Any]) -> DataContract:
    fields = dict(row._mapping)
    fields["rules"] = from_json(fields["rules"], tuple[Rule, ...])
    return DataContract(**fields)
