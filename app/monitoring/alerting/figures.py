"""An open alert tells the figure that raised it; what later looks found stands beside it, and nothing is rewritten."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.core.alerts import NOT_LOOKED_AT, Alert, AlertKind, AlertState, ThenNow
from app.core.metrics import GREATER_IS_BETTER, METRIC_WORDS
from app.core.monitoring import ColumnDrift, DriftTest, KeptReport, MonitorReport

if TYPE_CHECKING:
    from app.registry.project import Project

MOST_LOOKS = 20
"""So far it is looked back for one that has the figure: labels may be too few to have it for a while."""
_DISTANCES = {
    DriftTest.SHAPE: "Distance (Kolmogorov-Smirnov) of {0}",
    DriftTest.SHARES: "Distance (Jensen-Shannon) of {0}",
    DriftTest.MISSING: "Change of the missing share of {0}",
}
Figure = tuple[str, float, bool]
"""What it is called, its value, and whether more of it is better."""


def then_now(project: Project, alert: Alert) -> ThenNow | None:
    """The figure that an alert was raised for beside that of the newest look that has it; None of what is closed or not
    looked at, and as long as nobody looked again."""
    from app.registry import monitoring

    if alert.report_id is None or alert.kind in NOT_LOOKED_AT or alert.state is AlertState.CLOSED:
        return None
    raised = monitoring.report(project, alert.report_id)
    first = figure_of(monitoring.content(project, raised), alert)
    if first is None:
        return None
    for kept in _later(project, alert, raised):
        newest = figure_of(monitoring.content(project, kept), alert)
        if newest is not None and newest[0] == first[0]:
            return ThenNow(first[0], first[1], raised.created_at, newest[1], kept.created_at, first[2])
    return None


def figure_of(report: MonitorReport, alert: Alert) -> Figure | None:
    """What a report says of an alert's cause; None if it does not."""
    if alert.kind is AlertKind.PERFORMANCE:
        told = report.performance
        return _metric(told.metric, told.value.value) if told.value is not None else None
    if alert.kind is AlertKind.ESTIMATE:
        return _metric(report.estimate.metric, report.estimate.value) if report.estimate is not None else None
    drift = report.drift
    if drift is None:
        return None
    if alert.kind is AlertKind.SCORES:
        return _distance(drift.score, "the scores") if drift.score is not None else None
    return next((_distance(one, one.name) for one in drift.columns if one.name == alert.subject), None)


def _later(project: Project, alert: Alert, raised: KeptReport) -> list[KeptReport]:
    """Looks since then, newest first, at that version and at newer ones: an older one is no news."""
    from app.registry import models, monitoring

    number = models.model_version(project, raised.model_version_id).number
    versions = [one for one in models.model_versions(project, alert.model_id) if one.number >= number]
    found = [kept for one in versions for kept in monitoring.reports(project, one.id, limit=MOST_LOOKS)]
    later = [kept for kept in found if (kept.created_at, kept.id) > (raised.created_at, raised.id)]
    return sorted(later, key=lambda kept: (kept.created_at, kept.id), reverse=True)[:MOST_LOOKS]


def _metric(metric: str, value: float) -> Figure:
    return METRIC_WORDS[metric], value, GREATER_IS_BETTER[metric]


def _distance(drift: ColumnDrift, name: str) -> Figure:
    return _DISTANCES[drift.test].format(name), drift.effect, False
