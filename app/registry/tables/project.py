"""The project itself, and the log of everything done in it."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, Table, Text

from app.registry.tables.base import metadata, sequence, words

projects = Table(
    "projects",
    metadata,
    Column("id", Text, primary_key=True),
    Column("only", Integer, CheckConstraint("only = 1", name="only"), nullable=False, unique=True),
    words("created_at"),
)
project_names = Table("project_names", metadata, sequence(), words("name"), words("at"), words("actor"))
project_settings = Table(
    "project_settings",
    metadata,
    sequence(),
    *(words(name) for name in ("name", "value", "actor", "at")),
    Index("ix_project_settings_name_seq", "name", "seq"),
)

audit = Table(
    "audit",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    *(words(name) for name in ("at", "actor", "verb", "noun", "commitment", "previous_hash")),
    Column("hash", Text, nullable=False, unique=True),
)
audit_payloads = Table(
    "audit_payloads",
    metadata,
    Column("seq", Integer, ForeignKey("audit.seq"), primary_key=True, autoincrement=False),
    words("payload"),
    words("salt"),
)
