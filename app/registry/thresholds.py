"""From which probability on a candidate's model answers positive: a decision of a person, each one an entry of the
history; the newest holds."""

from __future__ import annotations

import json
from collections.abc import Sequence
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
    entry = next(iter(_choices(project, candidate_id)), None)
    if entry is None or entry.payload is None:
        return None
    told = json.loads(entry.payload)
    if told["threshold"] is None:
        return None
    costs = (told["false_alarm_costs"], told["miss_costs"])
    return ChosenThreshold(told["threshold"], *costs, told["summary"], entry.actor, entry.at)


def bundles_that_hold(project: Project, version: ModelVersion) -> list[Bundle]:
    """A version's bundles, newest first, without those that answer by another threshold than the one that holds now."""
    choices = _choices(project, version.candidate_id)
    now = _at(choices, project.now())
    return [bundle for bundle in deploy.bundles(project, version.id) if _at(choices, bundle.created_at) == now]


def _at(choices: Sequence[AuditEntry], moment: str) -> float | None:
    """The threshold that held then; None where the likeliest class was answered."""
    entry = next((e for e in choices if e.at <= moment), None)
    return None if entry is None or entry.payload is None else json.loads(entry.payload)["threshold"]


def _choices(project: Project, candidate_id: str) -> list[AuditEntry]:
    """What was chosen for a candidate, newest first."""
    noun = f"candidate:{candidate_id}"
    return [e for e in audit.entries(project, text=noun, verb=VERB) if e.noun == noun]
