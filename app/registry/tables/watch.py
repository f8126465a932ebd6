"""Predictions that came home, looks at live models and labels that came late."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Integer, Table, Text

from app.registry.tables.base import digest, metadata, own_id, refers, whole, words

prediction_logs = Table(
    "prediction_logs",
    metadata,
    own_id(),
    digest("sha256"),
    Column("bundle_sha256", Text, nullable=False, index=True),
    whole("rows"),
    words("first_at"),
    words("last_at"),
    refers("service_id", "services.id", nullable=True),
    words("created_at"),
)
predictions = Table(
    "predictions",
    metadata,
    own_id(),
    refers("log_id", "prediction_logs.id"),
    Column("offset_bytes", Integer, nullable=False),
    sqlite_with_rowid=False,
)
collect_cursors = Table(
    "collect_cursors", metadata, Column("key", Text, primary_key=True), whole("offset_bytes"), words("at")
)

drift_reports = Table(
    "drift_reports",
    metadata,
    own_id(),
    Column("model_version_id", Text, ForeignKey("model_versions.id"), nullable=False, index=True),
    *(words(name) for name in ("verdict", "line", "from_at", "to_at")),
    whole("rows"),
    digest("sha256"),
    words("created_at"),
)
label_deliveries = Table(
    "label_deliveries",
    metadata,
    own_id(),
    Column("number", Integer, nullable=False, unique=True),
    words("name"),
    digest("sha256"),
    *(words(name) for name in ("joined_by", "counts", "actor", "created_at")),
)
outcomes = Table(
    "outcomes",
    metadata,
    Column("prediction_id", Text, ForeignKey("predictions.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    refers("delivery_id", "label_deliveries.id"),
    words("label"),
    sqlite_with_rowid=False,
)
