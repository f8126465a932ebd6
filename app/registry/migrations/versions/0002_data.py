"""Where data came from, the contracts they keep, and what people decided about findings."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

APPEND_ONLY = ("version_origins", "version_inputs", "data_contracts", "finding_decisions")


def upgrade() -> None:
    """Make the tables of schema 2; nothing of schema 1 changes."""
    _origins()
    _contracts()
    _decisions()
    for table in APPEND_ONLY:
        _refuse_changes(table)


def _text(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def _whole(*names: str) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.Integer(), autoincrement=False, nullable=False) for name in names]


def _key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=op.f(f"pk_{table}"))


def _to(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [target], name=op.f(f"fk_{table}_{column}"))


def _origins() -> None:
    t = "version_origins"
    op.create_table(
        t, *_text("version_id", "kind", "origin"), _to(t, "version_id", "data_versions.id"), _key(t, "version_id")
    )
    t = "version_inputs"
    op.create_table(
        t, *_text("version_id"), *_whole("position"), *_text("name", "input_version_id"),
        _to(t, "version_id", "data_versions.id"), _to(t, "input_version_id", "data_versions.id"),
        _key(t, "version_id", "position"),
    )  # fmt: skip
    op.create_index("ix_version_inputs_input_version_id", t, ["input_version_id"])


def _contracts() -> None:
    t = "data_contracts"
    op.create_table(
        t, *_text("id", "dataset_id"), *_whole("number"), *_text("rules", "reason", "actor", "created_at"),
        _to(t, "dataset_id", "datasets.id"), _key(t, "id"),
        sa.UniqueConstraint("dataset_id", "number", name=op.f("uq_data_contracts_dataset_id_number")),
    )  # fmt: skip


def _decisions() -> None:
    t = "finding_decisions"
    op.create_table(
        t, sa.Column("seq", sa.Integer(), nullable=False),
        *_text("version_id", "code", "column", "decision", "reason", "actor", "at"),
        _to(t, "version_id", "data_versions.id"), _key(t, "seq"),
    )  # fmt: skip
    op.create_index("ix_finding_decisions_version_id_seq", t, ["version_id", "seq"])


def _refuse_changes(table: str) -> None:
    for change in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        )
