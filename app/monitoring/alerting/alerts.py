"""Say it once: a look that says *act* and a service that fails open an alert, a look that says it is over closes it.

One alert a model and cause, however many reports tell the same. The parent's side.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from app.core.alerts import NOT_LOOKED_AT, Alert, AlertKind, AlertState, Cause
from app.core.deploy import ServiceState, ServiceStatus
from app.core.effect_sizes import LARGE
from app.core.monitoring import KeptReport, MonitorReport, Verdict
from app.core.progress import JobContext
from app.errors import NotAllowed
from app.monitoring.alerting.sending import deliver
from app.monitoring.verdict import below_limit, inside_limit

if TYPE_CHECKING:
    from app.core.models import ModelVersion
    from app.registry.project import Project

BY_ITSELF = "By itself: "


def raise_for(project: Project, kept: KeptReport, ctx: JobContext) -> Alert | None:
    """Open an alert for a recorded report that says *act* and tell the channels; None if it is told already. A report
    that says it is over closes the alerts that earlier looks at this model opened, and says so."""
    from app.registry import alerts, models, monitoring

    report = monitoring.content(project, kept)
    version = models.model_version(project, kept.model_version_id)
    cause = cause_of(report)
    if cause is None:
        _close_answered(project, version, report, ctx)
        return None
    made = alerts.raise_alert(project, version.model_id, cause, f"{version.label}: {report.line}", kept.id)
    if made is not None:
        deliver(project, made, ctx)
    return made


def raise_for_services(project: Project, ctx: JobContext) -> list[Alert]:
    """Open an alert for each service that should run and does not; close those whose service runs or was stopped."""
    from app.serving.local import statuses

    raised = [_raise_for_service(project, status, ctx) for status in statuses(project)]
    return [alert for alert in raised if alert is not None]


def tell_of_automation(
    project: Project, model_id: str, automation_id: str, line: str, over: str, ctx: JobContext
) -> Alert | None:
    """Open an alert for an automation that needs somebody, as ``line`` says, and tell the channels; one that says the
    same is not told again. ``line`` empty: it needs nobody, and what is open of it is closed, ``over`` says why."""
    from app.registry import alerts

    for alert in alerts.alerts(project, model_id, closed=False):
        if (alert.kind, alert.subject) == (AlertKind.AUTOMATION, automation_id) and alert.line != line:
            _close_by_itself(project, alert, over, ctx)
    if not line:
        return None
    made = alerts.raise_alert(project, model_id, Cause(AlertKind.AUTOMATION, automation_id), line, None)
    if made is not None:
        deliver(project, made, ctx)
    return made


def acknowledge(project: Project, alert_id: str, reason: str, ctx: JobContext) -> Alert:
    """Take an alert on and tell the channels so: it stays in the list and is not raised again. Raises as
    ``registry.alerts.change_alert``."""
    return _changed(project, alert_id, AlertState.ACKNOWLEDGED, reason, ctx)


def close(project: Project, alert_id: str, reason: str, ctx: JobContext) -> Alert:
    """Close an alert and tell the channels so; the same report does not open it again, a later one does."""
    return _changed(project, alert_id, AlertState.CLOSED, reason, ctx)


def _changed(project: Project, alert_id: str, state: AlertState, reason: str, ctx: JobContext) -> Alert:
    from app.registry import alerts

    made = alerts.change_alert(project, alert_id, state, reason)
    deliver(project, made, ctx)
    return made


def open_alerts(project: Project) -> list[Alert]:
    """Those that are not closed, newest first."""
    from app.registry import alerts

    return alerts.alerts(project, closed=False)


def cause_of(report: MonitorReport) -> Cause | None:
    """Why a report says *act* (the order is that of ``verdict.verdict_of``); None if it does not."""
    if report.verdict is not Verdict.ACT or report.drift is None:
        return None
    if below_limit(report.performance):
        return Cause(AlertKind.PERFORMANCE, report.performance.metric)
    if report.drift.score is not None and report.drift.score.alarm:
        return Cause(AlertKind.SCORES)
    far = next((c for c in report.drift.columns if c.alarm and c.size >= LARGE and c.importance > 0), None)
    return Cause(AlertKind.COLUMN, far.name) if far else Cause(AlertKind.ESTIMATE, report.performance.metric)


def answers(report: MonitorReport, kind: AlertKind) -> bool:
    """Whether a report says that what an alert told of is over: labels inside the limit answer everything, and what
    labels said only labels take back."""
    if kind in NOT_LOOKED_AT or report.verdict is Verdict.ACT:
        return False
    if report.performance.value is not None:
        return inside_limit(report.performance)
    return report.verdict is Verdict.OK and kind is not AlertKind.PERFORMANCE


def _close_answered(project: Project, version: ModelVersion, report: MonitorReport, ctx: JobContext) -> None:
    """A look at an older version than the one that an alert told of answers nothing."""
    from app.registry import alerts

    for alert in alerts.alerts(project, version.model_id, closed=False):
        if answers(report, alert.kind) and _number(project, alert) <= version.number:
            _close_by_itself(project, alert, f"{report.model_version}: {report.line}", ctx)


def _number(project: Project, alert: Alert) -> int:
    from app.registry import models, monitoring

    if alert.report_id is None:
        return 0
    return models.model_version(project, monitoring.report(project, alert.report_id).model_version_id).number


def _close_by_itself(project: Project, alert: Alert, why: str, ctx: JobContext) -> None:
    """Nothing if it is closed already: the window and ``run-due`` may find at the same moment that it is over."""
    with contextlib.suppress(NotAllowed):
        close(project, alert.id, f"{BY_ITSELF}{why}", ctx)


def _raise_for_service(project: Project, status: ServiceStatus, ctx: JobContext) -> Alert | None:
    from app.registry import alerts, deploy, models

    service = status.service
    version = models.model_version(project, deploy.bundle(project, service.bundle_id).model_version_id)
    cause = Cause(AlertKind.SERVICE, service.id)
    if status.actual is ServiceState.FAILED:
        line = f"Service {service.name} does not answer. {status.message}".rstrip()
        made = alerts.raise_alert(project, version.model_id, cause, line, None)
        if made is not None:
            deliver(project, made, ctx)
        return made
    if status.actual in (ServiceState.RUNNING, ServiceState.STOPPED):
        for alert in alerts.alerts(project, version.model_id, closed=False):
            if (alert.kind, alert.subject) == (cause.kind, cause.subject):
                _close_by_itself(project, alert, f"service {service.name} is {status.actual.value}.", ctx)
    return None
