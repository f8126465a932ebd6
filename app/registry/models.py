"""Models, their versions and the approvals that made them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from app.core.ids import new_id
from app.core.models import Approval, Model, ModelVersion
from app.core.runs import Candidate, CandidateState
from app.errors import BadInput, NotAllowed, NotFound
from app.registry import audit, runs
from app.registry.rows import need_objects, next_number, one
from app.registry.tables import approvals as approvals_table
from app.registry.tables import model_versions as versions_table
from app.registry.tables import models as models_table

if TYPE_CHECKING:
    from app.registry.project import Project

APPROVED = "approved"


def record_approval(
    project: Project, *, candidate_id: str, name: str, dataset_id: str, reason: str, card: str
) -> ModelVersion:
    """Make the next version of model ``name`` from a candidate, with the approval and the audit entry
    ``model.approve`` in the same transaction. ``card``: the digest of the stored model card.

    Raises ``NotAllowed`` if the candidate did not pass, is approved already, or the name belongs to another data
    set; ``BadInput`` without a reason; ``CorruptObject`` if the card or the model is not stored.
    """
    if not reason.strip():
        raise BadInput("An approval needs a reason.", "Say why this model may be used.")
    chosen = runs.candidate(project, candidate_id)
    with project.database.write("approving a model") as connection:
        need_objects(project, (card, chosen.onnx_sha256))
        _refuse_unapprovable(project, chosen)
        model = _model(project, connection, name, dataset_id)
        number = next_number(connection, versions_table.c.number, versions_table.c.model_id == model.id)
        made = ModelVersion(new_id(), model.id, model.name, number, chosen.run_id, candidate_id, card, project.now())
        connection.execute(sa.insert(versions_table).values(_row(made)))
        connection.execute(sa.insert(approvals_table).values(
            id=new_id(), model_version_id=made.id, decision=APPROVED, actor=project.actor, reason=reason,
            at=made.created_at,
        ))  # fmt: skip
        audit.record(connection, project, "model.approve", f"model_version:{made.id}", {
            "model_version": made.label, "run": runs.run(project, chosen.run_id).number, "candidate": chosen.name,
            "candidate_id": candidate_id, "reason": reason, "onnx": chosen.onnx_sha256, "card": card,
        })  # fmt: skip
    return made


def models(project: Project) -> list[Model]:
    """All models, by name."""
    with project.database.read() as connection:
        rows = connection.execute(sa.select(models_table).order_by(models_table.c.name))
        return [Model(row.id, row.name, row.dataset_id) for row in rows]


def model_versions(project: Project, model_id: str | None = None) -> list[ModelVersion]:
    """Model versions, newest first; of one model if given."""
    query = _versions().order_by(versions_table.c.created_at.desc(), versions_table.c.number.desc())
    if model_id is not None:
        query = query.where(versions_table.c.model_id == model_id)
    with project.database.read() as connection:
        return [_version(row) for row in connection.execute(query)]


def model_version(project: Project, model_version_id: str) -> ModelVersion:
    """One model version. Raises ``NotFound``."""
    with project.database.read() as connection:
        query = _versions().where(versions_table.c.id == model_version_id)
        return _version(one(connection, query, f"model version {model_version_id}"))


def model_version_by_label(project: Project, label: str) -> ModelVersion:
    """``churn@3``, or ``churn`` for its newest version. Raises ``NotFound``."""
    name, at, number = label.rpartition("@")
    wanted = [models_table.c.name == label]
    if at and number.isdigit():
        wanted.append(sa.and_(models_table.c.name == name, versions_table.c.number == int(number)))
    with project.database.read() as connection:
        for where in wanted:
            row = connection.execute(_versions().where(where).order_by(versions_table.c.number.desc()).limit(1)).first()
            if row is not None:
                return _version(row)
    labels = ", ".join(v.label for v in model_versions(project)[:10]) or "none yet"
    raise NotFound(f"There is no model version {label}.", f"Approved in this project: {labels}.")


def version_of_candidate(project: Project, candidate_id: str) -> ModelVersion | None:
    """The version that a candidate was approved as, None if it was not."""
    with project.database.read() as connection:
        row = connection.execute(_versions().where(versions_table.c.candidate_id == candidate_id)).first()
        return _version(row) if row else None


def labels_of_candidates(project: Project) -> dict[str, str]:
    """``churn@3`` by the id of the candidate that was approved as it."""
    return {version.candidate_id: version.label for version in model_versions(project)}


def approvals(project: Project, model_version_id: str) -> list[Approval]:
    """The decisions about a model version, oldest first."""
    query = sa.select(approvals_table).where(approvals_table.c.model_version_id == model_version_id)
    with project.database.read() as connection:
        return [Approval(**row._mapping) for row in connection.execute(query.order_by(approvals_table.c.at))]


def first_approvals(project: Project) -> dict[str, Approval]:
    """The decision that made each model version, by its id."""
    found: dict[str, Approval] = {}
    with project.database.read() as connection:
        for row in connection.execute(sa.select(approvals_table).order_by(approvals_table.c.at)):
            found.setdefault(row.model_version_id, Approval(**row._mapping))
    return found


def _refuse_unapprovable(project: Project, chosen: Candidate) -> None:
    if chosen.state is not CandidateState.PASSED or chosen.onnx_sha256 is None:
        raise NotAllowed(f"{chosen.name} did not pass, so it cannot be approved.", "Choose another candidate.")
    earlier = version_of_candidate(project, chosen.id)
    if earlier is not None:
        raise NotAllowed(f"{chosen.name} is approved already, as {earlier.label}.", "Choose another candidate.")


def _model(project: Project, connection: sa.Connection, name: str, dataset_id: str) -> Model:
    """The model of this name, locked against other approvals (SQLite has one writer anyway), or a new one."""
    row = connection.execute(sa.select(models_table).where(models_table.c.name == name).with_for_update()).first()
    if row is None:
        made = Model(new_id(), name, dataset_id)
        values = {"id": made.id, "name": name, "dataset_id": dataset_id, "created_at": project.now()}
        connection.execute(sa.insert(models_table).values(values))
        return made
    if row.dataset_id != dataset_id:
        raise NotAllowed(f"The model {name} belongs to another data set.", "Choose another name.")
    return Model(row.id, row.name, row.dataset_id)


def _row(made: ModelVersion) -> dict[str, object]:
    return {c.name: getattr(made, c.name) for c in versions_table.columns}


def _versions() -> sa.Select[Any]:
    joined = versions_table.join(models_table, models_table.c.id == versions_table.c.model_id)
    return sa.select(*versions_table.columns, models_table.c.name.label("model_name")).select_from(joined)


def _version(row: sa.Row[Any]) -> ModelVersion:
    return ModelVersion(**row._mapping)
