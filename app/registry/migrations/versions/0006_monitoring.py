"""Looks at live models, and labels that came late."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables of this schema; nothing of the one before changes."""
    _reports()
    _outcomes()
    for table in ("drift_reports", "label_deliveries", "outcomes"):
        for change in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )


def _text(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def _reports() -> None:
    t = "drift_reports"
    op.create_table(
        t, *_text("id", "model_version_id", "verdict", "line", "from_at", "to_at"),
        sa.Column("rows", sa.Integer(), nullable=False), *_text("sha256", "created_at"),
        sa.ForeignKeyConstraint(["model_version_id"], ["model_versions.id"], name=op.f(f"fk_{t}_model_version_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{t}")),
    )  # fmt: skip
    op.create_index(op.f("ix_drift_reports_model_version_id"), t, ["model_version_id"])


def _outcomes() -> None:
    t = "label_deliveries"
    op.create_table(
        t, *_text("id"), sa.Column("number", sa.Integer(), nullable=False),
        *_text("name", "sha256", "joined_by", "counts", "actor", "created_at"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{t}")),
        sa.UniqueConstraint("number", name=op.f(f"uq_{t}_number")),
    )  # fmt: skip
    t = "outcomes"
    op.create_table(
        t, *_text("prediction_id"), sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        *_text("delivery_id", "label"),
        sa.ForeignKeyConstraint(["prediction_id"], ["predictions.id"], name=op.f(f"fk_{t}_prediction_id")),
        sa.ForeignKeyConstraint(["delivery_id"], ["label_deliveries.id"], name=op.f(f"fk_{t}_delivery_id")),
        sa.PrimaryKeyConstraint("prediction_id", "number", name=op.f(f"pk_{t}")),
        sqlite_with_rowid=False,
    )  # fmt: skip
