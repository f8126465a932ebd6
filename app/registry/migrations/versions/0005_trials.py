"""What a run's search has tried, a row a trial."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table of schema 5; nothing of schema 4 changes."""
    op.create_table(
        "run_trials",
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("trial", "at")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_run_trials_run_id")),
        sa.PrimaryKeyConstraint("run_id", "number", name=op.f("pk_run_trials")),
    )
    for change in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER run_trials_no_{change.lower()} BEFORE {change} ON run_trials "
            "BEGIN SELECT RAISE(ABORT, 'run_trials is append-only'); END"
        )
