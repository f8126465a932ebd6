"""Data sets, their versions and readings, where they came from and what was decided about them."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, ForeignKeyConstraint, Index, Integer, Table, Text, UniqueConstraint

from app.registry.tables.base import OBJECT, digest, metadata, own_id, refers, sequence, whole, words

datasets = Table("datasets", metadata, own_id(), Column("name", Text, nullable=False, unique=True), words("created_at"))
dataset_names = Table(
    "dataset_names", metadata, sequence(), refers("dataset_id", "datasets.id"),
    *(words(name) for name in ("name", "at", "actor")),
)  # fmt: skip
data_versions = Table(
    "data_versions",
    metadata,
    own_id(),
    refers("dataset_id", "datasets.id"),
    whole("number"),
    Column("sha256", Text, nullable=False, unique=True, info=OBJECT),
    whole("rows"),
    refers("parent_id", "data_versions.id", nullable=True),
    words("created_at"),
    UniqueConstraint("dataset_id", "number"),
)
version_sources = Table(
    "version_sources",
    metadata,
    Column("version_id", Text, ForeignKey("data_versions.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    words("name"),
    digest("sha256"),
    whole("size_bytes"),
)
readings = Table(
    "readings",
    metadata,
    own_id(),
    refers("version_id", "data_versions.id"),
    whole("number"),
    words("recipe"),
    words("columns"),
    Column("positive", Text, nullable=True),
    digest("table_sha256"),
    digest("profile_sha256"),
    words("findings"),
    words("why_target"),
    words("created_at"),
    UniqueConstraint("version_id", "number"),
    UniqueConstraint("id", "version_id"),
)
reading_selections = Table(
    "reading_selections",
    metadata,
    sequence(),
    words("version_id"),
    words("reading_id"),
    words("at"),
    words("actor"),
    ForeignKeyConstraint(["reading_id", "version_id"], ["readings.id", "readings.version_id"]),
    Index("ix_reading_selections_version_id_seq", "version_id", "seq"),
)

version_origins = Table(
    "version_origins",
    metadata,
    Column("version_id", Text, ForeignKey("data_versions.id"), primary_key=True),
    words("kind"),
    words("origin"),
)
version_inputs = Table(
    "version_inputs",
    metadata,
    Column("version_id", Text, ForeignKey("data_versions.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    words("name"),
    Column("input_version_id", Text, ForeignKey("data_versions.id"), nullable=False, index=True),
)
data_contracts = Table(
    "data_contracts",
    metadata,
    own_id(),
    refers("dataset_id", "datasets.id"),
    whole("number"),
    *(words(name) for name in ("rules", "reason", "actor", "created_at")),
    UniqueConstraint("dataset_id", "number"),
)
gate_sets = Table(
    "gate_sets",
    metadata,
    own_id(),
    refers("dataset_id", "datasets.id"),
    whole("number"),
    *(words(name) for name in ("rules", "reason", "actor", "created_at")),
    UniqueConstraint("dataset_id", "number"),
)
finding_decisions = Table(
    "finding_decisions",
    metadata,
    sequence(),
    refers("version_id", "data_versions.id"),
    words("code"),
    words("column"),
    words("decision"),
    words("reason"),
    words("actor"),
    words("at"),
    Index("ix_finding_decisions_version_id_seq", "version_id", "seq"),
)
