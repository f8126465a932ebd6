"""What a retrain was found to be worth: each answer an entry of the history, so that it is shown again without
computing it again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from app.core.worth import KeptWorth, Worth
from app.registry import audit, models
from app.registry.rows import from_json, to_json

if TYPE_CHECKING:
    from app.registry.project import Project

VERB = "model.worth"


def record_worth(project: Project, model_version_id: str, found: Worth) -> None:
    """Keep an answer; audit entry ``model.worth``. Raises ``NotFound``."""
    version = models.model_version(project, model_version_id)
    payload: audit.Payload = {
        "model_version": version.label, "worth": found.advice.value, "summary": found.line, "new_rows": found.fresh,
        "figures": to_json(found),
    }  # fmt: skip
    with project.database.write("saving what a retrain is worth") as connection:
        audit.record(connection, project, VERB, f"model_version:{version.id}", payload)


def newest_worth(project: Project, model_version_id: str) -> KeptWorth | None:
    """The last answer about a model version; None if nobody asked yet, or if it was erased."""
    found = audit.entries(project, verb=VERB, noun=f"model_version:{model_version_id}", limit=1)
    if not found or found[0].payload is None:
        return None
    return KeptWorth(from_json(json.loads(found[0].payload)["figures"], Worth), found[0].at, found[0].actor)
