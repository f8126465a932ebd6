"""What closes the loop: settings of the project, alerts, challengers, releases and automations."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

Item = sa.Column[str] | sa.Column[int] | sa.Column[float] | sa.Constraint


def upgrade() -> None:
    """Make the tables of this schema; nothing of the one before changes."""
    _settings()
    _alerts()
    _challenges()
    _releases()
    _automations()


def _make(table: str, *items: Item, references: dict[str, str] | None = None) -> None:
    """A table that is only ever added to. ``references``: column and what it points to."""
    keys = [
        sa.ForeignKeyConstraint([column], [target], name=op.f(f"fk_{table}_{column}"))
        for column, target in (references or {}).items()
    ]
    own_key = "seq" if any(getattr(item, "name", "") == "seq" for item in items) else "id"
    op.create_table(table, *items, *keys, sa.PrimaryKeyConstraint(own_key, name=op.f(f"pk_{table}")))
    for change in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        )


def _text(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def _seq() -> sa.Column[int]:
    return sa.Column("seq", sa.Integer(), nullable=False)


def _maybe(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=True)


def _index(table: str, columns: Sequence[str]) -> None:
    op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, list(columns))


def _settings() -> None:
    t = "project_settings"
    _make(t, _seq(), *_text("name", "value", "actor", "at"))
    _index(t, ["name", "seq"])


def _alerts() -> None:
    t = "alerts"
    _make(
        t, *_text("id", "model_id", "kind", "subject", "line"), _maybe("report_id"), *_text("created_at"),
        references={"model_id": "models.id", "report_id": "drift_reports.id"},
    )  # fmt: skip
    _index(t, ["model_id", "kind", "subject"])
    t = "alert_events"
    _make(t, _seq(), *_text("alert_id", "state", "reason", "actor", "at"), references={"alert_id": "alerts.id"})
    _index(t, ["alert_id", "seq"])
    for state in ("open", "closed"):
        once = sa.text(f"state = '{state}'")
        op.create_index(f"uq_{t}_{state}", t, ["alert_id"], unique=True, sqlite_where=once, postgresql_where=once)
    t = "alert_mutes"
    muted = [_maybe("model_id"), *_text("until", "reason", "actor", "at")]
    _make(t, _seq(), *muted, references={"model_id": "models.id"})
    t = "alert_deliveries"
    _make(t, _seq(), _maybe("alert_id"), *_text("channel", "outcome", "at"), references={"alert_id": "alerts.id"})
    _index(t, ["alert_id"])


def _challenges() -> None:
    t = "challenges"
    _make(
        t, *_text("id", "model_id", "champion_version_id", "run_id"), _maybe("candidate_id"),
        *_text("data_version_id", "sha256", "created_at"),
        references={
            "model_id": "models.id", "champion_version_id": "model_versions.id", "run_id": "runs.id",
            "candidate_id": "candidates.id", "data_version_id": "data_versions.id",
        },
    )  # fmt: skip
    _index(t, ["model_id"])
    t = "challenge_decisions"
    once = sa.UniqueConstraint("challenge_id", name=op.f(f"uq_{t}_challenge_id"))
    decided = _text("challenge_id", "decision", "reason", "actor", "at")
    _make(t, _seq(), *decided, once, references={"challenge_id": "challenges.id"})
    t = "rehearsals"
    _make(t, *_text("id", "challenge_id", "sha256", "created_at"), references={"challenge_id": "challenges.id"})
    _index(t, ["challenge_id"])


def _releases() -> None:
    t = "releases"
    _make(
        t, *_text("id", "environment", "model_id", "bundle_id"), _maybe("service_id"), _maybe("challenger_bundle_id"),
        *_text("mode"), sa.Column("share", sa.Float(), nullable=False), *_text("kind", "reason", "actor", "at"),
        references={
            "model_id": "models.id", "bundle_id": "bundles.id", "service_id": "services.id",
            "challenger_bundle_id": "bundles.id",
        },
    )  # fmt: skip
    _index(t, ["environment", "model_id", "at"])


def _automations() -> None:
    t = "automation_rules"
    _make(t, _seq(), *_text("automation_id", "name", "rule", "state", "actor", "at"))
    _index(t, ["automation_id", "seq"])
    t = "automation_runs"
    _make(
        t, *_text("id", "automation_id", "trigger", "host"), sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("process_started", sa.Float(), nullable=False), *_text("created_at"),
        sa.UniqueConstraint("automation_id", "trigger", name=op.f(f"uq_{t}_automation_id_trigger")),
    )  # fmt: skip
    t = "automation_events"
    _make(t, _seq(), *_text("run_id", "step", "state", "note", "at"), references={"run_id": "automation_runs.id"})
    _index(t, ["run_id", "seq"])
