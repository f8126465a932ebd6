"""Every model in every environment at a glance, read in one go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.core.alerts import AlertState
from app.core.models import ModelVersion
from app.core.monitoring import KeptReport

if TYPE_CHECKING:
    from app.registry.project import Project


@dataclass(frozen=True, slots=True)
class FleetRow:
    """A model version where it answers. ``environment`` empty: released nowhere. ``look``: the newest one; ``asked``:
    predictions that came home, the last of them at ``last_asked``; ``last_label``: when a label came last."""

    model: str
    environment: str
    version: ModelVersion
    since: str
    look: KeptReport | None
    asked: int
    last_asked: str
    last_label: str
    alerts: int


def fleet(project: Project) -> list[FleetRow]:
    """Of each model its releases, or its newest version if it has none; by name. Not for the window's thread."""
    from app.registry import alerts, models, monitoring, outcomes, watch

    versions = {version.id: version for version in reversed(models.model_versions(project))}
    places = _places(project)
    newest = {version.model_id: version for version in versions.values()}
    looks = monitoring.newest_reports(project)
    bundles, answers = _bundles_of_versions(project), watch.answers(project)
    labels = outcomes.last_labelled(project)
    told = alerts.alerts(project, closed=False)
    rows = []
    for model_id, version in newest.items():
        opened = sum(alert.model_id == model_id and alert.state is AlertState.OPEN for alert in told)
        for environment, version_id, since in places.get(model_id, [("", version.id, version.created_at)]):
            own = bundles.get(version_id, ())
            said = [answers[digest] for digest in own if digest in answers]
            rows.append(
                FleetRow(
                    version.model_name, environment, versions[version_id], since, looks.get(version_id),
                    sum(one.predictions for one in said), max((one.last_at for one in said), default=""),
                    max((labels.get(digest, "") for digest in own), default=""), opened,
                )
            )  # fmt: skip
    return sorted(rows, key=lambda r: (r.model.casefold(), r.environment))


def _places(project: Project) -> dict[str, list[tuple[str, str, str]]]:
    """By model what is live of it: environment, model version and since when."""
    from app.registry import releases

    found: dict[str, list[tuple[str, str, str]]] = {}
    for live in releases.live_on(project):
        found.setdefault(live.model_id, []).append((live.environment.name, live.model_version_id, live.since))
    return found


def _bundles_of_versions(project: Project) -> dict[str, set[str]]:
    """By model version the digests of its bundles."""
    from app.registry import deploy

    found: dict[str, set[str]] = {}
    for bundle in deploy.bundles(project):
        found.setdefault(bundle.model_version_id, set()).add(bundle.sha256)
    return found
