"""The tables, as the newest schema has them.

What is said about bytes; the bytes are in the object store. A column marked ``info=OBJECT`` holds the digest
of an object: reclaiming and verifying find every reference through this mark. All tables but services and
cursors are append-only (triggers in the migrations refuse UPDATE and DELETE); a state is its last event.
Times are ISO 8601 UTC texts with microseconds, so that they sort as text. A change here needs a migration
(a test compares the two).
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)

OBJECT: dict[str, Any] = {"object": True}

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _id() -> Column[str]:
    return Column("id", Text, primary_key=True)


def _to(name: str, target: str, *, nullable: bool = False) -> Column[str]:
    return Column(name, Text, ForeignKey(target), nullable=nullable)


def _text(name: str) -> Column[str]:
    return Column(name, Text, nullable=False)


def _whole(name: str) -> Column[int]:
    return Column(name, Integer, nullable=False)


def _object(name: str, *, nullable: bool = False) -> Column[str]:
    return Column(name, Text, nullable=nullable, info=OBJECT)


def _number(name: str) -> Column[float]:
    return Column(name, Float, nullable=True)


projects = Table(
    "projects",
    metadata,
    Column("id", Text, primary_key=True),
    Column("only", Integer, CheckConstraint("only = 1", name="only"), nullable=False, unique=True),
    _text("created_at"),
)
project_names = Table(
    "project_names", metadata, Column("seq", Integer, primary_key=True), _text("name"), _text("at"), _text("actor")
)

datasets = Table("datasets", metadata, _id(), Column("name", Text, nullable=False, unique=True), _text("created_at"))
dataset_names = Table(
    "dataset_names", metadata, Column("seq", Integer, primary_key=True), _to("dataset_id", "datasets.id"),
    *(_text(name) for name in ("name", "at", "actor")),
)  # fmt: skip
data_versions = Table(
    "data_versions",
    metadata,
    _id(),
    _to("dataset_id", "datasets.id"),
    _whole("number"),
    Column("sha256", Text, nullable=False, unique=True, info=OBJECT),
    _whole("rows"),
    _to("parent_id", "data_versions.id", nullable=True),
    _text("created_at"),
    UniqueConstraint("dataset_id", "number"),
)
version_sources = Table(
    "version_sources",
    metadata,
    Column("version_id", Text, ForeignKey("data_versions.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    _text("name"),
    _object("sha256"),
    _whole("size_bytes"),
)
readings = Table(
    "readings",
    metadata,
    _id(),
    _to("version_id", "data_versions.id"),
    _whole("number"),
    _text("recipe"),
    _text("columns"),
    Column("positive", Text, nullable=True),
    _object("table_sha256"),
    _object("profile_sha256"),
    _text("findings"),
    _text("why_target"),
    _text("created_at"),
    UniqueConstraint("version_id", "number"),
    UniqueConstraint("id", "version_id"),
)
reading_selections = Table(
    "reading_selections",
    metadata,
    Column("seq", Integer, primary_key=True),
    _text("version_id"),
    _text("reading_id"),
    _text("at"),
    _text("actor"),
    ForeignKeyConstraint(["reading_id", "version_id"], ["readings.id", "readings.version_id"]),
    Index("ix_reading_selections_version_id_seq", "version_id", "seq"),
)

version_origins = Table(
    "version_origins",
    metadata,
    Column("version_id", Text, ForeignKey("data_versions.id"), primary_key=True),
    _text("kind"),
    _text("origin"),
)
version_inputs = Table(
    "version_inputs",
    metadata,
    Column("version_id", Text, ForeignKey("data_versions.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    _text("name"),
    Column("input_version_id", Text, ForeignKey("data_versions.id"), nullable=False, index=True),
)
data_contracts = Table(
    "data_contracts",
    metadata,
    _id(),
    _to("dataset_id", "datasets.id"),
    _whole("number"),
    *(_text(name) for name in ("rules", "reason", "actor", "created_at")),
    UniqueConstraint("dataset_id", "number"),
)
gate_sets = Table(
    "gate_sets",
    metadata,
    _id(),
    _to("dataset_id", "datasets.id"),
    _whole("number"),
    *(_text(name) for name in ("rules", "reason", "actor", "created_at")),
    UniqueConstraint("dataset_id", "number"),
)
finding_decisions = Table(
    "finding_decisions",
    metadata,
    Column("seq", Integer, primary_key=True),
    _to("version_id", "data_versions.id"),
    _text("code"),
    _text("column"),
    _text("decision"),
    _text("reason"),
    _text("actor"),
    _text("at"),
    Index("ix_finding_decisions_version_id_seq", "version_id", "seq"),
)

runs = Table(
    "runs",
    metadata,
    _id(),
    Column("number", Integer, nullable=False, unique=True),
    _to("dataset_id", "datasets.id"),
    _text("version_id"),
    _text("reading_id"),
    _text("plan"),
    _object("environment_sha256"),
    _text("created_at"),
    ForeignKeyConstraint(["reading_id", "version_id"], ["readings.id", "readings.version_id"]),
)
run_events = Table(
    "run_events",
    metadata,
    Column("seq", Integer, primary_key=True),
    _to("run_id", "runs.id"),
    _text("state"),
    _text("at"),
    _text("actor"),
    _text("reason"),
    _text("notes"),
    _text("host"),
    _whole("pid"),
    Column("process_started", Float, nullable=False),
    Index("ix_run_events_run_id_seq", "run_id", "seq"),
)
# A run starts once, ends once and is discarded once, whoever asks at the same time.
for _name, _states in {
    "started": "state = 'running'",
    "ended": "state IN ('finished', 'cancelled', 'failed', 'interrupted')",
    "discarded": "state = 'discarded'",
}.items():
    Index(
        f"uq_run_events_{_name}",
        run_events.c.run_id,
        unique=True,
        sqlite_where=text(_states),
        postgresql_where=text(_states),
    )
candidates = Table(
    "candidates",
    metadata,
    _id(),
    _to("run_id", "runs.id"),
    _whole("position"),
    _text("name"),
    _text("family"),
    _text("state"),
    Column("baseline", Boolean(create_constraint=False), nullable=False),
    Column("seconds", Float, nullable=False),
    *(_number(f"{kind}_{part}") for kind in ("cv", "holdout") for part in ("value", "low", "high")),
    *(_object(f"{what}_sha256", nullable=True) for what in ("recipe", "onnx", "parity", "predictions", "evaluation")),
    _whole("onnx_bytes"),
    _text("note"),
    _text("created_at"),
    UniqueConstraint("run_id", "position"),
)
gate_results = Table(
    "gate_results",
    metadata,
    Column("candidate_id", Text, ForeignKey("candidates.id"), primary_key=True),
    Column("name", Text, primary_key=True),
    _whole("position"),
    Column("passed", Boolean(create_constraint=False), nullable=False),
    _number("value"),
    _number("bound"),
    _text("message"),
)

run_trials = Table(
    "run_trials",
    metadata,
    Column("run_id", Text, ForeignKey("runs.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    _text("trial"),
    _text("at"),
)
run_verdicts = Table(
    "run_verdicts",
    metadata,
    Column("run_id", Text, ForeignKey("runs.id"), primary_key=True),
    _text("ruling"),
    _object("sha256"),
    _text("at"),
)

models = Table(
    "models",
    metadata,
    _id(),
    Column("name", Text, nullable=False, unique=True),
    _to("dataset_id", "datasets.id"),
    _text("created_at"),
)
model_versions = Table(
    "model_versions",
    metadata,
    _id(),
    _to("model_id", "models.id"),
    _whole("number"),
    _to("run_id", "runs.id"),
    Column("candidate_id", Text, ForeignKey("candidates.id"), nullable=False, unique=True),
    _object("card_sha256"),
    _text("created_at"),
    UniqueConstraint("model_id", "number"),
)
approvals = Table(
    "approvals",
    metadata,
    _id(),
    _to("model_version_id", "model_versions.id"),
    _text("decision"),
    _text("actor"),
    _text("reason"),
    _text("at"),
    Index(
        "uq_approvals_approved",
        "model_version_id",
        unique=True,
        sqlite_where=text("decision = 'approved'"),
        postgresql_where=text("decision = 'approved'"),
    ),
)

bundles = Table(
    "bundles",
    metadata,
    _id(),
    _to("model_version_id", "model_versions.id"),
    _text("sha256"),
    _text("path"),
    _whole("size_bytes"),
    _text("created_at"),
    UniqueConstraint("sha256", "path"),
)
services = Table(
    "services",
    metadata,
    _id(),
    _text("name"),
    _to("bundle_id", "bundles.id"),
    _text("state"),
    _whole("port"),
    Column("log_path", Text, nullable=False, unique=True),
    _text("created_at"),
)

prediction_logs = Table(
    "prediction_logs",
    metadata,
    _id(),
    _object("sha256"),
    Column("bundle_sha256", Text, nullable=False, index=True),
    _whole("rows"),
    _text("first_at"),
    _text("last_at"),
    _to("service_id", "services.id", nullable=True),
    _text("created_at"),
)
predictions = Table(
    "predictions",
    metadata,
    _id(),
    _to("log_id", "prediction_logs.id"),
    Column("offset_bytes", Integer, nullable=False),
    sqlite_with_rowid=False,
)
collect_cursors = Table(
    "collect_cursors", metadata, Column("key", Text, primary_key=True), _whole("offset_bytes"), _text("at")
)

drift_reports = Table(
    "drift_reports",
    metadata,
    _id(),
    Column("model_version_id", Text, ForeignKey("model_versions.id"), nullable=False, index=True),
    *(_text(name) for name in ("verdict", "line", "from_at", "to_at")),
    _whole("rows"),
    _object("sha256"),
    _text("created_at"),
)
label_deliveries = Table(
    "label_deliveries",
    metadata,
    _id(),
    Column("number", Integer, nullable=False, unique=True),
    _text("name"),
    _object("sha256"),
    *(_text(name) for name in ("joined_by", "counts", "actor", "created_at")),
)
outcomes = Table(
    "outcomes",
    metadata,
    Column("prediction_id", Text, ForeignKey("predictions.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    _to("delivery_id", "label_deliveries.id"),
    _text("label"),
    sqlite_with_rowid=False,
)

audit = Table(
    "audit",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    *(_text(name) for name in ("at", "actor", "verb", "noun", "commitment", "previous_hash")),
    Column("hash", Text, nullable=False, unique=True),
)
audit_payloads = Table(
    "audit_payloads",
    metadata,
    Column("seq", Integer, ForeignKey("audit.seq"), primary_key=True, autoincrement=False),
    _text("payload"),
    _text("salt"),
)

object_columns: tuple[Column[Any], ...] = tuple(
    column for table in metadata.sorted_tables for column in table.columns if column.info.get("object")
)
"""Every column that names an object, in a stable order."""
