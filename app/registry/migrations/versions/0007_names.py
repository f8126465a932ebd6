"""Data sets that were given another name."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table of this schema; nothing of the one before changes."""
    op.create_table(
        "dataset_names",
        sa.Column("seq", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("dataset_id", "name", "at", "actor")),
        sa.ForeignKeyConstraint(["dataset_id"], ["datasets.id"], name=op.f("fk_dataset_names_dataset_id")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_dataset_names")),
    )
    for change in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER dataset_names_no_{change.lower()} BEFORE {change} ON dataset_names "
            "BEGIN SELECT RAISE(ABORT, 'dataset_names is append-only'); END"
        )
