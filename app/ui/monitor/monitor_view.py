"""What the Monitor page shows, read in one go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.core.alerts import Alert, Mute
from app.core.models import ModelVersion
from app.core.monitoring import KeptReport, MonitorReport
from app.ui.models.model_view import live_bundles

if TYPE_CHECKING:
    from app.registry.project import Project

MOST_LOOKS = 30


@dataclass(frozen=True, slots=True)
class Look:
    """A recorded report with its row."""

    kept: KeptReport
    report: MonitorReport


@dataclass(frozen=True, slots=True)
class MonitorView:
    """A model version whose predictions are here. ``looks``: its reports, newest first; ``live``: a service runs it."""

    version: ModelVersion
    target: str
    live: bool
    looks: tuple[Look, ...]

    @property
    def newest(self) -> MonitorReport | None:
        """The last look at it."""
        return self.looks[0].report if self.looks else None


def monitor_views(project: Project) -> list[MonitorView]:
    """Model versions that were asked anything or that a service runs; newest first."""
    from app.registry import deploy, models, watch

    asked, served = watch.answers(project), live_bundles(project)
    found = []
    for version in models.model_versions(project):
        bundles = deploy.bundles(project, version.id)
        live = any(bundle.id in served for bundle in bundles)
        if live or any(bundle.sha256 in asked for bundle in bundles):
            found.append(_view(project, version, live))
    return found


def open_alerts(project: Project) -> list[Alert]:
    """Alerts that are not closed."""
    from app.registry import alerts

    return alerts.alerts(project, closed=False)


def mutes(project: Project) -> list[Mute]:
    """Mutes that hold now."""
    from app.registry import alerts

    return alerts.mutes(project)


def _view(project: Project, version: ModelVersion, live: bool) -> MonitorView:
    from app.registry import monitoring, runs

    kept = monitoring.reports(project, version.id, limit=MOST_LOOKS)
    looks = tuple(Look(row, monitoring.content(project, row)) for row in kept)
    return MonitorView(version, runs.run(project, version.run_id).plan.target, live, looks)
