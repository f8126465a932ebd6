"""What the SQL referee said of a run."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table of schema 3; nothing of schema 2 changes."""
    op.create_table(
        "run_verdicts",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("run_id", "ruling", "sha256", "at")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_run_verdicts_run_id")),
        sa.PrimaryKeyConstraint("run_id", name=op.f("pk_run_verdicts")),
    )
    for change in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER run_verdicts_no_{change.lower()} BEFORE {change} ON run_verdicts "
            "BEGIN SELECT RAISE(ABORT, 'run_verdicts is append-only'); END"
        )
