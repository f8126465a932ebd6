"""The tables, as the newest schema has them: one file a family of nouns.

What is said about bytes; the bytes are in the object store. A column marked ``info=OBJECT`` holds the digest
of an object: reclaiming and verifying find every reference through this mark. All tables but services and
cursors are append-only (triggers in the migrations refuse UPDATE and DELETE); a state is its last event.
Times are ISO 8601 UTC texts with microseconds, so that they sort as text. A change here needs a migration
(a test compares the two).
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column

from app.registry.tables.base import OBJECT, metadata
from app.registry.tables.data import (
    data_contracts,
    data_versions,
    dataset_names,
    datasets,
    finding_decisions,
    gate_sets,
    reading_selections,
    readings,
    version_inputs,
    version_origins,
    version_sources,
)
from app.registry.tables.loop import (
    alert_deliveries,
    alert_events,
    alert_mutes,
    alerts,
    automation_events,
    automation_rules,
    automation_runs,
    challenge_decisions,
    challenges,
    rehearsals,
    releases,
)
from app.registry.tables.models import approvals, bundles, model_versions, models, services
from app.registry.tables.project import audit, audit_payloads, project_names, project_settings, projects
from app.registry.tables.training import candidates, gate_results, run_events, run_trials, run_verdicts, runs
from app.registry.tables.watch import (
    collect_cursors,
    drift_reports,
    label_deliveries,
    outcomes,
    prediction_logs,
    predictions,
)

__all__ = [
    "OBJECT",
    "alert_deliveries",
    "alert_events",
    "alert_mutes",
    "alerts",
    "approvals",
    "audit",
    "audit_payloads",
    "automation_events",
    "automation_rules",
    "automation_runs",
    "bundles",
    "candidates",
    "challenge_decisions",
    "challenges",
    "collect_cursors",
    "data_contracts",
    "data_versions",
    "dataset_names",
    "datasets",
    "drift_reports",
    "finding_decisions",
    "gate_results",
    "gate_sets",
    "label_deliveries",
    "metadata",
    "model_versions",
    "models",
    "object_columns",
    "outcomes",
    "prediction_logs",
    "predictions",
    "project_names",
    "project_settings",
    "projects",
    "reading_selections",
    "readings",
    "rehearsals",
    "releases",
    "run_events",
    "run_trials",
    "run_verdicts",
    "runs",
    "services",
    "version_inputs",
    "version_origins",
    "version_sources",
]

object_columns: tuple[Column[Any], ...] = tuple(
    column for table in metadata.sorted_tables for column in table.columns if column.info.get("object")
)
"""Every column that names an object, in a stable order."""
