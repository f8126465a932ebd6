"""Runs, what they tried, their candidates and how those were judged."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from app.registry.tables.base import digest, metadata, number_or_none, own_id, refers, sequence, whole, words

runs = Table(
    "runs",
    metadata,
    own_id(),
    Column("number", Integer, nullable=False, unique=True),
    refers("dataset_id", "datasets.id"),
    words("version_id"),
    words("reading_id"),
    words("plan"),
    digest("environment_sha256"),
    words("created_at"),
    ForeignKeyConstraint(["reading_id", "version_id"], ["readings.id", "readings.version_id"]),
)
run_events = Table(
    "run_events",
    metadata,
    sequence(),
    refers("run_id", "runs.id"),
    words("state"),
    words("at"),
    words("actor"),
    words("reason"),
    words("notes"),
    words("host"),
    whole("pid"),
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
    )
candidates = Table(
    "candidates",
    metadata,
    own_id(),
    refers("run_id", "runs.id"),
    whole("position"),
    words("name"),
    words("family"),
    words("state"),
    Column("baseline", Boolean(create_constraint=False), nullable=False),
    Column("seconds", Float, nullable=False),
    *(number_or_none(f"{kind}_{part}") for kind in ("cv", "holdout") for part in ("value", "low", "high")),
    *(digest(f"{what}_sha256", nullable=True) for what in ("recipe", "onnx", "parity", "predictions", "evaluation")),
    whole("onnx_bytes"),
    words("note"),
    words("created_at"),
    UniqueConstraint("run_id", "position"),
)
gate_results = Table(
    "gate_results",
    metadata,
    Column("candidate_id", Text, ForeignKey("candidates.id"), primary_key=True),
    Column("name", Text, primary_key=True),
    whole("position"),
    Column("passed", Boolean(create_constraint=False), nullable=False),
    number_or_none("value"),
    number_or_none("bound"),
    words("message"),
)

run_trials = Table(
    "run_trials",
    metadata,
    Column("run_id", Text, ForeignKey("runs.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    words("trial"),
    words("at"),
)
run_verdicts = Table(
    "run_verdicts",
    metadata,
    Column("run_id", Text, ForeignKey("runs.id"), primary_key=True),
    words("ruling"),
    digest("sha256"),
    words("at"),
)
