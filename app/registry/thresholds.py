"""From which probability on a candidate's model answers positive: a decision of a person, each one an entry of the
history; the newest holds."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from app.core.audit import AuditEntry
from app.core.deploy import Bundle
from app.core.models import ModelVersion
from app.core.thresholds import ChosenThreshold
from app.registry import audit, deploy, runs

if TYPE_CHECKING:
    from app.registry.project import Project

VERB = "threshold.set"


def record_threshold(
    project: Project, candidate_id: str, *, at: float | None, alarm: float, miss: float, summary: str
) -> None:
    """Record the choice; audit entry ``threshold.set``. ``at`` None: the likeliest class is answered again. Raises
    ``NotFound``."""
    chosen = runs.candidate(project, candidate_id)
    number = runs.run(project, chosen.run_id).number
    payload: audit.Payload = {
        "run": number, "name": chosen.name, "threshold": at, "false_alarm_costs": alarm, "miss_costs": miss,
        "summary": summary,
    }  # fmt: skip
    with project.database.write("saving the threshold") as connection:
        audit.record(connection, project, VERB, f"candidate:{candidate_id}", payload)


def threshold_of(project: Project, candidate_id: str) -> ChosenThreshold | None:
    """The one that holds; None where the likeliest class is answered."""
    entry = _newest(project, candidate_id)
    if entry is None or entry.payload is None:
        return None
    told = json.loads(entry.payload)
    if told["threshold"] is None:
        return None
    costs = (told["false_alarm_costs"], told["miss_costs"])
    return ChosenThreshold(told["threshold"], *costs, told["summary"], entry.actor, entry.at)


def bundles_since(project: Project, version: ModelVersion) -> list[Bundle]:
    """A version's bundles, newest first, without those made before its threshold was last chosen: they answer by
    another one."""
    entry = _newest(project, version.candidate_id)
    since = entry.at if entry is not None else ""
    return [bundle for bundle in deploy.bundles(project, version.id) if bundle.created_at >= since]


def _newest(project: Project, candidate_id: str) -> AuditEntry | None:
    noun = f"candidate:{candidate_id}"
    return next((e for e in audit.entries(project, text=noun, verb=VERB) if e.noun == noun), None)
