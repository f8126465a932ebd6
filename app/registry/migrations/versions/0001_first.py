"""The first schema: project, data, runs, models, bundles, services, prediction logs, audit."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

APPEND_ONLY = (
    "projects", "project_names", "datasets", "data_versions", "version_sources", "readings", "reading_selections",
    "runs", "run_events", "candidates", "gate_results", "models", "model_versions", "approvals", "bundles",
    "prediction_logs", "predictions", "audit",
)  # fmt: skip


def upgrade() -> None:
    """Make every table, index and trigger of schema 1."""
    _project()
    _data()
    _runs()
    _candidates()
    _models()
    _deploy()
    _watch()
    _audit()
    for table in APPEND_ONLY:
        _refuse_changes(table)


def _text(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def _optional(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=True) for name in names]


def _whole(*names: str) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.Integer(), autoincrement=False, nullable=False) for name in names]


def _number(*names: str) -> list[sa.Column[float]]:
    return [sa.Column(name, sa.Float(), nullable=True) for name in names]


def _seq() -> sa.Column[int]:
    return sa.Column("seq", sa.Integer(), nullable=False)


def _flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(create_constraint=False), nullable=False)


def _key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=op.f(f"pk_{table}"))


def _unique(table: str, *columns: str) -> sa.UniqueConstraint:
    return sa.UniqueConstraint(*columns, name=op.f(f"uq_{table}_{'_'.join(columns)}"))


def _to(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [target], name=op.f(f"fk_{table}_{column}"))


def _to_reading(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["reading_id", "version_id"],
        ["readings.id", "readings.version_id"],
        name=op.f(f"fk_{table}_reading_id_version_id"),
    )


def _one_where(name: str, table: str, column: str, condition: str) -> None:
    where = sa.text(condition)
    op.create_index(name, table, [column], unique=True, sqlite_where=where, postgresql_where=where)


def _project() -> None:
    t = "projects"
    only_one = sa.CheckConstraint("only = 1", name=op.f("ck_projects_only"))
    op.create_table(t, *_text("id"), *_whole("only"), *_text("created_at"), only_one, _key(t, "id"), _unique(t, "only"))
    t = "project_names"
    op.create_table(t, _seq(), *_text("name", "at", "actor"), _key(t, "seq"))


def _data() -> None:
    t = "datasets"
    op.create_table(t, *_text("id", "name", "created_at"), _key(t, "id"), _unique(t, "name"))
    t = "data_versions"
    op.create_table(
        t, *_text("id", "dataset_id"), *_whole("number"), *_text("sha256"), *_whole("rows"), *_optional("parent_id"),
        *_text("created_at"), _to(t, "dataset_id", "datasets.id"), _to(t, "parent_id", "data_versions.id"),
        _key(t, "id"), _unique(t, "dataset_id", "number"), _unique(t, "sha256"),
    )  # fmt: skip
    t = "version_sources"
    op.create_table(
        t, *_text("version_id"), *_whole("position"), *_text("name", "sha256"), *_whole("size_bytes"),
        _to(t, "version_id", "data_versions.id"), _key(t, "version_id", "position"),
    )  # fmt: skip
    t = "readings"
    op.create_table(
        t, *_text("id", "version_id"), *_whole("number"), *_text("recipe", "columns"), *_optional("positive"),
        *_text("table_sha256", "profile_sha256", "findings", "why_target", "created_at"),
        _to(t, "version_id", "data_versions.id"), _key(t, "id"), _unique(t, "version_id", "number"),
        _unique(t, "id", "version_id"),
    )  # fmt: skip
    t = "reading_selections"
    op.create_table(t, _seq(), *_text("version_id", "reading_id", "at", "actor"), _to_reading(t), _key(t, "seq"))
    op.create_index("ix_reading_selections_version_id_seq", t, ["version_id", "seq"])


def _runs() -> None:
    t = "runs"
    op.create_table(
        t, *_text("id"), *_whole("number"), *_text("dataset_id", "version_id", "reading_id", "plan"),
        *_text("environment_sha256", "created_at"), _to(t, "dataset_id", "datasets.id"), _to_reading(t),
        _key(t, "id"), _unique(t, "number"),
    )  # fmt: skip
    t = "run_events"
    op.create_table(
        t, _seq(), *_text("run_id", "state", "at", "actor", "reason", "notes", "host"), *_whole("pid"),
        sa.Column("process_started", sa.Float(), nullable=False), _to(t, "run_id", "runs.id"), _key(t, "seq"),
    )  # fmt: skip
    op.create_index("ix_run_events_run_id_seq", t, ["run_id", "seq"])
    _one_where("uq_run_events_started", t, "run_id", "state = 'running'")
    _one_where("uq_run_events_ended", t, "run_id", "state IN ('finished', 'cancelled', 'failed', 'interrupted')")
    _one_where("uq_run_events_discarded", t, "run_id", "state = 'discarded'")


def _candidates() -> None:
    t = "candidates"
    op.create_table(
        t, *_text("id", "run_id"), *_whole("position"), *_text("name", "family", "state"), _flag("baseline"),
        sa.Column("seconds", sa.Float(), nullable=False),
        *_number("cv_value", "cv_low", "cv_high", "holdout_value", "holdout_low", "holdout_high"),
        *_optional("recipe_sha256", "onnx_sha256", "parity_sha256", "predictions_sha256", "evaluation_sha256"),
        *_whole("onnx_bytes"), *_text("note", "created_at"), _to(t, "run_id", "runs.id"), _key(t, "id"),
        _unique(t, "run_id", "position"),
    )  # fmt: skip
    t = "gate_results"
    op.create_table(
        t, *_text("candidate_id", "name"), *_whole("position"), _flag("passed"), *_number("value", "bound"),
        *_text("message"), _to(t, "candidate_id", "candidates.id"), _key(t, "candidate_id", "name"),
    )  # fmt: skip


def _models() -> None:
    t = "models"
    op.create_table(
        t, *_text("id", "name", "dataset_id", "created_at"), _to(t, "dataset_id", "datasets.id"), _key(t, "id"),
        _unique(t, "name"),
    )  # fmt: skip
    t = "model_versions"
    op.create_table(
        t, *_text("id", "model_id"), *_whole("number"), *_text("run_id", "candidate_id", "card_sha256", "created_at"),
        _to(t, "model_id", "models.id"), _to(t, "run_id", "runs.id"), _to(t, "candidate_id", "candidates.id"),
        _key(t, "id"), _unique(t, "model_id", "number"), _unique(t, "candidate_id"),
    )  # fmt: skip
    t = "approvals"
    op.create_table(
        t, *_text("id", "model_version_id", "decision", "actor", "reason", "at"),
        _to(t, "model_version_id", "model_versions.id"), _key(t, "id"),
    )  # fmt: skip
    _one_where("uq_approvals_approved", t, "model_version_id", "decision = 'approved'")


def _deploy() -> None:
    t = "bundles"
    op.create_table(
        t, *_text("id", "model_version_id", "sha256", "path"), *_whole("size_bytes"), *_text("created_at"),
        _to(t, "model_version_id", "model_versions.id"), _key(t, "id"), _unique(t, "sha256", "path"),
    )  # fmt: skip
    t = "services"
    op.create_table(
        t, *_text("id", "name", "bundle_id", "state"), *_whole("port"), *_text("log_path", "created_at"),
        _to(t, "bundle_id", "bundles.id"), _key(t, "id"), _unique(t, "log_path"),
    )  # fmt: skip


def _watch() -> None:
    t = "prediction_logs"
    op.create_table(
        t, *_text("id", "sha256", "bundle_sha256"), *_whole("rows"), *_text("first_at", "last_at"),
        *_optional("service_id"), *_text("created_at"), _to(t, "service_id", "services.id"), _key(t, "id"),
    )  # fmt: skip
    op.create_index("ix_prediction_logs_bundle_sha256", t, ["bundle_sha256"])
    t = "predictions"
    op.create_table(
        t, *_text("id", "log_id"), *_whole("offset_bytes"), _to(t, "log_id", "prediction_logs.id"), _key(t, "id"),
        sqlite_with_rowid=False,
    )  # fmt: skip
    t = "collect_cursors"
    op.create_table(t, *_text("key"), *_whole("offset_bytes"), *_text("at"), _key(t, "key"))


def _audit() -> None:
    t = "audit"
    op.create_table(
        t, *_whole("seq"), *_text("at", "actor", "verb", "noun", "commitment", "previous_hash", "hash"),
        _key(t, "seq"), _unique(t, "hash"),
    )  # fmt: skip
    t = "audit_payloads"
    op.create_table(t, *_whole("seq"), *_text("payload", "salt"), _to(t, "seq", "audit.seq"), _key(t, "seq"))
    op.execute(_CHAIN)
    op.execute(_PAYLOAD_KEPT)
    op.execute(_PAYLOAD_ERASED)


def _refuse_changes(table: str) -> None:
    for change in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        )


# An entry follows the newest one or is refused (this also stops INSERT OR REPLACE, which fires no DELETE trigger).
_CHAIN = """
CREATE TRIGGER audit_chain BEFORE INSERT ON audit
WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM audit)
  OR NEW.previous_hash IS NOT coalesce((SELECT hash FROM audit ORDER BY seq DESC LIMIT 1), printf('%064d', 0))
BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END
"""
_PAYLOAD_KEPT = """
CREATE TRIGGER audit_payloads_no_update BEFORE UPDATE ON audit_payloads
BEGIN SELECT RAISE(ABORT, 'audit_payloads is append-only'); END
"""
# A payload may be erased after its tombstone was entered into the chain.
_PAYLOAD_ERASED = """
CREATE TRIGGER audit_payloads_no_delete BEFORE DELETE ON audit_payloads
WHEN NOT EXISTS (SELECT 1 FROM audit WHERE verb = 'audit.erase' AND noun = 'audit:' || OLD.seq)
BEGIN SELECT RAISE(ABORT, 'audit_payloads is append-only'); END
"""
