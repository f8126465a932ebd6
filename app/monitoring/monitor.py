"""Look at a live model: is it still right? The parent's side: gathers, lets a child measure, judges and records."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from app.core.monitoring import Measured, MonitorReport, Window
from app.core.progress import JobContext, Part
from app.core.runs import Candidate, Run
from app.jobs.supervise import Limits, run_in_child
from app.monitoring.alerting.alerts import raise_for, raise_for_services
from app.monitoring.asked import LEVEL, Asked
from app.monitoring.order import NULLS
from app.monitoring.ordering import CACHE, MEMORY_BYTES, look_order
from app.monitoring.verdict import below_limit, below_since, verdict_of

if TYPE_CHECKING:
    from app.core.models import ModelVersion
    from app.registry.project import Project

USUAL_WINDOW = 10_000


def monitor(project: Project, model: str, asked: Asked, ctx: JobContext) -> MonitorReport:
    """Measure a window of a model version's predictions against what it was trained on, judge and record it.

    ``model``: ``churn@3``, or ``churn`` for the version that ``watched_version`` chooses. What the project's own
    services have logged is collected first; what says *act* opens an alert. Raises NotFound; nothing is recorded of a
    window without predictions.
    """
    from app.registry import monitoring, runs
    from app.serving.watched import collect_home

    collect_home(project, Part(ctx, 0.0, 0.1))
    version = watched_version(project, model)
    candidate = runs.candidate(project, version.candidate_id)
    run = runs.run(project, version.run_id)
    found = _measured(project, version, run, candidate, asked, Part(ctx, 0.1, 1.0))
    verdict, line = verdict_of(found)
    report = MonitorReport(version.label, verdict, line, found.window, found.drift, found.performance, found.estimate)
    if below_limit(found.performance):
        report = replace(report, line=_since(project, version.id, report))
    if found.window.rows:
        kept = monitoring.record_report(project, version.id, report)
        raise_for(project, kept, ctx)
    raise_for_services(project, ctx)
    return report


def watched_version(project: Project, model: str) -> ModelVersion:
    """``churn@3``; of ``churn`` the version that is live in the last environment that has one, else the newest: one
    that was approved but not rolled out, or was rolled back, answers nobody. Raises NotFound."""
    from app.registry import models, releases

    version = models.model_version_by_label(project, model)
    live = [one for one in releases.live_on(project) if one.model == model]
    return models.model_version(project, live[-1].model_version_id) if live else version


def _measured(
    project: Project, version: ModelVersion, run: Run, candidate: Candidate, asked: Asked, ctx: JobContext
) -> Measured:
    with look_order(project, version, run, candidate, asked) as (order, own):
        if not order.logs:
            return Measured(Window("", "", 0), None, order.performance, None)
        found = run_in_child(
            "app.monitoring.watching:watch",
            order,
            ctx=ctx,
            returns=Measured,
            folder=own,
            limits=Limits(memory_bytes=MEMORY_BYTES),
        )
        _keep(own / NULLS, project.path / CACHE / NULLS)
    return found


def _since(project: Project, model_version_id: str, report: MonitorReport) -> str:
    """Since when it has been below its limit without a break: *Below its limit since 3 March: ...*."""
    from app.registry import monitoring

    kept = monitoring.reports(project, model_version_id)
    since = below_since(report.window.first_at, ((k.from_at, monitoring.content(project, k).performance) for k in kept))
    return report.line.replace(" its limit", f" its limit since {_day(since)}", 1)


def _day(at: str) -> str:
    when = datetime.fromisoformat(at)
    return f"{when.day} {when:%B %Y}"


def _keep(fresh: Path, cache: Path) -> None:
    """New bands for the next time; another window may do the same."""
    if not fresh.is_dir():
        return
    cache.mkdir(parents=True, exist_ok=True)
    for file in fresh.iterdir():
        shutil.move(file, cache / file.name)


def asked_for(last: int | None, since: str, level: float = LEVEL) -> Asked:
    """The newest ``last``, or everything since a day; the usual window if neither is asked for."""
    if last is None and not since:
        return Asked(USUAL_WINDOW, level=level)
    return Asked(last or Asked().rows, since, level)
