"""Look at a live model: is it still right? The parent's side: gathers, lets a child measure, judges and records."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from app.core.metrics import GREATER_IS_BETTER
from app.core.monitoring import Measured, MonitorReport, Performance, Window
from app.core.progress import JobContext, Part
from app.core.runs import Candidate, Run
from app.jobs.supervise import Limits, run_in_child
from app.monitoring.alerts import raise_for, raise_for_services
from app.monitoring.asked import Asked
from app.monitoring.order import NULLS, WatchOrder
from app.monitoring.verdict import below_limit, verdict_of
from app.serving.segments import ID_PREFIX

if TYPE_CHECKING:
    from app.core.models import ModelVersion
    from app.core.watch import PredictionLog
    from app.registry.project import Project

MEMORY_BYTES = 6 << 30
USUAL_WINDOW = 10_000
CACHE = "cache"
"""A folder of the project that may be deleted at any time."""


def monitor(project: Project, model: str, asked: Asked, ctx: JobContext) -> MonitorReport:
    """Measure a window of a model version's predictions against what it was trained on, judge and record it.

    ``model``: ``churn@3``, or ``churn`` for its newest version. What the project's own services have logged is
    collected first; what says *act* opens an alert. Raises NotFound; nothing is recorded of a window without
    predictions.
    """
    from app.registry import models, monitoring, runs
    from app.serving.logs import collect_services

    collect_services(project, Part(ctx, 0.0, 0.1))
    version = models.model_version_by_label(project, model)
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


def _measured(
    project: Project, version: ModelVersion, run: Run, candidate: Candidate, asked: Asked, ctx: JobContext
) -> Measured:
    from app.registry import outcomes
    from app.training import results

    recipe, evaluation = results.recipe(project, candidate), results.evaluation(project, candidate)
    bundles = bundles_of_version(project, version.id)
    logs = logs_of(project, bundles, asked)
    if not logs:
        return Measured(Window("", "", 0), None, _performance(project, run, candidate), None)
    told = _performance(project, run, candidate)
    with project.scratch("monitor") as folder:
        labels, own = folder / "labels.jsonl", folder / "child"
        own.mkdir()
        with labels.open("w", encoding="utf-8") as lines:
            lines.writelines(json.dumps(pair) + "\n" for pair in outcomes.labels_of_bundles(project, bundles))
        order = WatchOrder(
            recipe=recipe,
            metric=run.plan.metric,
            table_path=str(project.objects.path(recipe.table_sha256)),
            predictions_path=str(project.objects.path(str(candidate.predictions_sha256))),
            logs=tuple(str(project.objects.path(log.sha256)) for log in logs),
            bundles=tuple(ID_PREFIX + sha256 for sha256 in bundles),
            asked=asked,
            labels_path=str(labels),
            nulls_path=str(project.path / CACHE / NULLS),
            importance=tuple((i.column, i.mean) for i in evaluation.importance),
            performance=told,
        )
        limits = Limits(memory_bytes=MEMORY_BYTES)
        found = run_in_child(
            "app.monitoring.watching:watch", order, ctx=ctx, returns=Measured, folder=own, limits=limits
        )
        _keep(own / NULLS, project.path / CACHE / NULLS)
    return found


def bundles_of_version(project: Project, model_version_id: str) -> list[str]:
    """The digests of a version's bundles."""
    from app.registry import deploy

    return sorted({bundle.sha256 for bundle in deploy.bundles(project, model_version_id)})


def logs_of(project: Project, bundles: Sequence[str], asked: Asked) -> list[PredictionLog]:
    """Those that may hold the window, oldest first: newest until there are enough, and what overlaps them."""
    from app.registry import watch

    ours = [log for log in watch.logs(project) if log.bundle_sha256 in bundles and log.last_at >= asked.since]
    rows, needed = 0, len(ours)
    for number, log in enumerate(ours, start=1):
        rows += log.rows
        if rows >= asked.rows:
            needed = number
            break
    begins = min((log.first_at for log in ours[:needed]), default="")
    return [log for log in reversed(ours) if log.last_at >= begins]


def _performance(project: Project, run: Run, candidate: Candidate) -> Performance:
    """The figure of the approval and what must not be undercut: the gate's bound on this metric, or else the bad end of
    the interval that the model was approved with."""
    from app.approval.gate_rules import rules_of_plan
    from app.core.gate_rules import GateKind

    metric, approved = run.plan.metric, candidate.holdout
    for rule in rules_of_plan(project, run.plan):
        if rule.kind is GateKind.BOUND and rule.metric == metric:
            return Performance(metric, None, 0, approved, rule.amount, "gate")
    if approved is None:
        return Performance(metric, None, 0, None, None)
    limit = approved.low if GREATER_IS_BETTER[metric] else approved.high
    return Performance(metric, None, 0, approved, limit, "limit")


def _since(project: Project, model_version_id: str, report: MonitorReport) -> str:
    """Since when it has been below its limit without a break: *Below its limit since 3 March: ...*."""
    from app.registry import monitoring

    since = report.window.first_at
    for kept in monitoring.reports(project, model_version_id):
        if not below_limit(monitoring.content(project, kept).performance):
            break
        since = min(since, kept.from_at)
    return report.line.replace("Below its limit", f"Below its limit since {_day(since)}", 1)


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


def asked_for(last: int | None, since: str) -> Asked:
    """The newest ``last``, or everything since a day; the usual window if neither is asked for."""
    if last is None and not since:
        return Asked(USUAL_WINDOW)
    return Asked(last or Asked().rows, since)
