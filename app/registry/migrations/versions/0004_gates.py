"""The gates that a team adds to the defaults, a list a data set."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table of schema 4; nothing of schema 3 changes."""
    op.create_table(
        "gate_sets",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("id", "dataset_id")),
        sa.Column("number", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("rules", "reason", "actor", "created_at")),
        sa.ForeignKeyConstraint(["dataset_id"], ["datasets.id"], name=op.f("fk_gate_sets_dataset_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gate_sets")),
        sa.UniqueConstraint("dataset_id", "number", name=op.f("uq_gate_sets_dataset_id_number")),
    )
    for change in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER gate_sets_no_{change.lower()} BEFORE {change} ON gate_sets "
            "BEGIN SELECT RAISE(ABORT, 'gate_sets is append-only'); END"
        )
