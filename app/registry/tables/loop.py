"""What closes the loop: alerts, challengers, releases and automations. A state is the last event."""

from __future__ import annotations

from sqlalchemy import Column, Float, ForeignKey, Index, Table, Text, UniqueConstraint, text

from app.registry.tables.base import digest, metadata, own_id, refers, sequence, whole, words

alerts = Table(
    "alerts",
    metadata,
    own_id(),
    refers("model_id", "models.id"),
    *(words(name) for name in ("kind", "subject", "line")),
    refers("report_id", "drift_reports.id", nullable=True),
    words("created_at"),
    Index("ix_alerts_model_id_kind_subject", "model_id", "kind", "subject"),
)
alert_events = Table(
    "alert_events",
    metadata,
    sequence(),
    refers("alert_id", "alerts.id"),
    *(words(name) for name in ("state", "reason", "actor", "at")),
    Index("ix_alert_events_alert_id_seq", "alert_id", "seq"),
)
# An alert is raised once and closed once, whoever asks at the same time.
for _state in ("open", "closed"):
    Index(
        f"uq_alert_events_{_state}",
        alert_events.c.alert_id,
        unique=True,
        sqlite_where=text(f"state = '{_state}'"),
    )
alert_mutes = Table(
    "alert_mutes",
    metadata,
    sequence(),
    refers("model_id", "models.id", nullable=True),
    *(words(name) for name in ("until", "reason", "actor", "at")),
)
alert_deliveries = Table(
    "alert_deliveries",
    metadata,
    sequence(),
    Column("alert_id", Text, ForeignKey("alerts.id"), nullable=True, index=True),
    *(words(name) for name in ("channel", "outcome", "at")),
)

challenges = Table(
    "challenges",
    metadata,
    own_id(),
    Column("model_id", Text, ForeignKey("models.id"), nullable=False, index=True),
    refers("champion_version_id", "model_versions.id"),
    refers("run_id", "runs.id"),
    refers("candidate_id", "candidates.id", nullable=True),
    refers("data_version_id", "data_versions.id"),
    digest("sha256"),
    words("created_at"),
)
challenge_decisions = Table(
    "challenge_decisions",
    metadata,
    sequence(),
    Column("challenge_id", Text, ForeignKey("challenges.id"), nullable=False, unique=True),
    *(words(name) for name in ("decision", "reason", "actor", "at")),
)
rehearsals = Table(
    "rehearsals",
    metadata,
    own_id(),
    Column("challenge_id", Text, ForeignKey("challenges.id"), nullable=False, index=True),
    digest("sha256"),
    words("created_at"),
)

releases = Table(
    "releases",
    metadata,
    own_id(),
    words("environment"),
    refers("model_id", "models.id"),
    refers("bundle_id", "bundles.id"),
    refers("service_id", "services.id", nullable=True),
    refers("challenger_bundle_id", "bundles.id", nullable=True),
    words("mode"),
    Column("share", Float, nullable=False),
    *(words(name) for name in ("kind", "reason", "actor", "at")),
    Index("ix_releases_environment_model_id_at", "environment", "model_id", "at"),
)

automation_rules = Table(
    "automation_rules",
    metadata,
    sequence(),
    *(words(name) for name in ("automation_id", "name", "rule", "state", "actor", "at")),
    Index("ix_automation_rules_automation_id_seq", "automation_id", "seq"),
)
automation_runs = Table(
    "automation_runs",
    metadata,
    own_id(),
    *(words(name) for name in ("automation_id", "trigger", "host")),
    whole("pid"),
    Column("process_started", Float, nullable=False),
    words("created_at"),
    UniqueConstraint("automation_id", "trigger"),  # two who look at the same time run it once
)
automation_events = Table(
    "automation_events",
    metadata,
    sequence(),
    refers("run_id", "automation_runs.id"),
    *(words(name) for name in ("step", "state", "note", "at")),
    Index("ix_automation_events_run_id_seq", "run_id", "seq"),
)
