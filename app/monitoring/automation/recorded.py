"""What rules wait for, as it was recorded: looks at a model, and labels that came."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

from app.core.automations import EVENTS, Rule, When
from app.monitoring.automation.due import NOTHING, Arrival, History, Seen, stamp
from app.monitoring.automation.looks import is_below, says_act

if TYPE_CHECKING:
    from app.core.models import ModelVersion
    from app.registry.project import Project

MOST_REPORTS = 5_000


def history(project: Project, rule: Rule, since: str) -> History:
    """What a rule waits for, as it was recorded after ``since``; empty for one that the clock or a person starts."""
    from app.registry import deploy, models, outcomes

    if rule.trigger.when not in EVENTS:
        return NOTHING
    model = next((m for m in models.models(project) if m.name == rule.model), None)
    versions = models.model_versions(project, model.id) if model is not None else []
    if rule.trigger.when is When.LABELS:
        bundles = sorted({b.sha256 for version in versions for b in deploy.bundles(project, version.id)})
        return History(arrivals=tuple(Arrival(*told) for told in outcomes.arrivals(project, bundles, since)))
    seen = [look for version in versions for look in _looks(project, version, since)]
    return History(seen=tuple(sorted(seen, key=lambda look: (look.at, look.id))))


def _looks(project: Project, version: ModelVersion, since: str) -> list[Seen]:
    from app.registry import monitoring

    found = []
    for kept in monitoring.reports(project, version.id, since=since, limit=MOST_REPORTS):
        told = monitoring.content(project, kept).performance
        act, below = says_act(kept.verdict, told), is_below(told)
        found.append(Seen(kept.id, kept.created_at, version.label, act, below, kept.line, kept.to_at))
    return found


def beginning(project: Project) -> str:
    """When the first of it was recorded; now, if nothing was."""
    from app.registry import monitoring, outcomes, watch

    answered = (told.first_at for told in watch.answers(project).values())
    firsts = (*answered, monitoring.first_at(project), outcomes.first_at(project))
    return min(filter(None, firsts), default=stamp(project.clock().astimezone(UTC)))
