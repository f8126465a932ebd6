"""Approved models, their bundles and the services that run them."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Table, Text, UniqueConstraint, text

from app.registry.tables.base import digest, metadata, own_id, refers, whole, words

models = Table(
    "models",
    metadata,
    own_id(),
    Column("name", Text, nullable=False, unique=True),
    refers("dataset_id", "datasets.id"),
    words("created_at"),
)
model_versions = Table(
    "model_versions",
    metadata,
    own_id(),
    refers("model_id", "models.id"),
    whole("number"),
    refers("run_id", "runs.id"),
    Column("candidate_id", Text, ForeignKey("candidates.id"), nullable=False, unique=True),
    digest("card_sha256"),
    words("created_at"),
    UniqueConstraint("model_id", "number"),
)
approvals = Table(
    "approvals",
    metadata,
    own_id(),
    refers("model_version_id", "model_versions.id"),
    words("decision"),
    words("actor"),
    words("reason"),
    words("at"),
    Index(
        "uq_approvals_approved",
        "model_version_id",
        unique=True,
        sqlite_where=text("decision = 'approved'"),
    ),
)

bundles = Table(
    "bundles",
    metadata,
    own_id(),
    refers("model_version_id", "model_versions.id"),
    words("sha256"),
    words("path"),
    whole("size_bytes"),
    words("created_at"),
    UniqueConstraint("sha256", "path"),
)
services = Table(
    "services",
    metadata,
    own_id(),
    words("name"),
    refers("bundle_id", "bundles.id"),
    words("state"),
    whole("port"),
    Column("log_path", Text, nullable=False, unique=True),
    words("created_at"),
)
