"""Every model in every environment at a glance, read in one go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.core.alerts import AlertState
from app.core.models import ModelVersion
from app.core.monitoring import KeptReport
from app.core.watch import PredictionLog

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
    logs = _logs_of_versions(project, [log for log in watch.logs(project) if log.rows])
    labels = outcomes.last_labelled(project)
    told = alerts.alerts(project, closed=False)
    rows = []
    for model_id, version in newest.items():
        opened = sum(alert.model_id == model_id and alert.state is AlertState.OPEN for alert in told)
        for environment, version_id, since in places.get(model_id, [("", version.id, version.created_at)]):
            own = logs.get(version_id, [])
            rows.append(
                FleetRow(
                    version.model_name, environment, versions[version_id], since, looks.get(version_id),
                    sum(log.rows for log in own), max((log.last_at for log in own), default=""),
                    max((labels.get(log.bundle_sha256, "") for log in own), default=""), opened,
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


def _logs_of_versions(project: Project, logs: list[PredictionLog]) -> dict[str, list[PredictionLog]]:
    from app.registry import deploy

    version_of = {bundle.sha256: bundle.model_version_id for bundle in deploy.bundles(project)}
    found: dict[str, list[PredictionLog]] = {}
    for log in logs:
        if (version_id := version_of.get(log.bundle_sha256)) is not None:
            found.setdefault(version_id, []).append(log)
    return found
