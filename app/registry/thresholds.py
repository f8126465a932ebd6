"""From which probability on a candidate's model answers positive: a decision of a person, each one an entry of the
history; the newest holds."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from app.core.audit import AuditEntry
from app.core.deploy import Bundle
from app.core.gates import GateResult
from app.core.models import ModelVersion
from app.core.thresholds import ChosenThreshold
from app.registry import audit, deploy, runs
from app.registry.rows import from_json, to_json

if TYPE_CHECKING:
    from app.registry.project import Project

VERB = "threshold.set"


def record_threshold(
    project: Project,
    candidate_id: str,
    *,
    at: float | None,
    alarm: float,
    miss: float,
    summary: str,
    gates: Sequence[GateResult] = (),
    mistakes: tuple[int, int] | None = None,
) -> None:
    """Record the choice; audit entry ``threshold.set``. ``at`` None: the likeliest class is answered again. ``gates``:
    what those that look at labels say of the decision at the threshold; ``mistakes``: its false alarms and misses.
    Raises ``NotFound``."""
    chosen = runs.candidate(project, candidate_id)
    number = runs.run(project, chosen.run_id).number
    payload: audit.Payload = {
        "run": number, "name": chosen.name, "threshold": at, "false_alarm_costs": alarm, "miss_costs": miss,
        "summary": summary, "gates": to_json(list(gates)),
    }  # fmt: skip
    if mistakes is not None:
        payload |= {"false_alarms": mistakes[0], "misses": mistakes[1]}
    with project.database.write("saving the threshold") as connection:
        audit.record(connection, project, VERB, f"candidate:{candidate_id}", payload)


def threshold_of(project: Project, candidate_id: str) -> ChosenThreshold | None:
    """The one that holds; None where the likeliest class is answered."""
    entry = next(iter(_choices(project, candidate_id)), None)
    if entry is None or entry.payload is None:
        return None
    return _chosen(entry) if json.loads(entry.payload)["threshold"] is not None else None


def threshold_at(project: Project, candidate_id: str, moment: str) -> float | None:
    """The one that a bundle built at this time answers by; None where it answers the likeliest class."""
    return _at(_choices(project, candidate_id), moment)


def _chosen(entry: AuditEntry) -> ChosenThreshold:
    told = json.loads(str(entry.payload))
    costs = (told["false_alarm_costs"], told["miss_costs"])
    return ChosenThreshold(told["threshold"], *costs, told["summary"], entry.actor, entry.at, _mistakes(told))


def _mistakes(told: dict[str, Any]) -> tuple[int, int] | None:
    """Choices of before they were kept have them in words alone."""
    if "misses" in told:
        return told["false_alarms"], told["misses"]
    said = re.search(r"([\d,]+) false alarms and ([\d,]+) misses", told["summary"])
    return (_count(said[1]), _count(said[2])) if said else None


def _count(words: str) -> int:
    return int(words.replace(",", ""))


def thresholds(project: Project) -> dict[str, ChosenThreshold]:
    """Those that hold, by candidate: one query for a page that shows them all."""
    newest = {
        id_: entry for id_, entry in _newest(project).items() if json.loads(str(entry.payload))["threshold"] is not None
    }
    return {id_: _chosen(entry) for id_, entry in newest.items()}


def judged_at_threshold(project: Project, candidate_id: str = "") -> dict[str, dict[str, GateResult]]:
    """By candidate and gate: the results that hold instead of those of the training. Of one candidate, or of all."""
    told = {id_: json.loads(str(entry.payload)) for id_, entry in _newest(project, candidate_id).items()}
    return {
        id_: {result.name: result for result in from_json(payload.get("gates", "[]"), list[GateResult])}
        for id_, payload in told.items()
    }


def _newest(project: Project, candidate_id: str = "") -> dict[str, AuditEntry]:
    """The newest choice for each candidate."""
    found: dict[str, AuditEntry] = {}
    noun = f"candidate:{candidate_id}" if candidate_id else ""
    for entry in audit.entries(project, noun=noun, verb=VERB, limit=None):
        if entry.payload is not None:
            found.setdefault(entry.noun.partition(":")[2], entry)
    return found


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
    return audit.entries(project, noun=f"candidate:{candidate_id}", verb=VERB, limit=None)
